"""A sitting's recipe: what a decision keeps, what it drops, and that it can be taken back."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import pytest
from facts import ENTRY, ENVIRONMENT, SHUFFLENET, YOLOX

from bbwizard.atomic import NOTHING, look
from bbwizard.commands import writing
from bbwizard.errors import ChangedMeanwhile, NoEnvironment, Unknown, WriteRefused
from bbwizard.plan import make
from bbwizard.recipe import Recipe
from bbwizard.session import Session


@pytest.fixture
def session(tmp_path):
    return Session(folder=tmp_path)


def test_another_backbone_drops_what_was_decided_about_the_old_ones_stages(session):
    session.change(base="b", backbone="one", stages=(0, 1), weights="w", gpus=4)
    assert session.change(backbone="two") == Recipe(base="b", backbone="two", gpus=4)


def test_decisions_are_taken_back_one_by_one(session):
    session.change(base="b")
    session.change(backbone="k")
    session.change(backbone="k")
    assert session.history.undo()
    assert session.recipe == Recipe(base="b")
    assert session.history.undo()
    assert not session.history.undo()
    assert session.recipe == Recipe()
    assert session.history.redo()
    assert session.recipe == Recipe(base="b")


def test_what_moved_since_a_preset_was_saved_is_said_until_the_stages_are_chosen_anew(session):
    session.change(base="b", backbone="k", stages=(0, 1))
    session.notes = ("stage 2 moved",)
    session.change(weights="none", gpus=2)
    assert session.notes == ("stage 2 moved",)
    session.change(stages=(0,))
    assert session.notes == ()


def test_writing_is_atomic_and_never_over_a_file_unasked(session, tmp_path):
    session.environment = ENVIRONMENT
    plan = make(Recipe(base=YOLOX.name, backbone=ENTRY.name), YOLOX, ENTRY, SHUFFLENET)
    path = session.write(plan, tmp_path / "new.py")
    first = path.read_text()
    path.write_text("mine")
    with pytest.raises(WriteRefused, match="already"):
        session.write(plan, path)
    assert path.read_text() == "mine"
    session.write(plan, path, force=True)
    assert path.read_text() == first
    assert [found.name for found in tmp_path.glob("*.py*")] == ["new.py"]


def test_what_sbatch_queues_is_a_script_beside_the_config_and_never_over_a_file_unasked(session, tmp_path):
    session.environment = ENVIRONMENT
    session.change(base=YOLOX.name, backbone=ENTRY.name, gpus=16, launcher="sbatch", resume="auto")
    plan = make(session.recipe, YOLOX, ENTRY, SHUFFLENET)
    script, options = tmp_path / "new.sbatch", Namespace(output=Path("new.py"), force=False)
    script.write_text("mine")
    with pytest.raises(ChangedMeanwhile, match=r"new\.sbatch is there already"):
        writing.written(session, plan, options)
    assert list(tmp_path.glob("new*")) == [script]
    options.force = True
    written = writing.written(session, plan, options)
    assert session.command(written) == "sbatch new.sbatch"
    before, options.force = look(script), False
    assert writing.written(session, plan, options) == written
    assert look(script) == before
    lines = script.read_text().splitlines()
    assert {"#SBATCH --nodes=2", "#SBATCH --gres=gpu:8", "#SBATCH --ntasks=16"} <= set(lines)
    assert f"#SBATCH --output={tmp_path}/new-%j.out" in lines
    [line] = [line for line in lines if line.startswith("train new.py srun ")]
    assert line.endswith(" new.py --launcher slurm --auto-resume")


def test_a_config_whose_script_cannot_be_written_is_the_written_one(session, tmp_path):
    session.environment = ENVIRONMENT
    session.change(base=YOLOX.name, backbone=ENTRY.name, launcher="sbatch")
    plan = make(session.recipe, YOLOX, ENTRY, SHUFFLENET)
    (tmp_path / "new.sbatch").mkdir()
    with pytest.raises(WriteRefused, match=r"new\.sbatch cannot be written: it is a folder"):
        writing.written(session, plan, Namespace(output=Path("new.py"), force=True))
    assert session.written == tmp_path / "new.py"
    session.write_script(tmp_path / "other.sbatch", "x", NOTHING)
    assert session.command(session.written) == "sbatch other.sbatch"


def test_a_folder_is_no_file_to_write(session, tmp_path):
    session.environment = ENVIRONMENT
    plan = make(Recipe(base=YOLOX.name, backbone=ENTRY.name), YOLOX, ENTRY, SHUFFLENET)
    with pytest.raises(WriteRefused):
        session.write(plan, tmp_path, force=True)


async def test_nothing_is_asked_without_an_environment(session):
    with pytest.raises(NoEnvironment):
        await session.entries()
    with pytest.raises(NoEnvironment):
        session.command(session.folder)


def test_names_are_found_as_people_type_them():
    from bbprobe.protocol import BaseName
    from bbwizard.catalog import find_backbone, find_base

    bases = [BaseName(name, f"/c/{name}", "mmdet") for name in ("a/one.py", "b/one.py", "b/two.py")]
    assert find_base("two", bases).name == "b/two.py"
    assert find_base("b/one", bases).name == "b/one.py"
    with pytest.raises(Unknown, match="ambiguous"):
        find_base("one", bases)
    assert find_backbone("MMCLS/shufflenetv2", [ENTRY]) is ENTRY
    with pytest.raises(Unknown) as failure:
        find_backbone("mmcls/ShufleNetV2", [ENTRY])
    assert "mmcls/ShuffleNetV2" in failure.value.hint


@pytest.mark.parametrize("target", ["base.py", "parent.py", "folder/link.py"])
def test_a_config_is_never_written_over_what_it_inherits_from(session, tmp_path, target):
    session.environment = ENVIRONMENT
    (tmp_path / "parent.py").write_text("model = {}\n")
    (tmp_path / "base.py").write_text("_base_ = ['./parent.py', './nowhere.py', 'base.py']\n")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "link.py").symlink_to(tmp_path / "parent.py")
    base = replace(YOLOX, path=str(tmp_path / "base.py"))
    plan = make(Recipe(base=base.name, backbone=ENTRY.name), base, ENTRY, SHUFFLENET)
    before = (tmp_path / target).read_text()
    with pytest.raises(WriteRefused, match="is that file, or inherits from it"):
        session.write(plan, tmp_path / target, force=True)
    assert (tmp_path / target).read_text() == before
    session.write(plan, tmp_path / "other.py", force=True)
