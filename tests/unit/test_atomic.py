"""Atomic writes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bbwizard import atomic
from bbwizard.errors import WriteRefused


def test_writes_makes_folders_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "x.py"
    atomic.write_text(path, "é\r\n")
    assert path.read_bytes() == b"\xc3\xa9\r\n"
    path.chmod(0o640)
    atomic.write_text(path, "2")
    assert path.read_text() == "2"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(path.parent) == ["x.py"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    atomic.write_text(tmp_path / "link", "1")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "1"


def test_what_cannot_be_written_is_named_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for path in (tmp_path, tmp_path / "file" / "x.py"):
        with pytest.raises(WriteRefused, match="cannot be written") as refused:
            atomic.write_text(path, "1")
        assert str(path) in refused.value.text
    assert (tmp_path / "file").read_text() == "mine"
    assert os.listdir(tmp_path) == ["file"]


def test_a_failure_half_way_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.py"
    path.write_text("old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WriteRefused, match="no space left on device"):
        atomic.write_text(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["x.py"]
