"""Finding training environments: fake folder trees, and tiny fake interpreters that answer as real ones do."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from bbwizard import environments, paths
from bbwizard.environments.candidates import ACTIVE, ASKED, CONDA, MADE, OWN, REMEMBERED, VARIABLE
from bbwizard.environments.inquiry import inquire
from bbwizard.errors import NoEnvironment

WHOLE = {
    "torch": "2.4.1",
    "torchvision": "0.19.1",
    "mmcv-full": "1.7.2",
    "mmdet": "2.28.2",
    "mmcls": None,
    "timm": None,
}


def script(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def fake(folder: Path, name: str = "python", **versions: str | None) -> str:
    """An environment folder whose Python holds WHOLE, changed by `versions`; the path of that Python."""
    said = {"bbwizard": 1, "prefix": str(folder), "python": "3.11.7", "versions": {**WHOLE, **versions}}
    return script(folder / "bin" / name, f"cat > /dev/null\ncat << 'END'\n{json.dumps(said)}\nEND")


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """A user with an empty home and nothing of note on the path."""
    (tmp_path / "home").mkdir()
    return {"HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"}


def test_every_origin_in_order_of_preference(tmp_path: Path, environ: dict[str, str]) -> None:
    names = ("asked", "variable", "own", "venv", "conda", "listed", "made", "remembered")
    pythons = {name: fake(tmp_path / name) for name in names}
    environ |= {"BBWIZARD_PYTHON": pythons["variable"]}
    environ |= {"VIRTUAL_ENV": str(tmp_path / "venv"), "CONDA_PREFIX": str(tmp_path / "conda")}
    listed = Path(environ["HOME"], ".conda", "environments.txt")
    listed.parent.mkdir()
    listed.write_text(f"{tmp_path / 'gone'}\n{tmp_path / 'listed'}\n{tmp_path / 'conda'}\n")
    environments.record_made(pythons["made"])
    environments.remember(pythons["remembered"])

    found = environments.discover(str(tmp_path / "asked"), environ, pythons["own"])

    assert [(one.python, one.origin) for one in found] == [
        (pythons["asked"], ASKED),
        (pythons["variable"], VARIABLE),
        (pythons["own"], OWN),
        (pythons["venv"], ACTIVE),
        (pythons["conda"], ACTIVE),
        (pythons["listed"], CONDA),
        (pythons["made"], MADE),
        (pythons["remembered"], REMEMBERED),
    ]
    assert all(one.usable and one.versions["mmdet"] == "2.28.2" for one in found)
    for clear in ("asked", "variable", "own", "venv"):
        chosen = environments.choose(found)
        assert chosen is not None
        assert chosen.python == pythons[clear]
        found.pop(0)
    chosen = environments.choose(found[1:])
    assert chosen is not None
    assert chosen.python == pythons["remembered"]


def test_one_environment_under_two_names_comes_once(tmp_path: Path, environ: dict[str, str]) -> None:
    own = fake(tmp_path / "one", "python3")
    fake(tmp_path / "one")
    (tmp_path / "link").symlink_to(tmp_path / "one")
    environ["VIRTUAL_ENV"] = str(tmp_path / "link")
    assert [(one.python, one.origin) for one in environments.discover(None, environ, own)] == [(own, OWN)]


def test_conda_is_asked_where_it_keeps_no_list(tmp_path: Path, environ: dict[str, str]) -> None:
    python = fake(tmp_path / "envs" / "det")
    listed = json.dumps({"envs": [str(tmp_path / "envs" / "det"), 7]})
    environ["CONDA_EXE"] = script(tmp_path / "conda", f"test \"$*\" = 'env list --json' && echo '{listed}'")
    assert [one.python for one in environments.discover(None, environ, "")] == [python]
    environ["CONDA_EXE"] = script(tmp_path / "conda", "echo CondaError >&2; exit 1")
    assert environments.discover(None, environ, "") == []


@pytest.mark.parametrize("origin", [ASKED, VARIABLE])
def test_what_the_user_names_is_never_replaced_by_another(tmp_path: Path, environ: dict[str, str], origin: str) -> None:
    whole, lacking = fake(tmp_path / "whole"), fake(tmp_path / "lacking", mmdet=None)
    explicit = lacking if origin == ASKED else None
    if origin == VARIABLE:
        environ["BBWIZARD_PYTHON"] = lacking
    with pytest.raises(NoEnvironment, match="has no mmdet") as refused:
        environments.find(explicit, environ, whole)
    assert lacking in refused.value.text
    assert "env create" in refused.value.hint
    with pytest.raises(NoEnvironment, match="has no mmdet"):
        environments.choose(environments.discover(explicit, environ, whole))


def test_a_name_that_is_no_python(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(NoEnvironment, match="cannot be started: no such file"):
        environments.find(str(tmp_path / "nowhere" / "python"), environ)
    broken = script(tmp_path / "broken", "echo 'libpython3.8.so: cannot open shared object file' >&2; exit 127")
    with pytest.raises(NoEnvironment, match="is no Python that runs: libpython3.8.so"):
        environments.find(broken, environ)


def test_without_any_it_says_how_to_make_one(environ: dict[str, str]) -> None:
    assert environments.choose([]) is None
    with pytest.raises(NoEnvironment, match="no training environment found") as refused:
        environments.find(None, environ, "")
    assert "bbwizard env create" in refused.value.hint


def test_among_several_the_user_must_say(tmp_path: Path, environ: dict[str, str]) -> None:
    one, other = fake(tmp_path / "one"), fake(tmp_path / "other")
    environments.record_made(one)
    assert environments.find(None, environ, "").python == one
    environments.record_made(other)
    with pytest.raises(NoEnvironment, match="2 training environments") as refused:
        environments.find(None, environ, "")
    assert one in refused.value.text
    assert other in refused.value.text
    environments.remember(one)
    assert environments.find(None, environ, "").python == one


def test_a_remembered_environment_that_broke_is_not_taken(tmp_path: Path, environ: dict[str, str]) -> None:
    kept, other = fake(tmp_path / "kept", torch=None), fake(tmp_path / "other")
    environments.remember(kept)
    environments.record_made(other)
    assert environments.find(None, environ, "").python == other


def test_each_host_remembers_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "gpu01")
    environments.remember("/envs/a/bin/python")
    monkeypatch.setattr("socket.gethostname", lambda: "gpu02")
    assert environments.remembered() is None
    environments.remember("/envs/b/bin/python")
    monkeypatch.setattr("socket.gethostname", lambda: "gpu01")
    assert environments.remembered() == "/envs/a/bin/python"
    environments.forget()
    assert environments.remembered() is None


@pytest.mark.parametrize(
    "text", ["", "[]", "\0", '{"chosen": [1], "made": {"a": 1}}', '{"made": [7], "chosen": {"h": 1}}']
)
def test_foreign_state_is_no_obstacle(text: str, tmp_path: Path) -> None:
    paths.state().mkdir(parents=True)
    (paths.state() / "environments.json").write_text(text)
    assert environments.remembered() is None
    assert environments.made() == []
    python = fake(tmp_path / "env")
    environments.remember(python)
    assert environments.remembered() == python


def test_a_state_folder_that_cannot_be_written_is_no_obstacle() -> None:
    # A file in the folder's place: permissions do not stop root.
    paths.state().parent.mkdir(parents=True)
    paths.state().write_text("")
    environments.remember("/envs/a/bin/python")
    environments.record_made("/envs/a/bin/python")
    assert environments.remembered() is None


def test_behind_a_launch_prefix_the_path_is_taken_as_it_stands(environ: dict[str, str]) -> None:
    assert environments.told(None, environ) is None
    assert environments.told(None, environ | {"BBWIZARD_PYTHON": "there/too"}) == "there/too"
    assert environments.told("there", environ | {"BBWIZARD_PYTHON": "there/too"}) == "there"


def test_a_real_python_is_asked_without_importing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Versions come from metadata, or from the source where there is none; the current folder does not count."""
    (tmp_path / "path" / "torch").mkdir(parents=True)
    (tmp_path / "path" / "torch" / "__init__.py").write_text("raise SystemExit('imported')")
    (tmp_path / "path" / "torch-9.9.dist-info").mkdir()
    (tmp_path / "path" / "torch-9.9.dist-info" / "METADATA").write_text("Name: torch\nVersion: 9.9\n")
    (tmp_path / "path" / "mmdet").mkdir()
    (tmp_path / "path" / "mmdet" / "__init__.py").write_text("raise SystemExit('imported')")
    (tmp_path / "path" / "mmdet" / "version.py").write_text("__version__ = '2.99.0'\nshort_version = __version__\n")
    (tmp_path / "here" / "timm").mkdir(parents=True)
    (tmp_path / "here" / "timm" / "__init__.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "path"))
    monkeypatch.chdir(tmp_path / "here")
    held = inquire(sys.executable)
    assert held.error == ""
    assert held.prefix == sys.prefix
    assert (held.versions["torch"], held.versions["mmdet"], held.versions["timm"]) == ("9.9", "2.99.0", None)


def test_a_python_that_hangs_is_given_up(tmp_path: Path) -> None:
    hanging = script(tmp_path / "python", "exec cat /dev/zero > /dev/null")
    assert "did not answer within 0.1 s" in inquire(hanging, limit=0.1).error


def test_the_checkout_around_a_folder(tmp_path: Path) -> None:
    for name in ("mmdet/__init__.py", "tools/train.py", "configs/_base_/x.py"):
        (tmp_path / "mmdetection" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "mmdetection" / name).write_text("")
    found = environments.checkout(tmp_path / "mmdetection" / "configs" / "_base_")
    assert found is not None
    assert found.root == tmp_path / "mmdetection"
    assert found.configs.is_dir()
    assert found.train_script.is_file()
    assert environments.checkout(tmp_path) is None
    os.unlink(tmp_path / "mmdetection" / "tools" / "train.py")
    assert environments.checkout(tmp_path / "mmdetection") is None
