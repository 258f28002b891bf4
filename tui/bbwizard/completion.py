"""Answers a shell that asks what may follow on the command line: names out of the atlas, presets, fixes.

No training environment is asked: what stands behind a tab key must be there at once.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from pathlib import PurePath
from typing import Any, Final

import argcomplete

from bbwizard.atlas import Atlas, shelf
from bbwizard.grammar import SOURCES
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


def backbones(prefix: str, **asked: Any) -> Iterable[str]:
    """Names of backbones; the catalogs alone as long as none is typed."""
    if "/" not in prefix:
        return [f"{source}/" for source in SOURCES]
    return {entry.name for atlas in atlases() for entry in atlas.entries}


def bases(prefix: str, **asked: Any) -> Iterable[str]:
    """Names of base configs, with their folder where one is typed; files are the shell's own to complete."""
    names = {name for atlas in atlases() for name in atlas.base_names}
    return names if "/" in prefix else {PurePath(name).stem for name in names}


def presets(**asked: Any) -> Iterable[str]:
    """Names of presets."""
    from bbwizard.preset_book import pages  # reading YAML is a third of the wait for all the other names

    return [page.name for page in pages() if not page.error]


def tags(**asked: Any) -> Iterable[str]:
    """Tags that some preset has."""
    from bbwizard.preset_book import pages

    return {tag for page in pages() for tag in page.tags}


def fixes(**asked: Any) -> Iterable[str]:
    """Codes of fixes."""
    return [*FIXES, ALL]


def weights(parsed_args: argparse.Namespace, **asked: Any) -> Iterable[str]:
    """Names of weights of the backbone that is named already."""
    entries = [atlas.by_name.get(getattr(parsed_args, "backbone", None) or "") for atlas in atlases()]
    return ["auto", "none", *(one.name for entry in entries if entry is not None for one in entry.weights)]


def atlases() -> Iterable[Atlas]:
    """What is known without asking an environment."""
    return shelf().values()


OFFERS: Final[Mapping[Any, Completer]] = {
    "BACKBONE": backbones,
    "K": backbones,
    "B": bases,
    "BASE": bases,
    "P": presets,
    "NAME": presets,
    "NAME|FILE": presets,
    ("A", "B"): presets,
    "T": tags,
    "CODE": fixes,
    "W": weights,
}
"""What an argument offers, by its metavar."""
