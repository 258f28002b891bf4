"""The user's own data in the last step: named, read, shown, written; and what is wrong with them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bbwizard import preset_book
from bbwizard.app import BbwizardApp
from bbwizard.errors import ProbeRefused
from bbwizard.screens.own_data import of_dataset
from bbwizard.session import Session

from . import fake_half
from .driving import SIZES, press, screen_text, to_stages, write
from .fake_half import FakeHalf


@pytest.fixture(autouse=True)
def base_with_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Base configs that say what they train on."""
    model = {"backbone": {"type": "ResNet"}, "bbox_head": {"num_classes": 80}}
    resolved = repr({"model": model, "data": {"train": {"type": "CocoDataset", "ann_file": "data/coco/a.json"}}})
    plain = fake_half.base
    monkeypatch.setattr(fake_half, "base", lambda name: replace(plain(name), resolved=resolved))


@pytest.mark.parametrize("size", SIZES)
async def test_data_are_named_shown_and_written(app: BbwizardApp, session: Session, size: tuple[int, int]) -> None:
    (session.folder / "pets").mkdir()
    async with app.run_test(size=size) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter")
        assert "the base's own" in screen_text(app)
        await press(app, pilot, "d")
        await write(app, pilot, "pets")
        await press(app, pilot, "enter")
        text = screen_text(app)
        assert "2 classes: cat [/x], dog" in text
        assert "train: 10 images, 12 boxes, no masks" in text
        await press(app, pilot, "escape", "w")
        assert session.recipe.data == (str(session.folder / "pets"),)
        assert "2 classes" in screen_text(app)
        assert "check passed" in screen_text(app)
    assert session.written is not None
    written = session.written.read_text("utf-8")
    assert "classes = ('cat [/x]', 'dog')" in written
    assert "bbox_head=dict(num_classes=2)" in written
    assert "ann_file=own_data_root + 'train.json'" in written


async def test_data_that_would_stop_the_training_are_not_written(app: BbwizardApp, session: Session) -> None:
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter", "d")
        await write(app, pilot, "gaps")
        await press(app, pilot, "enter")
        assert "3 of 10 images are not there" in " ".join(screen_text(app).split())
        plan = session.plan()
        assert plan is not None and plan.data is not None
        told = of_dataset(plan.data, plan).plain
        for role in ("train", "val", "test"):
            assert told.count(f"gaps/{role}.json: 3 of 10 images are not there") == 1
            assert told.count(f"{role}.json ({role}): 2 of 12 annotations point at images") == 1
        await press(app, pilot, "escape")
        assert "○ not written yet: it would not train" in screen_text(app)
        assert "# NOT WRITTEN: it would not train: " in screen_text(app)
        assert "written against advice" not in screen_text(app)
        await press(app, pilot, "w")
        assert session.written is None
        await press(app, pilot, "escape", "d", "ctrl+u", "enter")
        assert session.recipe.data == ()
        assert "the base's own" in screen_text(app)


async def test_data_that_cannot_be_read_say_why_and_change_nothing(
    app: BbwizardApp, session: Session, half: type[FakeHalf]
) -> None:
    half.failing["dataset"] = ProbeRefused("/x.json has 3 images and 4 annotations, but no categories [/x]")
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        before = session.recipe
        await press(app, pilot, "enter", "d")
        await write(app, pilot, "one two")
        await press(app, pilot, "enter")
        assert "comes after" in screen_text(app), "two paths are no data set"
        await press(app, pilot, "ctrl+u")
        await write(app, pilot, "x.json")
        await press(app, pilot, "enter")
        assert "3 images and 4 annotations, but no categories [/x]" in screen_text(app)
        assert session.recipe == before


async def test_the_data_of_a_preset_are_read_when_it_is_opened(
    app: BbwizardApp, session: Session, half: type[FakeHalf]
) -> None:
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        session.change(data=("/my/pets",))
        preset_book.save("mine", session.preset_text())
        session.history.undo()
        half.held["dataset"] = asyncio.Event()
        session.load(preset_book.read(preset_book.find("mine").path))
        await pilot.press("enter")
        await pilot.pause()
        assert "reading" in screen_text(app)
        assert "was not read yet" in screen_text(app)
        half.held["dataset"].set()
        await press(app, pilot, "g")
        assert "2 classes" in screen_text(app)
        assert "was not read yet" not in screen_text(app)
