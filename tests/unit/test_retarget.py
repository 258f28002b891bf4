"""What makes a base config train on a user's own data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from data_sets import codes, data, written
from facts import ENTRY, ENVIRONMENT, SHUFFLENET, YOLOX
from hypothesis import given
from hypothesis import strategies as st

from bbwizard.plan import make
from bbwizard.recipe import Recipe
from bbwizard.resolved import Resolved, dicts
from bbwizard.retarget import OTHER_CLASSES, TAKES, leaves

leaf = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["CocoDataset", "VOCDataset", "OpenImagesDataset"]),
        "ann_file": st.sampled_from(["data/a.json", ["data/a.txt", "data/b.txt"]]),
        "pipeline": st.just([{"type": "LoadAnnotations", "with_bbox": True}]),
    },
    optional={"img_prefix": st.just("data/i/"), "label_file": st.just("l"), "filter_empty_gt": st.just(False)},
)
wrapped = st.recursive(
    leaf,
    lambda inner: (
        st.builds(lambda one: {"type": "RepeatDataset", "times": 3, "dataset": one}, inner)
        | st.builds(lambda many: {"type": "ConcatDataset", "datasets": many}, st.lists(inner, min_size=1, max_size=3))
        | st.builds(lambda one: {"type": "MultiImageMixDataset", "dataset": one, "pipeline": []}, inner)
    ),
    max_leaves=4,
)
datasets = wrapped | st.lists(wrapped, min_size=1, max_size=3)
head = st.fixed_dictionaries({"type": st.just("Head"), "num_classes": st.integers(1, 99)})
models = st.fixed_dictionaries(
    {"backbone": st.just({"type": "Old", "num_classes": 1000}), "bbox_head": head},
    optional={
        "roi_head": st.fixed_dictionaries({"bbox_head": st.lists(head, min_size=1, max_size=3), "mask_head": head}),
        "semantic_head": head,
        "rpn_head": head,
    },
)


@given(train=datasets, val=datasets, test=leaf, model=models)
def test_every_wrapper_is_kept_and_reads_the_users_files(train, val, test, model):
    base = {"model": model, "data": {"samples_per_gpu": 8, "train": train, "val": val, "test": test}}
    config, _ = written(base)
    assert config["data"]["samples_per_gpu"] == 8
    for role in ("train", "val", "test"):
        before = [found for _, found in leaves(base["data"][role], ())]
        after = [found for _, found in dicts(config["data"][role]) if "ann_file" in found]
        assert len(before) == len(after) == 1, "of several joined data sets one is left"
        assert after[0]["type"] == "CocoDataset"
        assert after[0]["classes"] == config["classes"] == ("cat", "dog", "Füße")
        assert after[0]["ann_file"] == f"/data/pets/annotations/{role}.json"
        assert after[0]["img_prefix"] == f"/data/pets/{role}/"
        assert TAKES.issuperset(after[0])
        for key in ("pipeline", "filter_empty_gt"):
            assert after[0].get(key) == before[0].get(key)
    wrappers = [found["times"] for _, found in dicts(config["data"]["train"]) if "times" in found]
    assert all(times == 3 for times in wrappers)
    for path, part in dicts(config["model"]):
        if "num_classes" in part:
            own = not any(key in OTHER_CLASSES for key in path)
            assert part["num_classes"] == 3 if own else part == Resolved(repr(base)).at(("model", *path), part)


@pytest.mark.parametrize(
    ("theirs", "held"),
    [
        ("data/coco/", "data/coco/"),
        ("data/", "data//"),
        ("data", "data//"),
        ("/data/pets/", "/data/pets//"),
        ("/", "//"),
        ("", ".//"),
    ],
)
def test_the_bases_own_folder_stands_in_no_path_of_the_users(theirs, held):
    config, _ = written({"model": {}, "data_root": theirs, "data": {"train": {"ann_file": "a"}}})
    train = config["data"]["train"]
    assert config["data_root"] == held
    assert held not in train["ann_file"] + train["img_prefix"]
    assert train["ann_file"] == "/data/pets/annotations/train.json"


def test_losses_weigh_the_new_number_of_classes_and_the_background_as_before():
    weighing = {"num_things_classes": 4, "num_stuff_classes": 0, "loss_cls": {"class_weight": [1.0] * 4 + [0.1]}}
    config, plan = written({"model": {"panoptic_head": weighing}, "data": {"train": {"ann_file": "a"}}})
    panoptic = config["model"]["panoptic_head"]
    assert panoptic == {**weighing, "num_things_classes": 3, "loss_cls": {"class_weight": [1.0] * 3 + [0.1]}}
    assert "data-class-weights" not in codes(plan.findings)
    uneven = {"num_classes": 2, "loss_cls": {"class_weight": [1.0, 5.0]}}
    config, plan = written({"model": {"bbox_head": uneven}, "data": {"train": {"ann_file": "a"}}})
    assert config["model"]["bbox_head"]["loss_cls"]["class_weight"] == [1.0, 1.0, 1.0]
    assert "data-class-weights" in codes(plan.findings)


@pytest.mark.parametrize(
    ("metric", "masks", "expected"),
    [
        ("mAP", 30, "bbox"),
        ("bbox", 30, "bbox"),
        (["bbox", "segm"], 30, ["bbox", "segm"]),
        (["bbox", "segm"], 29, "bbox"),
        ("proposal_fast", 0, "proposal_fast"),
    ],
)
def test_what_is_measured_can_be(metric, masks, expected):
    base = {"model": {}, "data": {"train": {"ann_file": "a"}}, "evaluation": {"interval": 5, "metric": metric}}
    config, _ = written(base, data("cat", "dog", "Füße", val={"polygons": masks}))
    assert config["evaluation"] == {"interval": 5, "metric": expected}


def test_masks_are_not_scored_where_those_of_crowds_cannot_be_drawn():
    base = {"model": {}, "data": {"train": {"ann_file": "a"}}, "evaluation": {"metric": ["bbox", "segm"]}}
    config, plan = written(base, data("cat", "dog", "Füße", train={"undrawn": 2}))
    assert config["evaluation"]["metric"] == ["bbox", "segm"], "pycocotools draws what it scores"
    config, plan = written(base, data("cat", "dog", "Füße", val={"undrawn": 2}))
    assert config["evaluation"]["metric"] == "bbox"
    [text] = [finding.text for finding in plan.findings if finding.code == "data-no-segm"]
    assert text.startswith("/data/pets/annotations/val.json: 2 crowds or empty boxes have no mask: ")


@pytest.mark.parametrize(
    ("metric", "best", "expected"),
    [
        (["bbox", "segm"], "segm_mAP", "auto"),
        ("segm", "segm_mAP_50", "auto"),
        (["bbox", "segm"], "bbox_mAP", "bbox_mAP"),
        (["bbox", "segm"], "auto", "auto"),
        (["bbox", "segm"], None, None),
    ],
)
def test_the_best_epoch_is_not_told_by_a_score_that_is_not_measured(metric, best, expected):
    base = {"model": {}, "data": {"train": {"ann_file": "a"}}, "evaluation": {"metric": metric, "save_best": best}}
    config, _ = written(base, data("cat", "dog", "Füße", val={"undrawn": 2}))
    assert config["evaluation"] == {"metric": "bbox", "save_best": expected}
    config, _ = written(base)
    assert config["evaluation"] == base["evaluation"], "it stays with its metric"


def test_another_formats_arguments_of_the_evaluation_are_left_out():
    had = {"interval": 5, "metric": "mAP", "iou_thr": 0.5, "save_best": "mAP"}
    config, _ = written({"model": {}, "data": {"train": {"ann_file": "a"}}, "evaluation": had})
    assert config["evaluation"] == {"interval": 5, "metric": "bbox", "save_best": "auto"}


def test_images_are_not_drawn_by_class_where_ids_need_not_be_in_a_row():
    loader = {"class_aware_sampler": {"num_sample_class": 1}, "samples_per_gpu": 4}
    config, plan = written({"model": {}, "data": {"train": {"ann_file": "a"}, "train_dataloader": loader}})
    assert config["data"]["train_dataloader"] == {"class_aware_sampler": None, "samples_per_gpu": 4}
    assert "data-sampler" in codes(plan.findings)
    config, plan = written({"model": {}, "data": {"train": {"ann_file": "a"}}})
    assert "train_dataloader" not in config["data"] and "data-sampler" not in codes(plan.findings)


def test_boxes_in_pixels_are_not_scaled_and_encoded_masks_not_kept_as_polygons():
    steps = [{"type": "LoadAnnotations", "with_bbox": True, "denorm_bbox": True, "poly2mask": False}]
    base = {"model": {}, "data": {"train": {"type": "CocoDataset", "ann_file": "a", "pipeline": steps}}}
    config, _ = written(base)
    assert config["data"]["train"]["pipeline"] == [{"type": "LoadAnnotations", "with_bbox": True, "poly2mask": False}]
    config, _ = written(base, data("cat", "dog", "Füße", train={"encoded": 1, "polygons": 29}))
    assert config["data"]["train"]["pipeline"] == [{"type": "LoadAnnotations", "with_bbox": True}]


def test_without_data_of_ones_own_nothing_is_said_of_any():
    base = {"model": {"bbox_head": {"num_classes": 80}}, "data": {"train": {"ann_file": "a"}}}
    plan = make(Recipe(YOLOX.name, ENTRY.name), replace(YOLOX, resolved=repr(base)), ENTRY, SHUFFLENET)
    text = plan.text(ENVIRONMENT, Path("/work/new.py"), None)
    assert "data" not in text.split("model = ")[1] and "num_classes" not in text
