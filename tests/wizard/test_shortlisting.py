"""What is made of the comparison: its table as a file, a config for each backbone, what became of their trainings."""

from __future__ import annotations

import csv

from bbwizard.app import BbwizardApp
from bbwizard.errors import ProbeCrashed
from bbwizard.session import Session

from . import fake_half
from .comparing import ODD, PAIR, SHUFFLENET, SWIN, compare
from .driving import press, screen_text, write
from .fake_half import FakeHalf

# The table as a file


async def test_the_table_is_written_by_its_suffix_and_never_over_a_file_unasked(
    narrow: BbwizardApp, session: Session
) -> None:
    async with narrow.run_test(notifications=True) as pilot:
        await compare(narrow, pilot, SHUFFLENET, ODD)
        await press(narrow, pilot, "E", "enter")
        path = session.folder / "backbones-yolox_s_8x8_300e_coco.csv"
        assert [row["backbone"] for row in csv.DictReader(path.read_text().splitlines())] == [SHUFFLENET, ODD]
        path.write_text("mine")
        await press(narrow, pilot, "E", "enter")
        assert "is there already" in screen_text(narrow)
        await press(narrow, pilot, "n")
        assert path.read_text() == "mine"
        await press(narrow, pilot, "E", "enter", "y")
        assert path.read_text().startswith("backbone,")
        await press(narrow, pilot, "E")
        await write(narrow, pilot, "my table.xlsx")
        await press(narrow, pilot, "enter")
        assert "says no format" in screen_text(narrow)
        await press(narrow, pilot, "end", *["backspace"] * 4)
        await write(narrow, pilot, "md")
        await press(narrow, pilot, "enter")
        assert r"| timm/resnet50\[/x\] |" in (session.folder / "my table.md").read_text()


async def test_a_table_that_cannot_be_written_is_said(app: BbwizardApp, session: Session) -> None:
    (session.folder / "file").write_text("")
    async with app.run_test() as pilot:
        await compare(app, pilot, *PAIR)
        await press(app, pilot, "E")
        await write(app, pilot, "file/table.csv")
        await press(app, pilot, "enter")
        assert "cannot be written" in screen_text(app)


# A config for each


async def test_a_config_is_written_for_each_that_fits_and_the_others_say_why_not(
    app: BbwizardApp, session: Session
) -> None:
    async with app.run_test(size=(120, 40)) as pilot:
        await compare(app, pilot, *PAIR, fake_half.FLAT)
        session.change(gpus=2)
        await press(app, pilot, "W", "enter")
        text = screen_text(app)
        assert "✓ yolox_s_8x8_300e_coco_shufflenetv2.py" in text
        assert "✗ timm/vit_base_patch16_224: all of its maps have stride 16" in text
        folder = session.folder / "candidates-yolox_s_8x8_300e_coco"
        assert sorted(path.name for path in folder.iterdir()) == [
            "train_all.sh",
            "train_array.sbatch",
            "yolox_s_8x8_300e_coco_shufflenetv2.py",
            "yolox_s_8x8_300e_coco_swintransformer_tiny.py",
        ]
        assert "--nproc_per_node=2" in (folder / "train_all.sh").read_text()
        assert "in_channels=[192, 384, 768]" in (folder / "yolox_s_8x8_300e_coco_swintransformer_tiny.py").read_text()
        assert session.written is None
        assert session.recipe.backbone == ""


async def test_configs_that_are_there_are_replaced_only_when_asked(app: BbwizardApp, session: Session) -> None:
    config = session.folder / "mine" / "yolox_s_8x8_300e_coco_shufflenetv2.py"
    config.parent.mkdir()
    config.write_text("mine")
    async with app.run_test() as pilot:
        await compare(app, pilot, *PAIR)
        for answer in ("n", "y"):
            await press(app, pilot, "W")
            await write(app, pilot, "mine")
            await press(app, pilot, "enter")
            assert "mine already holds yolox_s_8x8_300e_coco_shufflenetv2.py" in screen_text(app)
            await press(app, pilot, answer)
            assert (config.read_text() == "mine") == (answer == "n")
            assert (len(list(config.parent.iterdir())) == 1) == (answer == "n")


async def test_where_none_fits_nothing_is_written(app: BbwizardApp, session: Session, half: type[FakeHalf]) -> None:
    half.failing[f"probe {SWIN}"] = ProbeCrashed("ended by SIGSEGV")
    async with app.run_test() as pilot:
        await compare(app, pilot, SWIN, fake_half.FLAT)
        await press(app, pilot, "W", "enter")
        text = " ".join(screen_text(app).split())
        assert "none of them can be written" in text
        assert not list(session.folder.iterdir())


async def test_what_became_of_trainings_is_shown_from_here(app: BbwizardApp, session: Session) -> None:
    work_dir = session.folder / "work_dirs" / "new [x]"
    work_dir.mkdir(parents=True)
    lines = ['{"mode": "train", "epoch": 2}', '{"mode": "val", "epoch": 2, "bbox_mAP": 0.413}']
    async with app.run_test() as pilot:
        await compare(app, pilot, *PAIR)
        await press(app, pilot, "R")
        assert "there is no training in" in " ".join(screen_text(app).split())
        (work_dir / "1.log.json").write_text("\n".join(lines))
        await press(app, pilot, "escape", "R")
        assert "new [x]   running  epoch 2  0.413" in screen_text(app)
