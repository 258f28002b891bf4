"""The atlas: before an environment's own answers where there is one, in their place where there is none."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bbprobe.protocol import Base
from bbwizard.app import BbwizardApp
from bbwizard.environments import Candidate, mmdet_root
from bbwizard.errors import ProbeRefused
from bbwizard.session import Session

from . import small_atlas
from .comparing import to_backbones
from .driving import choose, press, screen_text, settle, to_stages, write
from .fake_half import REFUSED, RETINANET, FakeHalf

BACKBONE = "timm/mobilenetv2_100"


@pytest.fixture
def bare(shelf: Path, found: list[Candidate]) -> Path:
    """A machine without any training environment; the folder of its atlas."""
    found.clear()
    small_atlas.put(shelf, "2.28")
    return shelf


@pytest.mark.parametrize("size", [(80, 24), (160, 48)], ids=str)
async def test_a_config_for_another_machine(app: BbwizardApp, bare: Path, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2_100")
        text = screen_text(app)
        assert "atlas 2.28" in text
        assert "bbwizard env create DIR, or --python PATH" in text
        await press(app, pilot, "enter")
        assert "/path/to/mmdetection/configs/yolox/yolox_s_8x8_300e_coco.py" in screen_text(app)
        await press(app, pilot, "w")
        await write(app, pilot, "mmdetection")
        await press(app, pilot, "enter")
        assert "a whole path is needed" in screen_text(app)
        await press(app, pilot, "home", "ctrl+k")
        await write(app, pilot, "/home/me/mmdetection/")
        await press(app, pilot, "enter")
        assert app.session.written is not None
        assert "_base_ = '/home/me/mmdetection/configs/yolox/" in app.session.written.read_text("utf-8")
        said = " ".join(screen_text(app).replace("│", " ").split())
        assert "not checked: that needs a" in said
        assert "train python" in said
        assert app.session.command(app.session.written).startswith("python /home/me/mmdetection/tools/train.py yolox")
    assert mmdet_root() == "/home/me/mmdetection"


async def test_every_pane_says_something_on_the_smallest_terminal(app: BbwizardApp, bare: Path) -> None:
    async with app.run_test(size=(60, 16)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2_100")
        await press(app, pilot, "enter")
        lines = screen_text(app).splitlines()
        heads = [number for number, line in enumerate(lines) if line.startswith("╭")]
        assert len(heads) == 3
        for head, words in zip(heads, ("# YOLOX with", "finding", "option"), strict=True):
            assert words in lines[head + 1]
        assert sum(line.startswith("╰") for line in lines) == 3, "no border is cut"


async def test_several_configs_for_another_machine(app: BbwizardApp, bare: Path) -> None:
    async with app.run_test(size=(160, 48), notifications=True) as pilot:
        shown = await to_backbones(app, pilot)
        for row in shown.rows.rows[:2]:
            app.session.mark(row)
        await press(app, pilot, "v", "m")
        assert "a measurement needs a training environment" in screen_text(app)
        await press(app, pilot, "W")
        assert "Where mmdet lies on the machine that trains" in screen_text(app)
        await write(app, pilot, "/home/me/mmdetection")
        await press(app, pilot, "enter")
        assert "The folder to write them into" in screen_text(app)
        await press(app, pilot, "enter")
        assert "train_all.sh" in screen_text(app)
    (script,) = app.session.folder.glob("*/train_all.sh")
    assert str(app.session.folder) not in script.read_text("utf-8"), "it runs wherever the folder is taken to"
    queued = script.with_name("train_array.sbatch").read_text("utf-8")
    assert str(app.session.folder) not in queued and "SLURM_SUBMIT_DIR" in queued


async def test_stages_stand_there_in_the_frame_of_the_key(
    app: BbwizardApp, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bbwizard.screens.measuring.REST", 0)
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(app, pilot)
        await choose(app, pilot, "yolox")
        await pilot.press("down")
        await pilot.pause()
        text = screen_text(app)
        assert "atlas     probed beforehand, not here" in text
        assert "wires to YOLOX at stride 8, 16, 32" in text
        await settle(app, pilot)
        assert "measur" not in screen_text(app)
        await press(app, pilot, "m")
        assert "a measurement needs a training environment" in " ".join(screen_text(app).split())


async def test_the_atlas_stands_until_the_environment_says_the_same(
    app: BbwizardApp, shelf: Path, half: type[FakeHalf]
) -> None:
    small_atlas.put(shelf, "2.24")  # of another mmdet, but of the same timm
    half.held = {f"probe {BACKBONE}": asyncio.Event()}
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(app, pilot)
        await choose(app, pilot, "yolox")
        await pilot.press("slash", *"mobilenetv2")
        await pilot.pause()
        assert "atlas     probing here" in screen_text(app)
        assert "wires to YOLOX at stride 8, 16, 32" in screen_text(app)
        half.held[f"probe {BACKBONE}"].set()
        await settle(app, pilot)
        assert "live      probed on cpu" in screen_text(app)
        assert "otherwise" not in screen_text(app)


async def test_an_environment_that_says_otherwise_counts(app: BbwizardApp, shelf: Path) -> None:
    small_atlas.put(shelf, "2.28", lambda probe: replace(probe, params=11))
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(app, pilot)
        await choose(app, pilot, "yolox")
        text = " ".join(screen_text(app).replace("│", " ").split())
        assert "the atlas says otherwise" in text
        assert "live probed on cpu" in text


@pytest.mark.parametrize("agrees", [True, False])
async def test_a_base_config_is_the_atlas_s_until_it_has_been_read(
    app: BbwizardApp, shelf: Path, half: type[FakeHalf], agrees: bool
) -> None:
    def told(base: Base) -> Base:
        return base if agrees else replace(base, supported=False, reason="too old")

    small_atlas.put(shelf, "2.28", change_base=told)
    reading = f"base /configs/{RETINANET}"
    half.held = {reading: asyncio.Event()}
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(app, pilot)
        await pilot.press("slash", *"retinanet")
        await pilot.pause()
        text = screen_text(app)
        assert "atlas; reading it here…" in text
        assert ("its backbone can be swapped" if agrees else "✗ too old") in text
        assert f"│{' ' if agrees else '✗'} {RETINANET}" in text
        half.held[reading].set()
        await settle(app, pilot)
        assert "reading it here" not in screen_text(app)
        assert f"│  {RETINANET}" in screen_text(app)
        assert ("the atlas says otherwise" in screen_text(app)) is not agrees


async def test_what_the_atlas_cannot_know(bare: Path, tmp_path: Path) -> None:
    session = Session(folder=tmp_path, mmdet_root="/m")
    await session.open("atlas 2.28")
    assert [entry.name for entry in await session.entries(("mmcls",))]
    taken = await session.base("yolox_s_8x8_300e_coco")
    assert taken.path == "/m/configs/yolox/yolox_s_8x8_300e_coco.py"
    assert taken.misplaced == {"teacher_config": "/m/configs/gfl/teacher.py"}
    assert not (await session.base(REFUSED)).supported
    own = tmp_path / "own.py"
    own.write_text("model = dict()\n")
    for asking, words in (
        (session.base(str(own)), "a config of your own is read by mmcv"),
        (session.check(own), "a check needs a training environment"),
        (session.probe(await session.entry(small_atlas.NOT_BUILT)), "its library is too old"),
    ):
        with pytest.raises(ProbeRefused, match=words):
            await asking
    entry = await session.entry(BACKBONE)
    session.change(input=(320, 960))
    assert [(stage.height, stage.width) for stage in (await session.probe(entry)).stages][-1] == (10, 30)
    session.change(input=(800, 1333))
    with pytest.raises(ProbeRefused, match="800x1333 is no multiple"):
        await session.probe(entry)
    await session.close()


async def test_the_list_stands_there_before_the_catalogs_are_read(
    app: BbwizardApp, shelf: Path, half: type[FakeHalf]
) -> None:
    small_atlas.put(shelf, "2.28")
    half.held = {"catalog": asyncio.Event()}
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(app, pilot)
        await press(app, pilot, "slash")
        await write(app, pilot, "yolox")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.pause()
        assert "atlas, reading the catalogs…" in screen_text(app)
        assert "timm/mobilenetv2_100" in screen_text(app)
        assert small_atlas.NOT_BUILT in screen_text(app)
        half.held["catalog"].set()
        await settle(app, pilot)
        assert "reading the catalogs" not in screen_text(app)
        assert "3.5 M" in screen_text(app)
        assert " a " in next(line for line in screen_text(app).splitlines() if "SwinTransformer/tiny" in line)
        assert "a: atlas" in screen_text(app)
        assert small_atlas.NOT_BUILT not in screen_text(app)


async def test_what_is_chosen_stays_chosen_while_the_catalogs_are_read(
    app: BbwizardApp, shelf: Path, half: type[FakeHalf]
) -> None:
    small_atlas.put(shelf, "2.28")
    half.held = {"catalog": asyncio.Event(), f"probe {BACKBONE}": asyncio.Event()}
    async with app.run_test(size=(120, 40)) as pilot:
        await settle(app, pilot)
        await press(app, pilot, "slash")
        await write(app, pilot, "yolox")
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("slash", *"mobilenetv2", "enter")
        await pilot.pause()
        assert app.wizard_screen.at == 3
        assert "then going on" in screen_text(app)
        half.held["catalog"].set()
        for _ in range(5):
            await pilot.pause()
        half.held[f"probe {BACKBONE}"].set()
        await settle(app, pilot)
        assert app.wizard_screen.at == 4
