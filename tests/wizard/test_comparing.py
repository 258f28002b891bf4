"""Marks, and the comparison of what is marked."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from bbprobe.protocol import Measurement, Timing, Weights
from bbwizard.app import BbwizardApp
from bbwizard.errors import ProbeBusy, ProbeCrashed
from bbwizard.screens.compare import CompareScreen
from bbwizard.session import Session

from . import fake_half
from .comparing import MOBILENET, PAIR, SHUFFLENET, SWIN, compare, to_backbones
from .driving import press, screen_text, settle, write
from .fake_half import FakeHalf


def measured(session: Session, name: str, latency: float) -> None:
    timing = Timing("fp32", latency, latency * 0.9, latency * 1.1, 8 / latency, 2**29, 2**30)
    stages = {SHUFFLENET: [0, 1, 3], SWIN: [1, 2, 3]}[name]
    session.keep_measurement(Measurement(name, "cuda:0", "GPU [/x]", [640, 640], 8, [timing], stages))


def order(screen: CompareScreen) -> list[str]:
    return [row.name for row in screen.rows.rows]


# Marks


async def test_marks_stand_in_the_list_and_its_title_and_outlast_the_filter(app: BbwizardApp, session: Session) -> None:
    async with app.run_test() as pilot:
        shown = await to_backbones(app, pilot)
        await press(app, pilot, "j", "space")
        assert f"●  {SHUFFLENET}" in screen_text(app)
        assert "Backbones · all · 1 marked" in screen_text(app)
        await press(app, pilot, "slash")
        await write(app, pilot, "zoo_net_7")
        await press(app, pilot, "tab", "space")
        assert "2 marked" in screen_text(app)
        assert session.marked == (SHUFFLENET, "timm/zoo_net_7")
        await press(app, pilot, "space")
        assert session.marked == (SHUFFLENET,)
        await press(app, pilot, "slash", "escape", "escape", "c", "o")
        assert shown.rows.point_at(SHUFFLENET)
        assert f"●  {SHUFFLENET}" in screen_text(app)


async def test_a_space_in_the_filter_marks_nothing(app: BbwizardApp, session: Session) -> None:
    async with app.run_test() as pilot:
        shown = await to_backbones(app, pilot)
        await press(app, pilot, "slash", "z", "space", "1")
        assert shown.filter.value == "z 1"
        assert session.marked == ()


async def test_one_mark_is_too_few_and_the_toast_says_what_to_do(app: BbwizardApp) -> None:
    async with app.run_test(notifications=True) as pilot:
        await to_backbones(app, pilot)
        await press(app, pilot, "space", "v")
        assert not isinstance(app.screen, CompareScreen)
        assert "space marks a backbone" in screen_text(app)


# The comparison


@pytest.mark.parametrize("size", [(80, 24), (160, 48)])
async def test_backbones_stand_side_by_side(app: BbwizardApp, session: Session, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        await settle(app, pilot)
        measured(session, SHUFFLENET, 0.004)
        measured(session, SWIN, 0.021)
        await compare(app, pilot, *PAIR, fake_half.FLAT)
        text = screen_text(app)
        for line in ("a ✓ mmcls/ShuffleNetV2", "b ✓ mmcls/SwinTransformer/tiny", "c ✗ timm/vit_base_patch16_224"):
            assert line in text
        assert "116, 232, 1024" in text
        assert "at 8, 16, 32" in text
        assert "Latency (fp32) over parameters" in text
        assert "2 of 3 measured" in text
        assert "20 ms ┤" in text
        assert ("wires to YOLOX" in text) == (size[0] > 80)
        assert ("train GiB" in text) == (size[0] > 80)
        assert all(len(line) <= size[0] for line in text.splitlines())


@pytest.mark.parametrize("size", [(90, 30), (100, 30), (160, 48)])
async def test_licences_have_the_room_that_names_leave_and_no_number_is_cut(
    app: BbwizardApp, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setattr(fake_half, "Weights", partial(Weights, licence="apache-2.0, cc-by-nc-4.0"))
    async with app.run_test(size=size) as pilot:
        screen = await compare(app, pilot, *PAIR, fake_half.FLAT)
        shown = screen_text(app)
        assert "M   1.6 G" in shown
        assert "50.2 M" not in shown.splitlines()[4], "what it is at 224x224 compares to none of them"
        assert ("apache-2.0, cc-by-nc-4.0" in shown) == (size[0] > 90), shown
        assert ("…" in shown) == (size[0] == 90), shown
        assert all(f"{row.name} " in shown for row in screen.rows.rows), "names come first"


async def test_on_a_small_terminal_a_key_shows_the_facts_in_place_of_the_plot(
    app: BbwizardApp, session: Session
) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(app, pilot)
        measured(session, SWIN, 0.021)
        screen = await compare(app, pilot, *PAIR)
        assert "t facts" in screen_text(app)
        await press(app, pilot, "t", "j")
        assert "mmcls/SwinTransformer/tiny  live" in screen.facts.paragraphs.content.plain
        assert "measured on GPU [/x], 640x640, batch 8" in screen.facts.paragraphs.content.plain
        assert "wires to YOLOX" in screen_text(app)
        await press(app, pilot, "t")
        assert "wires to YOLOX" not in screen_text(app)
        await pilot.resize_terminal(160, 48)
        await settle(app, pilot)
        assert "wires to YOLOX" in screen_text(app)
        assert "t facts" not in screen_text(app)


async def test_what_nothing_was_measured_of_is_drawn_by_its_parameters(app: BbwizardApp) -> None:
    async with app.run_test() as pilot:
        await compare(app, pilot, *PAIR)
        assert "none is measured yet" in screen_text(app)
        assert "█ 3.5 M" in screen_text(app)


async def test_a_key_turns_the_plot_from_parameters_to_multiply_adds(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(size=(160, 48)) as pilot:
        screen = await compare(app, pilot, *PAIR)
        assert "─ Parameters ─" in screen_text(app)
        await press(app, pilot, "p")
        assert "─ Multiply-adds ─" in screen_text(app)
        assert "█ 1.6 G" in screen_text(app)
        measured(session, SWIN, 0.021)
        screen.renew()
        assert "Latency (fp32) over multiply-adds" in screen_text(app)
        await press(app, pilot, "p")
        assert "Latency (fp32) over parameters" in screen_text(app)


async def test_the_highlighted_backbone_is_measured_here_too(
    app: BbwizardApp, half: type[FakeHalf], session: Session
) -> None:
    half.held = {"measure": asyncio.Event()}
    async with app.run_test(size=(160, 48)) as pilot:
        screen = await compare(app, pilot, *PAIR)
        await pilot.press("j", "m")
        for _ in range(9):
            await pilot.pause()
        assert f"measuring {SWIN} on cpu…" in screen_text(app)
        assert "12.3/-" in screen_text(app)  # as it grows
        await pilot.press("k", "m")  # one at a time, and moving on gives nothing up
        half.held["measure"].set()
        await settle(app, pilot)
        assert "12.3/7.1" in screen_text(app) and "images/s x8" in screen_text(app)
        assert "1 of 2 measured" in screen_text(app)
        assert screen.rows.row.name == SHUFFLENET
    assert [params["name"] for method, params in half.asked if method == "measure"] == [SWIN]


async def test_why_one_was_not_measured_is_said_and_a_busy_gpu_is_joined_when_asked_again(
    app: BbwizardApp, half: type[FakeHalf]
) -> None:
    half.failing = {"measure": ProbeBusy("cuda:0 is in use")}
    async with app.run_test(size=(160, 48), notifications=True) as pilot:
        await compare(app, pilot, *PAIR)
        await press(app, pilot, "m")
        assert "cuda:0 is in use; m measures all the same" in " ".join(screen_text(app).split())
        half.failing = {}
        await press(app, pilot, "m")
        assert "12.3/7.1" in screen_text(app)
    assert [params["busy"] for method, params in half.asked if method == "measure"] == [False, True]


async def test_another_batch_is_another_measurement(app: BbwizardApp, half: type[FakeHalf], session: Session) -> None:
    async with app.run_test(size=(160, 48)) as pilot:
        await compare(app, pilot, *PAIR)
        await press(app, pilot, "m", "j", "M", "ctrl+u")
        await write(app, pilot, "16")
        await press(app, pilot, "enter")
        assert "images/s x16" in screen_text(app)
        assert "1 of 2 measured" in screen_text(app)  # the first was, with 8 at a time
        session.batch = 8
        assert session.measured(SHUFFLENET) is not None and session.measured(SWIN) is None
    asked = [(params["name"], params["batch"]) for method, params in half.asked if method == "measure"]
    assert asked == [(SHUFFLENET, 8), (SWIN, 16)]


async def test_rows_fill_in_as_answers_come(app: BbwizardApp, half: type[FakeHalf]) -> None:
    slow = half.held[f"probe {SWIN}"] = asyncio.Event()
    async with app.run_test() as pilot:
        shown = await to_backbones(app, pilot)
        app.session.mark(SHUFFLENET)
        app.session.mark(SWIN)
        shown.entitle()
        await pilot.press("v")
        await pilot.pause()
        await pilot.pause()
        assert "a ✓ mmcls/ShuffleNetV2" in screen_text(app)
        assert "b … mmcls/SwinTransformer/tiny" in screen_text(app)
        assert "1 still to be probed" in screen_text(app)
        slow.set()
        await settle(app, pilot)
        assert "b ✓ mmcls/SwinTransformer/tiny" in screen_text(app)
        assert "2 of 2 fit" in screen_text(app)


async def test_one_that_cannot_be_probed_says_why_and_keeps_its_row(app: BbwizardApp, half: type[FakeHalf]) -> None:
    half.failing[f"probe {SWIN}"] = ProbeCrashed("ended by SIGSEGV [/x]")
    async with app.run_test(size=(160, 48)) as pilot:
        await compare(app, pilot, *PAIR)
        assert "b ! mmcls/SwinTransformer/tiny" in screen_text(app)
        await press(app, pilot, "j")
        assert "ended by SIGSEGV [/x]" in screen_text(app)
        await press(app, pilot, "enter")
        assert "Not done" in screen_text(app)
        await press(app, pilot, "escape")
        assert isinstance(app.screen, CompareScreen)


async def test_one_key_orders_by_what_is_known(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        measured(session, SWIN, 0.002)
        measured(session, SHUFFLENET, 0.004)
        screen = await compare(app, pilot, SHUFFLENET, MOBILENET, SWIN)
        assert order(screen) == [SHUFFLENET, MOBILENET, SWIN]
        seen = {}
        for _ in range(7):
            await press(app, pilot, "o")
            seen[screen.order] = order(screen)
        assert list(seen) == ["name", "params", "macs", "weights", "latency", "throughput", "memory"]
        assert seen["latency"] == seen["throughput"] == [SWIN, SHUFFLENET, MOBILENET]
        assert "by memory" in screen_text(app)
        assert screen.rows.row is not None
        assert screen.rows.row.name == SHUFFLENET  # the cursor stays on its backbone


async def test_enter_takes_a_backbone_as_it_does_in_the_list_and_escape_takes_none(
    app: BbwizardApp, session: Session
) -> None:
    async with app.run_test() as pilot:
        await compare(app, pilot, *PAIR)
        await press(app, pilot, "escape")
        assert (app.wizard_screen.at, session.recipe.backbone) == (3, "")
        await press(app, pilot, "v", "j", "enter")
        assert (app.wizard_screen.at, session.recipe.backbone) == (4, SWIN)


async def test_what_gives_no_pyramid_is_refused_here_too(app: BbwizardApp, session: Session) -> None:
    async with app.run_test() as pilot:
        await compare(app, pilot, SHUFFLENET, fake_half.FLAT)
        await press(app, pilot, "j", "enter")
        assert "all of its maps have stride 16" in screen_text(app)
        assert session.recipe.backbone == ""


async def test_unmarking_takes_the_row_out_and_the_last_one_ends_it(app: BbwizardApp, session: Session) -> None:
    async with app.run_test() as pilot:
        screen = await compare(app, pilot, SHUFFLENET, SWIN, MOBILENET)
        await press(app, pilot, "j", "x")
        assert order(screen) == [SHUFFLENET, MOBILENET]
        assert screen.rows.cursor == 1
        assert "c ✓ timm/mobilenetv2_100" in screen_text(app)  # its sign stays its own
        await press(app, pilot, "x", "x")
        assert session.marked == ()
        assert "Backbones · all ─" in screen_text(app)
