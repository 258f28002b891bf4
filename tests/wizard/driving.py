"""Words for driving the wizard in a test."""

from __future__ import annotations

from contextlib import suppress

from textual import events
from textual.pilot import Pilot
from textual.worker import WorkerCancelled, WorkerFailed

from bbwizard.app import BbwizardApp, Outcome
from bbwizard.screens.backbone import BackboneStep
from bbwizard.screens.step import Step

SIZES = [(80, 24), (160, 48), (200, 60)]
IDLE = {"meanwhile", "tmux", "keep"}
"""Groups of workers that go on while nothing is asked."""


async def settle(app: BbwizardApp, pilot: Pilot[Outcome]) -> None:
    """Let every message be handled and every answer come."""
    for _ in range(20):
        await pilot.pause()
        busy = [worker for worker in app.workers if worker.group not in IDLE and not worker.is_finished]
        if not busy:
            break
        # An overtaken worker is no failure; a failed one has told the app, which shows it.
        with suppress(WorkerCancelled, WorkerFailed):
            await app.workers.wait_for_complete(busy)
    await pilot.pause()


async def surveyed(app: BbwizardApp, pilot: Pilot[Outcome]) -> None:
    """Let every answer come that is asked for meanwhile, and be shown."""
    for worker in [worker for worker in app.workers if worker.group == "meanwhile"]:
        await worker.wait()
    await settle(app, pilot)
    while app.query_one(BackboneStep).learnt:
        await pilot.pause()


async def press(app: BbwizardApp, pilot: Pilot[Outcome], *pressed: str) -> None:
    """Press keys, each after the last has had its effect."""
    for key in pressed:
        await pilot.press(key)
        await settle(app, pilot)


async def write(app: BbwizardApp, pilot: Pilot[Outcome], text: str) -> None:
    """Paste a text into whatever has the focus, which is as good as typing it and much faster."""
    app.post_message(events.Paste(text))
    await settle(app, pilot)


async def choose(app: BbwizardApp, pilot: Pilot[Outcome], filtered: str) -> None:
    """Filter the list of this step anew and take its first row."""
    await press(app, pilot, "slash", "end", "ctrl+u")
    await write(app, pilot, filtered)
    await press(app, pilot, "enter")


async def to_stages(app: BbwizardApp, pilot: Pilot[Outcome], base: str, backbone: str) -> None:
    """From the start to the fourth step."""
    await settle(app, pilot)
    await choose(app, pilot, base)
    await choose(app, pilot, backbone)
    assert app.wizard_screen.at == 4, screen_text(app)


def step(app: BbwizardApp) -> Step:
    """The step that is shown."""
    return app.wizard_screen.steps[app.wizard_screen.at]


def screen_text(app: BbwizardApp) -> str:
    """What stands on the screen, dialogs included, as lines of text."""
    width, height = app.size
    lines = app.screen._compositor.render_strips(app.size)
    return "\n".join(strip.text.rstrip() for strip in lines[:height])


def focus_name(app: BbwizardApp) -> str:
    """The class of what has the focus."""
    return type(app.screen.focused).__name__
