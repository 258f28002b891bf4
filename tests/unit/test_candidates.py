"""Several backbones in one base config: what is written, under which names, and how it is trained."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from facts import ENTRY, ENVIRONMENT, RESNET, SHUFFLENET, YOLOX

from bbwizard import candidates
from bbwizard.candidates import Refused, Shortlist, file_names, recipe_with
from bbwizard.errors import NotWritable, WriteRefused
from bbwizard.plan import Plan, make
from bbwizard.recipe import Recipe
from bbwizard.scripts import ARRAY_NAME, IN_TURN_NAME
from bbwizard.session import Session

RESNETS = [
    replace(ENTRY, name=name, source=name.partition("/")[0], weights=[])
    for name in ("mmcls/ResNet/18", "mmdet/ResNet/18", "mmdet/resnet_18", "mmcls/Other")
]


def planned(session: Session, entry=ENTRY, probe=SHUFFLENET) -> Plan:
    recipe = recipe_with(session.recipe, entry.name)
    return make(recipe, YOLOX, entry, replace(probe, backbone=entry.name))


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A sitting in a folder that must be quoted."""
    folder = tmp_path / "my work"
    folder.mkdir()
    found = Session(folder=folder)
    found.environment = ENVIRONMENT
    found.change(base=YOLOX.name)
    return found


def test_the_options_of_the_sitting_stay_and_what_was_decided_about_a_backbone_does_not():
    recipe = Recipe("b", "k", (0, 1), "mine.pth", (320, 320), 4, "slurm", True, ("adamw",), ("pad",), ("data",))
    assert recipe_with(recipe, "other") == Recipe(
        "b", "other", None, "auto", (320, 320), 4, "slurm", False, ("adamw",), ("pad",), ("data",)
    )
    assert recipe_with(replace(recipe, weights="none"), "other").weights == "none"
    assert recipe_with(replace(recipe, resume="epoch_3.pth"), "other").resume == "auto"


def test_backbones_of_one_name_in_two_libraries_get_files_of_their_own(session):
    names = file_names([planned(session, entry, RESNET) for entry in RESNETS])
    stem = "yolox_s_8x8_300e_coco"
    assert names == [
        f"{stem}_resnet_18_mmcls.py",
        f"{stem}_resnet_18_mmdet.py",
        f"{stem}_resnet_18_mmdet_2.py",
        f"{stem}_other.py",
    ]


def test_each_config_has_a_work_folder_of_its_own_and_the_sittings_own_config_stays(session):
    session.change(gpus=4)
    mine = session.write(planned(session), Path("mine.py"))
    found = Shortlist((planned(session), planned(session, RESNETS[0], RESNET)), (Refused("timm/x", "no"),))
    written = candidates.write(session, found, Path("two of them"))
    folder = session.folder / "two of them"
    assert session.written == mine
    assert sorted(path.name for path in folder.iterdir()) == [
        "train_all.sh",
        "train_array.sbatch",
        "yolox_s_8x8_300e_coco_resnet_18.py",
        "yolox_s_8x8_300e_coco_shufflenetv2.py",
    ]
    assert written.commands == ("bash 'two of them/train_all.sh'", "sbatch 'two of them/train_array.sbatch'")
    in_turn, array = ((folder / name).read_text() for name in ("train_all.sh", "train_array.sbatch"))
    for name in ("resnet_18", "shufflenetv2"):
        stem = f"yolox_s_8x8_300e_coco_{name}"
        assert f"--work-dir 'two of them/work_dirs/{stem}'" in in_turn
        line = next(line for line in array.splitlines() if line.startswith("    ") and stem in line)
        assert f"train.py 'two of them/{stem}.py' --launcher slurm" in line
        assert f"--work-dir 'two of them/work_dirs/{stem}'" in line
    assert re.search(r"torch.distributed.launch --master_port=2\d{4} --nproc_per_node=4", in_turn)
    assert {"#SBATCH --gres=gpu:4", "#SBATCH --ntasks=4", "#SBATCH --array=0-1"} <= set(array.splitlines())
    assert written.as_json()["refused"] == [{"backbone": "timm/x", "reason": "no"}]


def test_one_process_trains_without_a_launcher_in_the_array_too(session):
    written = candidates.write(session, Shortlist((planned(session),), ()), Path("one"))
    array = (written.folder / ARRAY_NAME).read_text()
    assert "--launcher" not in array
    session.change(launcher="pytorch")
    written = candidates.write(session, Shortlist((planned(session),), ()), Path("other"))
    assert "--launcher slurm" in (written.folder / ARRAY_NAME).read_text()


def test_jobs_are_waited_for_where_they_are_trained_in_turn(session):
    session.change(launcher="sbatch")
    written = candidates.write(session, Shortlist((planned(session),), ()), Path("one"))
    in_turn = (written.folder / IN_TURN_NAME).read_text()
    assert " srun --gres=gpu:1 --ntasks=1" in in_turn
    assert "sbatch " not in in_turn


@pytest.mark.parametrize("name", ["train_all.sh", "train_array.sbatch", "yolox_s_8x8_300e_coco_shufflenetv2.py"])
def test_no_file_is_replaced_unasked_and_none_is_written_then(session, name):
    folder = session.folder / "here"
    folder.mkdir()
    (folder / name).write_text("mine")
    found = Shortlist((planned(session),), ())
    with pytest.raises(WriteRefused, match=name):
        candidates.write(session, found, Path("here"))
    assert [path.name for path in folder.iterdir()] == [name]
    candidates.write(session, found, Path("here"), force=True)
    assert (folder / name).read_text() != "mine"


def test_where_nothing_fits_nothing_is_written_and_the_reasons_are_said(session):
    with pytest.raises(NotWritable, match="timm/x: its maps are flat"):
        candidates.write(session, Shortlist((), (Refused("timm/x", "its maps are flat"),)), Path("none"))
    assert not (session.folder / "none").exists()
