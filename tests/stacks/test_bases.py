"""Base configs on both stacks: what each needs is found by asking its own backbone, neck and head."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stacks.known_bases import FPN, NOT_UNDERSTOOD, TOGETHER, UNDERSTOOD
from stacks.pipe import SOURCES, Failure, Pipe


def slot(path: list[Any], form: str, container: str, tail: list[int] | tuple[()] = ()) -> dict[str, Any]:
    return {"path": path, "form": form, "container": container, "tail": list(tail)}


@pytest.fixture(scope="module")
def own_modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("modules")


@pytest.fixture(scope="module")
def pipe(stack: Any, own_modules: Path) -> Iterator[Pipe]:
    path = os.pathsep.join([str(SOURCES), str(own_modules)])
    with Pipe(stack.python, {"OMP_NUM_THREADS": "1", "PYTHONPATH": path}) as opened:
        yield opened


@pytest.fixture(scope="module")
def packaged(pipe: Pipe) -> dict[str, str]:
    """Name to file."""
    return {item["name"]: item["path"] for item in pipe.ask("bases", roots=[])}


def child(folder: Path, parent: str, text: str = "") -> str:
    file = folder / "child.py"
    file.write_text(f"_base_ = [{parent!r}]\n{text}\n")
    return str(file)


def test_concrete_configs_are_listed_and_parts_of_configs_are_not(pipe: Pipe, packaged: dict[str, str]) -> None:
    assert {*UNDERSTOOD, *NOT_UNDERSTOOD} <= set(packaged)
    assert not [name for name in packaged if "_base_" in name or name.startswith("common/")]
    assert all(os.path.isfile(path) for path in packaged.values())
    assert list(packaged) == sorted(packaged)


def test_a_checkout_wins_over_the_installed_configs_and_adds_its_own(pipe: Pipe, tmp_path: Path) -> None:
    name = "retinanet/retinanet_r50_fpn_1x_coco.py"
    for file, text in ((name, "model = dict()"), ("mine/own.py", f"_base_ = '../{name}'"), ("mine/part.py", "a = 1")):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        (tmp_path / file).write_text(text)
    listed = {item["name"]: item for item in pipe.ask("bases", roots=[str(tmp_path)])}
    assert (listed[name]["path"], listed[name]["origin"]) == (str(tmp_path / name), "checkout")
    assert listed["mine/own.py"]["origin"] == "checkout"
    assert "mine/part.py" not in listed
    assert listed["yolox/yolox_s_8x8_300e_coco.py"]["origin"] == "mmdet"


@pytest.mark.parametrize("name", UNDERSTOOD)
def test_what_a_base_needs(pipe: Pipe, packaged: dict[str, str], name: str) -> None:
    needed = pipe.ask("base", path=name)
    (neck, path, form, container, rule), levels, numbers, head = UNDERSTOOD[name]
    assert needed["supported"], needed["reason"]
    assert (needed["name"], needed["path"], needed["neck"], needed["rule"]) == (name, packaged[name], neck, rule)
    assert needed["slots"] == [slot(path, form, container)]
    assert [[level["stride"], level["channels"], level["used"]] for level in needed["levels"]] == levels
    keys = ("start_level", "end_level", "outs", "start_level_path", "end_level_path")
    assert [needed[key] for key in keys] == numbers
    assert needed["head_strides"] == head


@pytest.mark.parametrize("name", TOGETHER)
def test_places_that_must_take_the_same_channels_are_all_found(pipe: Pipe, name: str) -> None:
    needed = pipe.ask("base", path=name)
    assert needed["supported"], needed["reason"]
    assert needed["slots"] == [slot(*place) for place in TOGETHER[name]]


def test_a_small_map_is_at_the_stride_that_its_anchors_say(pipe: Pipe) -> None:
    needed = pipe.ask("base", path="ssd/ssd300_coco.py")
    assert needed["outs"] == needed["head_strides"] == [8, 16, 32, 64, 100, 300]


def test_a_teacher_is_left_alone_with_its_weights_and_its_config_is_found(pipe: Pipe, packaged: dict[str, str]) -> None:
    needed = pipe.ask("base", path="ld/ld_r18_gflv1_r101_fpn_coco_1x.py")
    assert needed["supported"], needed["reason"]
    assert (needed["teacher"], needed["neutralise"]) == ("teacher_config", [])
    assert needed["misplaced"] == {"teacher_config": packaged["gfl/gfl_r101_fpn_mstrain_2x_coco.py"]}
    needed = pipe.ask("base", path="lad/lad_r50_paa_r101_fpn_coco_1x.py")
    assert needed["supported"], needed["reason"]
    assert (needed["teacher"], needed["neutralise"], needed["misplaced"]) == ("teacher_backbone", [], {})


@pytest.mark.parametrize("name", NOT_UNDERSTOOD)
def test_what_is_welded_to_its_backbone_is_refused_with_what_would_work(
    pipe: Pipe, packaged: dict[str, str], tmp_path: Path, name: str
) -> None:
    text, reason = NOT_UNDERSTOOD[name]
    needed = pipe.ask("base", path=child(tmp_path, packaged[name], text))
    assert not needed["supported"]
    assert reason in needed["reason"]
    assert "takes any" in needed["reason"]
    assert needed["slots"] == []


def test_a_part_that_the_detector_does_not_take_is_named(pipe: Pipe, packaged: dict[str, str], tmp_path: Path) -> None:
    parent = packaged["faster_rcnn/faster_rcnn_r50_fpn_1x_coco.py"]
    needed = pipe.ask("base", path=child(tmp_path, parent, "model = dict(bbox_head=dict(num_classes=365))"))
    assert not needed["supported"]
    assert needed["reason"] == "it cannot be built, whatever its backbone: FasterRCNN takes no bbox_head"


def test_a_list_of_necks_travels_whole(pipe: Pipe) -> None:
    asked = pipe.ask("base", path="libra_rcnn/libra_retinanet_r50_fpn_1x_coco.py")
    necks = ast.literal_eval(asked["resolved"])["model"]["neck"]
    assert [neck["type"] for neck in necks] == ["FPN", "BFP"]
    assert necks[1]["refine_type"] == "non_local"


def test_heads_that_scale_for_themselves_are_not_held_to_their_strides(pipe: Pipe) -> None:
    assert pipe.ask("base", path="solo/solo_r50_fpn_1x_coco.py")["head_strides"] == []


def test_strides_come_from_the_running_backbone(pipe: Pipe, packaged: dict[str, str], tmp_path: Path) -> None:
    later = "model = dict(backbone=dict(strides=(2, 2, 2, 2)), neck=dict(start_level=0, num_outs=4))"
    needed = pipe.ask("base", path=child(tmp_path, packaged["retinanet/retinanet_r50_fpn_1x_coco.py"], later))
    assert [level["stride"] for level in needed["levels"]] == [8, 16, 32, 64]
    assert needed["head_strides"] == [8, 16, 32, 64, 128]


def test_old_weights_and_lost_features_are_named(pipe: Pipe, packaged: dict[str, str], tmp_path: Path) -> None:
    text = (
        "load_from = 'https://example.com/detector.pth'\n"
        "custom_imports = dict(imports=['mmcls.models'], allow_failed_imports=False)\n"
        "model = dict(pretrained='torchvision://resnet50', backbone=dict(init_cfg=None,\n"
        "    dcn=dict(type='DCN', deform_groups=1, fallback_on_stride=False),\n"
        "    stage_with_dcn=(False, True, True, True)))\n"
    )
    needed = pipe.ask("base", path=child(tmp_path, packaged["faster_rcnn/faster_rcnn_r50_fpn_1x_coco.py"], text))
    assert needed["neutralise"] == [["load_from"], ["model", "pretrained"]]
    assert needed["pretrained"] is True
    assert needed["custom_imports"] == ["mmcls.models"]
    assert set(needed["lost"]) == {"dcn", "stage_with_dcn"}
    assert needed["input"] == [800, 1333]


def test_a_base_without_pretrained_weights(pipe: Pipe) -> None:
    needed = pipe.ask("base", path="yolox/yolox_s_8x8_300e_coco.py")
    assert (needed["pretrained"], needed["neutralise"], needed["lost"], needed["input"]) == (False, [], {}, [640, 640])


def test_a_neck_that_disagrees_with_its_own_backbone_is_refused(
    pipe: Pipe, packaged: dict[str, str], tmp_path: Path
) -> None:
    file = child(tmp_path, packaged["retinanet/retinanet_r50_fpn_1x_coco.py"], "model = dict(backbone=dict(depth=18))")
    needed = pipe.ask("base", path=file)
    assert not needed["supported"]
    assert "in_channels=[256, 512, 1024, 2048]" in needed["reason"]
    assert "[64, 128, 256, 512]" in needed["reason"]


OWN_NECK = """
from mmdet.models import NECKS
from torch import nn

@NECKS.register_module()
class TopTwo(nn.Module):
    def __init__(self, in_channels):
        super().__init__()
        assert isinstance(in_channels, tuple)
        self.convs = nn.ModuleList(nn.Conv2d(channels, 256, 1) for channels in in_channels)

    def forward(self, inputs):
        outs = [conv(item) for conv, item in zip(self.convs, inputs)]
        return outs[-2:] + [nn.functional.max_pool2d(outs[-1], 1, stride=2)]
"""


def test_a_neck_of_the_users_own_is_understood_by_running_it(
    pipe: Pipe, packaged: dict[str, str], tmp_path: Path, own_modules: Path
) -> None:
    (own_modules / "own_neck.py").write_text(OWN_NECK)
    text = (
        "custom_imports = dict(imports=['own_neck'], allow_failed_imports=False)\n"
        "model = dict(neck=dict(_delete_=True, type='TopTwo', in_channels=(256, 512, 1024, 2048)))\n"
    )
    needed = pipe.ask("base", path=child(tmp_path, packaged["retinanet/retinanet_r50_fpn_1x_coco.py"], text))
    assert needed["supported"], needed["reason"]
    assert needed["slots"] == [slot(FPN, "list", "tuple")]
    assert [level["used"] for level in needed["levels"]] == [False, False, True, True]
    assert (needed["start_level"], needed["outs"], needed["start_level_path"]) == (2, [16, 32, 64], None)


def test_several_bases_substitutions_and_own_code_come_through_mmcvs_loader(
    pipe: Pipe, packaged: dict[str, str], tmp_path: Path, own_modules: Path
) -> None:
    (own_modules / "own_stack.py").write_text(OWN_NECK.replace("TopTwo", "TopPair"))
    models = os.path.join(os.path.dirname(packaged["retinanet/retinanet_r50_fpn_1x_coco.py"]), "..", "_base_", "models")
    (tmp_path / "classes.py").write_text("count = 7\nname = '{{ fileBasenameNoExtension }}'\n")
    (tmp_path / "swap.py").write_text(
        f"import os\n_base_ = [os.path.join({models!r}, 'retinanet_r50_fpn.py'), '{{{{ fileDirname }}}}/classes.py']\n"
        "custom_imports = dict(imports=['own_stack'], allow_failed_imports=False)\n"
        "work_dir = '{{ fileBasename }}'\n"
        "model = dict(neck=dict(_delete_=True, type='TopPair', in_channels=(256, 512, 1024, 2048)),\n"
        "    bbox_head=dict(num_classes={{ _base_.count }}))\n"
    )
    needed = pipe.ask("base", path=str(tmp_path / "swap.py"))
    assert needed["supported"], needed["reason"]
    resolved = ast.literal_eval(needed["resolved"])
    assert resolved["model"]["bbox_head"]["num_classes"] == 7
    assert (resolved["name"], resolved["work_dir"]) == ("classes", "swap.py")
    assert (needed["custom_imports"], needed["outs"]) == (["own_stack"], [16, 32, 64])


def test_code_beside_a_config_is_not_found_as_little_as_training_finds_it(
    pipe: Pipe, packaged: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "lonely_neck.py").write_text(OWN_NECK)
    text = "custom_imports = dict(imports=['lonely_neck'], allow_failed_imports=False)"
    file = child(tmp_path, packaged["retinanet/retinanet_r50_fpn_1x_coco.py"], text)
    with pytest.raises(Failure) as caught:
        pipe.ask("base", path=file)
    assert caught.value.text.startswith(f"{file}: ModuleNotFoundError: No module named 'lonely_neck'")
    assert f"set PYTHONPATH={tmp_path} for bbwizard and for training" in caught.value.text


@pytest.mark.parametrize(
    ("text", "line", "error"),
    [
        ("model = dict()\nworkers = {}['workers']", 3, "KeyError: workers"),
        ("model = dict(", 2, "SyntaxError"),
        ("custom_imports = dict(imports=['no_such_module'], allow_failed_imports=False)", None, "'no_such_module'"),
    ],
)
def test_a_config_that_raises_is_refused_with_file_line_and_error(
    pipe: Pipe, packaged: dict[str, str], tmp_path: Path, text: str, line: int | None, error: str
) -> None:
    raising = child(tmp_path, packaged["retinanet/retinanet_r50_fpn_1x_coco.py"], text)
    (tmp_path / "grandchild.py").write_text("_base_ = 'child.py'\n")
    with pytest.raises(Failure) as caught:
        pipe.ask("base", path=raising)
    assert caught.value.code == -32000
    assert caught.value.text.startswith(f"{raising}, line {line}: " if line else f"{raising}: ")
    assert error in caught.value.text
    if line:
        with pytest.raises(Failure, match=f"child.py, line {line}: "):
            pipe.ask("base", path=str(tmp_path / "grandchild.py"))


def test_a_missing_base_is_the_fault_of_the_file_that_names_it(pipe: Pipe, tmp_path: Path) -> None:
    file = child(tmp_path, "nowhere/parent.py")
    with pytest.raises(Failure, match=r"parent\.py.* does not exist") as caught:
        pipe.ask("base", path=file)
    assert caught.value.text.startswith(f"{file}: ")


def test_no_such_base(pipe: Pipe) -> None:
    with pytest.raises(Failure, match="no config 'retinanet/none.py'") as caught:
        pipe.ask("base", path="retinanet/none.py")
    assert caught.value.code == -32000
