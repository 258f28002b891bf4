"""What a user has decided, as an immutable value, and the words on what is taken back or made again. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from bbwizard.history import History
from bbwizard.language import N_, _
from bbwizard.recipe import Recipe

NAMES: Final[Mapping[str, str]] = {
    "base": N_("base config"),
    "backbone": N_("backbone"),
    "stages": N_("stages"),
    "input": N_("input size"),
    "override": N_("override"),
    "weights": N_("weights"),
    "data": N_("data"),
    "fixes": N_("fixes"),
    "leave": N_("fixes left out"),
    "gpus": N_("GPUs"),
    "launcher": N_("launcher"),
    "nodes": N_("nodes"),
    "meet": N_("meet at"),
    "resume": N_("resume"),
    "output": N_("file"),
    "marked": N_("marks"),
}
"""What is decided, by its field; what follows from another decision comes after that."""
UNSAID: Final[Mapping[str, str]] = {
    "stages": N_("default wiring"),
    "data": N_("the base's own"),
    "nodes": "auto",
    "meet": N_("this host"),
    "resume": N_("no"),
    "output": N_("the suggested name"),
}
"""What holds where a field is empty, if that is more than nothing."""
ONE_BY_ONE: Final = ("fixes", "leave", "marked")
"""The fields whose items are decided each for itself."""


@dataclass(frozen=True)
class Decision:
    """Everything decided so far: the recipe, where its config goes, and what is marked for comparison.

    `output` is a path, empty for the suggested one; `marked` names backbones in the order in which they were marked.
    """

    recipe: Recipe = Recipe()
    output: str = ""
    marked: tuple[str, ...] = ()


def undone(history: History[Decision]) -> str:
    """Take back the last decision: the words on it, empty where there is none."""
    last = history.now
    if not history.undo():
        return ""
    what, before, after = difference(history.now, last)
    if not what:
        return _("last decision taken back")
    return _("{what}: {before} → {after} taken back").format(what=what, before=before, after=after)


def redone(history: History[Decision]) -> str:
    """Make the decision again that was taken back last: the words on it, empty where there is none."""
    last = history.now
    if not history.redo():
        return ""
    what, before, after = difference(last, history.now)
    if not what:
        return _("decision made again")
    return _("{what}: {before} → {after} made again").format(what=what, before=before, after=after)


def difference(before: Decision, after: Decision) -> tuple[str, str, str]:
    """What a decision was about, what held before it and what after it; empty where it changed nothing."""
    old, new = ({**vars(one.recipe), **vars(one)} for one in (before, after))
    names = [name for name in NAMES if old[name] != new[name]]
    if names[:2] == ["base", "backbone"]:
        first, then = (" + ".join(shown(name, values[name]) for name in names[:2]) for values in (old, new))
        return _("base + backbone"), first, then
    if not names:
        return "", "", ""
    name = names[0]
    one, other = old[name], new[name]
    if name in ONE_BY_ONE:
        one, other = ([item for item in row if item not in rest] for row, rest in ((one, other), (other, one)))
    return _(NAMES[name]), shown(name, one), shown(name, other)


def shown(name: str, value: object) -> str:
    """What is decided of a field, in short."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if not value:
        return _(UNSAID.get(name, N_("none")))
    if name == "base":
        return PurePath(str(value)).stem
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ("x" if name == "input" else ", ").join(map(str, value))
    return str(value)
