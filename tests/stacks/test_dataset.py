"""A user's own data on both stacks: found in every layout, judged with counts."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stacks.coco_sets import CLASSES, Coco, as_coco, as_folders, as_one, as_roboflow, coco, put
from stacks.command_line import bbwizard
from stacks.pipe import Failure, Pipe


@pytest.fixture(scope="module")
def pipe(stack: Any) -> Iterator[Pipe]:
    with Pipe(stack.python) as opened:
        yield opened


LAYOUTS = {
    # how it is made, and for each split: annotation file, image folder, images, boxes
    as_coco: [
        ("annotations/instances_train2017.json", "train2017", 4, 8),
        ("annotations/instances_val2017.json", "val2017", 2, 4),
        ("annotations/instances_val2017.json", "val2017", 2, 4),
    ],
    as_roboflow: [
        ("train/_annotations.coco.json", "train", 3, 6),
        ("valid/_annotations.coco.json", "valid", 3, 6),
        ("test/_annotations.coco.json", "test", 3, 6),
    ],
    as_folders: [(f"annotations/{role}.json", f"images/{role}", 3, 6) for role in ("train", "val", "test")],
    as_one: [("labels.json", "images", 4, 8)] * 3,
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_layout_is_found(pipe: Pipe, tmp_path: Path, layout: Callable[[Path], Path]) -> None:
    found = pipe.ask("dataset", path=str(layout(tmp_path)))["splits"]
    assert [split["role"] for split in found] == ["train", "val", "test"]
    assert [
        (
            os.path.relpath(split["ann_file"], tmp_path),
            os.path.relpath(split["folder"], tmp_path),
            split["images"],
            split["boxes"],
        )
        for split in found
    ] == LAYOUTS[layout]
    for split in found:
        assert [item["name"] for item in split["categories"]][-3:] == list(CLASSES)
        assert sum(item["boxes"] for item in split["categories"]) == split["boxes"]
        assert not any(split[key] for key in ("missing", "empty", "ignored", "astray", "repeated", "incomplete"))
        assert split["polygons"] == (0 if layout is as_roboflow else split["boxes"])


def test_files_and_folders_that_are_named_go_before_what_is_found(pipe: Pipe, tmp_path: Path) -> None:
    as_coco(tmp_path)
    own = put(tmp_path / "elsewhere" / "own.json", coco(1, 500), tmp_path / "pictures")
    asked = pipe.ask("dataset", path=str(tmp_path), given={"test": [str(own), str(tmp_path / "pictures")]})
    assert [split["images"] for split in asked["splits"]] == [4, 2, 1]
    alone = pipe.ask("dataset", given={"train": [str(own), None]})["splits"]
    assert {split["folder"] for split in alone} == {str(tmp_path / "pictures")}, "found beside the file's folder"
    file = pipe.ask("dataset", path=str(own))["splits"]
    assert [split["ann_file"] for split in file] == [str(own)] * 3


def broken(data: Coco) -> None:
    """Everything that can be wrong with entries, once or twice."""
    boxes = data["annotations"]
    boxes[0]["image_id"] = boxes[1]["image_id"] = 999
    boxes[2]["category_id"] = 999
    boxes[3]["bbox"] = [10, 10, 0.5, 20]
    boxes[4]["bbox"] = [500, 10, 20, 20]
    boxes[5]["iscrowd"] = 1
    boxes[6]["id"] = boxes[7]["id"]
    del boxes[8]["area"]
    boxes[9]["segmentation"] = {"counts": "abc", "size": [96, 128]}
    boxes[10]["segmentation"] = [[1, 1, 5, 5]]
    data["images"][6]["height"] = 31
    data["images"].append({"id": 7, "file_name": "nowhere.png", "width": 128, "height": 96})


def test_what_is_wrong_is_counted(pipe: Pipe, tmp_path: Path) -> None:
    data = coco(7)
    broken(data)
    put(tmp_path / "train.json", data, tmp_path / "images")
    (tmp_path / "images" / "nowhere.png").unlink()
    [found, *_] = pipe.ask("dataset", path=str(tmp_path))["splits"]
    assert (found["images"], found["annotations"], found["boxes"]) == (8, 14, 7)
    assert (found["polygons"], found["encoded"]) == (5, 1), "a polygon of two points cannot be drawn"
    assert found["astray"] == {"images": 2, "categories": 1}
    assert (found["empty"], found["ignored"]) == (2, 1)
    assert found["repeated"] == {"annotations": 1}
    assert found["incomplete"] == {"annotations without area": 1}
    assert (found["missing"], found["missing_example"]) == (1, str(tmp_path / "images" / "nowhere.png"))
    assert (found["small"], found["unlabelled"]) == (1, 2)


MISFORMED = [
    ("images", {"width": "200"}, "images without a usable width"),
    ("images", {"height": None, "width": None}, "images without width"),
    ("images", {"file_name": 7}, "images without a usable file_name"),
    ("images", {"id": [7]}, "images without a usable id"),
    ("annotations", {"area": "1600"}, "annotations without a usable area"),
    ("annotations", {"category_id": {"$oid": 5}}, "annotations without a usable category_id"),
    ("annotations", {"bbox": [1, 2, 3]}, "annotations without a usable bbox"),
    ("annotations", {"bbox": [1, 2, 3, "4"], "segmentation": None}, "annotations without a usable bbox"),
    ("annotations", {"category_id": 5.0}, ""),
    ("images", {"image_id": 0}, ""),
]
"""What is written into an entry, and what it is said to lack; nothing where mmdet takes it."""


@pytest.mark.parametrize(("kind", "written", "words"), MISFORMED)
def test_an_entry_is_told_by_the_field_that_is_wrong(
    pipe: Pipe, tmp_path: Path, kind: str, written: dict[str, Any], words: str
) -> None:
    data = coco(2)
    data[kind][0].update(written)
    put(tmp_path / "train.json", coco(2), tmp_path)
    (tmp_path / "train.json").write_text(json.dumps(data))
    [found, *_] = pipe.ask("dataset", path=str(tmp_path))["splits"]
    assert found["incomplete"] == ({words: 1} if words else {})


def test_entries_that_are_none_are_told_by_their_first_field(pipe: Pipe, tmp_path: Path) -> None:
    data: dict[str, Any] = coco(2)
    put(tmp_path / "train.json", coco(2), tmp_path)
    (tmp_path / "train.json").write_text(
        json.dumps({**data, "images": [*data["images"], 7, []], "annotations": [*data["annotations"], "x"]})
    )
    [found, *_] = pipe.ask("dataset", path=str(tmp_path))["splits"]
    assert found["incomplete"] == {"images without file_name": 2, "annotations without image_id": 1}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '{"images": [{}, {}], "annotations": [{}], "categories": []}',
            "2 images and 1 annotations, but no categories",
        ),
        ('{"images": [], "annota', "cannot be read as JSON"),
        ("[1, 2]", "is not in COCO's format: it has no list of images"),
        (None, "there is no such file or folder"),
    ],
)
def test_what_is_no_annotation_file_is_refused(pipe: Pipe, tmp_path: Path, text: str | None, words: str) -> None:
    file = tmp_path / "train.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(Failure, match=words) as failure:
        pipe.ask("dataset", path=str(file))
    assert str(file) in failure.value.text
    assert failure.value.code == -32000
    assert failure.value.trace == "", "what is refused is no fault of the probing half"


def test_images_and_files_that_cannot_be_found_are_asked_for(pipe: Pipe, tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no annotation file"):
        pipe.ask("dataset", path=str(tmp_path))
    put(tmp_path / "a" / "one.json", coco(2), tmp_path / "far" / "far" / "far" / "away")
    with pytest.raises(Failure, match="none of its 2 images is in .*such as 000.png.*train=FILE:FOLDER"):
        pipe.ask("dataset", path=str(tmp_path))
    put(tmp_path / "a" / "two.json", coco(2), tmp_path / "a")
    with pytest.raises(Failure, match="2 annotation files for train: .*one.json, .*two.json; name one with train=FILE"):
        pipe.ask("dataset", path=str(tmp_path))


def test_a_bad_file_is_refused_by_the_command_line_with_its_counts(stack: Any, tmp_path: Path) -> None:
    data = coco(4)
    data["annotations"][1]["id"] = 1
    put(tmp_path / "train.json", data, tmp_path)
    (tmp_path / "002.png").unlink()
    said = bbwizard("dataset", tmp_path, "--python", stack.python)
    assert said.status == 1
    assert "3 classes: cat, it's a dog, Füße" in said.out
    assert "1 of 4 images are not there, such as " + str(tmp_path / "002.png") in said.err
    assert "1 of 8 annotations have an id that another has" in said.err
    words = ["--base", "yolox/yolox_s_8x8_300e_coco.py", "--backbone", "mmcls/ShuffleNetV2", "--data", tmp_path]
    refused = bbwizard("write", "--python", stack.python, *words, "-o", tmp_path / "new.py")
    assert refused.status == 1
    assert "1 of 4 images are not there" in refused.err
    assert not (tmp_path / "new.py").exists()
