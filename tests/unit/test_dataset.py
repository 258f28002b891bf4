"""A user's own data: how it is named, its classes, what makes a base train on it, and what is refused."""

from __future__ import annotations

import copy
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from facts import ENTRY, ENVIRONMENT, SHUFFLENET, YOLOX
from hypothesis import given
from hypothesis import strategies as st

from bbprobe.protocol import Category, Dataset, Split
from bbwizard import dataset
from bbwizard.errors import NotWritable, UsageError
from bbwizard.plan import make
from bbwizard.probe import converted
from bbwizard.recipe import Recipe
from bbwizard.resolved import Resolved, dicts
from bbwizard.retarget import OTHER_CLASSES, TAKES, leaves
from bbwizard.rules import own_data

FOLDER = Path("/home/me")


def split(role, *names, **other):
    """A sound split with ten boxes of each class, all with outlines."""
    fields = {
        "role": role,
        "ann_file": f"/data/pets/annotations/{role}.json",
        "folder": f"/data/pets/{role}",
        "images": 20,
        "annotations": 10 * len(names),
        "categories": [Category(name, "", 10) for name in names],
        "boxes": 10 * len(names),
        "polygons": 10 * len(names),
        "trained": 20,
        **dict.fromkeys(("encoded", "unlabelled", "small", "empty", "ignored", "missing"), 0),
        "missing_example": "",
    }
    return Split(**{**fields, **other})


def data(*names, train=None, val=None, test=None):
    """A sound data set of these classes, with what is said otherwise of a split."""
    others = {"train": train, "val": val, "test": test}
    return Dataset([split(role, *names, **(others[role] or {})) for role in others])


PETS = data("cat", "dog", "Füße")


def codes(problems):
    return [problem.code for problem in problems]


# How it is named


@given(words=st.lists(st.sampled_from(["d", "train=a.json", "val=b/c.json:d e", "test=/x.json:/y"]), unique=True))
def test_words_are_made_absolute_once(words):
    named = dataset.named(words, FOLDER)
    assert dataset.named(named, Path("/elsewhere")) == named
    assert len(named) == len(words)
    asked = dataset.question(named)
    assert asked["path"] == ("/home/me/d" if "d" in words else None)
    assert asked["given"].get("val") == (
        ["/home/me/b/c.json", "/home/me/d e"] if words.count("val=b/c.json:d e") else None
    )


@pytest.mark.parametrize("words", [["a", "b"], ["train=a.txt"], ["val=a.json", "val=b.json"]])
def test_words_that_name_no_data_set_are_refused(words):
    with pytest.raises(UsageError):
        dataset.named(words, FOLDER)


def test_a_typed_line_is_split_as_a_shell_would():
    assert dataset.typed("'my data' train=a.json") == ["my data", "train=a.json"]
    with pytest.raises(UsageError, match="no closing quotation"):
        dataset.typed("'my data")


# Its classes


def test_classes_stand_in_the_files_order_without_what_only_stands_over_them():
    over = {"categories": [Category("pets", "none", 0), Category("dog", "pets", 5), Category("cat", "pets", 5)]}
    assert dataset.classes(data(train=over, val=over, test=over)) == ("dog", "cat")
    used = {"categories": [Category("pets", "none", 1), Category("dog", "pets", 5)]}
    assert dataset.classes(data(train=over, val=used, test=over)) == ("pets", "dog", "cat"), "it has a box somewhere"
    named_alike = {"categories": [Category("dog", "none", 0), Category("dog", "dog", 5)]}
    assert dataset.classes(data(train=named_alike, val=named_alike, test=named_alike)) == ("dog", "dog")


@given(names=st.permutations(["cat", "dog", "Füße", "unseen"]), left_out=st.booleans())
def test_a_split_that_numbers_the_classes_otherwise_is_refused(names, left_out):
    val = [name for name in names if not (left_out and name == "dog")]
    found = data("cat", "dog", "Füße", val={"categories": [Category(name, "", 5) for name in val]})
    same = [name for name in val if name != "unseen"] == ["cat", "dog", "Füße"]
    assert codes(own_data.problems(found, None)) == ([] if same else ["data-classes"])


# What makes a base train on it


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


def merged(child, base):
    """What mmcv makes of a child and its base (`Config._merge_a_into_b`)."""
    result = copy.deepcopy(base)
    for key, value in child.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict) and not value.get("_delete_"):
            result[key] = merged(value, result[key])
        else:
            assert not (isinstance(value, dict) and isinstance(result.get(key), list)), "mmcv raises here"
            result[key] = without_marks(value)
    return result


def without_marks(value):
    if isinstance(value, dict):
        return {key: without_marks(item) for key, item in value.items() if key != "_delete_"}
    return [without_marks(item) for item in value] if isinstance(value, list) else value


def written(values, found=PETS, **recipe):
    """The base config `values` with ShuffleNetV2 and this data, as mmcv would read it; and the plan."""
    base = replace(YOLOX, resolved=repr(values))
    plan = make(Recipe(YOLOX.name, ENTRY.name, data=("/data/pets",), **recipe), base, ENTRY, SHUFFLENET, data=found)
    scope = {}
    exec(plan.text(ENVIRONMENT, Path("/work/new.py"), None), {"__builtins__": {"dict": dict}}, scope)
    return merged({key: value for key, value in scope.items() if key != "_base_"}, values), plan


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


def test_another_formats_arguments_of_the_evaluation_are_left_out():
    had = {"interval": 5, "metric": "mAP", "iou_thr": 0.5, "save_best": "mAP"}
    config, _ = written({"model": {}, "data": {"train": {"ann_file": "a"}}, "evaluation": had})
    assert config["evaluation"] == {"interval": 5, "metric": "bbox", "save_best": "auto"}


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
    with pytest.raises(NotWritable, match=words) as refusal:
        replace(plan, recipe=replace(plan.recipe, override=False)).refuse()
    assert "/data/pets/annotations/train.json" in refusal.value.text
    text = plan.text(ENVIRONMENT, Path("/work/new.py"), None)
    assert f"# WARNING: written against advice: {plan.faults[0].text}" in text
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
        ({"astray": {"categories": 3}}, "data-ids", "3 of 30 annotations point at categories"),
        ({"empty": 2}, "data-empty-boxes", "2 of 30 boxes"),
        ({"small": 4}, "data-small-images", "4 of 20 images"),
        ({"unlabelled": 5}, "data-unlabelled", "5 of 20 images"),
    ],
)
def test_what_is_passed_over_is_said_with_its_counts(other, code, words):
    [finding] = own_data.said(data("cat", "dog", "Füße", train=other), None)
    assert finding.code == code
    assert words in finding.text


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


def test_a_data_set_without_validation_says_so():
    same = {"ann_file": "/data/all.json", "folder": "/data/images"}
    [finding] = own_data.said(data("cat", train=same, val=same, test=same), None)
    assert finding.code == "data-val-is-train"
    assert own_data.problems(data("cat", train=same, val=same, test=same), None) == ()


# Paths that no training prints


@pytest.mark.parametrize("word", ["it's", "train=o'neil/a.json", "train=a.json:o'neil", "two\nlines"])
def test_a_path_that_mmcv_cannot_print_is_refused_where_it_is_named(word):
    with pytest.raises(UsageError, match="mmcv cannot print a config that names it") as caught:
        dataset.named([word], FOLDER)
    assert "rename it" in caught.value.hint


def test_a_path_that_mmcv_cannot_print_is_refused_where_it_was_found():
    found = own_data.problems(data("cat", test={"folder": "/data/pets/kid's"}), None)
    assert codes(found) == ["data-path"]
    assert "kid's" in found[0].text
