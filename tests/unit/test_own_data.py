"""What of a user's own data is refused, and what is said of it."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

import pytest
from data_sets import PETS, codes, data, written
from facts import ENTRY, ENVIRONMENT, SHUFFLENET, YOLOX

from bbprobe.protocol import Category, Dataset
from bbwizard.errors import NotWritable
from bbwizard.plan import make
from bbwizard.probe import converted
from bbwizard.recipe import Recipe
from bbwizard.resolved import Resolved
from bbwizard.rules import own_data

# What is refused


@pytest.mark.parametrize(
    ("other", "code", "words"),
    [
        (
            {"missing": 7, "missing_example": "/data/a.jpg"},
            "data-images-missing",
            "7 of 20 images are not there, such as",
        ),
        ({"repeated": {"annotations": 4}}, "data-ids", "4 of 30 annotations have an id that another has"),
        ({"incomplete": {"annotations without area": 2}}, "data-incomplete", "annotations without area: 2"),
        ({"boxes": 0, "astray": {"images": 30}}, "data-no-boxes", "30 point at images that it does not list"),
    ],
)
def test_a_file_that_would_stop_the_training_is_refused_with_its_counts(other, code, words):
    found = data("cat", "dog", "Füße", train=other)
    base = {"model": {}, "data": {"train": {"ann_file": "a"}}}
    config, plan = written(base, found, override=True)
    assert codes(plan.faults) == [code]
    advised = replace(plan, recipe=replace(plan.recipe, override=False))
    with pytest.raises(NotWritable, match=words) as refusal:
        advised.refuse()
    assert "/data/pets/annotations/train.json" in refusal.value.text
    text = plan.text(ENVIRONMENT, Path("/work/new.py"), None)
    assert f"# WARNING: written against advice: {plan.faults[0].text}" in text
    preview = advised.text(ENVIRONMENT, Path("/work/new.py"), None)
    assert f"# NOT WRITTEN: it would not train: {plan.faults[0].text}" in preview
    assert "written against advice" not in preview
    only_tested = own_data.problems(data("cat", "dog", "Füße", test=other), None)
    assert not only_tested, "what is only tested with does not stop the training"


LACKING = [
    ("iscrowd", "data-incomplete", "4 of 30 annotations have no iscrowd that is a number"),
    ("id", "data-ids", "4 of 30 annotations have an id that is no number"),
    ("images", "data-ids", "4 of 20 images have an id of another type than the rest"),
    ("categories", "data-ids", "4 of 3 categories have an id of another type than the rest"),
]
"""What evaluation stops at and training does not."""


@pytest.mark.parametrize(("what", "code", "words"), LACKING)
def test_what_stops_the_evaluation_alone_is_refused_of_the_validation_split(what, code, words):
    [problem] = own_data.problems(data("cat", "dog", "Füße", val={"unscored": {what: 4}}), None)
    assert problem.code == code
    assert problem.text.startswith(f"/data/pets/annotations/val.json: {words}, and evaluation stops")
    only_trained = data("cat", "dog", "Füße", train={"unscored": {what: 4}})
    assert not own_data.problems(only_trained, None)
    assert not list(own_data.said(only_trained, None)), "mmdet reads it for training with a default, or not at all"


def test_what_stops_the_evaluation_is_refused_of_a_training_split_that_stands_for_the_validation():
    same = {"ann_file": "/data/all.json", "folder": "/data/images", "unscored": {"iscrowd": 4}}
    found = data("cat", train=same, val=same, test=same)
    assert codes(own_data.problems(found, None)) == ["data-incomplete"]
    assert codes(own_data.said(found, None)) == ["data-val-is-train"]


@pytest.mark.parametrize("train", [{}, {"ann_file": "/data/pets/annotations/test.json", "folder": "/data/pets/test"}])
def test_what_stops_the_evaluation_is_said_of_a_split_that_is_only_tested_with(train):
    flaw = {"unscored": {"iscrowd": 4}}
    found = data("cat", "dog", "Füße", train={**train, **(flaw if train else {})}, test=flaw)
    assert not own_data.problems(found, None)
    [finding] = own_data.said(found, None)
    assert finding.code == "data-incomplete"
    assert finding.text.startswith(f"test split: /data/pets/annotations/test.json: {LACKING[0][2]}")


def test_a_split_as_it_was_answered_before_is_one_that_can_be_scored():
    before = asdict(PETS)
    for told in before["splits"]:
        assert (told.pop("unscored"), told.pop("undrawn")) == ({}, 0)
    assert converted("dataset", before, Dataset) == PETS


@pytest.mark.parametrize(
    ("train", "model", "code"),
    [
        ({"ann_file": "a", "pipeline": [{"type": "LoadAnnotations", "with_seg": True}]}, {}, "data-semantic"),
        ({"ann_file": "a", "type": "CocoPanopticDataset"}, {}, "data-panoptic"),
        ({"ann_file": "a", "proposal_file": "p.pkl"}, {}, "data-proposals"),
        ({"ann_file": "a"}, {"teacher_bbox_head": {"num_classes": 80}}, "data-teacher"),
        ({"dataset": {}}, {}, "data-base"),
    ],
)
def test_a_base_that_needs_more_than_such_files_hold_is_refused(train, model, code):
    base = Resolved(repr({"model": model, "data": {"train": train}}))
    [problem] = own_data.problems(PETS, base)
    assert problem.code == code
    assert ("such as " in problem.text) is (code != "data-base"), "it names what would work"


@pytest.mark.parametrize(
    ("polygons", "encoded", "refused"), [(30, 0, False), (20, 10, False), (29, 0, True), (0, 0, True)]
)
def test_masks_are_needed_only_where_they_are_learnt(polygons, encoded, refused):
    found = data("cat", "dog", "Füße", train={"polygons": polygons, "encoded": encoded})
    steps = [{"type": "LoadAnnotations", "with_mask": True}]
    learnt = Resolved(repr({"data": {"train": {"dataset": {"ann_file": "a", "pipeline": steps}}}}))
    not_learnt = Resolved(repr({"data": {"train": {"ann_file": "a"}}}))
    assert codes(own_data.problems(found, learnt)) == (["data-no-masks"] if refused else [])
    assert codes(own_data.problems(found, not_learnt)) == []


def test_data_that_were_not_read_are_not_written():
    plan = make(Recipe(YOLOX.name, ENTRY.name, data=("/data/pets",)), YOLOX, ENTRY, SHUFFLENET)
    with pytest.raises(NotWritable, match="/data/pets was not read yet"):
        plan.refuse()


# What is said


@pytest.mark.parametrize(
    ("other", "code", "words"),
    [
        ({"astray": {"categories": 3}}, "data-astray", "3 of 30 annotations point at categories"),
        ({"empty": 2}, "data-empty-boxes", "2 of 30 boxes"),
        ({"small": 4}, "data-small-images", "4 of 20 images"),
        ({"unlabelled": 5}, "data-unlabelled", "5 of 20 images"),
    ],
)
def test_what_is_passed_over_is_said_with_its_counts(other, code, words):
    [finding] = own_data.said(data("cat", "dog", "Füße", train=other), None)
    assert finding.code == code
    assert words in finding.text


@pytest.mark.parametrize(("kept", "said"), [({}, ["data-unlabelled"]), ({"filter_empty_gt": False}, [])])
def test_images_without_annotations_are_only_passed_over_where_the_base_does(kept, said):
    found = data("cat", "dog", "Füße", train={"unlabelled": 5})
    train = {"type": "MultiImageMixDataset", "dataset": {"type": "CocoDataset", "ann_file": "a", **kept}}
    base = Resolved(repr({"model": {}, "data": {"train": train}}))
    assert codes(own_data.said(found, base)) == said


@pytest.mark.parametrize(
    ("lacking", "other"),
    [
        ("images without width", {"astray": {"images": 8}}),
        ("categories without an id and a name", {"astray": {"categories": 8}}),
        ("annotations without area", {"unlabelled": 20, "boxes": 0}),
        ("annotations without area", {"categories": [Category("cat", "", 0), Category("dog", "", 1)]}),
    ],
)
def test_nothing_is_concluded_from_entries_that_could_not_be_read(lacking, other):
    found = data("cat", "dog", train={"incomplete": {lacking: 8}, **other})
    assert codes(own_data.problems(found, None)) == ["data-incomplete"]
    assert not list(own_data.said(found, None))


def test_what_is_wrong_and_what_is_only_said_have_codes_of_their_own():
    flaws = {"repeated": {"annotations": 4}, "astray": {"categories": 3}}
    _, plan = written({"data": {"train": {"ann_file": "a"}}}, data("cat", train=flaws, val=flaws), override=True)
    told = {finding.code: finding.text for finding in plan.findings}
    assert told["data-ids"] == "; ".join(fault.text for fault in plan.faults)
    assert told["data-astray"].count("annotations point at categories") == 2
    assert "have an id" not in told["data-astray"]


@pytest.mark.parametrize("role", ["train", "val", "test"])
def test_why_a_file_has_no_box_is_said_once(role):
    flaws = {"boxes": 0, "polygons": 0, "astray": {"images": 20}, "empty": 10}
    found = data("cat", "dog", "Füße", **{role: flaws})
    told = [item.text for item in (*own_data.problems(found, None), *own_data.said(found, None))]
    [text] = [text for text in told if "20 point at images" in text and "10 have no area" in text]
    assert [other for other in told if other != text] == []


def test_a_data_set_without_validation_says_so():
    same = {"ann_file": "/data/all.json", "folder": "/data/images"}
    [finding] = own_data.said(data("cat", train=same, val=same, test=same), None)
    assert finding.code == "data-val-is-train"
    assert own_data.problems(data("cat", train=same, val=same, test=same), None) == ()
