"""What a key costs the terminal: bytes and frames, counted, at two sizes, in a list of 3,000."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from textual.content import Content
from textual.pilot import Pilot

from bbprobe.protocol import Entry
from bbwizard import conditions
from bbwizard.app import BbwizardApp, Outcome
from bbwizard.screens import backbone
from bbwizard.screens.backbone import BackboneStep
from bbwizard.session import Session
from bbwizard.widgets.detail import Detail
from bbwizard.widgets.key_bar import KeyBar

from . import fake_half
from .counting import CountingTerminal
from .driving import choose, focus_name, press, screen_text, settle, step
from .fake_half import FakeHalf

ROOT = Path(__file__).resolve().parents[2]
NAMES = [f"timm/convnet{number % 60}/window{number % 11}_{number}" for number in range(3000)]
STRIDES = (2, 4, 8, 16, 32)
STAGES = {
    name: [(index, 8 * stride + number % 97, stride) for index, stride in enumerate(STRIDES[number % 2 :])]
    for number, name in enumerate(NAMES)
}
"""As many numbers as neighbours of a real catalog differ in, and maps more or fewer."""
KILOBYTE = 1024


@pytest.fixture(params=[(80, 24), (160, 48)], ids=["80x24", "160x48"])
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    return request.param


@pytest.fixture
def app(session: Session, monkeypatch: pytest.MonkeyPatch) -> BbwizardApp:
    """The wizard over 3,000 backbones, on a terminal with all colours, which cost most."""
    monkeypatch.setattr(fake_half, "MORE", [])
    monkeypatch.setattr(fake_half, "PYRAMIDS", fake_half.PYRAMIDS | STAGES)
    monkeypatch.setattr("bbwizard.screens.backbone.SURVEY_AFTER", 3600)  # what is asked at rest is no key's cost
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.delenv("NO_COLOR", raising=False)
    found = BbwizardApp(lambda: session)
    found.driver_class = CountingTerminal
    return found


@asynccontextmanager
async def at_backbones(
    app: BbwizardApp, size: tuple[int, int], *, notifications: bool = False
) -> AsyncIterator[tuple[Pilot[Outcome], CountingTerminal]]:
    """The third step with its list at rest, and the terminal that counts from there."""
    async with app.run_test(headless=False, size=size, notifications=notifications) as pilot:
        await settle(app, pilot)
        await choose(app, pilot, "yolox")
        shown = step(app)
        assert isinstance(shown, BackboneStep) and len(shown.rows.rows) > 3000
        terminal = app._driver
        assert isinstance(terminal, CountingTerminal)
        terminal.take()
        yield pilot, terminal


async def test_a_cursor_key_costs_a_kilobyte_at_most(
    app: BbwizardApp, half: type[FakeHalf], size: tuple[int, int]
) -> None:
    async with at_backbones(app, size) as (pilot, terminal):
        half.held["probe"] = asyncio.Event()  # the pane says that it is waiting, as it does for most rows
        await pilot.press("j")
        await pilot.pause()
        terminal.take()
        for pressed in ("j", "j", "k", "down"):
            await pilot.press(pressed)
            await pilot.pause()
            frames = terminal.take()
            assert len(frames) == 1
            assert sum(frames) <= KILOBYTE
        half.held["probe"].set()


async def test_a_page_key_costs_twelve_at_most(app: BbwizardApp, half: type[FakeHalf], size: tuple[int, int]) -> None:
    async with at_backbones(app, size) as (pilot, terminal):
        half.held["probe"] = asyncio.Event()
        for pressed in ("pagedown", "ctrl+d", "pageup", "G", "g"):
            await pilot.press(pressed)
            await pilot.pause()
            frames = terminal.take()
            assert len(frames) == 1
            assert sum(frames) <= 12 * KILOBYTE
        half.held["probe"].set()


async def test_facts_that_are_known_come_in_the_frame_of_the_key(app: BbwizardApp, size: tuple[int, int]) -> None:
    async with at_backbones(app, size) as (pilot, terminal):
        await press(app, pilot, "pagedown", "pageup", *"jjjjjjjj")
        terminal.take()
        cursor = []
        for pressed in ("k", "up", "k", "j", "k", "k", "down", "k"):
            await pilot.press(pressed)
            await pilot.pause()
            frames = terminal.take()
            assert len(frames) == 1
            cursor += frames
            assert terminal.cells() == terminal.painted_whole()
        assert median(cursor) <= KILOBYTE
        await press(app, pilot, "g", "pagedown")
        for pressed in ("g", "pagedown"):
            terminal.take()
            await pilot.press(pressed)
            await pilot.pause()
            frames = terminal.take()
            assert len(frames) == 1
            assert sum(frames) <= 12 * KILOBYTE


async def test_what_rows_answer_ahead_of_need_waits_for_one_frame(
    app: BbwizardApp, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backbone, "AHEAD", 5)
    monkeypatch.setattr(backbone, "TOGETHER", 3600)
    async with at_backbones(app, size) as (pilot, terminal):
        shown = step(app)
        assert isinstance(shown, BackboneStep)
        terminal.take()
        await press(app, pilot, "pagedown")
        while len(shown.learnt) < 10:
            await pilot.pause()
        frames = terminal.take()
        assert 0 < len(frames) <= 2, "the key's, and that of what the highlighted row answered"
        assert sum(frames) <= 12 * KILOBYTE
        await pilot.press("j")
        await pilot.pause()
        frames = terminal.take()
        assert len(frames) == 1
        assert sum(frames) <= KILOBYTE
        assert terminal.cells() == terminal.painted_whole()


async def test_a_letter_of_the_filter_is_echoed_and_then_paints_the_list_once(
    app: BbwizardApp, half: type[FakeHalf], size: tuple[int, int]
) -> None:
    async with at_backbones(app, size) as (pilot, terminal):
        await press(app, pilot, "slash")
        half.held["probe"] = asyncio.Event()
        terminal.take()
        for pressed in ("c", "o", "7", "backspace"):
            await pilot.press(pressed)
            await pilot.pause()
            frames = terminal.take()
            assert 0 < len(frames) <= 2
            assert max(frames) <= 20 * 1024
        half.held["probe"].set()


async def test_what_is_painted_in_part_is_what_would_be_painted_whole(app: BbwizardApp, size: tuple[int, int]) -> None:
    async with at_backbones(app, size) as (pilot, terminal):
        down = ("j", "pagedown", "j", "ctrl+d", "pagedown", "pageup", "G", "pageup", "k", "g", "down")
        for pressed in (*down, "slash", "5", "backspace", "pagedown"):
            await press(app, pilot, pressed)
            assert terminal.cells() == terminal.painted_whole(), pressed


@pytest.mark.parametrize("focus", ["RowList", "FilterInput"])
async def test_at_rest_nothing_is_written_and_nothing_would_be(
    app: BbwizardApp, size: tuple[int, int], focus: str
) -> None:
    async with at_backbones(app, size) as (pilot, terminal):
        if focus == "FilterInput":
            await press(app, pilot, "slash")
        assert focus_name(app) == focus
        await settle(app, pilot)
        terminal.take()
        await settle(app, pilot)
        assert terminal.take() == []
        ticking = [
            timer
            for node in (app, *app.screen.walk_children(with_self=True))
            for timer in node._timers
            if timer._active.is_set()
        ]
        assert ticking == []


async def test_a_pane_has_a_scrollbar_as_long_as_its_text_is_longer(app: BbwizardApp, size: tuple[int, int]) -> None:
    async with at_backbones(app, size) as (pilot, terminal):
        pane = step(app).query_one(Detail)
        for lines in (90, 2, 0, 90, 60, 3):
            pane.show(Content("\n".join("word" for _ in range(lines))))
            await pilot.pause()
            assert pane.show_vertical_scrollbar == (lines > pane.size.height)
            assert pane.max_scroll_y == max(0, lines - pane.size.height)
            assert terminal.cells() == terminal.painted_whole()


async def test_what_is_said_in_passing_is_said_whole_and_covers_no_key(app: BbwizardApp, size: tuple[int, int]) -> None:
    words = "stage 1 (/2) and stage 7 (/8) are both read at level 0, which wants stride 8. Stages 6,12,16 would work"
    async with at_backbones(app, size, notifications=True) as (pilot, terminal):
        keys = screen_text(app).splitlines()[-1]
        for _ in range(3):
            app.notify(words)
            await pilot.pause()
        await settle(app, pilot)
        assert screen_text(app).count("would") == 1, "what is said already is not said beside it"
        assert "work" in " ".join(line.partition("▌")[2] for line in screen_text(app).splitlines())
        assert screen_text(app).splitlines()[-1] == keys
        app.screen.query_one(KeyBar).refresh()
        await pilot.pause()
        assert "".join(cell.data for cell in terminal.cells()[-1]).rstrip() == keys.rstrip()


async def test_another_theme_paints_everything_in_its_colours(app: BbwizardApp, size: tuple[int, int]) -> None:
    async with at_backbones(app, size) as (pilot, terminal):
        app.theme = "light"
        await settle(app, pilot)
        light = app.get_css_variables()["background"]
        in_its_colour = [any(cell.bg == light[1:].lower() for cell in line) for line in terminal.cells()]
        assert sum(in_its_colour) >= size[1] - 3
        assert terminal.cells() == terminal.painted_whole()


def test_the_first_frame_waits_for_nothing_that_it_does_not_show() -> None:
    """The sitting is begun behind the first frame; until then nothing is imported that no first frame needs."""
    code = """
import os, sys
from bbwizard.app import BbwizardApp
painted = []

def sitting():
    print(len(painted) > 0, sorted(HEAVY & {name.partition(".")[0] for name in sys.modules} | LATER & set(sys.modules)))
    sys.stdout.flush()
    os._exit(0)

app = BbwizardApp(sitting)
app.post_display_hook = lambda: painted.append(None)
out = os.dup(1)
sys.stdout = os.fdopen(out, "w")
app.run(headless=True)
"""
    heavy = {"torch", "markdown_it", "pygments", "yaml", "msgspec", "bbprobe"}
    later = {"bbwizard.session", "bbwizard.plan", "bbwizard.screens.browse", "bbwizard.screens.dialogs"}
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "tui")}
    words = [sys.executable, "-c", f"HEAVY, LATER = {heavy}, {later}\n{code}"]
    found = subprocess.run(words, env=environ, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "True []"


async def test_no_key_waits_while_the_catalogs_are_looked_through_for_garbage(
    app: BbwizardApp, size: tuple[int, int]
) -> None:
    async with at_backbones(app, size):
        shown = step(app)
        assert isinstance(shown, BackboneStep)
        held = {id(entry) for entry in shown.entries.values()}
        assert gc.is_tracked(next(iter(shown.entries.values())))
        assert held.isdisjoint(map(id, gc.get_objects()))


async def test_what_is_known_of_an_entry_is_worked_out_once_until_it_answers(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    await session.open(fake_half.PYTHON)
    entry, *_, other = await session.entries()
    worked_out: list[str] = []
    worker = conditions.known

    def counted(entry: Entry, *more: Any) -> conditions.Known:
        worked_out.append(entry.name)
        return worker(entry, *more)

    monkeypatch.setattr(conditions, "known", counted)
    for _ in range(2):
        assert session.known(entry).params is None
        session.known(other)
    assert worked_out == [entry.name, other.name]
    await session.probe(entry)
    assert session.known(entry).macs == 1000 * 640 * 640 * 4
    session.known(other)
    assert worked_out == [entry.name, other.name, entry.name]
    session.change(input=(320, 320))
    assert session.known(entry).macs is None
    session.change(input=(640, 640))
    assert session.known(entry).macs == 1000 * 640 * 640 * 4
    await session.survey(other, for_family=True)
    assert session.known(other).strides is not None
