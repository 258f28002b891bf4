"""What mmcv makes of a child config and its base, and what two configs do not say alike. Pure."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bbwizard.answers import LostAnswer

DELETE: Final = "_delete_"
LONGEST: Final = 60
"""Characters of a value that are shown."""


@dataclass(frozen=True)
class Lost:
    """A value of a config that another, meant to be the same, does not have; None: the key is not there."""

    key: str
    """The path, dotted."""
    there: str | None
    written: str | None

    @property
    def text(self) -> str:
        """Both values, in a sentence."""
        if self.there is None:
            return f"{self.key} is not there, and would be {self.written}"
        return f"{self.key} is {self.there}, and would {'be gone' if self.written is None else f'be {self.written}'}"

    def as_json(self) -> LostAnswer:
        """What `--json` says of it."""
        return {"key": self.key, "there": self.there, "written": self.written}


def merged(child: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """The base with the child over it, as `mmcv.Config` has it: dicts key by key, all else whole."""
    found = dict(base)
    for key, value in child.items():
        if isinstance(value, Mapping) and not value.get(DELETE) and isinstance(found.get(key), Mapping):
            found[key] = merged(value, found[key])
        else:
            found[key] = copy.deepcopy(value)
            if isinstance(value, Mapping):
                found[key].pop(DELETE, None)
    return found


def unlike(there: Any, written: Any, path: str = "") -> Iterator[Lost]:
    """Where two configs do not say alike; lists and tuples do, and so do None and a key that is not there."""
    if isinstance(there, Mapping) and isinstance(written, Mapping):
        for key in dict.fromkeys([*there, *written]):
            yield from unlike(there.get(key), written.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(there, list | tuple) and isinstance(written, list | tuple) and len(there) == len(written):
        for index, (mine, theirs) in enumerate(zip(there, written, strict=True)):
            yield from unlike(mine, theirs, f"{path}.{index}")
    elif there != written:
        yield Lost(path, shown(there), shown(written))


def shown(value: Any) -> str | None:
    """A value in a line; None where there is none."""
    if value is None:
        return None
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
