"""Configs are taken apart into recipes: bbwizard's own give the same bytes again, those of people their swap."""

from __future__ import annotations

from pathlib import Path

import pytest

from bbwizard.adopting import Recovered, adopt
from bbwizard.errors import NotWritable
from bbwizard.recipe import Recipe
from bbwizard.session import Session
from stacks.coco_sets import as_coco
from stacks.stack import Stack

RETINANET = "retinanet/retinanet_r50_fpn_1x_coco.py"
YOLOX = "yolox/yolox_s_8x8_300e_coco.py"
FASTER = "faster_rcnn/faster_rcnn_r50_fpn_1x_coco.py"
DETR = "detr/detr_r50_8x2_150e_coco.py"
SWIN, MOBILE = "mmcls/SwinTransformer/tiny", "timm/mobilenetv2_100"

WRITTEN = [
    Recipe(RETINANET, SWIN, fixes=("adamw",), input=(608, 800)),
    Recipe(YOLOX, MOBILE, leave=("normalisation",)),
    Recipe(FASTER, MOBILE, stages=(1, 2, 3, 4), weights="none"),
    Recipe(DETR, SWIN),
    Recipe(RETINANET, MOBILE, data=("pets",)),
]

BY_HAND = {
    "swin.py": """
_base_ = [
    'CONFIGS/_base_/models/retinanet_r50_fpn.py',
    'CONFIGS/_base_/datasets/coco_detection.py',
    'CONFIGS/_base_/schedules/schedule_1x.py', 'CONFIGS/_base_/default_runtime.py'
]
# please install mmcls
custom_imports = dict(imports=['mmcls.models'], allow_failed_imports=False)
checkpoint_file = 'https://example.org/swin_tiny.pth'
model = dict(
    backbone=dict(
        _delete_=True,
        type='mmcls.SwinTransformer',
        arch='tiny',
        out_indices=INDICES,
        drop_path_rate=0.1,
        init_cfg=dict(type='Pretrained', checkpoint=checkpoint_file, prefix='backbone.')),
    neck=dict(in_channels=[192, 384, 768], start_level=0))
optimizer = dict(_delete_=True, type='AdamW', lr=0.0001, weight_decay=0.05)
""",
    "timm.py": """
_base_ = 'CONFIGS/faster_rcnn/faster_rcnn_r50_fpn_1x_coco.py'
custom_imports = dict(imports=['mmcls.models'], allow_failed_imports=False)
model = dict(
    backbone=dict(
        _delete_=True,
        type='mmcls.TIMMBackbone',
        model_name='efficientnet_b1',
        features_only=True,
        pretrained=True,
        out_indices=(1, 2, 3, 4)),
    neck=dict(in_channels=[24, 40, 112, 320]))
""",
    "r101.py": """
_base_ = 'CONFIGS/retinanet/retinanet_r50_fpn_1x_coco.py'
model = dict(
    backbone=dict(depth=101, init_cfg=dict(type='Pretrained', checkpoint='torchvision://resnet101')))
data = dict(samples_per_gpu=4)
""",
    "own.py": """
_base_ = 'CONFIGS/retinanet/retinanet_r50_fpn_1x_coco.py'
model = dict(backbone=dict(_delete_=True, type='SSDVGG', depth=19), neck=dict(in_channels=[512, 1024]))
""",
}


async def test_configs_are_taken_apart(stack: Stack, tmp_path: Path) -> None:
    sitting = Session(folder=tmp_path)
    try:
        await sitting.open(stack.python)
        await what_bbwizard_wrote_is_written_again_the_same(sitting)
        await what_people_wrote_is_recovered_and_the_rest_is_said(sitting, stack)
    finally:
        await sitting.close()


async def what_bbwizard_wrote_is_written_again_the_same(sitting: Session) -> None:
    as_coco(sitting.folder / "pets")
    for number, recipe in enumerate(WRITTEN):
        path = sitting.folder / f"{number}.py"
        sitting.decide(recipe=recipe)
        plan = await sitting.weighed(await sitting.work_out())
        sitting.put(plan, path)
        sitting.decide(recipe=Recipe())
        found = await adopt(sitting, path)
        assert (found.recipe.base, found.recipe.backbone) == (recipe.base, recipe.backbone)
        assert (found.plan.stages, found.recipe.input) == (plan.stages, recipe.input)
        assert found.lost == ()
        assert found.notes == ()
        assert sitting.text(found.plan, path) == path.read_text("utf-8"), recipe


async def what_people_wrote_is_recovered_and_the_rest_is_said(sitting: Session, stack: Stack) -> None:
    indices = {"2.28": "(1, 2, 3)", "2.24": "(0, 1, 2)"}[stack.name]
    for name, text in BY_HAND.items():
        here = text.replace("CONFIGS", str(sitting.facts.configs)).replace("INDICES", indices)
        (sitting.folder / name).write_text(here)

    swin = await adopt(sitting, Path("swin.py"))
    assert (swin.recipe.base, swin.recipe.backbone) == (RETINANET, SWIN)
    assert swin.plan.wiring.channels == (192, 384, 768)
    assert swin.recipe.weights == "https://example.org/swin_tiny.pth"
    assert "adamw" in swin.recipe.fixes
    assert f"nearest: {RETINANET}" in swin.notes[0]
    assert "model.backbone.drop_path_rate" in keys(swin)
    assert not any(key.startswith(("model.neck", "model.bbox_head", "data.")) for key in keys(swin))

    timm = await adopt(sitting, Path("timm.py"))
    assert (timm.recipe.base, timm.recipe.backbone) == (FASTER, "timm/efficientnet_b1")
    assert timm.plan.stages == (1, 2, 3, 4)
    entry = await sitting.entry("timm/efficientnet_b1")
    assert timm.recipe.weights == entry.weights[0].name
    assert timm.notes == ()

    r101 = await adopt(sitting, Path("r101.py"))
    assert (r101.recipe.base, r101.recipe.backbone) == (RETINANET, "mmdet/ResNet/101")
    assert r101.plan.stages == (0, 1, 2, 3)
    assert r101.recipe.weights == "resnet101"
    assert "data.samples_per_gpu is 4, and would be 2" in [one.text for one in r101.lost]

    with pytest.raises(NotWritable, match="SSDVGG"):
        await adopt(sitting, Path("own.py"))


def keys(found: Recovered) -> set[str]:
    """The keys that a recipe does not bring back."""
    return {one.key for one in found.lost}
