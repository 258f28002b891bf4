"""What the command line prints of hostile names: nothing in it acts on a terminal, and JSON means what it meant."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hostile import NAMES

import bbwizard.asked.opening
import bbwizard.commands.common
from bbwizard import preset_book
from bbwizard.cli import run
from bbwizard.inert import CONTROL

from . import fake_half
from .hostile_half import STEM, HostileHalf

BACKBONES = [f"timm/{STEM}{number}{name}" for number, name in enumerate(NAMES)]


@pytest.fixture(autouse=True)
def commands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Commands that ask the hostile half, in an empty folder."""
    monkeypatch.setattr(bbwizard.asked.opening, "ProbingHalf", HostileHalf)
    monkeypatch.setattr(bbwizard.commands.common, "environment", lambda options, live: fake_half.PYTHON)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    "words",
    [
        ["bases"],
        ["bases", "--names"],
        ["backbones"],
        ["backbones", "--fits", "hostile/14x"],
        ["probe", BACKBONES[0]],
        ["probe", "--all", STEM, "--jobs", "1"],
        ["compare", *BACKBONES[:5]],
        ["compare", *BACKBONES[:5], "--format", "csv"],
        ["doctor"],
        ["presets"],
        ["write", "--base", "no\x1b[31msuch", "--backbone", BACKBONES[1], "-o", "new.py"],
        ["check", "no\x1b[31msuch.py"],
    ],
    ids=lambda words: " ".join(words)[:24].encode("ascii", "replace").decode(),
)
def test_nothing_that_a_command_says_acts_on_the_terminal(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    preset_book.save("mine", f"bbwizard: 1\nbase: {json.dumps(NAMES[0])}\nbackbone: {json.dumps(NAMES[1])}\n")
    run(words)
    said = capsys.readouterr()
    assert said.out or said.err
    assert not CONTROL.search(said.out), ascii(said.out)
    assert not CONTROL.search(said.err), ascii(said.err)


def test_json_has_the_names_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["backbones", "--json"]) == 0
    text = capsys.readouterr().out
    assert not CONTROL.search(text)
    assert set(BACKBONES) <= {entry["name"] for entry in json.loads(text)}


def test_a_path_that_is_no_text_comes_out_byte_for_byte(
    capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bbwizard.asked.opening, "ProbingHalf", fake_half.FakeHalf)
    folder = os.fsencode(tmp_path) + b"/caf\xe9\n\x1b[31m"
    os.mkdir(folder)
    monkeypatch.chdir(folder)
    words = ["write", "--base", "yolox_s_8x8_300e_coco", "--backbone", "timm/mobilenetv2_100", "--weights", "none"]
    assert run([*words, "-o-new.py"]) == 0
    said = capfdbinary.readouterr()
    assert said.out == folder + b"/-new.py\n"
    assert not CONTROL.search(said.err.decode())
    assert b"'./-new.py'" in said.err or b" ./-new.py" in said.err
    compile(Path("-new.py").read_bytes(), "config", "exec")
