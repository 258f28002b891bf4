"""The catalogs of both stacks: what the installed libraries offer, with weights that fit."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from stacks.pipe import Failure, Pipe

Entries = dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def pipe(stack: Any) -> Iterator[Pipe]:
    with Pipe(stack.python) as opened:
        yield opened


@pytest.fixture(scope="module")
def catalogs(pipe: Pipe) -> dict[str, Entries]:
    found = {}
    for source in ("mmcls", "timm", "mmdet"):
        entries = pipe.ask("catalog", source=source)
        assert not [name for name, count in Counter(entry["name"] for entry in entries).items() if count > 1]
        assert all(entry["name"].startswith(source + "/") and entry["source"] == source for entry in entries)
        found[source] = {entry["name"]: entry for entry in entries}
    return found


def inside(python: str, code: str) -> Any:
    """What `code` prints as JSON on its last line, run by the training environment's own Python."""
    printed = subprocess.run([python, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True).stdout
    return json.loads(printed.splitlines()[-1])


def test_no_such_catalog_is_said(pipe: Pipe) -> None:
    with pytest.raises(Failure, match="no catalog 'torchvision': it is one of mmcls, timm, mmdet"):
        pipe.ask("catalog", source="torchvision")


def test_weights_that_are_not_for_any_use_say_so_though_an_old_timm_does_not(catalogs: dict[str, Entries]) -> None:
    told = {one["checkpoint"]: one["licence"] for entry in catalogs["timm"].values() for one in entry["weights"]}
    for named, licence in (
        (r"(ssl|swsl|ig)_resne|.*\.fb_(ssl|swsl|wsl)_", "cc-by-nc-4.0"),
        (r"mobilevit(v2)?_[a-z\d]+(_384)?(_in22ft1k)?$|mobilevit.*\.cvnets_", "cvnets-license"),
    ):
        licences = [found for checkpoint, found in told.items() if re.match(named, checkpoint)]
        assert len(licences) >= 15 and set(licences) == {licence}


def test_every_mmcls_backbone_class_is_there(stack: Any, catalogs: dict[str, Entries]) -> None:
    listed = inside(
        stack.python,
        "import json, mmcls.models.backbones as b; from mmcls.models import BACKBONES;"
        "print(json.dumps([n for n in b.__all__ if n in BACKBONES.module_dict]))",
    )
    types = {entry["type"] for entry in catalogs["mmcls"].values()}
    assert types == {"mmcls." + name for name in listed if name != "TIMMBackbone"}


def test_mmcls_archs_come_from_the_class_under_their_longest_name(catalogs: dict[str, Entries]) -> None:
    names = catalogs["mmcls"]
    swins = {name.split("/")[2] for name in names if name.startswith("mmcls/SwinTransformer/")}
    assert {"tiny", "small", "base", "large"} <= swins
    assert not {"t", "s", "b", "l"} & swins
    assert {name for name in names if name.startswith("mmcls/ShuffleNetV2")} == {
        "mmcls/ShuffleNetV2",
        "mmcls/ShuffleNetV2/0.5",
        "mmcls/ShuffleNetV2/1.5",
        "mmcls/ShuffleNetV2/2.0",
    }
    assert names["mmcls/ShuffleNetV2"]["config"] == {}
    assert names["mmcls/ShuffleNetV2/1.5"]["config"] == {"widen_factor": 1.5}
    assert names["mmcls/ResNet/50"]["config"] == {"depth": 50}
    assert names["mmcls/MobileNetV3/small"]["config"] == {"arch": "small"}
    assert names["mmcls/MobileNetV2"]["type"] == "mmcls.MobileNetV2"


def test_mmcls_weights_fit_their_arch_and_bring_their_normalisation(catalogs: dict[str, Entries]) -> None:
    names = catalogs["mmcls"]
    tiny = {weights["name"]: weights for weights in names["mmcls/SwinTransformer/tiny"]["weights"]}
    assert tiny and all("swin-tiny" in name for name in tiny)
    assert all(weights["prefix"] == "backbone." for weights in tiny.values())
    small = names["mmcls/MobileNetV3/small"]["weights"]
    assert [weights["name"] for weights in small] == ["mobilenet_v3_small_imagenet"], "its metafile is not in the index"
    assert (
        small[0]["mean"] == [123.675, 116.28, 103.53] and small[0]["to_rgb"] is True and small[0]["input"] == [224, 224]
    )
    advprop = {w["name"]: w["mean"] for w in names["mmcls/EfficientNet/b0"]["weights"]}
    assert advprop["efficientnet-b0_3rdparty_8xb32-aa-advprop_in1k"] == [127.5] * 3
    assert advprop["efficientnet-b0_3rdparty_8xb32_in1k"] == [123.675, 116.28, 103.53]
    wide = names["mmcls/ResNet/wide-resnet50"]
    assert wide["config"] == {"depth": 50, "base_channels": 128, "expansion": 2}
    assert not any("wide" in weights["name"] for weights in names["mmcls/ResNet/50"]["weights"])
    everything = [weights for entry in names.values() for weights in entry["weights"]]
    assert len(everything) > 150
    assert not [w["name"] for w in everything if any(word in w["name"] for word in ("cifar", "voc", "cub", "cars"))]


def test_a_checkpoint_without_config_is_matched_by_name_where_that_is_certain(catalogs: dict[str, Entries]) -> None:
    base = {weights["name"]: weights for weights in catalogs["mmcls"]["mmcls/ConvNeXt/base"]["weights"]}
    assert base["convnext-base_3rdparty_in21k"]["dataset"] == "ImageNet-21k"
    everything = [w["name"] for entry in catalogs["mmcls"].values() for w in entry["weights"]]
    assert "swinv2-base-w12_3rdparty_in21k-192px" not in everything


def test_every_timm_model_is_there_with_its_tags(stack: Any, catalogs: dict[str, Entries]) -> None:
    listed = inside(
        stack.python, "import json, timm; print(json.dumps([timm.list_models(), timm.list_models(pretrained=True)]))"
    )
    names = catalogs["timm"]
    assert set(names) == {"timm/" + name for name in listed[0]}
    assert sorted(w["checkpoint"] for entry in names.values() for w in entry["weights"]) == sorted(listed[1])
    entry = names["timm/mobilenetv2_100"]
    assert entry["type"] == "mmcls.TIMMBackbone"
    assert entry["config"] == {"model_name": "mobilenetv2_100", "features_only": True}
    first = entry["weights"][0]
    assert first["checkpoint"] == ("mobilenetv2_100.ra_in1k" if stack.name == "2.28" else "mobilenetv2_100")
    assert first["mean"] == [123.675, 116.28, 103.53] and first["input"] == [224, 224] and first["to_rgb"] is True


def test_timm_models_without_features_are_marked(stack: Any, catalogs: dict[str, Entries]) -> None:
    vit = catalogs["timm"]["timm/vit_base_patch16_224"]
    if stack.name == "2.24":
        assert vit["pyramid"] is False and "features_only not implemented" in vit["reason"]
    else:
        assert vit["pyramid"] is None and vit["family"].endswith(".VisionTransformer")
    assert catalogs["timm"]["timm/resnet50"]["pyramid"] is None


def test_the_default_tag_of_a_timm_model_comes_first(stack: Any, catalogs: dict[str, Entries]) -> None:
    if stack.name == "2.24":  # timm 0.6 has no tags
        weights = [weights["name"] for entry in catalogs["timm"].values() for weights in entry["weights"]]
        assert set(weights) == {"pretrained"}
        return
    defaults = inside(
        stack.python,
        "import json, timm; print(json.dumps({n: timm.get_pretrained_cfg(n).tag for n in timm.list_models()}))",
    )
    for name, entry in catalogs["timm"].items():
        if entry["weights"]:
            assert entry["weights"][0]["name"] in (defaults[name[5:]], "pretrained"), name


def test_mmdet_backbones_are_those_that_its_configs_train(catalogs: dict[str, Entries]) -> None:
    names = catalogs["mmdet"]
    assert {
        "mmdet/ResNet/50",
        "mmdet/ResNet/101",
        "mmdet/ResNet/50-caffe",
        "mmdet/RegNet/regnetx_3.2gf",
        "mmdet/HRNet/w32",
        "mmdet/ResNeXt/101-64x4d",
        "mmdet/PyramidVisionTransformerV2/b2",
        "mmdet/SwinTransformer/tiny",
        "mmdet/CSPDarknet/s",
        "mmdet/Darknet/53",
        "mmdet/ResNeSt/50",
        "mmdet/SSDVGG/16",
    } <= set(names)
    assert [w["checkpoint"] for w in names["mmdet/ResNeXt/101-64x4d"]["weights"]] == ["open-mmlab://resnext101_64x4d"]
    assert "torchvision://resnet50" in [w["checkpoint"] for w in names["mmdet/ResNet/50"]["weights"]]
    caffe = names["mmdet/ResNet/50-caffe"]["weights"][0]
    assert caffe["to_rgb"] is False and caffe["std"] == [1.0, 1.0, 1.0]
    assert not [name for name, entry in names.items() if {"dcn", "plugins"} & set(entry["config"])]


def test_config_files_are_read_as_mmcv_reads_them(stack: Any) -> None:
    code = """
import glob, json, os, random, sys, mmdet
sys.path.insert(0, {sources!r})
from mmcv import Config
from bbprobe.config_files import ConfigFiles
root = os.path.join(os.path.dirname(mmdet.__file__), ".mim", "configs")
paths = sorted(p for p in glob.glob(root + "/*/*.py") if "/_base_/" not in p)
files, other = ConfigFiles(["model", "data"]), []
for path in random.Random(0).sample(paths, 25):
    whole = Config.fromfile(path, import_custom_modules=False)._cfg_dict.to_dict()
    if files.read(path) != {{key: whole[key] for key in ("model", "data") if key in whole}}:
        other.append(path)
print(json.dumps(other))
"""
    from stacks.pipe import SOURCES

    assert inside(stack.python, code.format(sources=str(SOURCES))) == []
