"""The wizard in Simplified Chinese: nothing that bbwizard says stays English, and everything keeps its place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from bbwizard import language
from bbwizard.app import BbwizardApp
from bbwizard.session import Session

from .counting import CountingTerminal
from .driving import choose, press, screen_text, settle, to_stages
from .fake_half import FLAT, FakeHalf

SENTENCE = re.compile(r"(?<![\w/.,=-])[a-z]{2,}(?:'s)?,? [a-z]{2,}(?![\w=-])(?: [a-z]+)*", re.IGNORECASE)
"""Two words beside each other, which in Chinese only a command or somebody else's words have."""
SAID_BY_OTHERS = re.compile(
    r"bbwizard (env create|--python)[^│]*|(mim|python|torchrun|srun|sbatch) [^│]*|# [^│]*|pgup|pgdn|(ctrl|shift)\+\S+"
    r"|RFP builds a second backbone|(backbone )?inside the neck|torch sees no( GPU)?|palette"
    r"|all of its maps have stride"
)
"""Commands to type, keys, the config's own text, and what the made-up probing half says."""
PRESETS = " ".join(path.read_text("utf-8") for path in (Path(__file__).parents[2] / "presets").glob("*.yaml"))
"""Their notes are their authors' words."""


@pytest.fixture(autouse=True)
def chinese(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Speak Chinese for one test."""
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    language.use("zh_CN")
    yield
    language.use("en")


def english(app: BbwizardApp) -> list[str]:
    """What stands on the screen in English."""
    found: list[str] = []
    for line in screen_text(app).splitlines():
        for part in re.split(r"[│╭╮╰╯─]+", SAID_BY_OTHERS.sub("", line)):
            found += [text for text in SENTENCE.findall(part) if text not in PRESETS]
    return found


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_no_step_says_anything_in_english(app: BbwizardApp, session: Session, size: tuple[int, int]) -> None:
    seen: dict[str, list[str]] = {}

    def look(place: str) -> None:
        seen[place] = english(app)
        assert all(cell_len(line) <= size[0] for line in screen_text(app).splitlines()), place

    async with app.run_test(size=size, notifications=True) as pilot:
        await settle(app, pilot)
        look("base")
        for place in ("f1", "f2", "question_mark", "escape"):
            await press(app, pilot, place)
            look(place)
        await choose(app, pilot, "yolox")
        look("backbone")
        for place in (
            "space",
            "down",
            "space",
            "question_mark",
            "escape",
            "v",
            "x",
            "escape",
            "o",
            "i",
            "escape",
            "f",
            "f",
        ):
            await press(app, pilot, place)
            look(f"backbone {place}")
        await choose(app, pilot, FLAT)
        look("no pyramid")
        await press(app, pilot, "escape")
        await choose(app, pilot, "mobilenetv2")
        look("stages")
        for place in ("5", "enter", "1", "u", "question_mark", "escape"):
            await press(app, pilot, place)
            look(f"stages {place}")
        await press(app, pilot, "a", "enter")
        look("write")
        for place in (
            "w",
            "w",
            "escape",
            "question_mark",
            "escape",
            "b",
            "escape",
            "n",
            "escape",
            "s",
            "escape",
            "p",
            "escape",
        ):
            await press(app, pilot, place)
            look(f"write {place}")
    assert {place: texts for place, texts in seen.items() if texts} == {}


async def test_a_reason_of_the_probing_half_and_an_error_are_told_in_chinese(app: BbwizardApp) -> None:
    from bbwizard.errors import ProbeCrashed

    FakeHalf.failing["probe"] = ProbeCrashed(
        "the probing half was ended by SIGKILL (often for want of memory on the host), while importing mmcv", "log: /x"
    )
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(app, pilot)
        await choose(app, pilot, "yolox")
        await choose(app, pilot, "mobilenetv2")
        text = screen_text(app)
        assert "SIGKILL" in text
        assert english(app) == []


async def test_what_is_written_and_copied_stays_english(app: BbwizardApp, session: Session) -> None:
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter", "w")
    assert session.written is not None
    assert session.written.read_text("utf-8").isascii()


@pytest.mark.parametrize("width", [79, 80, 81, 82])
async def test_what_is_said_in_passing_keeps_its_characters_where_panes_end_below_it(
    app: BbwizardApp, width: int
) -> None:
    app.driver_class = CountingTerminal
    async with app.run_test(headless=False, size=(width, 24), notifications=True) as pilot:
        await settle(app, pilot)
        assert isinstance(terminal := app._driver, CountingTerminal)
        before = terminal.cells()
        await press(app, pilot, "f4")
        text = "".join(cell.data for line in terminal.cells() for cell in line)
        assert "先选择基础配置" in text
        app.clear_notifications()
        await settle(app, pilot)
        assert terminal.cells() == before
