"""What the user should know of a config, and the change that would mend it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bbwizard.answers import WarningAnswer

Key = str | int
Path = tuple[Key, ...]
"""Keys and indices from the top of a config down to one value."""

Steps = list[dict[str, Any]]
"""The transforms of a data pipeline."""


@dataclass(frozen=True)
class Edit:
    """One value of the written config that differs from the base's.

    `replace`: a dict takes the place of the base's whole, where it would otherwise be merged into it.
    """

    path: Path
    value: Any
    replace: bool = False


@dataclass(frozen=True)
class Pipeline:
    """A data pipeline: where it stands, for what ("train", "val" or "test"), and its transforms.

    `linked` are the pipelines of the data sets that its own wraps or is wrapped by: the same images go through them.
    """

    path: Path
    role: str
    steps: Steps
    linked: tuple[Steps, ...] = ()


@dataclass(frozen=True)
class Fix:
    """What mends a finding: values to set, what to make of every pipeline's transforms, what to train with.

    `label` says in a few words what the fix does; `pipeline` is given a pipeline and returns new transforms for it, or
    the same where nothing is to be done; `arguments` go to the train command.
    """

    label: str
    edits: tuple[Edit, ...] = ()
    pipeline: Callable[[Pipeline], Steps] | None = None
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """Something the user should know; `code` for programs, `text` for people.

    A `certain` fix is taken unless the user leaves it; any other only where the user takes it.
    """

    code: str
    text: str
    fix: Fix | None = None
    certain: bool = False
    taken: bool = False

    def as_json(self) -> WarningAnswer:
        """What `--json` says of it."""
        told: WarningAnswer = {"code": self.code, "text": self.text}
        if self.fix is not None:
            told["fix"] = {"label": self.fix.label, "certain": self.certain, "taken": self.taken}
        return told
