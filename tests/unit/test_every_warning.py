"""Every code that a warning may have: a test names it, and those that no other test is about are shown here."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from facts import ENTRY, RETINANET, SHUFFLENET, YOLOV3, YOLOX

from bbprobe.protocol import Base, Category, Cure, Dataset, Split
from bbwizard.plan import Plan, make
from bbwizard.recipe import FIXES, Recipe
from bbwizard.resolved import Resolved
from bbwizard.rules import own_data

TESTS = Path(__file__).resolve().parents[1]
DEEPER = replace(SHUFFLENET, stages=[replace(stage, stride=stage.stride * 2) for stage in SHUFFLENET.stages])


def made(*classes: str) -> Iterator[ast.Call]:
    """Where the terminal half makes objects of these classes."""
    for file in (TESTS.parent / "tui" / "bbwizard").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in classes:
                yield node


def codes() -> set[str]:
    """The codes of all findings and problems that the terminal half makes."""
    return {
        item.value for call in made("Finding", "Problem") for item in call.args[:1] if isinstance(item, ast.Constant)
    }


def test_every_fix_can_be_named_on_the_command_line():
    with_fix = {ast.literal_eval(call.args[0]) for call in made("Finding") if len(call.args) > 2}
    assert with_fix == set(FIXES)


def test_every_code_is_named_by_a_test():
    text = "".join(file.read_text("utf-8") for file in TESTS.rglob("test_*.py"))
    assert len(codes()) > 50
    assert {code for code in codes() if f'"{code}"' not in text} == set()


def planned(base: Base, probe=SHUFFLENET, entry=ENTRY, **recipe) -> Plan:
    return make(Recipe(base=base.name, backbone=entry.name, **recipe), base, entry, probe)


def texts(plan: Plan) -> dict[str, str]:
    """Code to text."""
    return {finding.code: finding.text for finding in plan.findings}


def test_sizes_that_the_deepest_map_does_not_divide_are_said():
    train = {"pipeline": [{"type": "Pad", "size": (416, 400)}, {"type": "Pad", "size": (64, 64)}]}
    base = replace(YOLOV3, resolved=repr({"model": {"backbone": {}}, "data": {"train": train}}))
    said = texts(planned(base))["pad-size"]
    assert said == f"images are padded to (416, 400), but the deepest map is at stride 32, which {YOLOV3.neck} doubles"


def test_sizes_that_yolox_draws_are_said():
    base = replace(YOLOX, resolved=repr({"model": {"type": "YOLOX"}}))
    assert "size-multiplier" not in texts(planned(base))
    deeper = planned(base, DEEPER, stages=(0, 1, 2), override=True)
    assert "YOLOX draws image sizes as multiples of 32" in texts(deeper)["size-multiplier"]


def test_no_weights_where_the_base_has_some_are_said():
    base = replace(RETINANET, pretrained=True)
    assert texts(planned(base, weights="none"))["from-scratch"].endswith("weights are set to none")
    bare = texts(planned(base, entry=replace(ENTRY, weights=[])))
    assert bare["from-scratch"].endswith(f"{ENTRY.name} has no weights in this catalog")
    assert "from-scratch" not in texts(planned(base))


def test_what_a_backbone_was_given_to_be_of_use_is_said():
    cured = replace(SHUFFLENET, cures=[Cure("gap_before_final_norm", False, "else it averages its maps")])
    assert texts(planned(RETINANET, cured))["set"] == "gap_before_final_norm=False: else it averages its maps"


def split(role: str, *categories: Category, polygons: int = 0) -> Split:
    boxes = sum(item.boxes for item in categories)
    return Split(
        **{"role": role, "ann_file": f"/d/{role}.json", "folder": f"/d/{role}", "images": 9, "annotations": boxes},
        **{"categories": list(categories), "boxes": boxes, "polygons": polygons, "encoded": 0, "trained": 9},
        **dict.fromkeys(("unlabelled", "small", "empty", "ignored", "missing"), 0),
        missing_example="",
    )


CAT, DOG = Category("cat", "pets", 5), Category("dog", "pets", 0)


@pytest.mark.parametrize(
    ("categories", "code", "words"),
    [
        ((Category("pets", "none", 0), CAT), "data-root", "pets stands over the other categories and has no box"),
        ((CAT, DOG), "data-idle", "1 of 2 classes have no box to learn from: dog"),
        ((CAT, CAT), "data-twice", "several categories are called cat"),
    ],
)
def test_classes_that_are_not_learnt_as_one_thinks_are_said(categories, code, words):
    data = Dataset([split(role, *categories) for role in ("train", "val", "test")])
    [finding] = own_data.said(data, None)
    assert finding.code == code
    assert words in finding.text


def test_masks_that_are_not_scored_are_said():
    base = Resolved(repr({"evaluation": {"metric": ["bbox", "segm"]}}))
    data = Dataset([split("train", CAT, polygons=5), split("val", CAT, polygons=2), split("test", CAT)])
    [finding] = own_data.said(data, base)
    assert (finding.code, finding.text) == (
        "data-no-segm",
        "/d/val.json: 2 of 5 boxes have a mask: masks are not scored (segm)",
    )
    assert not list(own_data.said(replace(data, splits=[split("train", CAT), *data.splits[1:]]), base))


def test_data_that_nobody_has_read_yet_are_said():
    plan = planned(RETINANET, data=("/my/pets",))
    assert texts(plan)["data-unread"] == "the data set /my/pets was not read yet"
    assert [fault.code for fault in plan.faults] == ["data-unread"]
