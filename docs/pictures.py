"""Makes the READMEs' pictures from the real wizard: `python docs/pictures.py PYTHON`, the training environment's.

Runs the app without a terminal in each language, at the sizes that people have, presses the keys that a user would and
exports what is on the screen as SVG. An environment with a short path, such as a link at /opt/openmmlab, leaves most of
the train command in sight.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from textual import events
from textual.pilot import Pilot
from textual.worker import WorkerCancelled, WorkerFailed

from bbwizard import language
from bbwizard.app import BbwizardApp, Outcome
from bbwizard.session import Session

FOLDER = Path(__file__).with_name("pictures")
PLAIN, ROOMY = (80, 24), (112, 28)
"""Columns and rows of a terminal as it opens, and of one that was made larger."""


async def settle(app: BbwizardApp, pilot: Pilot[Outcome]) -> None:
    """Wait until everything that was asked is answered."""
    for _ in range(20):
        await pilot.pause(0.1)
        busy = [worker for worker in app.workers if worker.group not in ("survey", "tmux") and not worker.is_finished]
        if not busy:
            break
        with suppress(WorkerCancelled, WorkerFailed):
            await app.workers.wait_for_complete(busy)
    await pilot.pause()


async def main(python: str, folder: Path) -> None:
    """Walk through the wizard, a picture at every step."""
    folder.mkdir(exist_ok=True)
    app = BbwizardApp(lambda: Session(folder=Path(tempfile.mkdtemp())), python=python)

    async def picture(name: str, size: tuple[int, int]) -> None:
        await pilot.resize_terminal(*size)
        await settle(app, pilot)
        (folder / f"{name}.svg").write_text(app.export_screenshot(title="bbwizard"), encoding="utf-8")

    async def filtered(text: str) -> None:
        await pilot.press("slash")
        app.post_message(events.Paste(text))
        await settle(app, pilot)

    async with app.run_test(size=ROOMY) as pilot:
        await settle(app, pilot)
        await filtered("yolox_s")
        await picture("base", PLAIN)
        await pilot.press("enter")
        await settle(app, pilot)
        await filtered("shufflenetv2")
        await picture("backbone", PLAIN)
        await pilot.press("enter")
        await settle(app, pilot)
        await pilot.press("1", "3")
        await picture("stages-refused", ROOMY)
        await pilot.press("a")
        await picture("stages", ROOMY)
        await pilot.press("enter")
        await settle(app, pilot)
        await pilot.press("w")
        await picture("write", ROOMY)


if __name__ == "__main__":
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
        os.environ[f"XDG_{kind}_HOME"] = tempfile.mkdtemp()
    os.environ["COLORTERM"] = "truecolor"
    for spoken in language.LANGUAGES:
        language.use(spoken)
        asyncio.run(main(sys.argv[1], FOLDER if spoken == language.ENGLISH else FOLDER / spoken))
