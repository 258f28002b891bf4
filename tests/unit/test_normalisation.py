"""The weights' normalisation against a base's pipelines: found, inserted, moved along, written whole."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from facts import ENTRY, RETINANET, SHUFFLENET, WEIGHTS
from hypothesis import given
from hypothesis import strategies as st

from bbwizard.config import settings
from bbwizard.literals import Name
from bbwizard.plan import Plan, make
from bbwizard.recipe import Recipe
from bbwizard.rules.normalisation import renormalised, values
from bbwizard.transforms import changed, every, of_type

RGB = {"mean": [123.675, 116.28, 103.53], "std": [58.395, 57.12, 57.375], "to_rgb": True}
CAFFE = {"mean": [103.53, 116.28, 123.675], "std": [1.0, 1.0, 1.0], "to_rgb": False}
KNOWN = replace(WEIGHTS, **RGB)
LOAD, BUNDLE, COLLECT = {"type": "LoadImageFromFile"}, {"type": "DefaultFormatBundle"}, {"type": "Collect"}


def flipped(*inner: dict[str, Any]) -> list[dict[str, Any]]:
    """A test pipeline."""
    return [
        LOAD,
        {"type": "MultiScaleFlipAug", "flip": False, "transforms": [*inner, {"type": "ImageToTensor"}, COLLECT]},
    ]


def plan(train: Any, test: Any, *, weights: Any = KNOWN, wanted: str = "auto", **more: Any) -> Plan:
    data = {"train": train, "val": {"pipeline": test}, "test": {"pipeline": test}}
    values = {"model": {"backbone": {"type": "ResNet"}}, "data": data, "test_pipeline": test, **more}
    base = replace(RETINANET, resolved=repr(values))
    entry = replace(ENTRY, weights=[weights])
    return make(Recipe(base=base.name, backbone=entry.name, weights=wanted), base, entry, SHUFFLENET)


def written(found: Plan) -> dict[str, Any]:
    return settings(found.base, found.probe, found.wiring, found.start, found.fixes)


def texts(found: Plan) -> dict[str, str]:
    return {finding.code: finding.text for finding in found.findings}


def test_every_pipeline_is_written_whole_with_its_numbers_said():
    old = {"type": "Normalize", **CAFFE}
    train = {"type": "RepeatDataset", "times": 3, "dataset": {"type": "Coco", "pipeline": [LOAD, old, BUNDLE]}}
    found = plan(train, flipped(old))
    config = written(found)
    assert config["train_pipeline"] == [LOAD, {"type": "Normalize", **RGB}, BUNDLE]
    assert config["test_pipeline"] == flipped({"type": "Normalize", **RGB})
    assert config["data"]["train"] == {"dataset": {"pipeline": Name("train_pipeline")}}
    assert config["data"]["val"] == config["data"]["test"] == {"pipeline": Name("test_pipeline")}
    text = texts(found)["normalisation"]
    assert "mean 123.675, 116.28, 103.53 and std 58.395, 57.12, 57.375 in RGB order" in text
    assert "train, val and test with mean 103.53, 116.28, 123.675 and std 1, 1, 1 in BGR order" in text


def test_where_there_is_none_it_goes_behind_every_augmentation():
    mixed = {
        "type": "MultiImageMixDataset",
        "dataset": {"type": "Coco", "ann_file": "a.json", "pipeline": [LOAD]},
        "pipeline": [{"type": "Mosaic"}, {"type": "Pad", "pad_val": {"img": 114}}, BUNDLE, COLLECT],
    }
    found = plan(mixed, flipped({"type": "Pad"}))
    config = written(found)
    assert [step["type"] for step in config["train_pipeline"]] == [
        "Mosaic",
        "Pad",
        "Normalize",
        "DefaultFormatBundle",
        "Collect",
    ]
    assert [step["type"] for step in of_all(config["test_pipeline"])][2:] == [
        "Pad",
        "Normalize",
        "ImageToTensor",
        "Collect",
    ]
    assert "dataset" not in config["data"]["train"], "what only loads is left to the one that mixes"
    assert "train, val and test with none" in texts(found)["normalisation"]


def of_all(steps: Any) -> list[Any]:
    return list(every(steps))


def test_what_carried_the_same_values_moves_along():
    expand = {"type": "Expand", "mean": CAFFE["mean"], "to_rgb": False, "ratio_range": (1, 2)}
    zeros = {"type": "RandomCenterCropPad", "mean": [0, 0, 0], "std": [1, 1, 1], "to_rgb": True}
    steps = renormalised([expand, zeros, {"type": "Normalize", **CAFFE}, BUNDLE], KNOWN)
    assert steps[0] == {"type": "Expand", "mean": RGB["mean"], "to_rgb": True, "ratio_range": (1, 2)}
    assert steps[1] == zeros


def test_bgr_weights_turn_the_order_off_where_it_was_not_said():
    bgr = replace(KNOWN, **CAFFE)
    steps = [{"type": "Expand", "mean": RGB["mean"]}, {"type": "Normalize", **RGB}, BUNDLE]
    assert renormalised(steps, bgr)[0] == {"type": "Expand", "mean": CAFFE["mean"], "to_rgb": False}


@pytest.mark.parametrize(
    ("mean", "std"), [(RGB["mean"], RGB["std"]), ([123.68, 116.779, 103.939], [58.393, 57.12, 57.375])]
)
def test_what_is_the_same_but_for_rounding_is_left_alone(mean, std):
    steps = [{"type": "Normalize", "mean": mean, "std": std}, BUNDLE]
    assert "normalisation" not in texts(plan({"pipeline": steps}, steps))


def test_without_weights_and_with_unknown_ones_nothing_is_rewritten():
    steps = [{"type": "Normalize", **CAFFE}, BUNDLE]
    scratch = plan({"pipeline": steps}, steps, wanted="none")
    assert not {"normalisation", "normalisation-unknown"} & set(texts(scratch))
    unknown = plan({"pipeline": steps}, steps, weights=WEIGHTS)
    assert "here with mean 103.53, 116.28, 123.675" in texts(unknown)["normalisation-unknown"]
    assert "data" not in written(unknown)


def test_what_no_text_can_hold_is_said_and_left():
    steps = [{"type": "Mine", "value": "<opaque function>"}, {"type": "Normalize", **CAFFE}, BUNDLE]
    found = plan({"pipeline": steps}, steps)
    assert "code of its author" in texts(found)["normalisation"]
    assert "data" not in written(found)


def test_transforms_of_another_library_are_not_ours():
    albu = {"type": "Albu", "transforms": [{"type": "Normalize", "mean": [0, 0, 0]}]}
    assert of_type([albu, BUNDLE], "Normalize") == []
    assert renormalised([albu, BUNDLE], KNOWN) == [albu, {"type": "Normalize", **RGB}, BUNDLE]


step = st.sampled_from(["Resize", "Pad", "Normalize", "DefaultFormatBundle", "ImageToTensor", "Expand"]).map(
    lambda kind: {"type": kind, **({"mean": [1, 2, 3], "std": [4, 5, 6]} if kind in ("Normalize", "Expand") else {})}
)
pipeline = st.recursive(
    st.lists(step, max_size=4),
    lambda inner: st.lists(
        step
        | inner.map(lambda steps: {"type": "MultiScaleFlipAug", "transforms": steps})
        | st.lists(inner, max_size=2).map(lambda ways: {"type": "AutoAugment", "policies": ways}),
        max_size=4,
    ),
    max_leaves=12,
)


@given(steps=pipeline)
def test_afterwards_every_normalize_is_the_weights_and_nothing_else_moved(steps):
    before = repr(steps)
    new = renormalised(steps, KNOWN)
    assert repr(steps) == before, "the base's own is not touched"
    assert all({**one, "type": ""} == {**values(KNOWN), "type": ""} for one in of_type(new, "Normalize"))
    kinds = [one["type"] for one in every(new) if one["type"] != "Normalize"]
    assert kinds == [one["type"] for one in every(steps) if one["type"] != "Normalize"]
    assert renormalised(new, KNOWN) is new, "once is enough"


@given(steps=pipeline)
def test_changing_nothing_changes_nothing(steps):
    assert changed(steps, lambda one: one) == steps


def mixed(inner: list[dict[str, Any]], outer: list[dict[str, Any]]) -> dict[str, Any]:
    """A data set that mixes the images of another."""
    return {
        "type": "MultiImageMixDataset",
        "dataset": {"type": "Coco", "ann_file": "a.json", "pipeline": inner},
        "pipeline": outer,
    }


def test_what_the_wrapped_data_set_normalises_is_not_normalised_again():
    old, expand = {"type": "Normalize", **CAFFE}, {"type": "Expand", "mean": CAFFE["mean"], "to_rgb": False}
    train = mixed([LOAD, old], [{"type": "Mosaic"}, expand, BUNDLE])
    found = plan(train, flipped(old))
    data = written(found)["data"]["train"]
    assert written(found)[str(data["dataset"]["pipeline"])] == [LOAD, {"type": "Normalize", **RGB}]
    outer = written(found)[str(data["pipeline"])]
    assert [step["type"] for step in outer] == ["Mosaic", "Expand", "DefaultFormatBundle"]
    assert outer[1] == {"type": "Expand", "mean": RGB["mean"], "to_rgb": True}
    assert "none" not in texts(found)["normalisation"]


def test_a_wrapped_data_set_that_normalises_as_the_weights_want_it_is_left_alone():
    right = {"type": "Normalize", **RGB}
    assert "normalisation" not in texts(plan(mixed([LOAD, right], [{"type": "Mosaic"}, BUNDLE]), flipped(right)))


def test_images_that_are_loaded_in_rgb_are_not_turned():
    load, asis = {**LOAD, "channel_order": "rgb"}, {"type": "Normalize", **RGB, "to_rgb": False}
    right = [load, asis, BUNDLE]
    assert renormalised(right, KNOWN) is right
    assert renormalised([load, BUNDLE], KNOWN) == right
    turned = [load, {"type": "Normalize", **RGB}, BUNDLE]
    found = plan({"pipeline": turned}, turned)
    assert "the base normalises train, val and test with mean 123.675, 116.28" in texts(found)["normalisation"]
    assert texts(found)["normalisation"].endswith("in BGR order")
    assert renormalised(turned, KNOWN) == right
    assert renormalised([BUNDLE], KNOWN, ([load],)) == [asis, BUNDLE]
    assert renormalised(turned, replace(KNOWN, to_rgb=False)) is turned
