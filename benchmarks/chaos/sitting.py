"""One sitting of a patient user in front of a probing half that misbehaves."""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Final

from textual import events
from textual.app import App
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.worker import WorkerCancelled, WorkerFailed

import bbwizard.asked.opening as opening
import bbwizard.pipe
import bbwizard.probe
import bbwizard.screens.backbone
import bbwizard.screens.browse
from bbwizard.app import BbwizardApp, Outcome
from bbwizard.payload import sources
from bbwizard.screens import reach
from bbwizard.screens.browse import Browse
from bbwizard.session import Session
from benchmarks.chaos.mischief import KINDS, UNASKED

HERE: Final = Path(__file__).parent
BEAT: Final = 0.02
"""Seconds between the beats of the terminal half's heart."""
TRIES: Final = 80
"""What a patient user does until the config is there."""
MOST: Final = 4
"""Pieces of mischief in one sitting that stand in the place of an answer."""
DELAY: Final = 0.6
"""Seconds between a request and what comes by itself, at most: amid its answer, the next one's, or while nothing is
asked."""
REQUESTS: Final = 16
"""The first so many requests of a sitting may be met with mischief; an undisturbed one makes a dozen."""
IDLE: Final = {"meanwhile", "tmux", "keep", "measure"}
"""Groups of workers that go on while nothing is asked."""


class Frozen(Exception):
    """The terminal half, or what it waits for, did not come to an end."""


@dataclass(frozen=True)
class Choice:
    """What the user wants: filters that leave one base config and one backbone, and where the answers come from.

    `python` is a training environment's; without one the answers are made up.
    """

    base: str = "yolox_s"
    backbone: str = "convnet1_small_patch1_window1_1"
    python: str = ""


@dataclass(frozen=True)
class Patience:
    """Seconds: to start a process, for an answer and for a check, to go on for nobody, and for a whole sitting."""

    start: float = 10.0
    answer: float = 1.5
    check: float = 1.5
    giving_up: float = 0.5
    whole: float = 120.0


@dataclass(frozen=True)
class Plan:
    """Mischief by the number of a request: done `instead` of answering it, or so many seconds `later`, by itself."""

    instead: Mapping[int, str] = field(default_factory=dict)
    later: Mapping[int, tuple[float, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Sat:
    """How a sitting went: the config's text, the longest time between two beats, and the mischief that was done."""

    text: str
    longest: float
    seconds: float
    done: tuple[str, ...]


def plan(seed: int, kinds: Sequence[str] = tuple(KINDS)) -> Plan:
    """What is done in the sitting of a seed; in every second one a piece comes by itself.

    Never are three answers in a row spoiled, which breaks a library.
    """
    drawn = random.Random(seed)
    found: dict[int, str] = {}
    unasked = [kind for kind in UNASKED if kind in kinds] if seed % 2 else []
    for number in sorted(drawn.sample(range(1, REQUESTS + 1), MOST)):
        before = found.keys() & {number - 2, number - 1}
        if len(before) < (1 if unasked else 2):
            found[number] = drawn.choice(kinds)
    if not unasked:
        return Plan(found)
    return Plan(found, {drawn.randrange(1, REQUESTS): (round(drawn.uniform(0, DELAY), 2), drawn.choice(unasked))})


def carried(made_up: bool) -> dict[str, str]:
    """The sources that travel, with the mischief in them."""
    found = dict(sources())
    found["bbprobe.mischief"] = (HERE / "mischief.py").read_text("utf-8")
    found["bbprobe.server"] += "\nfrom bbprobe import mischief\nmischief.into(Server)\n"
    if made_up:
        found["bbprobe.made_up"] = (HERE.parent / "performance" / "made_up.py").read_text("utf-8")
        found["bbprobe.answers"] = (HERE / "answers.py").read_text("utf-8")
        found["bbprobe.server"] += "from bbprobe import answers\nanswers.into(METHODS)\n"
    return found


@contextmanager
def unruly(planned: Plan, folder: Path, patience: Patience, *, made_up: bool) -> Iterator[None]:
    """Probing halves that are started meanwhile follow the plan; the wizard waits no longer than `patience` says."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plan.json").write_text(json.dumps(asdict(planned)))
    for name in ("count", "unasked"):
        (folder / name).write_bytes(b"")
    os.environ["BBWIZARD_MISCHIEF"] = str(folder)
    travelling = carried(made_up)
    others = {
        (bbwizard.probe, "sources"): lambda: travelling,
        (bbwizard.probe, "START_LIMIT"): patience.start,
        (bbwizard.probe, "QUEUE_LIMIT"): patience.start,
        (bbwizard.pipe, "GIVING_UP"): patience.giving_up,
        (bbwizard.pipe, "LINGER"): 0.2,
        (opening, "LIMITS"): dict.fromkeys(opening.LIMITS, patience.answer),
        (opening, "CHECK_LIMIT"): patience.check,
        (bbwizard.screens.browse, "DEBOUNCE"): 0,
        (bbwizard.screens.backbone, "AHEAD"): 0,
        (bbwizard.screens.backbone, "SURVEY_AFTER"): 3600,
    }
    before = {place: getattr(*place) for place in others}
    try:
        for place, value in others.items():
            setattr(*place, value)
        yield
    finally:
        for place, value in before.items():
            setattr(*place, value)
        del os.environ["BBWIZARD_MISCHIEF"]


def beating_time() -> float:
    """Seconds as this thread has them: without those in which it could have run and the machine was others'."""
    try:
        _, waited, _ = Path("/proc/thread-self/schedstat").read_text().split()
    except OSError:
        return perf_counter()
    return perf_counter() - int(waited) / 1e9


class Heart:
    """A timer of the app; it beats as long as the app is neither stuck nor gone."""

    def __init__(self, app: App[Outcome]) -> None:
        self.longest = 0.0
        self._last = beating_time()
        self._beaten = asyncio.Event()
        app.set_interval(BEAT, self._beat)

    def _beat(self) -> None:
        now = beating_time()
        self.longest = max(self.longest, now - self._last)
        self._last = now
        self._beaten.set()

    async def beat(self) -> None:
        """Wait for the next beat."""
        self._beaten.clear()
        await self._beaten.wait()


async def sit(planned: Plan, folder: Path, choice: Choice, patience: Patience) -> Sat:
    """Choose, write and check a config, whatever the probing half does meanwhile.

    Raises:
        Frozen: it did not come to an end.
    """
    began = perf_counter()
    work = folder / "work"
    work.mkdir(parents=True)
    with unruly(planned, folder, patience, made_up=not choice.python):
        session = Session(folder=work, cache=False, launch_prefix=() if choice.python else ("env",))
        app = BbwizardApp(lambda: session, python=choice.python or sys.executable)
        async with app.run_test(size=(100, 30)) as pilot:
            heart = Heart(app)
            try:
                await asyncio.wait_for(finish(app, pilot, heart, choice), patience.whole)
            except asyncio.TimeoutError as error:
                raise Frozen(f"not done after {patience.whole:g} s\n{seen(app)}") from error
        assert session.written is not None
        text = session.written.read_text("utf-8")
    count = (folder / "count").stat().st_size
    done = [kind for number, kind in planned.instead.items() if number <= count]
    done += [f"{kind}, unasked" for kind in (folder / "unasked").read_text().splitlines()]
    return Sat(text, heart.longest, perf_counter() - began, tuple(done))


async def finish(app: BbwizardApp, pilot: Pilot[Outcome], heart: Heart, choice: Choice) -> None:
    """Do the next best thing until a config is written and checked."""
    for _ in range(TRIES):
        await rest(app, pilot)
        await heart.beat()
        if isinstance(app.screen, ModalScreen):
            await pilot.press("escape")
        elif app.session.checked is not None and app.session.checked.ok:
            return
        else:
            await go_on(app, pilot, choice)
    raise Frozen(f"not done after {TRIES} attempts\n{seen(app)}")


async def go_on(app: BbwizardApp, pilot: Pilot[Outcome], choice: Choice) -> None:
    """What a user would press here."""
    at = app.wizard_screen.at
    step = app.wizard_screen.steps[at]
    if isinstance(step, Browse):
        if not step.all:
            await pilot.press("[")  # its list could not be read: come back to it
            await rest(app, pilot)
            await pilot.press("]")
            return
        await pilot.press("slash", "end", "ctrl+u")
        app.post_message(events.Paste(choice.base if at == 2 else choice.backbone))
        await rest(app, pilot)
        await pilot.press("enter")
    elif at == 5:
        await pilot.press("r" if app.session.written is not None else "w")
    elif at == 4 and not reach.why_not(app.wizard_screen.wizard, 5):
        await pilot.press("]")
    elif at == 4:
        await pilot.press("[")  # its probe failed: choose again
    else:
        await pilot.press("enter")


async def rest(app: BbwizardApp, pilot: Pilot[Outcome]) -> None:
    """Let every message be handled and every answer come."""
    for _ in range(20):
        await pilot.pause()
        busy = [worker for worker in app.workers if worker.group not in IDLE and not worker.is_finished]
        if not busy:
            return
        with suppress(WorkerCancelled, WorkerFailed):
            await app.workers.wait_for_complete(busy)


def seen(app: BbwizardApp) -> str:
    """What stands on the screen."""
    width, height = app.size
    strips = app.screen._compositor.render_strips(app.size)
    return "\n".join(strip.text.rstrip() for strip in strips[:height])
