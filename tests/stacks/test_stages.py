"""Probes on both stacks: what the real libraries output, whatever their index base."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stacks.pipe import SOURCES, Failure, Pipe

SMALL = [256, 320]
"""The size that strides come from anyway: one forward pass less."""


@pytest.fixture(scope="module")
def pipe(stack: Any) -> Iterator[Pipe]:
    with Pipe(stack.python, {"OMP_NUM_THREADS": "2"}) as opened:
        yield opened


def probe(pipe: Pipe, kind: str, config: dict[str, Any], size: list[int] | None = None) -> Any:
    return pipe.ask("probe", name=kind, type=kind, config=config, input=size or SMALL, device="cpu")


def timm(pipe: Pipe, model: str, size: list[int] | None = None, **config: Any) -> Any:
    return probe(pipe, "mmcls.TIMMBackbone", {"model_name": model, "features_only": True, **config}, size)


def column(probed: Any, key: str) -> list[Any]:
    return [stage[key] for stage in probed["stages"]]


def test_shufflenet_v2_shows_all_four_stages(pipe: Pipe) -> None:
    probed = probe(pipe, "mmcls.ShuffleNetV2", {}, [640, 640])
    assert [tuple(stage.values()) for stage in probed["stages"]] == [
        (0, 116, 8, 80, 80),
        (1, 232, 16, 40, 40),
        (2, 464, 32, 20, 20),
        (3, 1024, 32, 20, 20),
    ]
    assert (probed["select"], probed["layout"], probed["fixed_input"], probed["pyramid"]) == (
        "out_indices",
        "NCHW",
        None,
        True,
    )
    assert (probed["device"], probed["input"], probed["config"]) == ("cpu", [640, 640], {})


def test_height_and_width_may_differ(pipe: Pipe) -> None:
    probed = probe(pipe, "mmcls.ShuffleNetV2", {}, [480, 800])
    assert list(zip(column(probed, "height"), column(probed, "width"), strict=True)) == [
        (60, 100),
        (30, 50),
        (15, 25),
        (15, 25),
    ]
    assert column(probed, "stride") == [8, 16, 32, 32]


def test_swin_is_what_this_mmcls_makes_of_it(stack: Any, pipe: Pipe) -> None:
    probed = probe(pipe, "mmcls.SwinTransformer", {"arch": "tiny"})
    told = list(zip(column(probed, "index"), column(probed, "channels"), column(probed, "stride"), strict=True))
    if stack.name == "2.24":
        assert told == [(0, 192, 8), (1, 384, 16), (2, 768, 32), (3, 768, 32)]
    else:
        assert told == [(0, 96, 4), (1, 192, 8), (2, 384, 16), (3, 768, 32)]
    assert probed["config"] == {"arch": "tiny", "pad_small_map": True}
    assert [cure["key"] for cure in probed["cures"]] == ["pad_small_map"]


def test_layers_are_indices_where_the_class_counts_layers(pipe: Pipe) -> None:
    probed = probe(pipe, "mmcls.MobileNetV3", {"arch": "small"})
    by_index = {stage["index"]: (stage["channels"], stage["stride"]) for stage in probed["stages"]}
    assert (by_index[3], by_index[8], by_index[11]) == ((24, 8), (48, 16), (96, 32))
    assert sorted(by_index) == list(range(13))


def test_vectors_are_cured_into_maps(pipe: Pipe) -> None:
    probed = probe(pipe, "mmcls.ConvNeXt", {"arch": "tiny"})
    assert column(probed, "channels") == [96, 192, 384, 768] and column(probed, "stride") == [4, 8, 16, 32]
    assert probed["config"]["gap_before_final_norm"] is False


def test_what_a_config_says_already_is_no_cure(pipe: Pipe) -> None:
    probed = probe(pipe, "mmcls.ConvNeXt", {"arch": "tiny", "gap_before_final_norm": False})
    assert probed["cures"] == []
    assert len(probed["stages"]) == 4


def test_the_selecting_keyword_is_no_part_of_the_config(pipe: Pipe) -> None:
    probed = probe(pipe, "ResNet", {"depth": 18, "out_indices": [1]})
    assert probed["config"] == {"depth": 18} and column(probed, "index") == [0, 1, 2, 3]


def test_timm_indices(pipe: Pipe) -> None:
    mobile = timm(pipe, "mobilenetv2_100")
    assert column(mobile, "index") == [0, 1, 2, 3, 4] and column(mobile, "stride") == [2, 4, 8, 16, 32]
    assert column(mobile, "channels")[2:] == [32, 96, 320]
    efficient = timm(pipe, "efficientnet_b1")
    assert column(efficient, "channels")[1:] == [24, 40, 112, 320] and column(efficient, "stride")[1:] == [4, 8, 16, 32]


def test_weights_of_a_config_are_never_fetched(pipe: Pipe) -> None:
    probed = timm(pipe, "mobilenetv2_100", pretrained=True)
    assert len(probed["stages"]) == 5


def test_channels_last_is_cured_where_timm_can(stack: Any, pipe: Pipe) -> None:
    if stack.name == "2.24":
        with pytest.raises(Failure, match="timm 0.6.13 declares no feature maps for SwinTransformer"):
            timm(pipe, "swin_tiny_patch4_window7_224")
        return
    probed = timm(pipe, "swin_tiny_patch4_window7_224")
    assert probed["layout"] == "NCHW" and column(probed, "channels") == [96, 192, 384, 768]
    assert probed["config"]["feature_cls"] == "getter" and probed["config"]["strict_img_size"] is False
    assert probed["pyramid"] is True


def test_inexact_maps_have_exact_strides(pipe: Pipe) -> None:
    assert column(timm(pipe, "inception_v3"), "stride") == [2, 4, 8, 16, 32]


def test_flat_backbones_are_no_pyramid(stack: Any, pipe: Pipe) -> None:
    probed = probe(pipe, "mmcls.VisionTransformer", {"arch": "deit-tiny"})
    assert probed["pyramid"] is False and probed["reason"] == "all its maps are at stride 16"
    assert set(column(probed, "channels")) == {192} and len(probed["stages"]) == 12
    if stack.name == "2.28":
        vit = timm(pipe, "vit_tiny_patch16_224")
        assert (vit["pyramid"], vit["reason"]) == (False, "all its maps are at stride 16")


def test_fixed_input_sizes_are_found_and_shown(stack: Any, pipe: Pipe) -> None:
    kind = {"2.24": ("mmcls.RepMLPNet", {"arch": "base"}), "2.28": ("mmcls.EfficientFormer", {"arch": "l1"})}[
        stack.name
    ]
    probed = probe(pipe, *kind, size=[640, 640])
    assert probed["fixed_input"] == [224, 224] == probed["input"]
    assert (probed["pyramid"], probed["reason"]) == (False, "it only accepts 224x224 images")
    assert [stage["height"] * stage["stride"] for stage in probed["stages"]] == [224] * 4


def test_a_backbone_without_selection_shows_what_it_outputs(pipe: Pipe) -> None:
    probed = probe(pipe, "mmcls.HRNet", {"arch": "w18"})
    assert probed["select"] is None and column(probed, "channels") == [18, 36, 72, 144]
    assert column(probed, "stride") == [4, 8, 16, 32]


def test_the_selecting_keyword_may_have_another_name(stack: Any, pipe: Pipe) -> None:
    probed = probe(pipe, "SSDVGG", {"depth": 16})
    assert probed["select"] == "out_feature_indices"
    assert {22: (512, 8), 34: (1024, 16)}.items() <= {
        s["index"]: (s["channels"], s["stride"]) for s in probed["stages"]
    }.items()
    if stack.name == "2.28":
        assert probe(pipe, "mmcls.MViT", {"arch": "tiny"})["select"] == "out_scales"


def test_what_a_backbone_says_of_classes_is_told_but_for_mmcvs_vgg_which_mmdet_passes_over(pipe: Pipe) -> None:
    assert probe(pipe, "mmcls.VGG", {"depth": 11})["class_counts"] == [-1]
    assert timm(pipe, "hrnet_w18_small")["class_counts"] == [0]
    assert probe(pipe, "SSDVGG", {"depth": 16})["class_counts"] == []
    assert timm(pipe, "resnet18")["class_counts"] == []


def test_indices_that_yield_nothing_are_no_stages(pipe: Pipe) -> None:
    assert column(probe(pipe, "mmcls.VGG", {"depth": 11}), "stride") == [2, 4, 8, 16, 32]


@pytest.mark.parametrize(
    ("kind", "config", "words"),
    [
        ("mmcls.NoSuchNet", {}, "mmcls.NoSuchNet is not registered by the installed mmcls"),
        ("ResNet", {"depth": 51}, "invalid depth 51 for resnet"),
        ("mmcls.ResNet", {}, "depth"),
        ("mmcls.LeNet5", {}, "expected input"),
        ("mmcls.TIMMBackbone", {"model_name": "no_such_net", "features_only": True}, "no_such_net"),
    ],
)
def test_a_failing_backbone_is_refused_in_the_librarys_words(
    pipe: Pipe, kind: str, config: dict[str, Any], words: str
) -> None:
    with pytest.raises(Failure, match=words) as caught:
        probe(pipe, kind, config)
    assert caught.value.code == -32000
    assert "\n" not in caught.value.text and "Traceback" not in caught.value.text


def test_an_image_that_is_too_small_is_refused(pipe: Pipe) -> None:
    with pytest.raises(Failure, match="inception_v3 refuses 32x32 images: "):
        pipe.ask(
            "probe",
            name="inception_v3",
            type="mmcls.TIMMBackbone",
            input=[32, 32],
            device="cpu",
            config={"model_name": "inception_v3", "features_only": True},
        )


def test_a_device_that_is_not_there_is_refused(pipe: Pipe) -> None:
    with pytest.raises(Failure, match="no device 'tpu'"):
        pipe.ask("probe", name="x", type="ResNet", config={"depth": 18}, input=SMALL, device="tpu")


def test_a_survey_says_what_a_probe_would(pipe: Pipe) -> None:
    def survey(kind: str, **config: Any) -> Any:
        return pipe.ask("survey", name=kind, type=kind, config=config)

    def verdict(kind: str, **config: Any) -> Any:
        told = survey(kind, **config)
        return told["pyramid"], told["reason"]

    surveyed, probed = survey("mmcls.ShuffleNetV2"), probe(pipe, "mmcls.ShuffleNetV2", {})
    assert {**surveyed, "seconds": 0} == {**probed, "seconds": 0, "device": "shapes"}
    assert verdict("mmcls.AlexNet") == (False, "it outputs one map only, at stride 32")
    assert verdict("mmcls.TNT", arch="small")[0] is False
    assert verdict("mmcls.Conformer", arch="tiny") == (False, "it outputs vectors, not feature maps")
    with pytest.raises(Failure, match="neither 256x320 nor 224x224"):
        survey("mmcls.LeNet5")


def every_backbone(python: str, *words: str) -> Any:
    """What `every_backbone.py` found in a training environment."""
    script = Path(__file__).with_name("every_backbone.py")
    environ = {**os.environ, "PYTHONPATH": str(SOURCES)}
    command = [python, "-W", "ignore", str(script), *words]
    printed = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, check=True).stdout
    return json.loads(printed.splitlines()[-1])


def sound(found: Any) -> dict[str, set[Any]]:
    """Each pyramid's strides by its class; asserts that a config gets the maps it was told."""
    assert {name: told["wrong"] for name, told in found.items() if told["wrong"]} == {}
    assert [name for name, told in found.items() if not told["pyramid"] and not told["reason"]] == []
    pyramids = {name.split("/")[1]: told["stages"] for name, told in found.items() if told["pyramid"]}
    return {name: {stride for _, _, stride in stages} for name, stages in pyramids.items()}


SLOW_AND_FLAT = ["mmcls.ConvMixer", "mmcls.DistilledVisionTransformer", "mmcls.T2T_ViT"]
"""A minute each on a CPU, for dozens of maps at one stride; `VisionTransformer` stands for them."""


def test_every_mmcls_class_is_understood(stack: Any) -> None:
    found = every_backbone(stack.python, "mmcls", "--but", *SLOW_AND_FLAT)
    pyramids = sound(found)
    fixed = {"EfficientFormer", "MlpMixer", "RepMLPNet", "TNT"}
    flat = {"AlexNet", "Conformer", "LeNet5", "VisionTransformer"}
    names = {name.split("/")[1] for name in found}
    assert names - set(pyramids) == (fixed | flat) & names
    from_8 = {"DenseNet", "ShuffleNetV1", "ShuffleNetV2"} | ({"SwinTransformer"} if stack.name == "2.24" else set())
    assert {name for name, strides in pyramids.items() if not strides >= {4, 8, 16, 32}} == from_8 | {"ResNet_CIFAR"}
    assert all(pyramids[name] == {8, 16, 32} for name in from_8)


def test_every_mmdet_class_is_understood(stack: Any) -> None:
    pyramids = sound(every_backbone(stack.python, "mmdet"))
    assert {name for name, strides in pyramids.items() if strides >= {8, 16, 32}} >= {
        "CSPDarknet",
        "Darknet",
        "EfficientNet",
        "HRNet",
        "MobileNetV2",
        "PyramidVisionTransformer",
        "PyramidVisionTransformerV2",
        "RegNet",
        "Res2Net",
        "ResNeSt",
        "ResNeXt",
        "ResNet",
        "SwinTransformer",
    }


TIMM = [
    "mobilenetv2_100",
    "efficientnet_b0",
    "mobilenetv3_small_050",
    "resnet18",
    "resnetv2_50",
    "regnetx_002",
    "hrnet_w18_small",
    "convnext_atto",
    "edgenext_xx_small",
    "mobilevit_xxs",
    "ghostnet_050",
    "rexnet_100",
    "vgg11",
    "densenet121",
    "dla34",
    "selecsls42",
    "inception_v3",
    "cspresnet50",
    "darknet53",
    "res2net50_26w_4s",
    "skresnet18",
    "xception41",
    "nf_resnet26",
    "swin_tiny_patch4_window7_224",
    "poolformer_s12",
    "pvt_v2_b0",
    "mambaout_femto",
    "levit_128s",
    "fastvit_t8",
    "repvit_m0_9",
    "tresnet_m",
]


def test_timm_families_are_understood(stack: Any) -> None:
    found = every_backbone(stack.python, "timm", *TIMM)
    pyramids = sound(found)
    assert len(found) >= 25
    unable = (
        {"levit_128s"}
        if stack.name == "2.28"
        else {"levit_128s", "poolformer_s12", "pvt_v2_b0", "swin_tiny_patch4_window7_224", "tresnet_m"}
    )
    assert {name.split("/")[1] for name in found} - set(pyramids) == unable & {name.split("/")[1] for name in found}
    assert all({8, 16, 32} <= strides for strides in pyramids.values())


def test_a_probe_that_is_no_longer_wanted_ends_amid_its_arithmetic(stack):
    """Cancelled while a network is under way that takes minutes, the next request is answered before those are over."""
    with Pipe(stack.python) as pipe:
        small = {"name": "a", "type": "mmcls.ShuffleNetV2", "config": {}, "input": [64, 64], "device": "cpu"}
        pipe.ask("probe", **small)
        assert pipe.process.stdin and pipe.process.stdout
        large = {**small, "type": "mmcls.ResNet", "config": {"depth": 152}, "input": [4096, 4096]}
        send(pipe, {"id": 77, "method": "probe", "params": large})
        assert json.loads(pipe.process.stdout.readline())["params"]["text"] == "showing it an image of 4096x4096"
        send(pipe, {"method": "$/cancel", "params": {"id": 77}})
        assert json.loads(pipe.process.stdout.readline())["error"]["code"] == -32001
        assert pipe.ask("probe", **small)["stages"]


def send(pipe: Pipe, message: dict[str, Any]) -> None:
    """One message, without waiting for an answer."""
    assert pipe.process.stdin
    pipe.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
    pipe.process.stdin.flush()
