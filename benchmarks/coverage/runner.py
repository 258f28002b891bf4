"""Items to workers, outcomes to the store, progress with the time left to stderr."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bbwizard.errors import BbwizardError, ProbeCrashed, ProbeError, ProbeOutOfMemory, ProbeTimeout
from benchmarks.coverage.sitting import Sitting
from benchmarks.coverage.store import FAILED, MEMORY, TIME, Outcome, Store

QUIET = 20.0
"""Seconds between two lines of progress where stderr is no terminal."""


Work = Callable[[Sitting], Awaitable[Outcome]]


@dataclass(frozen=True)
class Item:
    """One thing to be done, under the key that its result is kept by."""

    key: str
    run: Work


async def run(items: Sequence[Item], store: Store, sittings: Sequence[Sitting], limit: float, what: str) -> None:
    """Do all items, each within `limit` seconds of wall time."""
    waiting = deque(items)
    progress = Progress(what, len(items), len(sittings))

    async def work(sitting: Sitting) -> None:
        while waiting:
            item = waiting.popleft()
            began = time.monotonic()
            outcome = await attempt(item, sitting, limit)
            store.add(item.key, outcome, time.monotonic() - began)
            progress.done(item.key, outcome)

    await asyncio.gather(*(work(sitting) for sitting in sittings[: max(len(items), 1)]))
    progress.end()


async def attempt(item: Item, sitting: Sitting, limit: float) -> Outcome:
    """An item's outcome, whatever it ran into."""
    try:
        return await asyncio.wait_for(item.run(sitting), limit)
    except asyncio.TimeoutError:
        await sitting.lose()
        return Outcome(TIME, f"not done within {limit:g} s")
    except ProbeTimeout as error:
        await sitting.lose()
        return Outcome(TIME, error.text)
    except ProbeOutOfMemory as error:
        await sitting.lose()
        return Outcome(MEMORY, error.text)
    except ProbeCrashed as error:
        await sitting.lose()
        return Outcome(FAILED, error.text, {"stage": "crash"})
    except BbwizardError as error:
        trace = error.traceback if isinstance(error, ProbeError) else ""
        return Outcome(FAILED, error.text, {"stage": type(error).__name__, "traceback": trace})


class Progress:
    """A line that says how far the run is and how long it will still take."""

    def __init__(self, what: str, total: int, workers: int) -> None:
        self.what = what
        self.total = total
        self.workers = workers
        self.kinds: Counter[str] = Counter()
        self.began = self.said = time.monotonic()
        self.terminal = sys.stderr.isatty()

    def done(self, key: str, outcome: Outcome) -> None:
        """One more."""
        self.kinds[outcome.kind] += 1
        if outcome.kind in (FAILED, TIME, MEMORY):
            self._put(f"{outcome.kind}: {key}: {outcome.said.splitlines()[0] if outcome.said else ''}", lasting=True)
        if self.terminal or time.monotonic() - self.said > QUIET:
            self.said = time.monotonic()
            self._put(self.line(key), lasting=not self.terminal)

    def line(self, key: str) -> str:
        """How far it is."""
        done = sum(self.kinds.values())
        left = (time.monotonic() - self.began) / done * (self.total - done)
        counted = ", ".join(f"{kind} {count}" for kind, count in self.kinds.most_common())
        return f"{self.what} {done}/{self.total}: {counted}; {clock(left)} left; {key}"

    def end(self) -> None:
        """The last word."""
        if self.total:
            took = clock(time.monotonic() - self.began)
            counted = ", ".join(f"{kind} {count}" for kind, count in self.kinds.most_common())
            self._put(f"{self.what}: {counted}; took {took} with {self.workers} workers", lasting=True)

    def _put(self, text: str, *, lasting: bool) -> None:
        start = "\r\033[K" if self.terminal else ""
        sys.stderr.write(start + (text if lasting else text[:150]) + ("\n" if lasting else ""))
        sys.stderr.flush()


def clock(seconds: float) -> str:
    """Seconds as a person says them."""
    minutes = int(seconds) // 60
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min" if minutes else f"{int(seconds)} s"
