"""The remembered theme."""

from __future__ import annotations

from pathlib import Path

import pytest

from bbwizard import kept, looks


def test_a_file_of_themes_that_cannot_be_understood_is_set_aside_and_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    looks.file().parent.mkdir(parents=True)
    looks.file().write_text("[1, 2")
    assert looks.remembered("16") == ""
    looks.remember("16", "ansi-light")
    looks.remember("many", "bbwizard")
    assert looks.remembered("16") == "ansi-light"
    aside = looks.file().with_name(looks.file().name + kept.UNREADABLE)
    assert aside.read_text() == "[1, 2"
