"""Finds base configs and backbones by the names people type. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import TypeVar

from bbprobe.protocol import BaseName, Entry
from bbwizard.errors import Unknown

Thing = TypeVar("Thing")


def find_backbone(name: str, entries: Sequence[Entry]) -> Entry:
    """The entry called `name`, in whatever case.

    Raises:
        Unknown: there is none; with the nearest names.
    """
    return named(name, {entry.name: entry for entry in entries}, "backbone", "bbwizard backbones PATTERN lists them")


def find_base(name: str, bases: Sequence[BaseName]) -> BaseName:
    """The base config called `name`: with or without its folder, with or without `.py`.

    Raises:
        Unknown: there is none, or there are several; with the nearest names.
    """
    wanted = name.removesuffix(".py")
    exact = [base for base in bases if base.name.removesuffix(".py") == wanted]
    found = exact or [base for base in bases if PurePath(base.name).stem == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise Unknown(f"base config {name!r} is ambiguous", f"one of: {', '.join(base.name for base in found)}")
    return named(name, {base.name: base for base in bases}, "base config", "bbwizard bases PATTERN lists them")


def named(name: str, things: Mapping[str, Thing], kind: str, hint: str) -> Thing:
    """The thing called `name`, in whatever case.

    Raises:
        Unknown: there is none; with the nearest names.
    """
    if name in things:
        return things[name]
    folded = [thing for known, thing in things.items() if known.lower() == name.lower()]
    if len(folded) == 1:
        return folded[0]
    near = suggestions(name, things)
    raise Unknown(f"there is no {kind} {name!r} here", f"nearest: {', '.join(near)}" if near else hint)


def suggestions(name: str, names: Iterable[str]) -> list[str]:
    """The names nearest to a mistyped one."""
    by_lower = {known.lower(): known for known in names}
    return [by_lower[near] for near in difflib.get_close_matches(name.lower(), by_lower, n=4, cutoff=0.5)]
