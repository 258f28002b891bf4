"""The written text: what stands in it, how it looks, that it means what was decided."""

from __future__ import annotations

import ast
from dataclasses import replace
from pathlib import Path

import pytest
from facts import ENTRY, ENVIRONMENT, RETINANET, SHUFFLENET, TIMM_ENTRY, YOLOX, base, probe
from hypothesis import given
from hypothesis import strategies as st

from bbprobe.protocol import Slot
from bbwizard.edits import child
from bbwizard.errors import NotWritable, Unknown
from bbwizard.findings import Edit
from bbwizard.literals import WIDTH, assignment
from bbwizard.plan import base_reference, file_name, make
from bbwizard.recipe import Recipe
from bbwizard.resolved import Resolved

RECIPE = Recipe(base=YOLOX.name, backbone=ENTRY.name)


def text_of(plan, output="/work/cfg.py", checkout=None):
    return plan.text(ENVIRONMENT, Path(output), checkout)


def values(text):
    """What the config sets: it is literals and `dict()` calls alone, so it can be evaluated."""
    scope = {}
    exec(compile(ast.parse(text), "config", "exec"), {"__builtins__": {"dict": dict, "float": float}}, scope)
    return scope


def test_the_whole_text():
    assert text_of(make(RECIPE, YOLOX, ENTRY, SHUFFLENET)) == (
        "# YOLOX with mmcls/ShuffleNetV2 in place of CSPDarknet; stages 0 (/8), 1 (/16), 3 (/32)\n"
        "# Written by bbwizard, probed at 640x640 on cpu, torch 2.4.1, mmdet 2.28.2, mmcls 0.25.0\n"
        "_base_ = '/env/configs/yolox/yolox_s_8x8_300e_coco.py'\n"
        "custom_imports = dict(imports=['mmcls.models'], allow_failed_imports=False)\n"
        "model = dict(\n"
        "    backbone=dict(\n"
        "        _delete_=True,\n"
        "        type='mmcls.ShuffleNetV2',\n"
        "        out_indices=(0, 1, 3)),\n"
        "    neck=dict(in_channels=[116, 232, 1024]))\n"
    )


def test_weights_follow_the_base():
    from_scratch = values(text_of(make(RECIPE, YOLOX, ENTRY, SHUFFLENET)))
    assert "init_cfg" not in from_scratch["model"]["backbone"]
    pretrained = values(text_of(make(RECIPE, RETINANET, ENTRY, SHUFFLENET)))
    assert pretrained["model"]["backbone"]["init_cfg"] == {
        "type": "Pretrained",
        "checkpoint": "https://example.org/shufflenet_v2.pth",
        "prefix": "backbone.",
    }
    assert pretrained["model"]["neck"]["start_level"] == 0


def test_timm_loads_by_tag_or_through_pretrained_cfg():
    mobilenet = probe(
        (2, 32, 8), (3, 96, 16), (4, 320, 32), backbone=TIMM_ENTRY.name, type=TIMM_ENTRY.type, config=TIMM_ENTRY.config
    )
    by_tag = values(text_of(make(replace(RECIPE, weights="ra_in1k"), YOLOX, TIMM_ENTRY, mobilenet)))["model"][
        "backbone"
    ]
    assert by_tag["model_name"] == "mobilenetv2_100.ra_in1k"
    assert by_tag["pretrained"] is True
    by_file = values(text_of(make(replace(RECIPE, weights="/w/m.pth"), YOLOX, TIMM_ENTRY, mobilenet)))["model"][
        "backbone"
    ]
    assert by_file["pretrained_cfg"] == {"file": "/w/m.pth"}
    assert by_file["features_only"] is True


def test_unknown_weights_are_named():
    with pytest.raises(Unknown, match="no weights 'imagenet22k'"):
        make(replace(RECIPE, weights="imagenet22k"), YOLOX, ENTRY, SHUFFLENET)


def test_custom_imports_are_united_and_old_weights_neutralised():
    own = base(
        *[(level.stride, level.channels) for level in YOLOX.levels],
        custom_imports=["my.code"],
        neutralise=[["load_from"], ["model", "pretrained"]],
    )
    config = values(text_of(make(RECIPE, own, ENTRY, SHUFFLENET)))
    assert config["custom_imports"] == {"imports": ["my.code", "mmcls.models"]}, "what may fail, the base says"
    assert config["load_from"] is None
    assert config["model"]["pretrained"] is None


def test_a_value_inside_of_what_was_replaced_is_left_out_where_its_place_has_gone():
    sgd = {"type": "SGD", "paramwise_cfg": {"custom_keys": {"backbone": {"lr_mult": 0.1}}}}
    adamw = Edit(("optimizer",), {"type": "AdamW", "lr": 0.1}, replace=True)
    deep = Edit(("optimizer", "paramwise_cfg", "custom_keys", "backbone", "lr_mult"), 1.0)
    whole = {"_delete_": True, "type": "AdamW", "lr": 0.1}
    assert child([adamw, deep], Resolved(repr({"optimizer": sgd}))) == {"optimizer": whole}
    rate = Edit(("optimizer", "lr"), 0.2)
    assert child([adamw, deep, rate], Resolved(repr({"optimizer": sgd}))) == {"optimizer": {**whole, "lr": 0.2}}


def test_a_list_of_necks_is_written_whole():
    necks = [{"type": "FPN", "in_channels": [256, 512, 1024], "num_outs": 3}, {"type": "BFP", "num_levels": 3}]
    listed = base(
        (8, 256),
        (16, 512),
        (32, 1024),
        slots=[Slot(["neck", 0, "in_channels"], "list", "list")],
        resolved=repr({"model": {"backbone": {"type": "Old"}, "neck": necks}}),
    )
    config = values(text_of(make(RECIPE, listed, ENTRY, SHUFFLENET)))
    assert config["model"]["neck"] == [{"type": "FPN", "in_channels": [116, 232, 1024], "num_outs": 3}, necks[1]]
    assert necks[0]["in_channels"] == [256, 512, 1024]


def test_what_would_not_train_is_refused_and_an_override_says_so_in_the_file():
    wrong = replace(RECIPE, stages=(1, 2, 3))
    plan = make(wrong, YOLOX, ENTRY, SHUFFLENET)
    with pytest.raises(NotWritable, match="strides 16, 32, 32 against 8, 16, 32: level 0") as refusal:
        plan.refuse()
    assert refusal.value.hint == "stages 0,1,3 would work"
    overridden = make(replace(wrong, override=True), YOLOX, ENTRY, SHUFFLENET)
    overridden.refuse()
    assert "# WARNING: written against advice: level 0 (stride 8) gets stage 1" in text_of(overridden)
    assert {caution.code for caution in overridden.findings} == {"stride", "repeated"}


def test_indices_that_are_not_there_are_named():
    with pytest.raises(NotWritable, match="has no stage 7"):
        make(replace(RECIPE, stages=(0, 7)), YOLOX, ENTRY, SHUFFLENET)


def test_base_is_relative_inside_a_checkout_and_absolute_otherwise():
    root = Path("/home/me/mmdetection")
    inside = root / "configs/yolox/yolox_s.py"
    assert base_reference(inside, root / "configs/mine/new.py", root) == "../yolox/yolox_s.py"
    assert base_reference(inside, Path("/tmp/new.py"), root) == str(inside)
    assert base_reference(Path("/env/y.py"), root / "configs/new.py", root) == "/env/y.py"


def test_file_names_are_plain():
    assert file_name(YOLOX, TIMM_ENTRY) == "yolox_s_8x8_300e_coco_mobilenetv2_100.py"


literals = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=60),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=12) | st.integers(), inner, max_size=5)
    ),
    max_leaves=25,
)


@given(value=literals)
def test_a_literal_evaluates_to_what_was_meant(value):
    scope = {}
    exec(assignment("value", value), {"__builtins__": {"dict": dict, "float": float}}, scope)
    assert scope["value"] == value
    assert type(scope["value"]) is type(value)


@given(
    value=st.dictionaries(
        st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.lists(st.integers(0, 4096), max_size=6), max_size=6
    )
)
def test_lines_stay_within_the_width(value):
    assert all(len(line) <= WIDTH for line in assignment("model", {"neck": {"inner": value}}).splitlines())


def test_a_refusal_that_is_not_about_strides_says_nothing_of_them():
    plan = make(RECIPE, YOLOX, ENTRY, replace(SHUFFLENET, pyramid=False, reason="it only accepts 224x224 images"))
    with pytest.raises(NotWritable) as refusal:
        plan.refuse()
    assert "it only accepts 224x224 images" in refusal.value.text and "strides" not in refusal.value.text
    assert refusal.value.hint == "choose another backbone"
