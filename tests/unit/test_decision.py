"""What is said of a decision that is taken back or made again."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest

from bbwizard.decision import NAMES, Decision, difference, redone, undone
from bbwizard.history import History
from bbwizard.recipe import Recipe

RECIPE = Recipe(base="yolox/yolox_s.py", backbone="timm/x", stages=(1, 2, 3), weights="in1k", fixes=("adamw",))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (Decision(), Decision(Recipe(base="yolox/yolox_s.py")), "base config: none → yolox_s"),
        (Decision(RECIPE), Decision(replace(RECIPE, backbone="timm/y", stages=None)), "backbone: timm/x → timm/y"),
        (Decision(RECIPE), Decision(Recipe("b.py", "timm/y")), "base + backbone: yolox_s + timm/x → b + timm/y"),
        (Decision(RECIPE), Decision(replace(RECIPE, stages=None)), "stages: 1, 2, 3 → default wiring"),
        (Decision(RECIPE), Decision(replace(RECIPE, input=(800, 1333))), "input size: 640x640 → 800x1333"),
        (Decision(RECIPE), Decision(replace(RECIPE, override=True)), "override: no → yes"),
        (Decision(RECIPE), Decision(replace(RECIPE, gpus=8)), "GPUs: 1 → 8"),
        (Decision(RECIPE), Decision(replace(RECIPE, nodes=2)), "nodes: auto → 2"),
        (Decision(RECIPE), Decision(replace(RECIPE, resume="auto")), "resume: no → auto"),
        (Decision(RECIPE), Decision(replace(RECIPE, fixes=("adamw", "pad"))), "fixes: none → pad"),
        (Decision(RECIPE), Decision(replace(RECIPE, data=("/my/pets",))), "data: the base's own → /my/pets"),
        (Decision(RECIPE, "/a.py"), Decision(RECIPE), "file: /a.py → the suggested name"),
        (Decision(RECIPE, marked=("a", "b")), Decision(RECIPE, marked=("a",)), "marks: b → none"),
    ],
)  # fmt: skip
def test_a_decision_is_said_by_what_it_was_about(before: Decision, after: Decision, words: str) -> None:
    what, old, new = difference(before, after)
    assert f"{what}: {old} → {new}" == words
    history = History(before)
    history.add(after)
    assert undone(history) == f"{words} taken back"
    assert redone(history) == f"{words} made again"
    assert redone(history) == ""


def test_everything_that_can_be_decided_has_a_name() -> None:
    decided: list[Any] = [*fields(Recipe), *fields(Decision)]
    assert set(NAMES) == {field.name for field in decided} - {"recipe"}


def test_a_decision_that_changed_nothing_is_taken_back_too() -> None:
    history = History(Decision())
    history.add(Decision())
    assert undone(history) == "last decision taken back"
    assert redone(history) == "decision made again"
    assert undone(history)
    assert undone(history) == ""
