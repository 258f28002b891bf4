"""The standard streams: closed ones, one that takes nothing more, and a reader that goes."""

from __future__ import annotations

import io
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bbwizard import preset_book
from bbwizard.env_create.narration import Narration
from bbwizard.errors import FAILED

SOURCES = Path(__file__).resolve().parents[2] / "tui"
WRITE = "write --atlas --mmdet-root /there --base yolox_s_8x8_300e_coco --backbone timm/mobilenetv2_100"
UNTOLD = "backbones 'eca_* flops<50G' --atlas"
"""What prints names, and says how many it left out."""


def in_a_shell(line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """What bbwizard leaves with and says; `line` is its words, and where a shell puts its streams."""
    environ = {**os.environ, "PYTHONPATH": str(SOURCES), **variables}
    command = ["bash", "-c", f"{shlex.quote(sys.executable)} -m bbwizard {line}"]
    return subprocess.run(command, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", [["--help"], ["presets"], ["schema"]], ids=" ".join)
def test_a_reader_that_has_gone_is_told_nothing(words, unbuffered):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "bbwizard", *words]
    environ = {**os.environ, "PYTHONPATH": str(SOURCES), "PYTHONUNBUFFERED": unbuffered}
    found = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=environ, check=False)
    os.close(writer)
    assert (found.returncode, found.stderr) == (FAILED, b"")


@pytest.mark.parametrize("words", ["doctor --atlas", UNTOLD, "nonsense", "presets --show nothing"])
def test_narration_does_not_go_to_stdout_where_stderr_is_closed(words):
    usual, closed = in_a_shell(words), in_a_shell(f"{words} 2>&-")
    assert (closed.returncode, closed.stdout) == (usual.returncode, usual.stdout)
    assert usual.stderr != closed.stderr == ""


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "words",
    ["--help", "--version", "presets", "presets --show yolov3-swin-tiny", "completion bash", "schema",
     UNTOLD, "compare timm/resnet50 --atlas", f"{WRITE} -o -", f"{WRITE} -o new.py"],
)  # fmt: skip
def test_a_stdout_that_takes_nothing_is_told_in_one_line(words, unbuffered, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for where, why in ((">/dev/full", "No space left on device"), (">&-", "Bad file descriptor")):
        found = in_a_shell(f"{words} {where}", PYTHONUNBUFFERED=unbuffered)
        said = found.stderr.splitlines()
        assert said.count(f"bbwizard: stdout cannot be written: {why}") == 1
        assert "Traceback" not in found.stderr and "Exception" not in found.stderr
        assert len(said) == 1 or words.startswith(("backbones", "write --atlas"))
        assert (found.returncode, found.stdout) == (FAILED, "")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("words", ["doctor --atlas", UNTOLD, "nonsense", "presets --show nothing"])
def test_a_stderr_that_takes_nothing_changes_nothing_else(words, unbuffered):
    usual, full = (in_a_shell(f"{words}{where}", PYTHONUNBUFFERED=unbuffered) for where in ("", " 2>/dev/full"))
    assert usual.stderr != ""
    assert (full.returncode, full.stdout) == (usual.returncode, usual.stdout)


def test_what_failed_is_said_where_stdout_takes_nothing_either():
    preset_book.own_folder().parent.mkdir(parents=True)
    preset_book.own_folder().write_text("a file in its place: permissions do not stop root")
    found = in_a_shell(f"{WRITE} -o - --save mine >/dev/full", PYTHONUNBUFFERED="")
    *_, saved, _, unwritten = found.stderr.splitlines()
    assert saved.endswith("mine.yaml cannot be written: a part of its path is no folder")
    assert (found.returncode, unwritten) == (FAILED, "bbwizard: stdout cannot be written: No space left on device")


def test_a_closed_stdin_is_an_empty_one():
    closed, empty = (in_a_shell(f"presets --show - {where}") for where in ("<&-", "</dev/null"))
    assert (closed.returncode, closed.stdout, closed.stderr) == (empty.returncode, empty.stdout, empty.stderr)


class Full(io.StringIO):
    """A stream on a full disk."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_long_command_goes_on_where_nothing_of_it_can_be_told():
    tell = Narration(Full(), 2)
    tell.skip("one")
    tell.begin("two")
    tell.end()
