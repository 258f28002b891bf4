"""The scripts that train several configs: really run by bash, with a command that only tells what it was given."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest

from bbwizard import scripts

FAKE = """\
#!/usr/bin/env bash
printf '%s|' "$PWD" "${MASTER_PORT-}" "$@" >> "$TOLD"
printf '\\n' >> "$TOLD"
case "$*" in *fails*) exit 7;; esac
"""
NAMES = ["a fails.py", "it's $HOME [x].py", "last.py"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a name that a shell would take apart, and `mim` and `srun` that tell what they are given."""
    found = tmp_path / "it's a $HOME 100%"
    (tmp_path / "bin").mkdir()
    found.mkdir()
    for name in ("mim", "srun"):
        program = tmp_path / "bin" / name
        program.write_text(FAKE)
        program.chmod(0o755)
    return found


def run(script: Path, folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environ = {
        **os.environ,
        "PATH": f"{folder.parent / 'bin'}:{os.environ['PATH']}",
        "TOLD": str(folder.parent / "told"),
    }
    return subprocess.run(
        ["bash", str(script)], cwd="/", env=environ | more, capture_output=True, text=True, check=False
    )


def told(folder: Path) -> list[list[str]]:
    """What the fake commands were given: folder, port, arguments."""
    return [line.split("|")[:-1] for line in (folder.parent / "told").read_text().splitlines()]


def quoted(program: str, names: list[str]) -> list[tuple[str, str]]:
    return [(name, shlex.join([program, name, "--work-dir", f"work dirs/{name}"])) for name in names]


def written(folder: Path, text: str) -> Path:
    script = folder / "script.sh"
    script.write_text(text)
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    return script


def in_turn(folder: Path, names: list[str]) -> str:
    return scripts.in_turn(quoted("mim", names), shlex.quote(str(folder)), "s", logs=str(folder))


def test_one_that_fails_does_not_stop_the_next_and_is_named_at_the_end(folder):
    script = written(folder, in_turn(folder, NAMES))
    found = run(script, folder)
    assert [given[0] for given in told(folder)] == [str(folder)] * 3
    assert [given[2:] for given in told(folder)] == [[name, "--work-dir", f"work dirs/{name}"] for name in NAMES]
    assert found.returncode == 1
    assert found.stderr == "failed: a fails.py: exit status 7\n"
    assert found.stdout.splitlines() == [f"== {name}" for name in NAMES]


def test_all_that_train_is_status_0(folder):
    found = run(written(folder, in_turn(folder, NAMES[1:])), folder)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.endswith("all 2 trained\n")


def test_a_folder_that_has_gone_trains_nothing(folder):
    script = written(folder, scripts.in_turn(quoted("mim", NAMES), "/not/there", "s", logs=str(folder)))
    found = run(script, folder)
    assert found.returncode == 1
    assert not (folder.parent / "told").exists()


def test_what_each_says_goes_into_a_file_of_its_own_with_how_it_ended(folder):
    run(written(folder, in_turn(folder, NAMES)), folder)
    logs = {path.name: path.read_text() for path in folder.glob("*.out")}
    assert logs == {
        "a fails.out": "== a fails.py\n== exit status 7\n",
        "it's $HOME [x].out": "== it's $HOME [x].py\n== exit status 0\n",
        "last.out": "== last.py\n== exit status 0\n",
    }


def test_what_has_been_trained_is_passed_over_until_its_config_changes(folder):
    script = written(folder, in_turn(folder, NAMES))
    for name in NAMES:
        (folder / name).write_text("")
    run(script, folder)
    found = run(script, folder)
    assert [given[2] for given in told(folder)] == [*NAMES, NAMES[0]], "the one that failed"
    assert f"last.py has been trained: {folder}/last.out" in found.stdout.splitlines()
    os.utime(folder / "last.py", (2**32, 2**32))
    (folder / "it's $HOME [x].out").unlink()
    run(script, folder)
    assert [given[2] for given in told(folder)][4:] == NAMES


def test_a_training_that_is_broken_off_says_so(folder):
    program = folder.parent / "bin" / "mim"
    program.write_text("#!/usr/bin/env bash\necho begun\nkill -INT $PPID\n")
    found = run(written(folder, in_turn(folder, NAMES[1:])), folder)
    assert found.returncode == 130
    assert (folder / "it's $HOME [x].out").read_text() == "== it's $HOME [x].py\nbegun\n== exit status 130\n"
    assert not (folder / "last.out").exists()


def test_a_folder_can_be_moved_with_the_one_around_it(folder):
    inner = folder / "candidates it's"
    inner.mkdir()
    text = scripts.in_turn(quoted("mim", NAMES[2:]), scripts.beside(".."), "s", logs=inner.name)
    script = written(inner, text)
    moved = folder.rename(folder.with_name("moved $HOME"))
    assert run(moved / script.relative_to(folder), moved).returncode == 0
    assert [given[0] for given in told(moved)] == [str(moved)]
    assert (moved / inner.name / "last.out").read_text() == "== last.py\n== exit status 0\n"


def array(folder: Path, names: list[str]) -> str:
    allocation = ["--gres=gpu:2", "--ntasks=2"]
    return scripts.array(quoted("srun", names), shlex.quote(str(folder)), "s", allocation=allocation, logs=str(folder))


@pytest.mark.parametrize("task", range(3))
def test_each_task_of_the_array_trains_its_own_config(folder, task):
    script = written(folder, array(folder, NAMES))
    found = run(script, folder, SLURM_ARRAY_TASK_ID=str(task), SLURM_JOB_ID=f"4200{task}")
    [given] = told(folder)
    assert given == [str(folder), str(20000 + 6000 + task), NAMES[task], "--work-dir", f"work dirs/{NAMES[task]}"]
    assert found.returncode == (7 if task == 0 else 0)
    assert found.stdout == f"== {NAMES[task]}\n== exit status {found.returncode}\n"


def test_a_job_trains_its_config(folder):
    asked = ["--gres=gpu:2", "--ntasks=2"]
    [line] = quoted("srun", NAMES[1:2])
    script = written(folder, scripts.job(line, shlex.quote(str(folder)), "s", allocation=asked, logs=str(folder)))
    found = run(script, folder, SLURM_JOB_ID="42007")
    assert told(folder) == [[str(folder), "26007", NAMES[1], "--work-dir", f"work dirs/{NAMES[1]}"]]
    assert found.stdout == f"== {NAMES[1]}\n== exit status 0\n"
    assert {"#SBATCH --gres=gpu:2", "#SBATCH --open-mode=append"} <= set(script.read_text().splitlines())


def test_an_array_for_another_machine_runs_where_it_is_queued(folder):
    text = scripts.array(quoted("srun", NAMES), scripts.SUBMITTED, "s", allocation=[], logs="candidates")
    found = run(written(folder, text), folder, SLURM_ARRAY_TASK_ID="2", SLURM_JOB_ID="1", SLURM_SUBMIT_DIR=str(folder))
    assert (found.returncode, told(folder)[0][0]) == (0, str(folder))
    assert "#SBATCH --output=candidates/%x-%A_%a.out" in text


def test_slurm_is_told_the_tasks_and_a_log_for_each(folder):
    lines = [line for line in array(folder, NAMES).splitlines() if line.startswith("#SBATCH")]
    assert "#SBATCH --array=0-2" in lines
    assert "#SBATCH --gres=gpu:2" in lines
    [output] = [line for line in lines if "--output" in line]
    logs = str(folder).replace("%", "%%")
    assert output == f'#SBATCH "--output={logs}/%x-%A_%a.out"'


def test_sbatch_reads_a_backslash_as_an_escape_in_any_quotes():
    assert scripts.directive("--output=/a/%x.out") == "--output=/a/%x.out"
    assert scripts.directive('--output=/a "b"\\c') == r'"--output=/a \"b\"\\c"'
