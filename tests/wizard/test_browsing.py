"""The lists: filter, catalogs, and the pane that never holds another row's facts."""

from __future__ import annotations

import asyncio

import pytest
from textual import events
from textual.pilot import Pilot
from textual.strip import Strip

from bbwizard.app import BbwizardApp, Outcome
from bbwizard.errors import ProbeCrashed
from bbwizard.screens.backbone import BackboneStep
from bbwizard.session import Session
from bbwizard.widgets.row_list import RowList

from . import fake_half
from .driving import choose, focus_name, press, screen_text, settle, step, surveyed, write
from .fake_half import FakeHalf


async def to_backbones(app: BbwizardApp, pilot: Pilot[Outcome]) -> BackboneStep:
    await settle(app, pilot)
    await choose(app, pilot, "yolox")
    found = step(app)
    assert isinstance(found, BackboneStep)
    return found


def pane(app: BbwizardApp) -> str:
    """What the pane beside the list says."""
    shown = step(app)
    assert isinstance(shown, BackboneStep)
    return shown.detail.paragraphs.content.plain


async def test_a_filter_narrows_as_it_is_typed_and_escape_clears_then_leaves(app: BbwizardApp) -> None:
    async with app.run_test() as pilot:
        await to_backbones(app, pilot)
        await press(app, pilot, "slash")
        await press(app, pilot, "z", "o", "o", "space", "1", "9")
        assert "12 of 206" in screen_text(app)
        await press(app, pilot, "escape")
        assert "206 of 206" in screen_text(app)
        assert focus_name(app) == "FilterInput"
        await press(app, pilot, "escape")
        assert focus_name(app) == "RowList"


async def test_keys_that_come_in_one_go_keep_their_order(app: BbwizardApp, session: Session) -> None:
    async with app.run_test() as pilot:
        shown = await to_backbones(app, pilot)
        # "s" saves and "p" opens presets, but behind "/" they are letters; enter takes what the whole filter left.
        for key in ("slash", "s", "p", "backspace", "backspace", *"zoo_net_2", "enter"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await settle(app, pilot)
        assert shown.filter.value == "zoo_net_2"
        assert session.recipe.backbone == "timm/zoo_net_2"


async def test_the_list_is_walked_from_inside_the_filter(app: BbwizardApp, session: Session) -> None:
    async with app.run_test() as pilot:
        shown = await to_backbones(app, pilot)
        await press(app, pilot, "slash")
        await write(app, pilot, "zoo")
        await press(app, pilot, "down", "down", "pagedown", "pageup")
        assert shown.rows.row == "timm/zoo_net_2"
        assert focus_name(app) == "FilterInput"
        await press(app, pilot, "enter")
        assert session.recipe.backbone == "timm/zoo_net_2"


async def test_one_key_goes_through_the_catalogs(app: BbwizardApp) -> None:
    async with app.run_test() as pilot:
        shown = await to_backbones(app, pilot)
        await press(app, pilot, "c")
        assert list(shown.rows.rows) == [
            "mmcls/MobileNetV3/small",
            "mmcls/ShuffleNetV2",
            "mmcls/SwinTransformer/tiny",
        ]
        await press(app, pilot, "c", "c")
        assert "mmdet: nothing in this environment" in screen_text(app)
        await press(app, pilot, "c")
        assert len(shown.rows.rows) == 206


async def test_a_late_answer_is_never_shown_for_another_row(app: BbwizardApp, half: type[FakeHalf]) -> None:
    slow = half.held["probe mmcls/ShuffleNetV2"] = asyncio.Event()
    async with app.run_test() as pilot:
        shown = await to_backbones(app, pilot)
        assert shown.rows.row == "mmcls/MobileNetV3/small"
        await pilot.press("j")
        await pilot.pause()
        assert pane(app).startswith("mmcls/ShuffleNetV2")
        assert "probing…" in pane(app)
        await press(app, pilot, "j")
        assert pane(app).startswith("mmcls/SwinTransformer/tiny")
        slow.set()
        await settle(app, pilot)
        assert pane(app).startswith("mmcls/SwinTransformer/tiny")
        assert "1024" not in pane(app)


async def test_a_row_chosen_before_its_stages_are_there_goes_on_when_they_come(
    app: BbwizardApp, half: type[FakeHalf], session: Session
) -> None:
    slow = half.held["probe mmcls/ShuffleNetV2"] = asyncio.Event()
    async with app.run_test() as pilot:
        await to_backbones(app, pilot)
        await pilot.press("j", "enter")
        await pilot.pause()
        assert "then going on" in pane(app)
        assert app.wizard_screen.at == 3
        slow.set()
        await settle(app, pilot)
        assert (app.wizard_screen.at, session.recipe.backbone) == (4, "mmcls/ShuffleNetV2")
    assert len([asked for method, asked in half.asked if asked.get("name") == "mmcls/ShuffleNetV2"]) == 1


async def test_an_entry_without_a_pyramid_stays_marked_with_its_reason_and_is_refused(
    app: BbwizardApp, session: Session
) -> None:
    async with app.run_test() as pilot:
        await to_backbones(app, pilot)
        await choose(app, pilot, "vit")
        assert "all of its maps have stride 16" in screen_text(app)
        await press(app, pilot, "escape")
        assert "✗ timm/vit_base_patch16_224" in screen_text(app)
        assert "only 224x224" in pane(app)
        assert session.recipe.backbone == ""


async def test_a_crash_of_the_probing_half_is_said_in_the_pane_and_the_list_goes_on(
    app: BbwizardApp, half: type[FakeHalf]
) -> None:
    half.failing["probe mmcls/ShuffleNetV2"] = ProbeCrashed("the probing half was ended by SIGSEGV: [/x]")
    async with app.run_test() as pilot:
        await to_backbones(app, pilot)
        await press(app, pilot, "j")
        assert "ended by SIGSEGV: [/x]" in pane(app)
        await press(app, pilot, "j")
        assert "wires to YOLOX" in pane(app)


async def test_families_are_surveyed_when_nothing_else_is_asked(
    app: BbwizardApp, monkeypatch: pytest.MonkeyPatch, half: type[FakeHalf]
) -> None:
    monkeypatch.setattr("bbwizard.screens.backbone.SURVEY_AFTER", 0)
    async with app.run_test() as pilot:
        shown = await to_backbones(app, pilot)
        await surveyed(app, pilot)
        assert "✗ timm/vit_base_patch16_224" in screen_text(app)
        assert shown.entries[fake_half.FLAT].pyramid is False


async def test_conditions_and_orders_hold_for_what_was_asked(
    app: BbwizardApp, session: Session, half: type[FakeHalf]
) -> None:
    half.held = {"survey": asyncio.Event()}
    async with app.run_test(size=(120, 40)) as pilot:
        shown = await to_backbones(app, pilot)
        for name in fake_half.PYRAMIDS:
            await session.probe(shown.entries[name])
        await press(app, pilot, "slash")
        await write(app, pilot, "net stride:2")
        assert set(shown.rows.rows) == {"timm/mobilenetv2_100", "timm/resnet50[/x]", "mmcls/MobileNetV3/small"}
        assert f"3 of {len(shown.entries)} · {len(fake_half.MORE)} not asked yet" in screen_text(app)
        await press(app, pilot, "ctrl+u")
        await write(app, pilot, "!zoo wei")
        assert "weights>0" in screen_text(app)
        await press(app, pilot, "right", "escape", "tab", "o")
        assert "by params" in screen_text(app)
        known = [name for name in shown.rows.rows if session.probed(name) is not None]
        assert list(shown.rows.rows[: len(known)]) == known
        assert shown.rows.cursor == 0


async def test_what_is_no_condition_is_said_in_place_of_the_rows(app: BbwizardApp) -> None:
    async with app.run_test() as pilot:
        shown = await to_backbones(app, pilot)
        await press(app, pilot, "slash")
        await write(app, pilot, "param<30M")
        assert shown.rows.rows == []
        assert "param is no condition: params, macs, weights, stride" in pane(app)
        await press(app, pilot, "home")
        await write(app, pilot, "!")
        assert len(shown.rows.rows) == len(shown.entries)  # nothing is named so
        assert "param is no condition" in screen_text(app)


async def test_a_filter_asks_for_what_the_chosen_base_config_can_take(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        shown = await to_backbones(app, pilot)
        for name in (*fake_half.PYRAMIDS, fake_half.FLAT):
            await session.probe(shown.entries[name])
        shown.fits.clear()
        await press(app, pilot, "slash")
        await write(app, pilot, "!zoo fits:yes")
        assert set(shown.rows.rows) == set(fake_half.PYRAMIDS)
        await press(app, pilot, *["backspace"] * 3)
        await write(app, pilot, "no")
        assert shown.rows.rows == [fake_half.FLAT]


async def test_a_licence_that_is_not_told_is_counted(app: BbwizardApp) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        shown = await to_backbones(app, pilot)
        await press(app, pilot, "slash")
        await write(app, pilot, "licence:apache")
        assert shown.rows.rows == []
        assert f"0 of {len(shown.entries)} · {len(fake_half.PYRAMIDS)} of unknown licence" in screen_text(app)


async def test_multiply_adds_are_shown_and_asked_for_at_this_input_size_alone(
    app: BbwizardApp, session: Session
) -> None:
    async with app.run_test(size=(160, 40)) as pilot:
        shown = await to_backbones(app, pilot)
        for name in (*fake_half.PYRAMIDS, fake_half.FLAT):
            await session.probe(shown.entries[name])
        shown.rows.point_at("timm/mobilenetv2_100")
        await settle(app, pilot)
        assert "macs      2.0 G multiply-adds\n" in pane(app)
        shown.rows.point_at(fake_half.FLAT)
        await settle(app, pilot)
        assert "macs      50.2 M multiply-adds at 224x224\n" in pane(app)
        await press(app, pilot, "slash")
        await write(app, pilot, "!zoo macs<2.1G")
        assert fake_half.FLAT not in shown.rows.rows and len(shown.rows.rows) == 4
        assert "4 of 206 ─" in screen_text(app)
        await press(app, pilot, "tab", "o", "o")
        assert "by macs" in screen_text(app)
        assert "3.5 M 1.6 G 1" in " ".join(screen_text(app).split())
        assert list(shown.rows.rows)[:2] == ["mmcls/ShuffleNetV2", "mmcls/SwinTransformer/tiny"]
        await press(app, pilot, "i", "ctrl+u")
        await write(app, pilot, "320x320")
        await press(app, pilot, "enter")
        assert shown.rows.rows == []
        assert "0 of 206 · 6 not asked yet" in screen_text(app)


async def test_neighbours_are_probed_while_the_user_reads_and_given_up_for_what_is_highlighted(
    app: BbwizardApp, half: type[FakeHalf], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bbwizard.screens.backbone.AHEAD", 5)
    monkeypatch.setattr("bbwizard.screens.backbone.SURVEY_AFTER", 0)

    def probed() -> list[str]:
        return [params["name"] for method, params in half.asked if method == "probe"]

    async with app.run_test() as pilot:
        shown = await to_backbones(app, pilot)
        rows = shown.rows.rows
        slow = half.held[f"probe {rows[12]}"] = asyncio.Event()
        shown.rows.move_to(11)
        await settle(app, pilot)
        await pilot.pause()
        assert probed()[-2:] == [rows[11], rows[12]]
        await press(app, pilot, "up")
        slow.set()
        for worker in [one for one in app.workers if one.group == "meanwhile" and not one.is_cancelled]:
            await worker.wait()
        assert set(rows[5:16]) <= set(probed())
        before = probed()
        await press(app, pilot, "up")
        assert session.probed(rows[9]) is not None
        assert before.count(rows[9]) == probed().count(rows[9]) == 1


async def test_pages_halves_and_ends(app: BbwizardApp) -> None:
    async with app.run_test() as pilot:
        shown = await to_backbones(app, pilot)
        window = shown.rows.window
        await press(app, pilot, "pagedown")
        assert shown.rows.cursor == window
        await press(app, pilot, "ctrl+d")
        assert shown.rows.cursor == window + window // 2
        await press(app, pilot, "G")
        assert shown.rows.row == shown.rows.rows[-1] == "timm/zoo_net_199"
        await press(app, pilot, "g", "k")
        assert shown.rows.cursor == 0


async def test_a_cursor_move_paints_the_two_rows_concerned(app: BbwizardApp, monkeypatch: pytest.MonkeyPatch) -> None:
    async with app.run_test() as pilot:
        shown = await to_backbones(app, pilot)
        painted: list[int] = []
        paint = RowList.render_line

        def counted(rows: RowList[str], y: int) -> Strip:
            painted.append(y)
            return paint(rows, y)

        monkeypatch.setattr(RowList, "render_line", counted)
        await pilot.press("j")
        await pilot.pause()
        assert set(painted) == {1, 2}
        assert shown.rows.cursor == 1
