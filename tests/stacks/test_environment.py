"""What the probing half says of the two real environments, whole and with something broken in front of their path."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bbwizard.env_create import load_stack
from stacks.pipe import SOURCES, Pipe
from stacks.stack import Stack


def facts(stack: Stack, shims: Path | None = None, device: str = "auto", **variables: str) -> dict[str, Any]:
    """The facts of a stack, with the modules in `shims` in front of its own."""
    if shims is not None:
        variables["PYTHONPATH"] = f"{shims}{os.pathsep}{SOURCES}"
    with Pipe(stack.python, variables) as pipe:
        answer: dict[str, Any] = pipe.ask("environment", device=device)
        assert pipe.progress[0]["text"] == "importing torch"
    return answer


def module(shims: Path, name: str, text: str) -> None:
    (shims / name).mkdir(parents=True)
    (shims / name / "__init__.py").write_text(text)


def fault(answer: dict[str, Any], code: str) -> dict[str, Any]:
    """The one fault of that code."""
    found: list[dict[str, Any]] = [one for one in answer["faults"] if one["code"] == code]
    assert len(found) == 1, answer["faults"]
    return found[0]


def blocking(answer: dict[str, Any]) -> list[str]:
    return [one["code"] for one in answer["faults"] if one["blocks"]]


@pytest.fixture(scope="module")
def whole(stack: Stack) -> dict[str, Any]:
    """The facts of a stack as it is."""
    return facts(stack)


def test_a_whole_environment(stack: Stack, whole: dict[str, Any]) -> None:
    answer = whole
    assert blocking(answer) == []
    pins = load_stack(stack.name).pins
    for name in ("torch", "torchvision", "mmcv-full", "mmdet", "mmcls", "timm"):
        assert answer["versions"][name].split("+")[0] == pins[name]
    assert answer["versions"]["mmcv"] is None
    assert answer["ops"] is True
    assert answer["ops_error"] == ""
    assert answer["executable"] == stack.python
    assert os.path.isfile(os.path.join(answer["configs"], "retinanet", "retinanet_r50_fpn_1x_coco.py"))
    assert os.path.isfile(answer["train_script"])
    assert answer["device"].startswith("cuda:") == bool(answer["gpus"])


def test_the_windows_are_those_that_the_libraries_assert(stack: Stack, whole: dict[str, Any]) -> None:
    windows = {window["library"]: window for window in whole["windows"]}
    ends = "[it.mmcv_minimum_version, it.mmcv_maximum_version]"
    code = f"import json, mmdet, mmcls; print(json.dumps([{ends} for it in (mmdet, mmcls)]))"
    said = subprocess.run([stack.python, "-c", code], capture_output=True, text=True, check=True).stdout
    for library, asserted in zip(("mmdet", "mmcls"), json.loads(said.splitlines()[-1]), strict=True):
        assert [windows[library]["minimum"], windows[library]["maximum"]] == asserted
        assert windows[library]["of"] == "mmcv"
        assert windows[library]["holds"] is True


def test_a_newer_yapf(stack: Stack, tmp_path: Path) -> None:
    """mmcv 1.5 hands `verify` to FormatCode, which knows it no more; mmcv 1.7.2 asks for yapf's version first."""
    module(tmp_path, "yapf", "__version__ = '0.40.2'")
    module(tmp_path / "yapf", "yapflib", "")
    (tmp_path / "yapf" / "yapflib" / "yapf_api.py").write_text(
        "def FormatCode(source, style_config=None):\n    return source, True"
    )
    answer = facts(stack, tmp_path)
    if stack.name == "2.24":
        assert blocking(answer) == ["yapf"]
        assert "unexpected keyword argument 'verify'" in fault(answer, "yapf")["text"]
        assert f"{stack.python} -m pip install yapf==0.40.1" in fault(answer, "yapf")["mend"]
    else:
        assert blocking(answer) == []


def test_a_missing_mmcls_is_installed_in_the_version_that_fits(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Hidden:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] == 'mmcls':\n"
        "            raise ModuleNotFoundError(\"No module named 'mmcls'\", name='mmcls')\n"
        "sys.meta_path.insert(0, Hidden())\n"
    )
    answer = facts(stack, tmp_path)
    missing = fault(answer, "mmcls-missing")
    assert missing["blocks"] is False
    pins = load_stack(stack.name).pins
    assert missing["mend"].startswith(f"{stack.python} -m pip install mmcls=={pins['mmcls']} torch=={pins['torch']} ")
    assert answer["ops"] is True


def test_a_broken_library_is_a_fault_and_no_crash(stack: Stack, tmp_path: Path) -> None:
    module(tmp_path, "timm", "raise RuntimeError('cannot [load] it')")
    answer = facts(stack, tmp_path)
    assert fault(answer, "timm-import")["text"].endswith("RuntimeError: cannot [load] it")
    assert "timm==" in fault(answer, "timm-import")["mend"]
    assert answer["ops"] is True


def test_a_broken_torch_is_told_once(stack: Stack, tmp_path: Path) -> None:
    module(tmp_path, "torch", "raise OSError('libcudart.so.10.2: cannot open shared object file')")
    answer = facts(stack, tmp_path)
    assert [one["code"] for one in answer["faults"]] == ["torch-import"]
    assert "libcudart.so.10.2" in answer["faults"][0]["text"]
    assert (answer["device"], answer["ops"], answer["cuda"]) == ("cpu", False, None)
    assert answer["configs"] is not None


def test_opencv_without_libgl(stack: Stack, tmp_path: Path) -> None:
    module(
        tmp_path, "cv2", "raise ImportError('libGL.so.1: cannot open shared object file: No such file or directory')"
    )
    answer = facts(stack, tmp_path)
    mend = fault(answer, "mmcv-full-import")["mend"]
    assert "pip uninstall -y opencv-python" in mend
    assert "opencv-python-headless<4.12" in mend


def test_an_mmcv_outside_the_window(stack: Stack, tmp_path: Path) -> None:
    module(tmp_path, "mmdet", "mmcv_minimum_version = '1.3.17'\nmmcv_maximum_version = '1.4.0'\nassert False")
    answer = facts(stack, tmp_path)
    window = next(window for window in answer["windows"] if window["library"] == "mmdet")
    assert (window["maximum"], window["holds"]) == ("1.4.0", False)
    assert blocking(answer) == ["mmcv-window"]
    assert f"mmcv {answer['versions']['mmcv-full']} is installed" in fault(answer, "mmcv-window")["text"]


def test_ops_that_do_not_load(stack: Stack, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\n"
        "class Plain:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'mmcv._ext':\n"
        "            raise ModuleNotFoundError(\"No module named 'mmcv._ext'\", name='mmcv._ext')\n"
        "sys.meta_path.insert(0, Plain())\n"
    )
    answer = facts(stack, tmp_path)
    assert answer["ops"] is False
    assert "mmcv._ext" in answer["ops_error"]
    assert blocking(answer) == ["mmcv-ops"]
    assert "MMCV_WITH_OPS=1" in fault(answer, "mmcv-ops")["mend"]


def test_gpus_that_torch_cannot_use(stack: Stack, whole: dict[str, Any], tmp_path: Path) -> None:
    if whole["gpus"]:
        pytest.skip("torch sees this machine's GPUs")
    (tmp_path / "nvidia-smi").write_text("#!/bin/sh\necho 'GPU 0: Tesla V100 (UUID: GPU-1)'\n")
    (tmp_path / "nvidia-smi").chmod(0o755)
    answer = facts(stack, PATH=f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    seen = [one for one in answer["faults"] if one["code"] in ("cuda-driver", "torch-cuda")]
    assert len(seen) == 1
    assert seen[0]["text"].startswith("nvidia-smi sees 1 GPU, but")
    assert seen[0]["blocks"] is False
    assert answer["device"] == "cpu"
