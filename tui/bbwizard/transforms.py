"""The transforms of a data pipeline, with those that hold others: found, and changed. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from bbwizard.findings import Steps

Step = dict[str, Any]

FORMATTING: Final = ("DefaultFormatBundle", "ImageToTensor")
"""What makes a tensor of the image (`mmdet/datasets/pipelines/formatting.py`); before it the image is an array."""

OTHERS: Final = ("Albu",)
"""What holds transforms of another library, whose names mean other things."""


def every(steps: Steps) -> Iterator[Step]:
    """Every transform, in order, each before those it holds (`MultiScaleFlipAug`, `AutoAugment`)."""
    for step in steps:
        yield step
        if step.get("type") not in OTHERS:
            for value in step.values():
                for level in levels(value):
                    yield from every(level)


def of_type(steps: Steps, kind: str) -> list[Step]:
    """The transforms of one type."""
    return [step for step in every(steps) if step.get("type") == kind]


def formats(steps: Steps) -> bool:
    """Whether the pipeline makes a tensor of the image; one that only loads, or mixes, leaves that to another."""
    return any(step.get("type") in FORMATTING for step in every(steps))


def changed(steps: Steps, step: Callable[[Step], Step], level: Callable[[Steps], Steps] = list) -> Steps:
    """New transforms: `step` is given each one, `level` each list of them that is run in a row, innermost first."""
    return level([inside(step(one), step, level) for one in steps])


def inside(one: Step, step: Callable[[Step], Step], level: Callable[[Steps], Steps]) -> Step:
    """A transform with what it holds changed."""
    if one.get("type") in OTHERS:
        return one
    return {key: _held(value, step, level) for key, value in one.items()}


def _held(value: Any, step: Callable[[Step], Step], level: Callable[[Steps], Steps]) -> Any:
    if is_level(value):
        return changed(value, step, level)
    if isinstance(value, (list, tuple)) and any(map(is_level, value)):
        return type(value)(_held(item, step, level) for item in value)
    return value


def levels(value: Any) -> Iterator[Steps]:
    """The lists of transforms in a value: itself, or where it holds alternatives (`AutoAugment.policies`), each."""
    if is_level(value):
        yield value
    elif isinstance(value, (list, tuple)):
        yield from filter(is_level, value)


def is_level(value: Any) -> bool:
    """Whether a value is transforms that are run in a row."""
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) and "type" in item for item in value)
