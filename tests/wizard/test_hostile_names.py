"""Names that act on a terminal, look like markup or have no width, on every screen: shown, and harmless."""

from __future__ import annotations

from pathlib import Path

import pytest
from hostile import NAMES
from textual.pilot import Pilot

import bbwizard.asked.opening
from bbwizard import preset_book, presets
from bbwizard.app import BbwizardApp, Outcome
from bbwizard.environments import Candidate
from bbwizard.errors import ProbeCrashed, ProbeRefused
from bbwizard.inert import CONTROL
from bbwizard.session import Session

from .driving import choose, press, screen_text, settle, write
from .fake_half import FakeHalf
from .hostile_half import STEM, HostileHalf


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch, app: BbwizardApp) -> BbwizardApp:
    """The wizard over that half."""
    monkeypatch.setattr(bbwizard.asked.opening, "ProbingHalf", HostileHalf)
    return app


def clean(app: BbwizardApp) -> None:
    """Nothing on the screen acts on a terminal, and every line is as wide as the screen."""
    for strip in app.screen._compositor.render_strips(app.size):
        assert not CONTROL.search(strip.text), ascii(strip.text)
        assert strip.cell_length == app.size.width
    screen_text(app).encode()


async def keys(app: BbwizardApp, pilot: Pilot[Outcome], *pressed: str) -> None:
    """Press keys and look at the screen after each."""
    for key in pressed:
        await press(app, pilot, key)
        clean(app)


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=["80x24", "160x48"])
async def test_every_step_shows_hostile_names_and_writes_a_config(
    hostile: BbwizardApp, session: Session, size: tuple[int, int]
) -> None:
    async with hostile.run_test(size=size, notifications=True) as pilot:
        await settle(hostile, pilot)
        clean(hostile)
        await choose(hostile, pilot, f"{STEM}/0")
        await keys(hostile, pilot, *["j"] * 4, "pagedown", "G", "g", "space", "j", "space", "v", "t", "escape", "g")
        await keys(hostile, pilot, "enter", "i", "escape", "enter", "e", "escape", "f", "j", "escape")
        await keys(hostile, pilot, "f5", "w", "l", "escape", "f1", "f5", "question_mark", "escape", "ctrl+p", "escape")
        assert session.written is not None, screen_text(hostile)
        compile(session.written.read_bytes(), "config", "exec")
        await keys(hostile, pilot, "f3")
        await keys(hostile, pilot, "G", "pageup")


async def test_errors_and_typed_lines_show_hostile_words(app: BbwizardApp, half: type[FakeHalf]) -> None:
    async with app.run_test(notifications=True) as pilot:
        await settle(app, pilot)
        for name in ("".join(NAMES[start::3]) for start in range(3)):  # each at once takes a minute
            half.failing["base"] = ProbeCrashed(f"ended: {name}", f"try {name}")
            app.notify(f"taken: {name}")
            app.report(ProbeRefused(name, name, traceback=name))
            await keys(app, pilot, "escape", "slash")
            await write(app, pilot, name)
            clean(app)
            await keys(app, pilot, "escape", "escape", "j", "f")
            await write(app, pilot, name)
            clean(app)
            await keys(app, pilot, "escape", "colon")
            await write(app, pilot, name)
            clean(app)
            await press(app, pilot, "escape")


def printable(name: str) -> str:
    """A name without what mmcv cannot print, which is refused where data are named."""
    return name.replace("'", "").replace("\n", "")


async def test_a_preset_with_hostile_values_is_listed_opened_and_shown(
    app: BbwizardApp, session: Session, tmp_path: Path
) -> None:
    named = [name for name in NAMES if "\x00" not in name and "\ud800" not in name]
    recipe = presets.parse("bbwizard: 1\nbase: yolox_s_8x8_300e_coco\nbackbone: timm/mobilenetv2_100\n", "p").recipe
    for half in range(2):
        name = "".join(named[half::2])
        values = {**vars(recipe), "weights": f"/w/{name}.pth", "data": (f"/d/{printable(name)}",)}
        preset_book.save(f"a{half}", presets.dump(type(recipe)(**values), note=name))
    async with app.run_test(size=(160, 48), notifications=True) as pilot:
        await settle(app, pilot)
        for half in range(2):
            await keys(app, pilot, "p", *["j"] * half, "enter", "escape", "f5", "escape", "down", "enter", "escape")
        assert session.recipe.weights == values["weights"]


async def test_an_environment_in_a_hostile_place_is_listed(app: BbwizardApp, found: list[Candidate]) -> None:
    found[:] = [Candidate(f"/envs/{name}/bin/python", name, {"torch": name}, name, name, error=name) for name in NAMES]
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        await keys(app, pilot, "escape", *["j", "enter", "escape"] * 4)
