"""A base config as training will see it, its bases merged in. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from bbwizard.findings import Path, Pipeline

OPAQUE = "<opaque "
"""How a value begins that the config's author computed and no text can hold."""

ROLES = ("train", "val", "test")


class Resolved:
    """The values of a config, by path."""

    def __init__(self, text: str) -> None:
        self.values: dict[str, Any] = ast.literal_eval(text) if text else {}

    def at(self, path: Path, default: Any = None) -> Any:
        """The value at a path, or `default` where there is none."""
        value: Any = self.values
        for key in path:
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                return default
        return value

    def pipelines(self) -> list[Pipeline]:
        """Every pipeline of the data sets, wrapped ones included, in the order train, val, test."""
        places = [
            (path, role, found["pipeline"])
            for role, path, found in self._data()
            if isinstance(found.get("pipeline"), list)
        ]
        return [
            Pipeline((*path, "pipeline"), role, steps, tuple(other for at, _, other in places if wraps(path, at)))
            for path, role, steps in places
        ]

    def _data(self) -> Iterator[tuple[str, Path, Mapping[str, Any]]]:
        for role in ROLES:
            for path, found in dicts(self.at(("data", role)), ("data", role)):
                yield role, path, found


def wraps(one: Path, other: Path) -> bool:
    """Whether, of what stands at two paths, one is inside the other."""
    return one != other and (one[: len(other)] == other or other[: len(one)] == one)


def dicts(value: Any, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Every dict at or below `value`, with its path, outermost first."""
    if isinstance(value, dict):
        yield path, value
        for key, item in value.items():
            yield from dicts(item, (*path, key))
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from dicts(item, (*path, index))


def opaque(value: Any) -> bool:
    """Whether something in `value` cannot be written down."""
    if isinstance(value, dict):
        return any(map(opaque, value)) or any(map(opaque, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(opaque, value))
    return isinstance(value, str) and value.startswith(OPAQUE)


@lru_cache(maxsize=16)
def resolved(text: str) -> Resolved:
    """The values of `Base.resolved`; not to be changed."""
    return Resolved(text)
