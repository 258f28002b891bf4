"""What a config says otherwise than its base, value by value. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bbwizard.config import spelled_out
from bbwizard.merging import Lost, merged, unlike
from bbwizard.plan import Plan
from bbwizard.resolved import resolved


@dataclass(frozen=True)
class Whole:
    """A list of plain values, which is read as one: four numbers of channels are one decision."""

    values: tuple[Any, ...]

    def __repr__(self) -> str:
        return repr(list(self.values))


def differences(worked_out: Plan) -> list[Lost]:
    """Every value of the base that the plan's config changes, takes out or adds."""
    base = resolved(worked_out.base.resolved).values
    written = merged(spelled_out(worked_out.settings), base)
    return list(unlike(whole(base), whole(written)))


def whole(value: Any) -> Any:
    """A config with each list of plain values as one."""
    if isinstance(value, Mapping):
        return {key: whole(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        plain = not any(isinstance(item, Mapping | list | tuple) for item in value)
        return Whole(tuple(value)) if plain else [whole(item) for item in value]
    return value


def lines(found: list[Lost]) -> list[str]:
    """Differences as they are read: what was added, taken out, and changed, in the order of the config."""
    told = []
    for one in found:
        if one.there is None:
            told.append(f"+ {one.key} = {one.written}")
        elif one.written is None:
            told.append(f"- {one.key} = {one.there}")
        else:
            told.append(f"  {one.key} = {one.there} → {one.written}")
    return told
