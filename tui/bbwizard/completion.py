"""Answers a shell that asks what may follow on the command line: names out of the atlas, presets, fixes.

No training environment is asked: what stands behind a tab key must be there at once.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePath
from typing import Any, Final

import argcomplete

from bbwizard.atlas import Atlas, shelf
from bbwizard.filtering import natural
from bbwizard.grammar import SOURCES, STACKS
from bbwizard.recipe import ALL, FIXES

Completer = Callable[..., Iterable[str]]


def answer(parser: argparse.ArgumentParser) -> None:
    """Tell the shell, where it is one that asks, and end the process."""
    offer(parser)
    argcomplete.autocomplete(parser, always_complete_options=False)


def offer(parser: argparse.ArgumentParser) -> None:
    """Have every argument of the parser, and of those below it, offer what its metavar stands for."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                offer(command)
        elif action.metavar in OFFERS:
            action.completer = OFFERS[action.metavar]  # type: ignore[attr-defined]


def backbones(prefix: str, parsed_args: argparse.Namespace, **asked: Any) -> Iterable[str]:
    """Names of backbones; the catalogs alone as long as none is typed."""
    if "/" not in prefix:
        return [f"{source}/" for source in SOURCES]
    return in_order(entry.name for atlas in atlases(parsed_args) for entry in atlas.entries)


def bases(prefix: str, parsed_args: argparse.Namespace, **asked: Any) -> Iterable[str]:
    """Names of base configs, with their folder where one is typed; files are the shell's own to complete."""
    names = [name for atlas in atlases(parsed_args) for name in atlas.base_names]
    return in_order(names if "/" in prefix else (PurePath(name).stem for name in names))


def in_order(names: Iterable[str]) -> list[str]:
    """Each name once, as a reader looks for it: zsh lists them as they come."""
    return sorted(set(names), key=lambda name: (natural(name), name))


def presets(**asked: Any) -> Iterable[str]:
    """Names of presets."""
    from bbwizard.preset_book import pages  # reading YAML is a third of the wait for all the other names

    return [page.name for page in pages() if not page.error]


def patterns(prefix: str, parsed_args: argparse.Namespace, **asked: Any) -> Iterable[str]:
    """Names of what a command lists; a pattern with anything else in it is the user's own."""
    named: Mapping[str, Completer] = {"backbones": backbones, "bases": bases, "presets": presets}
    return named[parsed_args.command](prefix=prefix, parsed_args=parsed_args)


def tags(**asked: Any) -> Iterable[str]:
    """Tags that some preset has."""
    from bbwizard.preset_book import pages

    return {tag for page in pages() for tag in page.tags}


def fixes(**asked: Any) -> Iterable[str]:
    """Codes of fixes."""
    return [*FIXES, ALL]


def weights(parsed_args: argparse.Namespace, **asked: Any) -> Iterable[str]:
    """Names of weights of the backbone that is named already."""
    entries = [atlas.by_name.get(getattr(parsed_args, "backbone", None) or "") for atlas in atlases(parsed_args)]
    return ["auto", "none", *(one.name for entry in entries if entry is not None for one in entry.weights)]


def atlases(options: argparse.Namespace) -> Iterable[Atlas]:
    """What is known without asking an environment: of the stack that is chosen, or of all where that is not clear."""
    stack = chosen_stack(options)
    return [atlas for atlas in shelf().values() if stack in ("", atlas.stack)]


def chosen_stack(options: argparse.Namespace) -> str:
    """The stack that the words so far, or the environment that they name, say; empty where they say none."""
    stack = getattr(options, "stack", STACKS[0])
    if getattr(options, "atlas", False) or stack != STACKS[0]:
        return str(stack)
    named = getattr(options, "python", None) or os.environ.get("BBWIZARD_PYTHON", "")
    return stack_of(Path(named).expanduser()) if named else ""


def stack_of(python: Path) -> str:
    """The stack of a training environment, by the folder that its mmdet was installed as; empty where there is none."""
    root = python if python.is_dir() else python.parent.parent
    versions = [folder.name.split("-")[1] for folder in root.glob("lib/python3*/site-packages/mmdet-*.dist-info")]
    return next((stack for stack in STACKS if any(version.startswith(f"{stack}.") for version in versions)), "")


OFFERS: Final[Mapping[Any, Completer]] = {
    "BACKBONE": backbones,
    "K": backbones,
    "B": bases,
    "BASE": bases,
    "P": presets,
    "NAME": presets,
    "NAME|FILE": presets,
    ("A", "B"): presets,
    "PATTERN": patterns,
    "T": tags,
    "CODE": fixes,
    "W": weights,
}
"""What an argument offers, by its metavar."""
