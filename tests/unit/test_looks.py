"""The remembered theme."""

from __future__ import annotations

from pathlib import Path

import pytest

from bbwizard import grammar, kept, looks, theme
from bbwizard.app import BbwizardApp
from bbwizard.looks import Look
from bbwizard.session import Session


def begun(name: str = "") -> BbwizardApp:
    """The wizard as it begins with a theme of the command line."""
    return BbwizardApp(Session, look=Look(name))


@pytest.mark.parametrize("number", range(4), ids=grammar.THEMES)
def test_the_palette_and_the_command_line_mean_the_same_theme(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    name, own = grammar.THEMES[number], theme.THEMES[number]
    app = begun(name)
    assert app.theme == name
    assert app.current_theme is app.available_themes[name] is own
    assert [other for other, found in app.available_themes.items() if found.ansi] == ["ansi-dark", "ansi-light"]
    assert begun().theme == name, "it is remembered"


@pytest.mark.parametrize(("former", "name"), theme.FORMER.items())
def test_a_theme_is_remembered_by_the_name_that_it_had_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, former: str, name: str
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    looks.remember(begun().colours, former)
    assert begun().theme == name


def test_a_file_of_themes_that_cannot_be_understood_is_set_aside_and_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    looks.file().parent.mkdir(parents=True)
    looks.file().write_text("[1, 2")
    assert looks.remembered("16") == ""
    looks.remember("16", "ansi-light")
    looks.remember("many", "dark")
    assert looks.remembered("16") == "ansi-light"
    aside = looks.file().with_name(looks.file().name + kept.UNREADABLE)
    assert aside.read_text() == "[1, 2"
