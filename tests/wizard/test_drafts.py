"""What is left of a sitting that its user did not end, and how the next one goes on with it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bbwizard import drafts
from bbwizard.app import BbwizardApp
from bbwizard.drafts import Draft, Left
from bbwizard.session import Session

from . import fake_half
from .driving import press, screen_text, settle, step, to_stages, write
from .fake_half import FakeHalf
from .test_first_use import BROKEN, hold

GONE = 1 << 30
"""A number that no process has."""


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bbwizard.screens.keeper.PAUSE", 0)


async def put_down(app: BbwizardApp) -> None:
    """Wait until the sitting lies on the disk."""
    while writing := [worker for worker in app.workers if worker.group == "keep" and not worker.is_finished]:
        await app.workers.wait_for_complete(writing)


def lying() -> list[Draft]:
    """The drafts that lie there, those of living processes too."""
    import msgspec

    return [msgspec.json.decode(path.read_bytes(), type=Draft) for path in drafts.folder().glob("*.json")]


def cut_off(**fields: object) -> Left:
    """Leave the draft of a sitting whose process is gone."""
    draft = Draft(**{"python": "/envs/train/bin/python", "step": 4, "pid": GONE, **fields})  # type: ignore[arg-type]
    desk = drafts.Desk()
    desk.keep(draft)
    return Left(desk.path, draft)


async def test_a_sitting_is_kept_as_it_changes_until_it_is_left(app: BbwizardApp, session: Session) -> None:
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "1")
        await put_down(app)
        (kept,) = lying()
        assert (kept.step, kept.recipe, kept.python) == (4, session.recipe, "/envs/train/bin/python")
        assert kept.filters == {2: "yolox", 3: "mobilenetv2"}
        assert kept.runs and drafts.left() == []
        await press(app, pilot, "q", "y")
    assert lying() == []


async def test_a_sitting_that_was_cut_off_goes_on_where_it_was(app: BbwizardApp, session: Session) -> None:
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "f3", "space", "f5", "t", "ctrl+u")
        await write(app, pilot, "other.py")
        await press(app, pilot, "enter", "f4", "1")
        await put_down(app)
        (kept,) = lying()
        recipe = session.recipe
    assert lying() == [kept], "what ends otherwise than by its user leaves its draft"
    (path,) = drafts.folder().glob("*.json")
    left = Left(path, replace(kept, pid=GONE))
    drafts.forget(left)
    desk = drafts.Desk()
    desk.keep(left.draft)
    later = BbwizardApp(lambda: Session(folder=session.folder))
    async with later.run_test(size=(160, 48)) as pilot:
        await settle(later, pilot)
        assert "Cut off: enter goes on with one" in screen_text(later)
        assert "yolox_s_8x8_300e_coco + timm/mobilenetv2_100" in screen_text(later)
        await press(later, pilot, "enter")
        assert later.wizard_screen.at == 4
        assert later.session.recipe == recipe
        assert later.session.marked == ("timm/mobilenetv2_100",)
        assert later.session.output == session.folder / "other.py"
        await press(later, pilot, "u")
        assert later.session.recipe == recipe, "it begins with what was recovered"
        await press(later, pilot, "f3")
        assert step(later).filter.value == "mobilenetv2"  # type: ignore[attr-defined]
        await put_down(later)
        (kept,) = lying()
        assert kept.runs, "it lies in one file, which is this sitting's"


async def test_two_that_were_cut_off_are_both_offered_and_what_is_declined_stays_to_be_had(
    app: BbwizardApp, session: Session
) -> None:
    base = session.recipe
    cut_off(recipe=replace(base, base="yolox/yolox_s_8x8_300e_coco.py"), saved=100.0, step=3)
    cut_off(recipe=replace(base, base="yolox/other.py"), saved=200.0, step=3)
    async with app.run_test(notifications=True) as pilot:
        await settle(app, pilot)
        shown = screen_text(app)
        assert shown.index("other") < shown.index("yolox_s_8x8_300e_coco"), "the newest first"
        await press(app, pilot, "escape")
        assert app.wizard_screen.at == 2
        assert session.recipe == base
        assert drafts.left() == [] and len(drafts.left(declined=True)) == 2
        await press(app, pilot, "R", "j", "enter")
        assert session.recipe.base == "yolox/yolox_s_8x8_300e_coco.py"
        assert app.wizard_screen.at == 3
        assert len(drafts.left(declined=True)) == 1
        await put_down(app)
        (again,) = lying()
        assert again.recipe == session.recipe, "it is offered again where this sitting is cut off too"
        await press(app, pilot, "R", "d", "y")
        assert drafts.left(declined=True) == []
        assert "no sitting was cut off" in screen_text(app)


async def test_of_two_wizards_that_choose_the_same_sitting_one_goes_on_with_it(
    session: Session, half: type[FakeHalf]
) -> None:
    half.held["environment"] = asyncio.Event()
    left = cut_off(recipe=replace(session.recipe, base="yolox/yolox_s_8x8_300e_coco.py"), step=3)
    first, second = (BbwizardApp(lambda: Session(folder=session.folder)) for _ in range(2))
    async with first.run_test() as here, second.run_test(notifications=True) as there:
        await here.pause()
        await there.pause()
        await here.press("enter")
        await here.pause()
        assert [one.runs for one in lying()] == [True], "it is the first one's before its environment is open"
        await there.press("enter")
        await there.pause()
        assert "or it was deleted" in screen_text(second)
        half.held["environment"].set()
        await settle(first, here)
        await settle(second, there)
        assert first.session.recipe == left.draft.recipe
        assert second.session.recipe == session.recipe
        await press(second, there, "q")
        await put_down(first)
        (kept,) = lying()
        assert kept.recipe == left.draft.recipe


async def test_a_file_that_something_else_has_removed_is_written_anew(app: BbwizardApp, session: Session) -> None:
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await put_down(app)
        (path,) = drafts.folder().glob("*.json")
        path.unlink()
        app.changed()
        await settle(app, pilot)
        await put_down(app)
        (kept,) = lying()
        assert kept.recipe == session.recipe


async def test_one_that_goes_on_in_an_environment_that_cannot_train_is_kept_and_goes_on_past_it(
    app: BbwizardApp, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(monkeypatch, BROKEN)
    recipe = replace(session.recipe, base=fake_half.YOLOX, backbone="timm/mobilenetv2_100")
    cut_off(recipe=recipe)
    async with app.run_test() as pilot:
        await settle(app, pilot)
        await press(app, pilot, "enter")
        assert app.wizard_screen.at == 1, "what mends it is read first"
        session.change(gpus=4)
        app.changed()
        await put_down(app)
        (kept,) = lying()
        assert (kept.recipe, kept.step) == (replace(recipe, gpus=4), 4)
        await press(app, pilot, "enter")
        assert app.wizard_screen.at == 4
        assert session.recipe == kept.recipe


async def test_a_base_that_is_gone_is_said_and_the_rest_of_the_recipe_stays(app: BbwizardApp, session: Session) -> None:
    cut_off(recipe=replace(session.recipe, base="/gone/own.py", backbone="timm/mobilenetv2_100"))
    async with app.run_test() as pilot:
        await settle(app, pilot)
        await press(app, pilot, "enter")
        assert "own.py" in screen_text(app)
        await press(app, pilot, "escape")
        assert session.recipe.backbone == "timm/mobilenetv2_100"


async def test_what_cannot_be_read_is_set_aside_with_a_word(app: BbwizardApp) -> None:
    left = cut_off(recipe=replace(Session().recipe, base="b"))
    good = left.path.read_bytes()
    contents = {
        "half": good[: len(good) // 2],
        "newer": good.replace(b'"version":1', b'"version":99'),
        "foreign": b"\xff\x00\xfe",
        "empty": b"",
        "list": b"[1, 2]",
    }
    left.path.unlink()
    for name, content in contents.items():
        (drafts.folder() / f"{name}.json").write_bytes(content)
    async with app.run_test(size=(160, 48), notifications=True) as pilot:
        await settle(app, pilot)
        assert len(app._notifications) == 1, "one word on all of them"
        assert "5 earlier sittings cannot be read: they stay in" in " ".join(screen_text(app).split())
        assert app.wizard_screen.at == 2
    kept = {path.name.partition(".")[0]: path.read_bytes() for path in drafts.folder().glob("*.unreadable")}
    assert kept == contents


async def test_a_home_that_cannot_be_written_to_keeps_nothing_and_disturbs_nobody(
    app: BbwizardApp, session: Session
) -> None:
    drafts.folder().parent.mkdir(parents=True, exist_ok=True)
    drafts.folder().write_text("a file where the folder should be")
    async with app.run_test(notifications=True) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await put_down(app)
        await settle(app, pilot)
        assert app.wizard_screen.at == 4
        assert " ".join(screen_text(app).split()).count("nothing is kept for the next time") == 1
        await press(app, pilot, "q", "y")
    assert drafts.folder().is_file()


async def test_what_is_left_for_another_sitting_is_offered_the_next_time(
    app: BbwizardApp, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await put_down(app)
        mine = session.recipe
        cut_off(recipe=replace(mine, backbone="mmcls/ShuffleNetV2"))
        monkeypatch.setattr("bbwizard.screens.keeper.PAUSE", 3600)
        session.change(gpus=4)
        app.changed()
        await press(app, pilot, "R", "enter")
        assert session.recipe.backbone == "mmcls/ShuffleNetV2"
        assert replace(mine, gpus=4) in [draft.recipe for draft in lying()]
        await press(app, pilot, "u")
        assert session.recipe == replace(mine, gpus=4)
