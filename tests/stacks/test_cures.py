"""Each cure, on the library it is for: without it the backbone is of no use to a detector, with it it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from stacks.pipe import Failure, Pipe

SMALL = [256, 320]


@pytest.fixture(scope="module")
def pipe(stack: Any) -> Iterator[Pipe]:
    with Pipe(stack.python, {"OMP_NUM_THREADS": "2"}) as opened:
        yield opened


def probe(pipe: Pipe, kind: str, size: list[int] = SMALL, device: str = "cpu", **config: Any) -> Any:
    if kind.startswith("timm/"):
        kind, config = "mmcls.TIMMBackbone", {"model_name": kind[5:], "features_only": True, **config}
    return pipe.ask("probe", name=kind, type=kind, config=config, input=size, device=device)


def told(probed: Any) -> list[tuple[int, Any]]:
    return [(stage["channels"], stage["stride"]) for stage in probed["stages"]]


CURED = [
    # stack, backbone, its config, the cure, what the class does by default, what a probe says of that
    ("both", "mmcls.ConvNeXt", {"arch": "tiny"}, "gap_before_final_norm", True, "it outputs vectors, not feature maps"),
    ("2.28", "mmcls.HorNet", {"arch": "tiny"}, "gap_before_final_norm", True, "it outputs vectors, not feature maps"),
    ("2.28", "timm/vit_tiny_patch16_224", {}, "dynamic_img_size", False, "it only accepts 224x224 images"),
    ("2.28", "timm/swin_tiny_patch4_window7_224", {}, "strict_img_size", True, "it only accepts 224x224 images"),
    (
        "2.28",
        "timm/eva02_tiny_patch14_224",
        {},
        "dynamic_img_pad",
        False,
        "it takes 224x224 images, but refuses 256x320",
    ),
    ("2.28", "timm/mambaout_femto", {}, "feature_cls", "list", "its maps leave channels last (NHWC)"),
]


@pytest.mark.parametrize(("on", "kind", "config", "key", "default", "words"), CURED)
def test_a_cure_takes_away_what_the_default_does(
    stack: Any, pipe: Pipe, on: str, kind: str, config: dict[str, Any], key: str, default: Any, words: str
) -> None:
    if on not in ("both", stack.name):
        pytest.skip("not of this stack's libraries")
    without = probe(pipe, kind, **config, **{key: default})
    assert without["pyramid"] is False and without["reason"].startswith(words)
    cured = probe(pipe, kind, **config)
    assert key in [cure["key"] for cure in cured["cures"]] and cured["config"][key] != default
    assert not cured["reason"].startswith(words)
    assert cured["fixed_input"] is None


def test_a_flattened_last_map_is_cured(stack: Any, pipe: Pipe) -> None:
    if stack.name == "2.24":
        pytest.skip("EfficientFormer came with mmcls 0.24")
    assert len(told(probe(pipe, "mmcls.EfficientFormer", arch="l1", reshape_last_feat=False))) == 3
    assert told(probe(pipe, "mmcls.EfficientFormer", arch="l1")) == [(48, 4), (96, 8), (224, 16), (448, 32)]


def test_maps_smaller_than_the_window_are_cured(stack: Any, pipe: Pipe) -> None:
    if stack.name == "2.24":
        pytest.skip("SwinTransformerV2 came with mmcls 0.24")
    with pytest.raises(Failure, match="smaller than the window"):
        probe(pipe, "mmcls.SwinTransformerV2", [224, 224], arch="tiny", pad_small_map=False)
    assert told(probe(pipe, "mmcls.SwinTransformerV2", [224, 224], arch="tiny"))[-1] == (768, 32)


@pytest.mark.parametrize("device", ["cpu", "auto"])
def test_sides_that_patches_do_not_divide_are_cured(stack: Any, pipe: Pipe, device: str) -> None:
    if stack.name == "2.24":
        pytest.skip("timm's transformers give no features there")
    uneven = [250, 333]
    with pytest.raises(Failure, match="should be divisible by patch size"):
        probe(pipe, "timm/vit_tiny_patch16_224", uneven, device, dynamic_img_pad=False)
    cured = probe(pipe, "timm/vit_tiny_patch16_224", uneven, device)
    assert {"dynamic_img_size", "dynamic_img_pad"} == {cure["key"] for cure in cured["cures"]}
    assert {(stage["stride"], stage["height"], stage["width"]) for stage in cured["stages"]} == {(16, 16, 21)}


def test_poolformers_positions_are_told_apart_by_stride(pipe: Pipe) -> None:
    probed = probe(pipe, "mmcls.PoolFormer", arch="s12")
    deepest = {stage["stride"]: stage["index"] for stage in probed["stages"]}
    assert deepest == {4: 0, 8: 2, 16: 4, 32: 6}


def test_what_only_its_own_detector_can_use_is_no_pyramid(pipe: Pipe) -> None:
    trident = {"depth": 50, "num_branch": 3, "test_branch_idx": 1, "trident_dilations": [1, 2, 3], "num_stages": 3}
    probed = probe(pipe, "TridentResNet", **trident, strides=[1, 2, 2], dilations=[1, 1, 1])
    assert probed["pyramid"] is False and "TridentNet's own head" in probed["reason"]


def test_a_hybrid_is_its_transformer_not_its_stem(stack: Any, pipe: Pipe) -> None:
    entries = {entry["name"]: entry for entry in pipe.ask("catalog", source="timm")}
    hybrid = entries["timm/vit_small_resnet26d_224"]
    if stack.name == "2.28":
        assert hybrid["family"] == "timm.vision_transformer_hybrid.VisionTransformer"
    else:
        assert hybrid["reason"] == "features_only not implemented for Vision Transformer models"


@pytest.mark.parametrize(
    ("kind", "config", "takes", "norms", "transformer"),
    [
        ("ResNet", {"depth": 18}, {"frozen_stages", "norm_eval", "with_cp"}, {"BatchNorm2d": 20}, False),
        ("timm/gcresnet33ts", {}, {"drop_path_rate"}, {"BatchNorm2d": 38, "LayerNorm": 10}, False),
        ("timm/mobilevit_xxs", {}, {"drop_path_rate"}, {"BatchNorm2d": 32, "LayerNorm": 21}, True),
        ("timm/convnext_atto", {}, {"drop_path_rate"}, {"LayerNorm": 16}, True),
        ("mmcls.PoolFormer", {"arch": "s12"}, {"frozen_stages", "drop_path_rate"}, {"GroupNorm": 31}, True),
        ("timm/nf_resnet26", {}, {"drop_path_rate"}, {}, False),
    ],
)
def test_a_probe_says_how_a_backbone_is_trained(
    stack: Any, pipe: Pipe, kind: str, config: dict[str, Any], takes: set[str], norms: dict[str, int], transformer: bool
) -> None:
    probed = probe(pipe, kind, **config)
    if stack.name == "2.28":
        assert (set(probed["takes"]), probed["norms"]) == (takes, norms)
    assert probed["transformer"] is transformer


@pytest.mark.parametrize(
    ("kind", "config", "held"),
    [
        ("ResNet", {"depth": 18}, True),
        ("Darknet", {"depth": 53}, True),
        ("mmcls.ResNet", {"depth": 18}, False),
        ("mmcls.Conformer", {"arch": "tiny"}, False),  # its `norm_eval` is True, and nothing reads it
        ("timm/mobilevit_xxs", {}, False),
    ],
)
def test_a_probe_says_how_many_batch_norms_train(pipe: Pipe, kind: str, config: dict[str, Any], held: bool) -> None:
    probed = probe(pipe, kind, **config)
    layers = probed["norms"]["BatchNorm2d"]
    assert probed["training_norms"] == (0 if held else layers)


SHAPES_ALONE = [
    "mmcls.ShuffleNetV2",
    "mmcls.SwinTransformer",
    "mmcls.DenseNet",
    "timm/mobilenetv2_100",
    "timm/vit_tiny_patch16_224",
    "timm/convnext_atto",
    "timm/nf_resnet26",
    "timm/mobilevit_xxs",
    "timm/sequencer2d_s",
    "timm/mvitv2_tiny",
    "timm/levit_128s",
]
"""What takes any image and what does not: the last two refuse this one, over an index and over a sum of two shapes."""


@pytest.mark.parametrize("kind", SHAPES_ALONE)
def test_shapes_alone_are_those_of_a_real_image(pipe: Pipe, kind: str) -> None:
    real, alone = outcome(pipe, kind, "cpu"), outcome(pipe, kind, "auto")
    assert alone == real


def outcome(pipe: Pipe, kind: str, device: str) -> Any:
    """What a probe says, without what depends on how it was made; the words of a refusal."""
    try:
        found = probe(pipe, kind, [160, 224], device)
    except Failure as refusal:
        return str(refusal)
    return {**found, "device": "", "seconds": 0}


def test_shapes_alone_need_no_arithmetic(stack: Any, pipe: Pipe) -> None:
    assert probe(pipe, "mmcls.ShuffleNetV2", device="auto")["device"] == "shapes"
    assert probe(pipe, "timm/resnet18", device="auto")["device"] == "shapes"
    deformed = {"sac": {"type": "SAC", "use_deform": True}, "stage_with_sac": [False, True, True, True]}
    deformed.update(depth=50, conv_cfg={"type": "ConvAWS"})
    alone, run = (probe(pipe, "DetectoRS_ResNet", device=device, **deformed) for device in ("auto", "cpu"))
    assert (alone["device"], run["device"]) == ("shapes", "cpu")
    assert (alone["stages"], alone["macs"]) == (run["stages"], run["macs"])
