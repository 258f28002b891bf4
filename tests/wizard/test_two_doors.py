"""The wizard and the command line are two doors to one room: the same recipe is the same bytes."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from answered import agrees
from bbprobe.protocol import Adopted, Base
from bbwizard import commands, preset_book
from bbwizard.app import BbwizardApp
from bbwizard.arguments import parser
from bbwizard.commands import common
from bbwizard.errors import WriteRefused
from bbwizard.session import Session

from . import fake_half
from .driving import press, screen_text, settle, to_stages, write
from .fake_half import FakeHalf


@pytest.fixture(autouse=True)
def in_its_folder(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command line works where the wizard does, and asks the same environment."""
    monkeypatch.chdir(session.folder)
    monkeypatch.setattr(common, "environment", lambda options, live: fake_half.PYTHON)


async def call(*words: str) -> int:
    """What `bbwizard WORDS` does, in this process."""
    options = parser().parse_args(words)
    return await commands.COMMANDS[options.command](options)


@pytest.mark.parametrize(
    ("base", "backbone"), [("yolov3", "swin"), ("yolox", "mobilenetv2"), ("retinanet", "resnet50")]
)
async def test_a_recipe_is_the_same_bytes_by_either_door(
    app: BbwizardApp, session: Session, base: str, backbone: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, base, backbone)
        await press(app, pilot, "s", "ctrl+u")
        await write(app, pilot, "mine")
        await press(app, pilot, "enter", "enter", "w")
        assert "check passed" in screen_text(app)
    assert session.written is not None
    text = session.written.read_text("utf-8")
    assert await call("write", "--preset", "mine", "-o", "twin.py") == 0
    assert Path("twin.py").read_text("utf-8") == text
    recipe = session.recipe
    stages = ",".join(map(str, recipe.stages or ()))
    said = ["--base", recipe.base, "--backbone", recipe.backbone, *(["--stages", stages] if stages else [])]
    capsys.readouterr()
    assert await call("write", *said, "-o", "-") == 0
    assert capsys.readouterr().out == text


async def test_a_recipe_is_kept_by_either_door(
    app: BbwizardApp, session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["write", "--base", fake_half.YOLOX, "--backbone", "mmcls/ShuffleNetV2", "-o", "new.py", "--save", "mine"]
    assert await call(*words, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    agrees("write", answer)
    saved = Path(answer["preset"])
    by_command = saved.read_text("utf-8")
    assert await call(*words) == 0, "the same preset is left as it is"
    with pytest.raises(WriteRefused, match="there is a preset 'mine' already"):
        await call(*words, "--gpus", "2", "-o", "two.py")
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "shufflenet")
        await press(app, pilot, "s", "ctrl+u")
        await write(app, pilot, "other")
        await press(app, pilot, "enter")
    assert saved.with_name("other.yaml").read_text("utf-8") == by_command


async def test_the_same_text_is_left_as_it_is_and_another_is_not_replaced_unasked(
    session: Session, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["write", "--base", fake_half.YOLOX, "--backbone", "mmcls/ShuffleNetV2", "-o", "new.py"]
    assert await call(*words) == 0
    text = Path("new.py").read_text()
    os.utime("new.py", ns=(1, 1))
    for more in ([], ["--force"]):
        assert await call(*words, *more) == 0
        assert Path("new.py").stat().st_mtime_ns == 1, "what is made of it need not be made anew"
        assert "is left as it is" in capsys.readouterr().err
    with pytest.raises(WriteRefused):
        await call(*words, "--stages", "0,1,2")
    assert Path("new.py").read_text() == text
    assert await call(*words, "--stages", "0,1,2", "--force") == 0
    assert Path("new.py").read_text() != text


async def test_presets_are_found_tagged_and_noted(app: BbwizardApp, session: Session) -> None:
    text = f"bbwizard: 1\nbase: {fake_half.YOLOX}\nbackbone: mmcls/ShuffleNetV2\n"
    for name in ("one", "two"):
        preset_book.save(name, text)
    async with app.run_test(size=(100, 30)) as pilot:
        await settle(app, pilot)
        await press(app, pilot, "p", "t")
        await write(app, pilot, "a/b")
        await press(app, pilot, "enter")
        assert "'a/b' is no tag" in screen_text(app)
        await press(app, pilot, "ctrl+u")
        await write(app, pilot, "small robots")
        await press(app, pilot, "enter", "n")
        await write(app, pilot, "why [/x] it is there")
        await press(app, pilot, "enter")
        assert preset_book.find("one").tags == ("small", "robots")
        assert "#small #robots" in screen_text(app)
        assert "why [/x] it is there" in screen_text(app)
        await press(app, pilot, "slash")
        await write(app, pilot, "#small")
        assert "two" not in screen_text(app)
        await press(app, pilot, "escape", "escape", "end")
        assert "two" in screen_text(app)
        await press(app, pilot, "t")
        assert "came with bbwizard" in screen_text(app)


async def test_a_preset_that_is_replaced_keeps_its_tags_and_its_note(app: BbwizardApp) -> None:
    text = f"bbwizard: 1\nbase: {fake_half.YOLOX}\nbackbone: mmcls/ShuffleNetV2\ntags: [small]\nnote: why\n"
    preset_book.save("mine", text)
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "s", "ctrl+u")
        await write(app, pilot, "mine")
        await press(app, pilot, "enter", "y")
    found = preset_book.read(preset_book.find("mine").path)
    assert (found.recipe.backbone, found.tags, found.note) == ("timm/mobilenetv2_100", ("small",), "why")


@pytest.fixture
def swapped(session: Session, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config file with a backbone of mmcls in YOLOX, as the probing half would see it."""
    path = session.folder / "swapped.py"
    path.touch()
    inner = FakeHalf.answer
    backbone = {"type": "mmcls.ShuffleNetV2", "arch": "ShuffleNetV2", "out_indices": (0, 1, 3), "drop_rate": 0.5}

    def answer(self: FakeHalf, method: str, params: Any) -> Any:
        if method == "adopt":
            essence = {"arch": "ShuffleNetV2"}
            bases = [f"/configs/{fake_half.YOLOX}"]
            return Adopted(str(path), "mmcls.ShuffleNetV2", "mmcls", essence, [0, 1, 3], bases, True)
        found = inner(self, method, params)
        if isinstance(found, Base) and params["path"] == str(path):
            values = repr({"model": {"backbone": backbone}})
            return replace(found, custom_imports=["mmcls.models"], resolved=values, backbone="mmcls.ShuffleNetV2")
        return found

    monkeypatch.setattr(FakeHalf, "answer", answer)
    return path


async def test_a_config_with_a_backbone_of_mmcls_is_taken_apart_or_taken_whole(
    app: BbwizardApp, session: Session, swapped: Path
) -> None:
    session.change(gpus=16, nodes=2, launcher="pytorch", meet="gpu01")
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        await press(app, pilot, "f", "ctrl+u")
        await write(app, pilot, str(swapped))
        await press(app, pilot, "enter", "enter")
        assert "take it apart?" in screen_text(app)
        await press(app, pilot, "escape")
        assert (app.wizard_screen.at, session.recipe.base) == (2, ""), "no answer is none"
        await press(app, pilot, "enter")
        await press(app, pilot, "n")
        assert session.recipe.base == str(swapped)
        session.history.undo()
        await press(app, pilot, "f2", "enter", "y")
        assert "model.backbone.drop_rate is 0.5, and would be gone" in screen_text(app)
        await press(app, pilot, "escape")
        assert app.wizard_screen.at == 4
    recipe = session.recipe
    assert (recipe.base, recipe.backbone, recipe.stages) == (fake_half.YOLOX, "mmcls/ShuffleNetV2", (0, 1, 3))
    assert (recipe.gpus, recipe.nodes, recipe.launcher, recipe.meet) == (16, 2, "pytorch", "gpu01")


async def test_the_command_line_adopts_a_config_and_says_what_is_lost(
    swapped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await call("adopt", str(swapped)) == 0
    said = capsys.readouterr()
    text = said.out
    assert text.startswith(
        f"bbwizard: 1\nbase: {fake_half.YOLOX}\nbackbone: mmcls/ShuffleNetV2\nstages:\n- {{index: 0,"
    )
    assert "not in the recipe: model.backbone.drop_rate is 0.5, and would be gone\n" in said.err
    assert await call("adopt", str(swapped), "--save", "mine", "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    agrees("adopt", answer)
    assert answer["preset"] == text == Path(answer["saved"]).read_text("utf-8")
    assert await call("adopt", str(swapped), "--save", "mine") == 0, "the same preset is left as it is"
    Path(answer["saved"]).write_text(text + "note: mine\n")
    with pytest.raises(WriteRefused, match="already"):
        await call("adopt", str(swapped), "--save", "mine")


async def test_the_wizard_opens_on_a_config(session: Session, swapped: Path) -> None:
    app = BbwizardApp(lambda: session, preset=str(swapped))
    async with app.run_test(size=(160, 48)) as pilot:
        await settle(app, pilot)
        assert "model.backbone.drop_rate is 0.5, and would be gone" in screen_text(app)
    assert session.recipe.backbone == "mmcls/ShuffleNetV2"
