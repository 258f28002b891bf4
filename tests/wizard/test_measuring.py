"""Measuring the highlighted backbone: by a key, on a free GPU unasked, and never in the way of its stages."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from textual.content import Content
from textual.pilot import Pilot

from bbprobe.protocol import Environment
from bbwizard.app import BbwizardApp, Outcome
from bbwizard.errors import ProbeBusy, ProbeError
from bbwizard.screens.backbone import BackboneStep
from bbwizard.session import Session
from bbwizard.widgets.detail import Detail

from . import fake_half
from .driving import choose, press, screen_text, settle, step
from .fake_half import FakeHalf

SHUFFLENET, MOBILENET = "mmcls/ShuffleNetV2", "timm/mobilenetv2_100"
BUSY = "cuda:0 is in use: others hold 21.0 GiB of it, and it computes 97 % of the time"


@pytest.fixture(autouse=True)
def quick(half: type[FakeHalf], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bbwizard.screens.measuring.REST", 0)
    monkeypatch.setattr("bbwizard.screens.backbone.SURVEY_AFTER", 3600)


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> Environment:
    """An environment that chose its GPU."""
    found = replace(fake_half.environment(), device="cuda:0")
    monkeypatch.setattr(fake_half, "environment", lambda: found)
    return found


async def shown(app: BbwizardApp, pilot: Pilot[Outcome], name: str) -> BackboneStep:
    """The third step with the cursor on a backbone."""
    await settle(app, pilot)
    await choose(app, pilot, "yolox")
    found = step(app)
    assert isinstance(found, BackboneStep)
    await highlight(app, pilot, name)
    return found


async def highlight(app: BbwizardApp, pilot: Pilot[Outcome], name: str) -> None:
    found = step(app)
    assert isinstance(found, BackboneStep)
    found.rows.point_at(name)
    await settle(app, pilot)


def pane(app: BbwizardApp) -> str:
    """What the pane beside the list says, its lines not wrapped."""
    content = app.screen.query_one("#step-backbone Detail", Detail).paragraphs.content
    assert isinstance(content, Content)
    return content.plain


async def until(app: BbwizardApp, pilot: Pilot[Outcome], words: str) -> str:
    """The screen once these words stand on it."""
    for _ in range(50):
        await pilot.pause()
        if words in screen_text(app) or words in pane(app):
            return pane(app)
    raise AssertionError(screen_text(app))


def measured(half: type[FakeHalf]) -> list[str]:
    return [params["name"] for method, params in half.asked if method == "measure"]


async def test_a_cpu_measures_when_asked_to(app: BbwizardApp, half: type[FakeHalf]) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(app, pilot, SHUFFLENET)
        assert "m measures it on cpu" in pane(app)
        assert measured(half) == []
        await press(app, pilot, "m")
        said = pane(app)
    assert "latency, ms      12.3     7.10" in said
    assert "p10, p90    11.9-13.1" in said
    assert "images/s x8      81.5        -" in said
    assert "mixed: a forward needs more than 10.2 GiB [/x] at batch 8" in said
    assert "forward, GiB" not in said and "train, GiB" not in said
    [asked] = [params for method, params in half.asked if method == "measure"]
    assert (asked["stages"], asked["select"], asked["input"]) == ([0, 1, 3], "out_indices", [640, 640])
    assert (asked["device"], asked["batch"], asked["busy"]) == ("cpu", 8, False)


async def test_a_free_gpu_measures_what_the_cursor_rests_on(
    app: BbwizardApp, half: type[FakeHalf], gpu: Environment
) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(app, pilot, SHUFFLENET)
        said = pane(app)
    assert "on cuda:0        fp32    mixed" in said
    assert "train, GiB       4.00        -" in said
    assert SHUFFLENET in measured(half)


async def test_numbers_stream_in_below_the_stages(app: BbwizardApp, half: type[FakeHalf]) -> None:
    half.held = {"measure": asyncio.Event()}
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(app, pilot, SHUFFLENET)
        await pilot.press("m")
        said = await until(app, pilot, "latency, ms      12.3        …")
        assert "measuring on cpu…" in said
        assert said.index("40x40") < said.index("latency, ms")
        half.held["measure"].set()
        await settle(app, pilot)
        assert "measuring on cpu" not in pane(app)
        assert "latency, ms      12.3     7.10" in pane(app)


async def test_moving_on_gives_a_measurement_up_and_coming_back_asks_again(
    app: BbwizardApp, half: type[FakeHalf], session: Session
) -> None:
    half.held = {"measure": asyncio.Event()}
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(app, pilot, SHUFFLENET)
        await pilot.press("m")
        await until(app, pilot, "measuring on cpu…")
        await highlight(app, pilot, MOBILENET)
        said = pane(app)
        assert "measuring" not in said and "latency" not in said
        assert "320" in said
        assert session.measured(SHUFFLENET) is None
        del half.held["measure"]
        await highlight(app, pilot, SHUFFLENET)
        assert "m measures it on cpu" in pane(app)


async def test_what_was_measured_is_there_again(app: BbwizardApp, half: type[FakeHalf], session: Session) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(app, pilot, SHUFFLENET)
        await press(app, pilot, "m")
        await highlight(app, pilot, MOBILENET)
        assert "latency" not in pane(app)
        await highlight(app, pilot, SHUFFLENET)
        assert "latency, ms      12.3     7.10" in pane(app)
        assert measured(half) == [SHUFFLENET]
        found = session.measured(SHUFFLENET)
        assert found is not None and found.backbone == SHUFFLENET
        session.change(input=(320, 320))
        assert session.measured(SHUFFLENET) is None


async def test_whatever_else_is_asked_overtakes_a_measurement(
    app: BbwizardApp, half: type[FakeHalf], session: Session
) -> None:
    half.held = {"measure": asyncio.Event()}
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(app, pilot, SHUFFLENET)
        await pilot.press("m")
        await until(app, pilot, "measuring on cpu…")
        await session.check(Path("new.py"))
        said = await until(app, pilot, "m measures it on cpu")
        assert "latency" not in said


async def test_what_is_asked_ahead_of_need_overtakes_no_measurement(
    app: BbwizardApp, half: type[FakeHalf], session: Session
) -> None:
    half.held = {"measure": asyncio.Event()}
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(app, pilot, SHUFFLENET)
        await pilot.press("m")
        await until(app, pilot, "measuring on cpu…")
        await session.probe(await session.entry(MOBILENET), ahead=True)
        half.held["measure"].set()
        await until(app, pilot, "latency, ms      12.3     7.10")


async def test_a_gpu_in_use_is_left_alone_until_the_user_insists(
    app: BbwizardApp, half: type[FakeHalf], gpu: Environment
) -> None:
    half.failing = {"measure": ProbeBusy(BUSY)}
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(app, pilot, SHUFFLENET)
        said = pane(app)
        assert f"{BUSY}; m measures all the same" in said
        half.failing = {}
        await press(app, pilot, "m")
        assert "latency, ms      12.3     7.10" in pane(app)
    assert [params["busy"] for method, params in half.asked if method == "measure"][-2:] == [False, True]


async def test_why_a_measurement_failed_stands_in_the_pane(app: BbwizardApp, half: type[FakeHalf]) -> None:
    half.failing = {"measure": ProbeError("RuntimeError: CUDA error [/x]")}
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(app, pilot, SHUFFLENET)
        await press(app, pilot, "m")
        assert "! RuntimeError: CUDA error [/x]" in pane(app)
        half.failing = {}
        await press(app, pilot, "m")
        assert "latency, ms      12.3     7.10" in pane(app)


async def test_how_many_images_at_a_time_is_asked_for_and_remembered(app: BbwizardApp, half: type[FakeHalf]) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await shown(app, pilot, SHUFFLENET)
        await press(app, pilot, "M", "ctrl+u", "0", "enter")
        assert "'0' is no number of images" in screen_text(app)
        await press(app, pilot, "backspace", "3", "2", "enter")
        assert "images/s x32" in pane(app)
        await highlight(app, pilot, MOBILENET)
        await press(app, pilot, "m")
        assert "images/s x32" in pane(app)
    asked = [(params["name"], params["batch"]) for method, params in half.asked if method == "measure"]
    assert asked == [(SHUFFLENET, 32), (MOBILENET, 32)]


async def test_what_has_not_answered_yet_is_not_measured(app: BbwizardApp, half: type[FakeHalf]) -> None:
    half.held = {f"probe {SHUFFLENET}": asyncio.Event()}
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await settle(app, pilot)
        await choose(app, pilot, "yolox")
        found = step(app)
        assert isinstance(found, BackboneStep)
        found.rows.point_at(SHUFFLENET)
        await pilot.press("m")
        await until(app, pilot, f"{SHUFFLENET} has not said its stages yet")
        half.held[f"probe {SHUFFLENET}"].set()
        await settle(app, pilot)
    assert measured(half) == []
