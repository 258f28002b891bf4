"""What became of trainings, by the files that they leave: made up here, as mmcv and the scripts write them."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from bbwizard.cli import run
from bbwizard.errors import Unknown
from bbwizard.results import Result, duration, results, rows
from bbwizard.training_logs import Evaluation, metrics_of, seconds_left, told

CONFIG = "model = dict(type='X')\nrunner = dict(type='EpochBasedRunner', max_epochs=3)\n"
BY_ITERATIONS = "runner = dict(type='IterBasedRunner', max_iters=9000)\nevaluation = dict(interval=3000)\n"


def header(config: str = CONFIG) -> str:
    return json.dumps({"env_info": "sys.platform: linux", "config": config, "seed": 0, "exp_name": "x.py"})


def train(at: int, **more: Any) -> str:
    return json.dumps({"mode": "train", "epoch": at, "iter": 50, "lr": 0.01, "loss": 1.5, "time": 0.5, **more})


def val(at: int, **metrics: Any) -> str:
    return json.dumps({"mode": "val", "epoch": at, "iter": 5000, "lr": 0.01, **metrics})


def test_the_best_evaluation_is_the_earliest_with_the_most():
    found = told([header(), train(1), val(1, bbox_mAP=0.2), train(2), val(2, bbox_mAP=0.4), val(3, bbox_mAP=0.4)])
    assert (found.unit, found.planned, found.at, found.metric) == ("epoch", 3, 3, "bbox_mAP")
    assert found.best("bbox_mAP") == Evaluation(2, {"bbox_mAP": 0.4})
    assert found.best("segm_mAP") is None


def test_a_training_that_was_gone_on_with_counts_as_one():
    found = told([header(), train(1), val(1, mAP=0.3), train(2), header(), train(2), val(2, mAP=0.5), train(3)])
    assert (found.at, [evaluation.at for evaluation in found.evaluations]) == (3, [1, 2])


def test_a_training_that_goes_on_for_longer_is_as_long_as_its_config_says_now(folder):
    work_dir = begun(folder, "a", header(), train(3), header(), train(4), checkpoint="epoch_3.pth")
    (work_dir / "a.py").write_text(CONFIG.replace("max_epochs=3", "max_epochs=6"))
    assert (only(folder).state, only(folder).at, only(folder).planned) == ("running", 4, 6)


def test_iterations_are_those_of_the_training_not_of_the_evaluation():
    found = told([header(BY_ITERATIONS), train(1, iter=3000), val(1, bbox_mAP=0.1), train(1, iter=6000)])
    assert (found.unit, found.planned, found.at) == ("iteration", 9000, 6000)
    assert found.best("bbox_mAP") == Evaluation(3000, {"bbox_mAP": 0.1})


def by_iterations(planned: int, **evaluation: Any) -> str:
    words = ", ".join(f"{key}={value!r}" for key, value in evaluation.items())
    return f"runner = dict(type='IterBasedRunner', max_iters={planned})\nevaluation = dict(\n    {words})\nseed = 0\n"


def places(*lines: str) -> list[int | None]:
    """What the evaluations in the lines came after; the metric of each is its number among them, from 1."""
    numbers = iter(range(1, 99))
    found = told([line.replace("NUMBER", str(next(numbers))) if "NUMBER" in line else line for line in lines])
    return [evaluation.at for evaluation in found.evaluations]


VAL = val(1, mAP=0).replace('"mAP": 0', '"mAP": NUMBER')


def test_evaluations_between_two_lines_of_training_are_told_apart_by_their_interval():
    three_a_line = header(by_iterations(8, interval=2, metric=["bbox", "segm"]))
    lines = [three_a_line, VAL, train(1, iter=3), VAL, train(1, iter=6), VAL, VAL]
    assert places(*lines) == [2, 4, 6, 8]
    assert told(line.replace("NUMBER", "0.5") for line in lines).at == 8
    assert places(header(by_iterations(8, interval=2)), VAL, VAL) == [2, 4], "no line of training yet"
    late = header(by_iterations(30, interval=3, start=5))
    assert places(late, VAL, VAL, train(1, iter=10), VAL) == [5, 8, 11]
    growing = header(by_iterations(23, interval=5, dynamic_intervals=[(21, 23)]))
    assert places(growing, VAL, VAL, train(1, iter=12), VAL, VAL, VAL) == [5, 10, 15, 20, 23]


def test_a_training_that_goes_on_is_placed_by_the_lines_after_it():
    config = by_iterations(20, interval=2)
    goes_on = header(f"{config}resume_from = '/x/iter_8.pth'\n")
    assert places(goes_on, VAL, VAL, train(1, iter=13), VAL) == [10, 12, 14]
    assert places(goes_on, VAL, VAL) == [None, None]
    by_itself = header(f"{config}resume_from = None\nauto_resume = True\n")
    assert places(by_itself, VAL, VAL, by_itself, VAL) == [2, 4, None]
    assert places(by_itself, VAL, VAL, by_itself, VAL, train(1, iter=6), VAL) == [2, 4, 6], "the later of two stays"


def test_what_nobody_can_tell_is_not_told(folder):
    """Too many evaluations, or too few, for what the config says."""
    for config in (by_iterations(9, interval=2), by_iterations(9, interval=0), by_iterations(9, interval="x")):
        assert places(header(config), train(1, iter=3), VAL, VAL, VAL, train(1, iter=6)) == [None] * 3
    lines = [header(by_iterations(9, interval=2)), train(1, iter=3), *[val(1, mAP=0.5)] * 3, train(1, iter=6)]
    begun(folder, "a", *lines, checkpoint="iter_6.pth")
    found = only(folder)
    assert (found.at, found.best, found.best_at, found.checkpoint) == (6, 0.5, None, None)
    assert rows([found])[0]["best at"] == ""


def test_epochs_too_short_for_a_line_are_known_by_their_evaluations(folder):
    lines = [header(), val(1), val(2, bbox_mAP=0.4)]
    assert (told(lines).at, told(lines).best("bbox_mAP")) == (2, Evaluation(2, {"bbox_mAP": 0.4}))
    assert told(lines[:2]).at == 1, "nothing was detected: a line without metrics"
    begun(folder, "a", *lines, said="done\n== exit status 0\n")
    assert (only(folder).state, only(folder).at, only(folder).best_at) == ("finished", 3, 2)


def test_what_is_no_metric_and_no_whole_line_is_passed_over():
    assert metrics_of(json.loads(val(1, bbox_mAP=0.2, bbox_mAP_copypaste="0.2 0.3", PQ=1))) == {
        "bbox_mAP": 0.2,
        "PQ": 1.0,
    }
    found = told([header(), train(1), val(1), "[]", '{"mode": "val", "epoch": 2, "bbox_'])
    assert (found.at, found.metric, found.evaluations) == (1, "", [])


ODD_LINES = [
    '{"mode": "train", "epoch": "x", "iter": 1}',
    '{"mode": "train", "epoch": null}',
    '{"mode": "train", "epoch": 1e400}',
    '{"mode": "train", "epoch": NaN}',
    '{"mode": "train", "epoch": %s}' % (10**400),
    '{"mode": "train", "epoch": -1}',
    '{"mode": "val", "epoch": [2], "bbox_mAP": 0.9}',
    '{"mode": "val", "epoch": %s, "bbox_mAP": 0.9}' % (10**400),
    "[" * 100_000,
]


@pytest.mark.parametrize("line", ODD_LINES, ids=lambda line: line[:40])
def test_an_odd_line_is_passed_over_as_a_broken_one_is(folder, line):
    begun(folder, "a", header(), train(1), val(1, bbox_mAP=0.2), line)
    assert (only(folder).at, only(folder).best, only(folder).best_at) == (1, 0.2, 1)


@pytest.mark.parametrize("metric", ["NaN", "Infinity", "-Infinity", "1e400", "1" + "0" * 400])
def test_what_is_no_finite_number_is_no_metric(folder, metric, capsys):
    odd = '{"mode": "val", "epoch": %s, "bbox_mAP": %s}'
    begun(folder, "a", header(), odd % (1, metric), val(2, bbox_mAP=0.2), odd % (3, metric))
    begun(folder, "b", header(), odd % (1, metric))
    assert run(["results", str(folder), "--json"]) == 0
    found = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)
    assert [(one["best"], one["best_at"], one["metrics"]) for one in found] == [
        (0.2, 2, {"bbox_mAP": 0.2}),
        (None, None, None),
    ]


def test_a_plan_and_a_time_of_too_many_digits_are_none(folder):
    work_dir = begun(folder, "a", header(CONFIG.replace("=3)", f"={10**400})")), train(1))
    (work_dir / "20261123_101500.log").write_text(f"eta: {10**400} days, 1:00:00, time: 0.5\n")
    assert (only(folder).planned, only(folder).left) == (None, None)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("eta: 0:01:05, time", 65), ("eta: 1 day, 2:00:00\neta: 2 days, 1:00:01, x", 176401), ("Epoch [1]", None)],
)
def test_the_time_left_is_the_last_that_was_said(text, seconds):
    assert seconds_left(text) == seconds


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, ""), (20, "under a minute"), (125, "2 min"), (7980, "2 h 13 min"), (180000, "2 d 2 h")],
)
def test_a_time_in_words(seconds, words):
    assert duration(seconds) == words


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of candidates, none of which has begun."""
    found = tmp_path / "candidates-x"
    found.mkdir()
    (found / "train_all.sh").touch()
    return found


def begun(folder: Path, name: str, *lines: str, said: str | None = None, checkpoint: str = "") -> Path:
    """A candidate that trains, with what it said so far."""
    (folder / f"{name}.py").touch()
    work_dir = folder / "work_dirs" / name
    work_dir.mkdir(parents=True)
    if lines:
        (work_dir / "20261123_101500.log.json").write_text("\n".join(lines))
        (work_dir / "20261123_101500.log").write_text("Epoch [2][50/7330]\tlr: 1.000e-02, eta: 1:00:00, time: 0.5\n")
    if said is not None:
        (folder / f"{name}.out").write_text(f"== {name}.py\n{said}")
    if checkpoint:
        (work_dir / checkpoint).touch()
    return work_dir


def aged(work_dir: Path, seconds: float) -> None:
    """All that a training wrote is so old."""
    for path in (*work_dir.iterdir(), *work_dir.parent.parent.glob(f"{work_dir.name}.out")):
        os.utime(path, (time.time() - seconds,) * 2)


def only(folder: Path) -> Result:
    [found] = results([folder])
    return found


def test_one_that_has_not_begun_is_waiting(folder):
    (folder / "a.py").touch()
    assert (only(folder).state, only(folder).name) == ("waiting", "a")


def test_one_that_says_something_runs_and_takes_as_long_as_its_log_says(folder):
    aged(begun(folder, "a", header(), train(1), val(1, bbox_mAP=0.2), train(2), said="x\n"), 600)
    found = only(folder)
    assert (found.state, found.at, found.planned, found.best) == ("running", 2, 3, 0.2)
    assert found.left == pytest.approx(3000, abs=60)


def test_one_that_says_nothing_for_long_is_silent(folder):
    aged(begun(folder, "a", header(), train(1)), 7200)
    assert (only(folder).state, only(folder).left) == ("silent", None)


def test_one_with_its_last_checkpoint_is_finished_whoever_started_it(folder):
    work_dir = begun(folder, "a", header(), train(3), val(3, bbox_mAP=0.2), checkpoint="epoch_3.pth")
    assert (only(folder).state, only(folder).checkpoint) == ("finished", str(work_dir / "epoch_3.pth"))
    best = work_dir / "best_bbox_mAP_epoch_3.pth"
    best.touch()
    assert only(folder).checkpoint == str(best)


def test_the_last_evaluation_is_waited_for(folder):
    begun(folder, "a", header(), train(3), said="Saving checkpoint at 3 epochs\n", checkpoint="epoch_3.pth")
    assert only(folder).state == "running"


def test_the_script_says_how_it_ended(folder):
    begun(folder, "a", header(), train(1), said="done\n== exit status 0\n")
    assert only(folder).state == "finished"


TRACEBACK = 'Traceback (most recent call last):\n  File "x", line 1\nRuntimeError: CUDA out of memory. Tried\n'
FOLLOWING = "torch.distributed.elastic.multiprocessing.errors.ChildFailedError: \n======\nRoot Cause\n======\n"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (TRACEBACK, "RuntimeError: CUDA out of memory. Tried"),
        (TRACEBACK + FOLLOWING, "RuntimeError: CUDA out of memory. Tried"),
        ("[rank1]: torch.cuda.OutOfMemoryError: no\nsrun: error: n1: task 1: Exited with exit code 1\n",
         "torch.cuda.OutOfMemoryError: no"),
        ("bash: mim: command not found\n", "bash: mim: command not found"),
        ("", "exit status 1"),
    ],
)  # fmt: skip
def test_one_that_died_says_of_what(folder, said, words):
    begun(folder, "a", header(), train(1), said=f"{said}== exit status 1\n")
    assert (only(folder).state, only(folder).words) == ("died", words)


def test_one_that_died_before_its_first_line_is_told_too(folder):
    begun(folder, "a", said="KeyError: 'X is not in the models registry'\n== exit status 1\n")
    assert (only(folder).state, only(folder).words) == ("died", "KeyError: 'X is not in the models registry'")


def test_one_that_slurm_ended_is_told_so(folder):
    said = "slurmstepd: error: *** JOB 7 ON n1 CANCELLED AT 2026-11-23T10:00:00 DUE TO TIME LIMIT ***\n"
    begun(folder, "a", header(), train(1), said=said)
    assert only(folder).state == "died"
    assert only(folder).words == "JOB 7 ON n1 CANCELLED AT 2026-11-23T10:00:00 DUE TO TIME LIMIT"


def test_one_that_was_started_again_by_hand_is_not_judged_by_what_came_before(folder):
    work_dir = begun(folder, "a", header(), train(1), said="== exit status 1\n")
    os.utime(folder / "a.out", (time.time() - 900,) * 2)
    assert only(folder).state == "running"
    aged(work_dir, 7200)
    assert only(folder).state == "died"


def test_the_best_stand_first_and_each_has_one_row(folder):
    begun(folder, "b", header(), train(3), val(3, bbox_mAP=0.41), checkpoint="epoch_3.pth")
    begun(folder, "a", header(), train(2), val(1, bbox_mAP=0.42))
    (folder / "c.py").touch()
    found = results([folder, folder / "work_dirs"])
    assert [one.name for one in found] == ["a", "b", "c"]
    shown = rows(found)
    assert shown[0] | {"left": ""} == {
        "training": "a", "state": "running", "at": "epoch 2/3", "bbox_mAP": "0.420", "best at": "epoch 1",
        "left": "", "why": "",
    }  # fmt: skip
    assert shown[0]["left"] in ("59 min", "1 h 0 min")
    assert found[0].as_json()["metrics"] == {"bbox_mAP": 0.42}


def test_trainings_judged_by_unlike_metrics_each_name_theirs(folder):
    begun(folder, "a", header(), val(1, bbox_mAP=0.42))
    begun(folder, "b", header(), val(1, PQ=40.0))
    assert [row["best"] for row in rows(results([folder]))] == ["40.000 PQ", "0.420 bbox_mAP"]
    assert [one.best for one in results([folder], "PQ")] == [40.0, None]


def test_a_folder_without_trainings_is_refused(tmp_path):
    with pytest.raises(Unknown, match="there is no training in"):
        results([tmp_path])
    with pytest.raises(Unknown, match="is no folder"):
        results([tmp_path / "not there"])


def test_the_command_gives_a_table_or_data(folder, capsys):
    begun(folder, "a", header(), train(3), val(3, bbox_mAP=0.41), checkpoint="epoch_3.pth")
    assert run(["results", str(folder)]) == 0
    head, row = capsys.readouterr().out.splitlines()
    assert (head.split(), row.split()[:2]) == (["training", "state", "at", "bbox_mAP", "best", "at"], ["a", "finished"])
    assert run(["results", str(folder), "--json", "--metric", "bbox_mAP_75"]) == 0
    [found] = json.loads(capsys.readouterr().out)
    assert (found["state"], found["metric"], found["best"]) == ("finished", "bbox_mAP_75", None)
    assert run(["results", str(folder / "not there")]) == 1


def test_what_cannot_be_read_is_passed_over_or_named(folder):
    unreadable = Path("/proc/self/mem")  # even by root
    (folder / "others.out").symlink_to(unreadable)
    begun(folder, "a", header(), train(1))
    assert only(folder).state == "running"
    (begun(folder, "b") / "20261123_101500.log.json").symlink_to(unreadable)
    told = next(found for found in results([folder]) if found.name == "b")
    assert (told.state, told.words) == ("silent", "its log cannot be read: Input/output error")
