"""Weights through the libraries' own loaders, on both stacks: what loads is counted, what would not is refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stacks.command_line import Said, bbwizard
from stacks.pipe import Pipe
from stacks.stack import Stack

YOLOX = "yolox/yolox_s_8x8_300e_coco.py"
SHUFFLENET = {"type": "mmcls.ShuffleNetV2", "config": {"out_indices": [0, 1, 2]}}
SCRIPT = Path(__file__).with_name("checkpoints.py")
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def script(stack: Stack, *words: object) -> str:
    """What `checkpoints.py WORDS` says in the training environment."""
    command = [stack.python, str(SCRIPT), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def files(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of small checkpoints."""
    folder = tmp_path_factory.mktemp("checkpoints")
    script(stack, "make", folder)
    return folder


@pytest.fixture(scope="module")
def caches(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Caches of torch and of the hub, a stack's own, that hold nothing yet."""
    folder = tmp_path_factory.mktemp("caches" + stack.name)
    return {"TORCH_HOME": str(folder / "torch"), "HF_HOME": str(folder / "hf")}


@pytest.fixture(scope="module")
def pipe(stack: Stack, caches: dict[str, str]) -> Iterator[Pipe]:
    with Pipe(stack.python, caches) as half:
        yield half


def by_file(path: object, prefix: str | None = "backbone.") -> dict[str, Any]:
    """The start that a file makes as the terminal half first writes it."""
    return {"init_cfg": {"type": "Pretrained", "checkpoint": str(path), **({"prefix": prefix} if prefix else {})}}


def by_timm(**source: object) -> dict[str, Any]:
    return {"pretrained": True, **({"pretrained_cfg": source} if source else {})}


def timm(name: str = "regnetx_002") -> dict[str, Any]:
    config = {"model_name": name, "features_only": True, "out_indices": [2, 3, 4]}
    return {"type": "mmcls.TIMMBackbone", "config": config}


@pytest.mark.parametrize(
    ("layout", "prefix"),
    [
        ("plain", None),
        ("state_dict", None),
        ("module", None),
        ("classifier", "backbone."),
        ("detector", "backbone."),
        ("distributed", "module.backbone."),
        ("self_supervised", "encoder_q."),
    ],
)
def test_mmcv_is_told_the_prefix_that_the_file_has(pipe: Pipe, files: Path, layout: str, prefix: str | None) -> None:
    path = files / f"{layout}.pth"
    found = pipe.ask("weights", **SHUFFLENET, start=by_file(path), choose=True)
    assert found["config"] == by_file(path, prefix)
    assert (found["loaded"], found["missing"], found["error"]) == (found["total"], [], "")
    assert found["place"] == str(path)


def test_what_a_file_lacks_is_named(pipe: Pipe, files: Path) -> None:
    found = pipe.ask("weights", **SHUFFLENET, start=by_file(files / "cut.pth"), choose=True)
    assert not found["error"]
    assert 0 < found["loaded"] == found["total"] - len(found["missing"])
    assert all(name.startswith("layers.2.") for name in found["missing"])


@pytest.mark.parametrize(
    ("layout", "says", "does"),
    [
        ("model_key", "has its tensors under 'model', where mmcv's loader does not look", "write them anew"),
        ("half", "is of another network", "mmcls.ShuffleNetV2"),
        ("alien", "would load nothing: its names start with 'blocks.', 'cls_token', the backbone's with", "ShuffleNet"),
        ("list", "holds no tensors by name", "name another file"),
        ("page", "it is a web page", "fetch it again"),
        ("pointer", "a pointer of git-lfs", "fetch it again"),
        ("not_there", "there is no file", "name a file that is there"),
    ],
)
def test_a_file_that_would_load_nothing_says_why(pipe: Pipe, files: Path, layout: str, says: str, does: str) -> None:
    found = pipe.ask("weights", **SHUFFLENET, start=by_file(files / f"{layout}.pth"), choose=True)
    assert says in found["error"]
    assert str(files / f"{layout}.pth") in found["error"]
    assert does in found["remedy"]


def test_the_line_that_writes_a_file_anew_makes_one_that_loads(stack: Stack, pipe: Pipe, files: Path) -> None:
    found = pipe.ask("weights", **timm(), start=by_timm(file=str(files / "timm_prefixed.pth")), choose=True)
    line = found["remedy"].removeprefix("write them anew with python").rpartition(" and name ")[0]
    subprocess.run(stack.python + line, shell=True, check=True)
    again = by_timm(file=str(files / "timm_prefixed-plain.pth"))
    counted = pipe.ask("weights", **timm(), start=again, choose=True)
    assert counted["loaded"] == counted["total"] > 0


def test_a_config_that_looks_in_the_wrong_place_is_told_where(pipe: Pipe, files: Path) -> None:
    bare = pipe.ask("weights", **SHUFFLENET, start=by_file(files / "classifier.pth", None))
    assert bare["loaded"] == 0
    assert bare["remedy"] == "write init_cfg with prefix='backbone.'"
    prefixed = pipe.ask("weights", **SHUFFLENET, start=by_file(files / "plain.pth"))
    assert prefixed["remedy"] == "write init_cfg without a prefix"


@pytest.mark.parametrize("layout", ["timm", "timm_module", "timm_model", "timm_ema", "timm_ten", "timm_headless"])
def test_timm_loads_a_file_in_each_of_its_layouts(pipe: Pipe, files: Path, layout: str) -> None:
    path = str(files / f"{layout}.pth")
    found = pipe.ask("weights", **timm(), start=by_timm(file=path), choose=True)
    assert (found["loaded"], found["missing"], found["error"]) == (found["total"], [], "")
    assert found["total"] > 0
    assert not {"init_cfg", "checkpoint_path"} & set(found["config"])
    if layout in ("timm_ten", "timm_headless"):  # made for another number of classes than timm assumes
        assert found["config"] != by_timm(file=path)
    else:
        assert found["config"] == by_timm(file=path)


@pytest.mark.parametrize(
    ("layout", "says"),
    [
        ("timm_prefixed", "has its tensors behind 'backbone.', where timm's loader does not look"),
        ("timm_detector", "is of a detector with this backbone"),
        ("alien", "would load nothing"),
        ("page", "it is a web page"),
    ],
)
def test_timm_refuses_other_layouts(pipe: Pipe, files: Path, layout: str, says: str) -> None:
    found = pipe.ask("weights", **timm(), start=by_timm(file=str(files / f"{layout}.pth")), choose=True)
    assert says in found["error"]


def test_timm_refuses_another_networks_file(pipe: Pipe, files: Path) -> None:
    other = timm("mobilenetv3_small_050")
    found = pipe.ask("weights", **other, start=by_timm(file=str(files / "timm.pth")), choose=True)
    assert found["error"]
    assert found["remedy"] == "take a checkpoint of timm's mobilenetv3_small_050"


def test_safetensors_are_for_timm_alone(stack: Stack, pipe: Pipe, files: Path) -> None:
    path = files / "timm.safetensors"
    if not path.exists():
        path.write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00{}      ")
    found = pipe.ask("weights", **timm(), start=by_timm(file=str(path)), choose=True)
    if stack.name == "2.28":
        assert found["loaded"] == found["total"] > 0
    else:
        assert "which timm's loader here does not read" in found["error"]
    for_mmcls = pipe.ask("weights", **SHUFFLENET, start=by_file(path), choose=True)
    assert "which mmcv's loader here does not read" in for_mmcls["error"]


def test_what_is_not_here_says_how_to_bring_it_and_loads_once_it_is(
    pipe: Pipe, files: Path, caches: dict[str, str]
) -> None:
    url = "https://download.openmmlab.com/mmclassification/v0/some/shufflenet.pth"
    absent = pipe.ask("weights", **SHUFFLENET, start=by_file(url))
    assert absent["place"] is None
    assert absent["error"] == ""
    assert absent["download"] == f"curl -fL -o shufflenet.pth {url}"
    assert absent["destination"] == caches["TORCH_HOME"] + "/hub/checkpoints/shufflenet.pth"
    os.makedirs(os.path.dirname(absent["destination"]), exist_ok=True)
    shutil.copy(files / "classifier.pth", absent["destination"])
    here = pipe.ask("weights", **SHUFFLENET, start=by_file(url))
    assert here["place"] == absent["destination"]
    assert here["loaded"] == here["total"] > 0


def test_aliases_are_resolved_by_mmcvs_own_tables(pipe: Pipe) -> None:
    resnet = {"type": "ResNet", "config": {"depth": 50}}
    for alias, file in (
        ("open-mmlab://detectron2/resnet50_caffe", "resnet50_msra-5891d200.pth"),
        ("torchvision://resnet50", "resnet50-"),
        ("mmcls://resnet50", "resnet50_8xb32_in1k_"),
    ):
        found = pipe.ask("weights", **resnet, start=by_file(alias, None))
        assert found["destination"].rpartition("/")[2].startswith(file)
        assert found["place"] is None
    unknown = pipe.ask("weights", **resnet, start=by_file("torchvision://resnet51", None))
    assert "no weights 'torchvision://resnet51'" in unknown["error"]


def test_timms_tags_are_found_in_the_cache_that_timm_looks_into(
    stack: Stack, pipe: Pipe, files: Path, caches: dict[str, str]
) -> None:
    absent = pipe.ask("weights", **timm(), start=by_timm())
    assert absent["place"] is None
    place = Path(absent["destination"])
    if stack.name == "2.28":
        assert absent["download"] == "hf download timm/regnetx_002.pycls_in1k model.safetensors --cache-dir hub"
        assert place == Path(caches["HF_HOME"]) / "hub" / "models--timm--regnetx_002.pycls_in1k"
        (place / "refs").mkdir(parents=True)
        (place / "refs" / "main").write_text(COMMIT)
        place = place / "snapshots" / COMMIT / "model.safetensors"
        source = "timm.safetensors"
    else:
        assert absent["download"].startswith("curl -fL -o regnetx_002-")
        source = "timm.pth"
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(files / source, place)
    here = pipe.ask("weights", **timm(), start=by_timm())
    assert here["place"] == str(place)
    assert here["loaded"] == here["total"] > 0


def write(stack: Stack, folder: Path, backbone: str, file: Path, *words: str) -> Said:
    """`bbwizard write --weights FILE`, into the folder."""
    asked = ["--base", YOLOX, "--backbone", backbone, "--weights", file, "-o", f"{file.stem}.py", "--json", *words]
    return bbwizard("write", "--python", stack.python, *asked, folder=folder)


def test_written_files_load_what_was_said(stack: Stack, files: Path, tmp_path: Path) -> None:
    shutil.copy(files / "plain.pth", tmp_path)
    said = [
        write(stack, tmp_path, "mmcls/ShuffleNetV2", files / "classifier.pth").data,
        write(stack, tmp_path, "mmcls/ShuffleNetV2", Path("plain.pth")).data,
        write(stack, tmp_path, "timm/regnetx_002", files / "timm_ten.pth").data,
    ]
    assert all(answer["weights"]["loaded"] == answer["weights"]["total"] > 0 for answer in said)
    assert all(answer["weights"]["found"] for answer in said)
    assert "prefix" not in (tmp_path / "plain.py").read_text()
    assert "'backbone.'" in (tmp_path / "classifier.py").read_text()
    counted = script(stack, "loaded", *(answer["config"] for answer in said))
    assert json.loads(counted.strip().splitlines()[-1]) == [answer["weights"]["loaded"] for answer in said]


def test_a_file_that_would_not_load_is_refused_before_anything_is_written(
    stack: Stack, files: Path, tmp_path: Path
) -> None:
    refused = write(stack, tmp_path, "mmcls/ShuffleNetV2", files / "half.pth")
    assert refused.status == 1
    assert "half.pth is of another network" in refused.err
    assert not (tmp_path / "half.py").exists()


def test_a_check_says_what_the_weights_do_that_a_config_names(pipe: Pipe, files: Path, tmp_path: Path) -> None:
    base = Path(pipe.ask("environment")["configs"]) / YOLOX
    checks = {}
    for layout in ("classifier", "plain"):
        backbone = {**SHUFFLENET["config"], "type": SHUFFLENET["type"], **by_file(files / f"{layout}.pth")}
        model = {"backbone": {"_delete_": True, **backbone}, "neck": {"in_channels": [116, 232, 464]}}
        imports = {"imports": ["mmcls.models"], "allow_failed_imports": False}
        config = tmp_path / f"{layout}.py"
        config.write_text(f"_base_ = {str(base)!r}\ncustom_imports = {imports!r}\nmodel = {model!r}\n")
        checks[layout] = pipe.ask("check", path=str(config))
    sound, broken = checks["classifier"], checks["plain"]
    assert sound["ok"]
    assert sound["weights"]["loaded"] == sound["weights"]["total"] > 0
    assert (broken["ok"], broken["stage"]) == (False, "weights")
    assert broken["error"].endswith("write init_cfg without a prefix")


def test_a_check_says_that_a_detectors_checkpoint_is_not_there(pipe: Pipe, tmp_path: Path) -> None:
    base = Path(pipe.ask("environment")["configs"]) / YOLOX
    config = tmp_path / "lost.py"
    config.write_text(f"_base_ = {str(base)!r}\nload_from = {str(tmp_path / 'nothere.pth')!r}\n")
    answer = pipe.ask("check", path=str(config))
    assert (answer["ok"], answer["stage"]) == (False, "weights")
    words = f"load_from: there is no file {tmp_path / 'nothere.pth'}; name a file that is there"
    assert answer["error"] == words


@pytest.mark.parametrize("start", ["init_cfg", "checkpoint_path"])
def test_a_config_that_starts_timm_otherwise_than_timm_can_is_told_how(
    pipe: Pipe, files: Path, tmp_path: Path, start: str
) -> None:
    base, file = Path(pipe.ask("environment")["configs"]) / YOLOX, str(files / "timm.pth")
    starts = by_file(file, None) if start == "init_cfg" else {"checkpoint_path": file}
    backbone = {"_delete_": True, "type": "mmcls.TIMMBackbone", **timm()["config"], **starts}
    model = {"backbone": backbone, "neck": {"in_channels": [56, 152, 368]}}
    imports = {"imports": ["mmcls.models"], "allow_failed_imports": False}
    config = tmp_path / "timm.py"
    config.write_text(f"_base_ = {str(base)!r}\ncustom_imports = {imports!r}\nmodel = {model!r}\n")
    answer = pipe.ask("check", path=str(config))
    assert (answer["ok"], answer["stage"]) == (False, "weights")
    assert f"write pretrained=True, pretrained_cfg=dict(file={file!r}) in" in answer["error"]
