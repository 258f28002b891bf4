"""The files that a config inherits from, read and never run."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def lineage(config: Path, seen: frozenset[Path] = frozenset()) -> Iterator[Path]:
    """A config and every file that it inherits from, nearest first; bases that it computes are left out."""
    if config in seen:
        return
    yield config
    for base in bases(config):
        yield from lineage(base, seen | {config})


def bases(config: Path) -> list[Path]:
    """The files that a config's own `_base_` names."""
    named: object = ()
    with suppress(OSError, SyntaxError, ValueError, RecursionError):
        for statement in ast.parse(config.read_bytes()).body:
            if isinstance(statement, ast.Assign) and "_base_" in {ast.unparse(target) for target in statement.targets}:
                named = ast.literal_eval(statement.value)
    words = [named] if isinstance(named, str) else named if isinstance(named, (list, tuple)) else []
    return [Path(os.path.normpath(config.parent / word)) for word in words if isinstance(word, str)]


def descends(config: Path, target: Path) -> bool:
    """Whether a config is, or inherits from, the file that is at `target`, through links too."""
    for file in lineage(config):
        with suppress(OSError):
            if os.path.samefile(file, target):
                return True
    return False
