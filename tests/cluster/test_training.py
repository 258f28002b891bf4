"""The train commands and scripts as they are printed, run: torchrun on one node and on two, srun, sbatch, an array."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bbwizard import launch, scripts
from bbwizard.launch import Launch
from bbwizard.results import results
from stacks.command_line import bbwizard
from stacks.stack import Stack

from .daemons import free_port
from .slurm import Slurm

HERE = Path(__file__).parent
LONG = os.environ.get("BBWIZARD_TEST_LONG", "") not in ("", "0")
COUNTED = ["process 0 of 2", "process 1 of 2"]


def counting(stack: Stack) -> Launch:
    """Processes of a stack that find one another."""
    torchrun = str(Path(stack.python).with_name("torchrun"))
    return Launch(stack.python, str(HERE / "stand_in.py"), True, mim=None, torchrun=torchrun)


def started(line: str, folder: Path) -> subprocess.Popen[str]:
    """The line in a shell, as a user pastes it."""
    return subprocess.Popen(
        ["bash", "-c", line], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def counted(*running: subprocess.Popen[str]) -> list[str]:
    """What the processes of these commands said, once they have ended well."""
    said: list[str] = []
    for process in running:
        out, err = process.communicate(timeout=600)
        assert process.returncode == 0, err[-3000:]
        said += [line for line in out.splitlines() if line.startswith("process ")]
    return sorted(said)


@pytest.mark.parametrize("stack", ["2.24"], indirect=True)  # whose `torchrun --standalone` has one port for all
def test_two_trainings_on_one_machine_do_not_meet(stack, tmp_path):
    line = launch.train_command(counting(stack), "new.py", launcher="pytorch")
    both = [started(line, tmp_path), started(line, tmp_path)]
    assert [counted(one) for one in both] == [["process 0 of 1"]] * 2


def test_one_line_typed_on_two_nodes_makes_one_training(stack, tmp_path):
    line = launch.train_command(counting(stack), "new.py", gpus=2, nodes=2, meet=f"localhost:{free_port()}")
    assert counted(started(line, tmp_path), started(line, tmp_path)) == COUNTED


def test_srun_trains_on_two_nodes(stack, queue: Slurm, tmp_path, monkeypatch):
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")  # the nodes' names are Slurm's alone here
    line = launch.train_command(counting(stack), "new.py", gpus=2, nodes=2, launcher="slurm")
    assert counted(started(line, tmp_path)) == COUNTED


def test_a_queued_script_trains_and_says_how_it_ended(queue: Slurm, tmp_path, monkeypatch):
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    config = tmp_path / "new 100%.py"
    line = launch.slurm_task(one_process(), config.name, several=False, extra=("--work-dir", "work_dirs/new 100%"))
    text = scripts.job(
        (config.name, line), str(tmp_path), "new.sbatch", allocation=launch.allocation(1), logs=str(tmp_path)
    )
    (tmp_path / "new.sbatch").write_text(text)
    queued(queue, tmp_path / "new.sbatch")
    [found] = results([tmp_path])
    assert (found.name, found.state, found.best) == ("new 100%", "finished", 0.25)


def one_process() -> Launch:
    return Launch(sys.executable, str(HERE / "one_process.py"), True, mim=None, torchrun=None)


def queued(queue: Slurm, script: Path) -> None:
    """Hand a script to sbatch, and wait until none of its tasks is left."""
    handed = queue.run("sbatch", str(script))
    assert handed.returncode == 0, handed.stderr
    queue.empty()


def test_each_task_of_an_array_has_its_log_and_its_work_dir(queue: Slurm, tmp_path):
    folder = tmp_path / "candidates-x"
    folder.mkdir()
    (folder / scripts.IN_TURN_NAME).touch()
    runs = []
    for name in ("good.py", "it's fails.py"):
        (folder / name).touch()
        extra = ("--work-dir", f"{folder}/work_dirs/{Path(name).stem}")
        runs.append((name, launch.slurm_task(one_process(), name, several=False, extra=extra)))
    text = scripts.array(runs, str(tmp_path), "array", allocation=launch.allocation(1), logs=str(folder))
    (folder / scripts.ARRAY_NAME).write_text(text)
    assert [found.state for found in results([tmp_path])] == ["waiting", "waiting"]
    queued(queue, folder / scripts.ARRAY_NAME)
    found = {one.name: (one.state, one.words) for one in results([tmp_path])}
    assert found == {"good": ("finished", ""), "it's fails": ("died", "RuntimeError: CUDA out of memory")}


@pytest.mark.skipif(not LONG, reason="BBWIZARD_TEST_LONG=1 trains for real, a minute a stack")
def test_candidates_train_in_an_array_and_it_is_told_what_became_of_them(stack, tiny_base, queue, tmp_path):
    named = ["mmcls/ShuffleNetV2", "mmcls/MobileNetV3/small"]
    where = ["--base", tiny_base, "--weights", "none", "--python", stack.python, "-o", "both"]
    assert bbwizard("candidates", *named, *where, folder=tmp_path).status == 0
    assert {row["state"] for row in bbwizard("results", "both", "--json", folder=tmp_path).data} == {"waiting"}
    handed = queue.run("sbatch", str(tmp_path / "both" / scripts.ARRAY_NAME))
    assert handed.returncode == 0, handed.stderr
    while queue.jobs:
        subprocess.run(["sleep", "1"], check=True)
    rows = bbwizard("results", "both", "--json", folder=tmp_path).data
    assert [(row["state"], row["at"], row["planned"]) for row in rows] == [("finished", 1, 1)] * 2, rows
