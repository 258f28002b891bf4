"""What `--json` prints is what `bbwizard schema` promises; all that the stacks' tests read is held to it too."""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from answered import agrees
from bbwizard import grammar, schemas
from bbwizard.arguments import parser
from bbwizard.cli import run
from bbwizard.commands.common import put_json

RETINANET = "retinanet_r50_fpn_1x_coco"
PRESET = "bbwizard: 1\nbase: b.py\nbackbone: mmcls/ResNet/50\ntags: [small]\nnote: Why\n"


def commands() -> dict[str, argparse.ArgumentParser]:
    [found] = [action for action in parser()._actions if isinstance(action, argparse._SubParsersAction)]
    return dict(found.choices)


def test_every_command_with_json_has_a_schema_and_no_other():
    with_json = {name for name, command in commands().items() if "--json" in command._option_string_actions}
    assert with_json == set(grammar.ANSWERING) == set(schemas.ANSWERS)


@pytest.mark.parametrize("command", grammar.ANSWERING)
def test_a_schema_is_one(command, capsys):
    assert run(["schema", command]) == 0
    told = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(told)
    assert told["title"] == f"bbwizard {command} --json"


def test_all_schemas_are_printed_by_command(capsys):
    assert run(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == {name: schemas.schema(name) for name in grammar.ANSWERING}


def test_an_answer_with_a_key_too_many_or_too_few_is_seen():
    page = {"name": "a", "origin": "b", "path": "c", "summary": "d", "error": "", "tags": [], "note": ""}
    agrees("presets", [page])
    for wrong in ({**page, "more": 1}, {**page, "tags": "x"}, {key: page[key] for key in list(page)[1:]}):
        with pytest.raises(ValidationError):
            agrees("presets", [wrong])


def test_json_has_no_nan_and_no_infinity_whatever_is_put_there(capsys):
    put_json({"a": [math.nan, 1.5, {"b": math.inf}], "c": (-math.inf, 10**30), "NaN": "Infinity"})
    told = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert told == {"a": [None, 1.5, {"b": None}], "c": [None, 10**30], "NaN": "Infinity"}


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    """A data set of one image, without the image."""
    folder = tmp_path / "coco"
    (folder / "images").mkdir(parents=True)
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 1, 9, 9], "area": 81, "iscrowd": 0}
    held = {"images": [{"id": 1, "file_name": "1.jpg", "width": 20, "height": 20}], "annotations": [box]}
    (folder / "train.json").write_text(json.dumps({**held, "categories": [{"id": 1, "name": "cat"}]}))
    return folder


ASKED: list[tuple[str, list[str], int]] = [
    ("bases", ["retinanet_r"], 0),
    ("bases", ["retinanet_r", "--names"], 0),
    ("backbones", ["mobilenetv2_1*"], 0),
    ("backbones", ["resnet1*", "--fits", RETINANET], 0),
    ("probe", ["mmcls/ShuffleNetV2"], 0),
    ("compare", ["timm/resnet50", "mmcls/ConvNeXt/tiny", "--base", RETINANET], 0),
    ("write", ["--base", RETINANET, "--backbone", "timm/resnet50", "-o", "FOLDER/new.py"], 0),
    ("write", ["--base", RETINANET, "--backbone", "mmcls/ResNet/50", "--weights", "none", "-o", "FOLDER/new.py"], 0),
    ("candidates", ["timm/resnet50", "timm/vit_base_patch16_224", "--base", RETINANET, "-o", "FOLDER/c"], 1),
    ("dataset", ["train=FOLDER/coco/train.json:FOLDER/coco/images"], 1),
    ("presets", [], 0),
    ("presets", ["--diff", "yolov3-swin-tiny", "FOLDER/mine.yaml"], 0),
    ("presets", ["--changed", "yolov3-swin-tiny"], 0),
]


@pytest.mark.parametrize(("command", "words", "status"), ASKED, ids=[" ".join([c, *w[:2]]) for c, w, _ in ASKED])
def test_what_comes_out_of_the_atlas_is_as_its_schema_says(command, words, status, tmp_path, coco, capsys):
    (tmp_path / "mine.yaml").write_text(PRESET)
    words = [word.replace("FOLDER", str(tmp_path)) for word in words]
    assert run([command, *words, "--json", "--atlas", "--mmdet-root", "/home/me/mmdetection"]) == status
    told: Any = json.loads(capsys.readouterr().out)
    assert told
    agrees(command, told)
