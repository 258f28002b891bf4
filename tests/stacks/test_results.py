"""What trainings of mmdet's own left behind, read on both stacks."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bbwizard.results import Result, results
from bbwizard.training_logs import told
from stacks.stack import Stack

TRAIN = """
import runpy, sys
import mmdet
sys.argv[0] = mmdet.__path__[0] + "/.mim/tools/train.py"
runpy.run_path(sys.argv[0], run_name="__main__")
"""

SMALL = """
_base_ = ['tiny_base.py']
model = dict(backbone=dict(init_cfg=None), test_cfg=dict(score_thr=0.0, max_per_img=20))
log_config = dict(interval=3)
"""
BY_ITERATIONS = """
runner = dict(_delete_=True, type='IterBasedRunner', max_iters=8)
evaluation = dict(interval=2, classwise=True)
checkpoint_config = dict(interval=2)
"""
BY_EPOCHS = "evaluation = dict(interval=1)\n"


def trained(python: str, base: Path, more: str) -> tuple[Result, list[int | None]]:
    """What is told of a training, and when it evaluated."""
    config = base.with_name("small.py")
    config.write_text(SMALL + more)
    words = [python, "-c", TRAIN, config, "--seed", "0", "--work-dir", base.parent / "small"]
    ran = subprocess.run(words, capture_output=True, text=True, cwd=base.parent, check=False)
    assert ran.returncode == 0, ran.stderr[-3000:]
    [found] = results([base.parent / "small"])
    [log] = (base.parent / "small").glob("*.log.json")
    return found, [evaluation.at for evaluation in told(log.read_text("utf-8").splitlines()).evaluations]


def test_evaluations_by_iterations_are_those_that_were(stack: Stack, tiny_base: Path) -> None:
    found, evaluated = trained(stack.python, tiny_base, BY_ITERATIONS)
    assert (found.state, found.unit, found.at, found.planned) == ("finished", "iteration", 8, 8)
    assert evaluated == [2, 4, 6, 8]
    assert found.checkpoint is not None
    assert Path(found.checkpoint).name == f"iter_{found.best_at}.pth"


def test_epochs_shorter_than_the_interval_of_the_log_are_counted(stack: Stack, tiny_base: Path) -> None:
    found, evaluated = trained(stack.python, tiny_base, BY_EPOCHS)
    assert (found.state, found.at, found.best_at, evaluated) == ("finished", 1, 1, [1])
