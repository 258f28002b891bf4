"""The data pipelines of a config under a check, on both stacks, which lack albumentations and instaboostfast."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stacks.pipe import Pipe

SMALL = "model = dict(backbone=dict(depth=18, init_cfg=None), neck=dict(in_channels=[64, 128, 256, 512]))"
LACKING = "instaboost/mask_rcnn_r50_fpn_instaboost_4x_coco.py", "albu_example/mask_rcnn_r50_fpn_albu_1x_coco.py"
RETINANET = "retinanet/retinanet_r50_fpn_1x_coco.py"
ALONE = {
    "wrapped": (
        "data = dict(train=dict(_delete_=True, type='RepeatDataset', times=2, dataset=dict(type='CocoDataset', "
        "ann_file='no.json', pipeline=[dict(type='LoadImageFromFile'), dict(type='Nothing')])))",
        "data.train.dataset.pipeline: KeyError: Nothing is not in the pipeline registry",
    ),
    "wrapper": (
        "data = dict(train=dict(_delete_=True, type='MultiImageMixDataset', pipeline=[dict(type='Nothing')], "
        "dataset=dict(type='CocoDataset', ann_file='no.json', pipeline=[dict(type='LoadImageFromFile')])))",
        "data.train.pipeline: KeyError: Nothing is not in the pipeline registry",
    ),
    "validation": (
        "data = dict(val=dict(pipeline=[dict(type='Albu', transforms=[])]))",
        "data.val.pipeline: RuntimeError: Albu: albumentations is not installed; {python} -m pip install albu",
    ),
    "nested": (
        "data = dict(test=dict(pipeline=[dict(type='MultiScaleFlipAug', img_scale=(9, 9), "
        "transforms=[dict(type='Resize', no_such=1)])]))",
        "data.test.pipeline: TypeError: MultiScaleFlipAug: Resize: ",
    ),
}


@pytest.fixture(scope="module")
def pipe(stack: Any) -> Iterator[Pipe]:
    with Pipe(stack.python, {"OMP_NUM_THREADS": "1"}) as opened:
        yield opened


@pytest.fixture
def check(pipe: Pipe, tmp_path: Path) -> Any:
    """Check a child of a packaged config."""
    packaged = {item["name"]: item["path"] for item in pipe.ask("bases", roots=[])}

    def ask(parent: str, text: str) -> Any:
        file = tmp_path / "child.py"
        file.write_text(f"_base_ = [{packaged[parent]!r}]\n{text}\n")
        return pipe.ask("check", path=str(file), device="cpu")

    return ask


@pytest.mark.parametrize("case", ALONE)
def test_a_transform_that_cannot_be_built_fails_the_check(check: Any, stack: Any, case: str) -> None:
    text, error = ALONE[case]
    answer = check(RETINANET, f"{SMALL}\n{text}")
    assert (answer["ok"], answer["stage"], answer["base_error"]) == (False, "pipeline", "")
    assert answer["error"].startswith(error.format(python=stack.python))
    assert answer["loss"] > 0


@pytest.mark.parametrize("base", LACKING)
def test_a_library_that_the_base_lacks_too_is_not_the_swaps(check: Any, base: str) -> None:
    answer = check(base, SMALL)
    assert (answer["ok"], answer["stage"], answer["proved"]) == (True, "", "step")
    assert "pip install" in answer["base_error"]
    assert answer["strides"]["found"] == answer["strides"]["expected"]


def test_what_the_config_lacks_beside_its_base_is_its_own(check: Any) -> None:
    answer = check(LACKING[0], f"{SMALL}\n{ALONE['validation'][0]}")
    assert (answer["ok"], answer["stage"], answer["base_error"]) == (False, "pipeline", "")
    assert "data.train.pipeline: ImportError: InstaBoost: " in answer["error"]
    assert "; and data.val.pipeline: RuntimeError: Albu: " in answer["error"]
