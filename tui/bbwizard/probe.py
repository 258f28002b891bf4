"""The client of the probing half: starts it, asks it, overtakes it, restarts it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import msgspec

from bbprobe import protocol
from bbwizard.errors import (
    NoEnvironment,
    NotLaunched,
    ProbeCancelled,
    ProbeCrashed,
    ProbeError,
    ProbeGarbled,
    ProbeTimeout,
)
from bbwizard.payload import sources
from bbwizard.pipe import Pipe
from bbwizard.process import Heard
from bbwizard.request import NotBegun, Progress

__all__ = ["Half", "ProbingHalf", "Progress"]

Answer = TypeVar("Answer")

START_LIMIT: Final = 60.0
"""Seconds for an interpreter to come up and say hello, on a cold network file system too."""
QUEUE_LIMIT: Final = 24 * 3600.0
"""Seconds for the same behind a launch prefix, which may stand in a queue for a node overnight."""
TRIES: Final = 5
"""Processes that may end over other requests before a request is given up with them."""


class Half(Protocol):
    """What answers requests about a training environment."""

    async def request(
        self,
        method: str,
        params: Mapping[str, Any],
        answer: Any,
        *,
        limit: float,
        group: str | None = None,
        overtakes: Collection[str] = (),
        progress: Progress | None = None,
        partial: Callable[[Any], None] | None = None,
    ) -> Any:
        """Ask for `method` and wait for its answer, as `ProbingHalf.request` does."""

    async def close(self) -> None:
        """Let go of what is held."""


class ProbingHalf:
    """One probing half at the other end of a pipe; it is started by the first request, and again after it died."""

    def __init__(self, python: str, *, launch: Sequence[str] = (), log: Path, heard: Heard = lambda line: None) -> None:
        """`heard` is told what the `launch` prefix says until the probing half is there."""
        self.python = python
        self.launch = tuple(launch)
        self.log = log
        self._heard = heard
        self._pipe: Pipe | None = None
        self._before: list[Pipe] = []
        """Those of earlier processes, of which some may not have ended yet."""
        self._starting: asyncio.Task[Pipe] | None = None
        self._closed = False

    async def request(
        self,
        method: str,
        params: Mapping[str, Any],
        answer: type[Answer],
        *,
        limit: float,
        group: str | None = None,
        overtakes: Collection[str] = (),
        progress: Progress | None = None,
        partial: Callable[[Answer], None] | None = None,
    ) -> Answer:
        """Ask for `method` and wait for its answer, which may take `limit` seconds once its turn has come.

        A request overtakes older ones of the same `group`, and of those it `overtakes`, which then raise
        ProbeCancelled; a cancelled awaiter gives its request up too. When time is up the process is stopped; the next
        request starts a new one. Where the process ends over one request, those behind it are asked of a new one.

        Raises:
            ProbeError: of the kind that says why there is no answer.
            NoEnvironment: the interpreter cannot be started.
        """

        def so_far(result: Any) -> None:
            if partial is not None:
                with contextlib.suppress(ProbeGarbled):  # the whole answer will say so
                    partial(converted(method, result, answer))

        overtaken = {*overtakes, *([group] if group is not None else [])}
        for left in reversed(range(TRIES)):
            pipe = await self._running()
            pipe.give_up(overtaken)
            try:
                told = await pipe.ask(method, params, limit=limit, group=group, progress=progress, partial=so_far)
            except NotBegun as over:
                if not left:
                    raise over.cause from None
            else:
                return converted(method, told, answer)
        raise AssertionError("the last try answers or raises")

    async def close(self) -> None:
        """End the process by closing its pipe; nothing can be asked any more."""
        self._closed = True
        if self._starting is not None and not self._starting.done():
            self._starting.cancel()
            await asyncio.wait([self._starting])
        for pipe in (*self._before, *([self._pipe] if self._pipe is not None else [])):
            await pipe.close()

    async def _running(self) -> Pipe:
        if self._closed:
            raise ProbeCancelled("the training environment was closed")
        if self._pipe is not None and self._pipe.ended is None:
            return self._pipe
        if self._starting is None or self._starting.done():
            if self._pipe is not None:
                self._before = [pipe for pipe in (*self._before, self._pipe) if not pipe.gone]
                self._pipe = None
            self._starting = asyncio.create_task(self._greeted())
            # Where every asker has given up meanwhile, nobody is there to be told of its failure.
            self._starting.add_done_callback(lambda task: task.cancelled() or task.exception())
        # An asker that is cancelled meanwhile must not undo a start that others wait for.
        return await asyncio.shield(self._starting)

    async def _greeted(self) -> Pipe:
        """A new process that has said hello."""
        first = json.dumps(sources()).encode() + b"\n"
        pipe = await Pipe.start(self.launch, self.python, self.log, first, self._heard)
        try:
            await self._greet(pipe)
        except BaseException:
            pipe.stop(ProbeCancelled("it was not wanted any more"))
            await pipe.close()
            raise
        self._pipe = pipe
        return pipe

    async def _greet(self, pipe: Pipe) -> None:
        """Wait for a process to say hello; one that cannot has no answer to whatever else it would be asked."""
        limit = QUEUE_LIMIT if self.launch else START_LIMIT
        try:
            hello = converted("hello", await pipe.ask("hello", {}, limit=limit), protocol.Hello)
        except (ProbeCancelled, ProbeTimeout, NotLaunched):
            raise
        except ProbeError as error:
            words = error.text if isinstance(error, ProbeCrashed) else f"the probing half cannot start: {error.text}"
            raise ProbeCrashed(words, error.hint or f"log: {self.log}", error.traceback) from error
        if hello.protocol != protocol.VERSION:
            raise NoEnvironment(
                f"{self.python} answers with protocol {hello.protocol}, not {protocol.VERSION}",
                "something of another version of bbwizard stands on its path",
            )
        pipe.ear.greeted = True


def converted(method: str, told: Any, answer: type[Answer]) -> Answer:
    """An answer as what was asked for.

    Raises:
        ProbeGarbled: it is something else.
    """
    try:
        return msgspec.convert(told, answer, strict=False)
    except (msgspec.ValidationError, ValueError, RecursionError, OverflowError) as error:
        raise ProbeGarbled(
            f"{method} was answered with something else than was asked: {error}",
            "another bbprobe may stand on the environment's path; the wizard's log has what was said",
        ) from error
