"""`env create` without a network: fake Pythons that note what they are asked, fake compilers, broken-off builds."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bbprobe.mending import STACKS
from bbprobe.protocol import Environment
from bbwizard import env_create, environments
from bbwizard.env_create import child, compiler, proof
from bbwizard.env_create.narration import Narration
from bbwizard.env_create.pythons import BasePython
from bbwizard.errors import EnvironmentNotCreated, UsageError

PYTHON = """#!{interpreter}
# Answers like a Python {version}, and a pip that notes what it is told in calls.jsonl.
import json, os, pathlib, shutil, sys
words = sys.argv[1:]
here = pathlib.Path(__file__)
versions = {{"torch": "2.4.1", "torchvision": "0.19.1", "mmcv-full": "1.7.2", "mmdet": "2.28.2", "mmcls": "0.25.0"}}
if words[:1] == ["-I"]:
    print(json.dumps({{"version": "{version}", "implementation": "CPython", "venv": True, "virtualenv": False,
                       "headers": True}}))
elif words[:2] == ["-m", "venv"]:
    (pathlib.Path(words[2]) / "bin").mkdir()
    shutil.copy2(here, pathlib.Path(words[2]) / "bin" / "python")
elif words[:2] == ["-m", "pip"]:
    with open("{calls}", "a") as file:
        said = {{name: os.environ.get(name) for name in ("FORCE_CUDA", "MMCV_WITH_OPS", "CUDA_HOME", "PYTHONPATH")}}
        file.write(json.dumps([words[2:], said]) + "\\n")
    if words[2] == "install" and words[-1] in os.environ.get("FAKE_FAILS", "").split():
        print("x.cpp:7:1: fatal error: Python.h: No such file or directory")
        print("WARNING: Location 'x' is ignored: it is neither a file nor a directory.")
        print("ERROR: Failed building wheel for", words[-1])
        sys.exit(1)
    if words[2] == "install" and words[-1] == os.environ.get("FAKE_HANGS"):
        with open(os.environ["FAKE_FIFO"], "w") as file:
            file.write(str(os.getpid()))
        os.execvp("tail", ["tail", "-f", "/dev/null"])
elif words[:1] == ["-c"]:
    print("10.9")
elif words[:1] == ["-"]:
    print(json.dumps({{"bbwizard": 1, "prefix": str(here.parent.parent), "python": "{version}", "versions": versions}}))
"""


def fake_python(path: Path, calls: Path, version: str = "3.11") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PYTHON.format(interpreter=sys.executable, version=version, calls=calls))
    path.chmod(0o755)
    return str(path)


def facts(**other: object) -> Environment:
    fields = {
        "python": "3.11.7",
        "executable": "/env/bin/python",
        "versions": env_create.load_stack("2.28").pins,
        "cuda": "10.9",
        "gpus": [],
        "device": "cpu",
        "device_reason": "",
        "ops": True,
        "ops_error": "",
        "configs": None,
        "train_script": None,
        "mim": None,
    }
    return Environment(**{**fields, **other})  # type: ignore[arg-type]


class Try:
    """A call of `create` with a fake Python 3.11, and what its pip was told."""

    def __init__(self, folder: Path) -> None:
        self.calls = folder / "calls.jsonl"
        self.python = fake_python(folder / "base" / "python3.11", self.calls)
        self.folder = folder / "made"
        self.out = io.StringIO()

    def create(self, **variables: str) -> env_create.Created:
        self.calls.write_text("")
        self.out = io.StringIO()
        environ = {"PATH": os.environ["PATH"], "HOME": "/nowhere", "PYTHONPATH": "/elsewhere", **variables}
        return env_create.create(self.folder, "2.28", self.python, self.out, environ)

    def pips(self) -> list[tuple[list[str], dict[str, str | None]]]:
        return [tuple(json.loads(line)) for line in self.calls.read_text().splitlines()]

    def installed(self) -> list[str]:
        """The last requirement of each `pip install`, which tells its step."""
        return [words[-1] for words, _ in self.pips() if words[0] == "install"]


@pytest.fixture
def attempt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Try:
    monkeypatch.setattr(proof, "ask", lambda site, tick: facts())
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(2**50, 0, 2**50))
    return Try(tmp_path)


def test_builds_under_constraints_with_the_right_flags(attempt: Try) -> None:
    made = attempt.create()
    assert made == env_create.Created(str(attempt.folder / "bin" / "python"), "2.28", "cpu")
    assert attempt.installed() == ["ninja", "opencv-python-headless", "mmcv-full", "openmim"]
    for words, environ in attempt.pips():
        assert environ["PYTHONPATH"] is None
        if words[0] == "install":
            constraints = Path(words[words.index("-c") + 1])
            assert "torch==2.4.1\n" in constraints.read_text()
    words, environ = next(call for call in attempt.pips() if call[0][-1] == "mmcv-full" and call[0][0] == "install")
    assert {"--no-build-isolation", "--no-cache-dir"} <= set(words)
    assert (environ["MMCV_WITH_OPS"], environ["FORCE_CUDA"], environ["CUDA_HOME"]) == ("1", "0", None)
    told = attempt.out.getvalue()
    assert "CPU ops: torch is built with CUDA 10.9" in told
    assert f"next: bbwizard --python {made.python}" in told
    assert re.search(r"^\[6/6\] proof: everything imports", told, re.MULTILINE)
    assert environments.made() == [made.python]


def test_a_disk_that_is_too_small_is_said_first(attempt: Try, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil._ntuple_diskusage(2**40, 2**40 - 2**31, 2**31)  # type: ignore[attr-defined]
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage)
    with pytest.raises(EnvironmentNotCreated, match=r"has 2\.0 GiB free, and building stack 2.28 takes 8"):
        attempt.create()
    assert attempt.installed() == []


def test_a_failure_tells_why_and_the_next_run_goes_on(attempt: Try) -> None:
    with pytest.raises(EnvironmentNotCreated) as failure:
        attempt.create(FAKE_FAILS="mmcv-full")
    assert "mmcv-full failed" in failure.value.text
    assert "fatal error: Python.h: No such file" in failure.value.text
    assert "is ignored" not in failure.value.text
    assert str(attempt.folder / env_create.LOG) in failure.value.hint
    assert "run the same command again" in failure.value.hint
    assert environments.made() == []
    assert "is ignored" in (attempt.folder / env_create.LOG).read_text()

    attempt.create()
    assert attempt.installed() == ["mmcv-full", "openmim"]
    attempt.create()
    assert attempt.installed() == []


def test_what_was_half_installed_is_installed_again(attempt: Try) -> None:
    with pytest.raises(EnvironmentNotCreated):
        attempt.create(FAKE_FAILS="opencv-python-headless")
    packages = attempt.folder / "lib" / "python3.11" / "site-packages"
    for name, files in (("torch-2.4.1", ["METADATA"]), ("pip-24.3", ["METADATA", "RECORD"])):
        (packages / f"{name}.dist-info").mkdir(parents=True)
        for file in files:
            (packages / f"{name}.dist-info" / file).write_text("")
    attempt.create()
    assert [path.name for path in packages.iterdir()] == ["pip-24.3.dist-info"]


def test_other_constraints_are_applied_to_what_is_there(attempt: Try) -> None:
    attempt.create()
    (attempt.folder / "bbwizard-constraints.txt").write_text("torch==2.4.0\n")
    attempt.create()
    assert attempt.installed() == ["ninja", "opencv-python-headless", "mmcv-full", "openmim"]


def test_a_compiler_that_came_later_builds_the_ops_again(attempt: Try, tmp_path: Path) -> None:
    attempt.create()
    made = attempt.create(CUDA_HOME=fake_nvcc(tmp_path / "cuda-10.9", "10.9"))
    assert made.ops == "cuda"
    assert attempt.installed() == ["mmcv-full", "openmim"]
    words, environ = next(call for call in attempt.pips() if call[0][-1] == "mmcv-full" and call[0][0] == "install")
    assert (environ["FORCE_CUDA"], environ["CUDA_HOME"]) == ("1", str(tmp_path / "cuda-10.9"))


def test_the_proof_must_hold(attempt: Try, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = {**env_create.load_stack("2.28").pins, "timm": "0.1"}
    monkeypatch.setattr(proof, "ask", lambda site, tick: facts(versions=versions))
    with pytest.raises(EnvironmentNotCreated, match=r"timm is 0.1, not 1.0.31"):
        attempt.create()
    assert environments.made() == []


@pytest.mark.parametrize("kind", ["folder", "file", "other stack"])
def test_what_it_did_not_make_it_leaves_alone(kind: str, attempt: Try) -> None:
    if kind == "file":
        attempt.folder.write_text("mine")
    else:
        attempt.folder.mkdir()
        (attempt.folder / "thesis.tex").write_text("mine")
        if kind == "other stack":
            note = {"stack": "2.24", "done": [], "ops": ""}
            (attempt.folder / "bbwizard-environment.json").write_text(json.dumps(note))
    with pytest.raises(EnvironmentNotCreated, match="holds stack 2.24" if kind == "other stack" else "is not empty"):
        attempt.create()
    assert (attempt.folder if kind == "file" else attempt.folder / "thesis.tex").read_text() == "mine"


def test_ctrl_c_ends_what_it_started(attempt: Try, tmp_path: Path) -> None:
    """Within an event loop too, which would keep the first SIGINT to itself."""
    os.mkfifo(tmp_path / "fifo")
    code = (
        "import asyncio, pathlib; from bbwizard import env_create\n"
        f"async def main(): env_create.create(pathlib.Path({str(attempt.folder)!r}), '2.28', {attempt.python!r})\n"
        "asyncio.run(main())"
    )
    environ = {**os.environ, "FAKE_HANGS": "mmcv-full", "FAKE_FIFO": str(tmp_path / "fifo")}
    environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    creating = subprocess.Popen([sys.executable, "-c", code], env=environ, stderr=subprocess.PIPE, text=True)
    pip = int((tmp_path / "fifo").read_text())
    creating.send_signal(signal.SIGINT)
    _, told = creating.communicate()
    assert creating.returncode != 0
    assert "interrupted; run the same command again" in told
    with pytest.raises(ProcessLookupError):
        os.kill(pip, 0)
    attempt.create()
    assert attempt.installed() == ["mmcv-full", "openmim"]


def fake_nvcc(home: Path, release: str) -> str:
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "nvcc").write_text(f"#!/bin/sh\necho 'Cuda compilation tools, release {release}, V{release}.88'\n")
    (home / "bin" / "nvcc").chmod(0o755)
    return str(home)


def test_gpu_ops_only_with_the_compiler_of_torchs_own_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "cuda_homes", lambda environ: [environ["CUDA_HOME"]])
    environ = {"CUDA_HOME": fake_nvcc(tmp_path / "cuda", "12.1"), "PATH": ""}
    assert compiler.choose_ops("12.1", environ).variables["FORCE_CUDA"] == "1"
    for torch_cuda in ("12.4", "11.1", "1.21", None):
        ops = compiler.choose_ops(torch_cuda, environ)
        assert ops.kind == "cpu"
        assert ops.variables["FORCE_CUDA"] == "0"
        assert ops.variables["CUDA_VISIBLE_DEVICES"] == ""
        assert ops.variables["CUDA_HOME"] is None
    assert compiler.choose_ops("12.4", environ).reason.endswith(f"the nvcc in {tmp_path / 'cuda'} is of 12.1")
    assert compiler.choose_ops("12.4", {"CUDA_HOME": "/nowhere"}).reason.endswith("and there is no nvcc")


def test_no_compiler_is_said_before_the_first_download(tmp_path: Path) -> None:
    python = BasePython("/usr/bin/python3.8", "3.8", venv=True, virtualenv=False, headers=True)
    with pytest.raises(EnvironmentNotCreated, match=r"no C\+\+ compiler") as refused:
        compiler.demand_compiler(python, {"PATH": str(tmp_path)})
    assert "apt install g++" in refused.value.hint
    (tmp_path / "c++").write_text("#!/bin/sh\n")
    (tmp_path / "c++").chmod(0o755)
    compiler.demand_compiler(python, {"PATH": str(tmp_path)})
    bare = BasePython("/usr/bin/python3.8", "3.8", venv=True, virtualenv=False, headers=False)
    with pytest.raises(EnvironmentNotCreated, match=r"no Python\.h") as refused:
        compiler.demand_compiler(bare, {"PATH": str(tmp_path)})
    assert "apt install python3.8-dev" in refused.value.hint


def test_a_python_is_looked_for_past_those_that_do_not_run(tmp_path: Path) -> None:
    """A pyenv shim stands first on the path and fails; the real one lies in pyenv's folder."""
    (tmp_path / "shims").mkdir()
    (tmp_path / "shims" / "python3.8").write_text(
        "#!/bin/sh\necho 'pyenv: python3.8: command not found' >&2; exit 127\n"
    )
    (tmp_path / "shims" / "python3.8").chmod(0o755)
    environ = {"PATH": str(tmp_path / "shims"), "HOME": str(tmp_path), "PYENV_ROOT": str(tmp_path / "pyenv")}
    with pytest.raises(EnvironmentNotCreated, match=r"needs Python 3\.8, and this machine has none") as refused:
        env_create.find_python("2.24", None, environ)
    assert "pyenv install 3.8" in refused.value.hint
    real = fake_python(tmp_path / "pyenv" / "versions" / "3.8.18" / "bin" / "python3.8", tmp_path / "calls", "3.8")
    assert env_create.find_python("2.24", None, environ).path == real
    uv = fake_python(
        tmp_path / "uv" / "cpython-3.8.20-linux-x86_64-gnu" / "bin" / "python3.8", tmp_path / "calls", "3.8"
    )
    environ |= {"PYENV_ROOT": "/nowhere", "UV_PYTHON_INSTALL_DIR": str(tmp_path / "uv")}
    assert env_create.find_python("2.24", None, environ).path == uv


def test_a_python_that_was_asked_for_must_fit(tmp_path: Path) -> None:
    python = fake_python(tmp_path / "env" / "bin" / "python", tmp_path / "calls", "3.9")
    for asked in (python, str(tmp_path / "env")):
        with pytest.raises(EnvironmentNotCreated, match=r"is Python 3\.9; stack 2\.28 needs 3\.11 or 3\.10"):
            env_create.find_python("2.28", asked)


def test_the_stacks() -> None:
    """Each constraints file names what the stack is; the probing half mends with the very same versions."""
    for name in env_create.NAMES:
        stack = env_create.load_stack(name)
        assert set(STACKS[name]) <= set(stack.pins)
        assert {library: stack.pins[library] for library in STACKS[name]} == STACKS[name]
        assert stack.pythons
        assert stack.rules["numpy"] == "<1.24"
    with pytest.raises(UsageError, match=r"no stack '3\.0'"):
        env_create.load_stack("3.0")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_narration_ticks_on_a_terminal_alone() -> None:
    for out in (Terminal(), io.StringIO()):
        tell = Narration(out, 2)
        tell.begin("torch")
        tell.tick("Downloading torch-2.4.1")
        tell.end()
        told = out.getvalue()
        assert told.endswith("[1/2] torch: done, 0:00\n")
        assert ("Downloading" in told) == ("\r" in told) == out.isatty()


def test_the_lines_that_tell_why() -> None:
    said = [
        "note: x",
        "a.cpp:1: error: no member named 'y'",
        *[f"[{n}/85] c++ -c b.cpp" for n in range(20)],
        "ninja: failed",
    ]
    told = child.telling([*said, "", "note: This is an issue with the package mentioned above, not pip."])
    assert told[0] == "a.cpp:1: error: no member named 'y'"
    assert told[-1] == "ninja: failed"
