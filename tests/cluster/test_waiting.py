"""The wizard while its probing half stands in a queue."""

from __future__ import annotations

import sys
from pathlib import Path

from textual.pilot import Pilot

from bbwizard.app import BbwizardApp, Outcome
from bbwizard.session import Session
from wizard.driving import press, screen_text

from .slurm import Slurm


async def until_shown(app: BbwizardApp, pilot: Pilot[Outcome], words: str) -> None:
    """Wait until these words stand on the screen."""
    for _ in range(600):
        if words in " ".join(screen_text(app).split()):
            return
        await pilot.pause(0.05)
    raise AssertionError(screen_text(app))


async def test_it_says_that_the_job_is_queued_and_x_takes_it_back(queue: Slurm, tmp_path: Path) -> None:
    session = Session(launch_prefix=("srun", "--gres=gpu:1"), folder=tmp_path)
    app = BbwizardApp(lambda: session, python=sys.executable)
    with queue.full():
        async with app.run_test(size=(120, 30)) as pilot:
            await until_shown(app, pilot, "queued and waiting for resources")
            assert "x stop" in screen_text(app)
            assert sorted(queue.jobs) == ["PENDING", "RUNNING"]
            await press(app, pilot, "x")
            assert queue.jobs == ["RUNNING"]
            assert "stopped" in screen_text(app)
            assert "x stop" not in screen_text(app)


async def test_leaving_takes_a_queued_job_back(queue: Slurm, tmp_path: Path) -> None:
    session = Session(launch_prefix=("srun", "--gres=gpu:1"), folder=tmp_path)
    app = BbwizardApp(lambda: session, python=sys.executable)
    with queue.full():
        async with app.run_test(size=(120, 30)) as pilot:
            await until_shown(app, pilot, "queued and waiting for resources")
            await press(app, pilot, "q")
        assert queue.jobs == ["RUNNING"]
