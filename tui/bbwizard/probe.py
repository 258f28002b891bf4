"""The client of the probing half: starts it, asks it, overtakes it, restarts it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

import msgspec

from bbprobe import protocol
from bbwizard.errors import (
    NoEnvironment,
    ProbeBusy,
    ProbeCancelled,
    ProbeCrashed,
    ProbeError,
    ProbeOutOfMemory,
    ProbeRefused,
    ProbeTimeout,
)
from bbwizard.last_words import cause_of_death
from bbwizard.payload import full_command, sources

Answer = TypeVar("Answer")
Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many of how many are done."""
Partial = Callable[[Any], None]
"""Called with the answer as far as it is known."""

LINE_LIMIT: Final = 64 * 1024 * 1024
"""Bytes of one answer; timm's whole catalog with its weights is about 1 MB."""
START_LIMIT: Final = 60.0
"""Seconds for an interpreter to come up and say hello, on a cold network file system too."""
QUEUE_LIMIT: Final = 3600.0
"""Seconds for the same behind a launch prefix, which may stand in a queue for a node first."""

ERRORS: Final[Mapping[int, type[ProbeError]]] = {
    protocol.REFUSED: ProbeRefused,
    protocol.CANCELLED: ProbeCancelled,
    protocol.OUT_OF_MEMORY: ProbeOutOfMemory,
    protocol.BUSY: ProbeBusy,
}


@dataclass
class Pending:
    """A request that has not been answered yet."""

    process: asyncio.subprocess.Process
    answer: asyncio.Future[Any]
    group: str | None
    progress: Progress | None
    partial: Partial | None


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

    def __init__(self, python: str, *, launch: Sequence[str] = (), log: Path) -> None:
        self.python = python
        self.launch = tuple(launch)
        self.log = log
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._pending: dict[int, Pending] = {}
        self._next_id = 0
        self._starting: asyncio.Task[asyncio.subprocess.Process] | None = None

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
        """Ask for `method` and wait for its answer, `limit` seconds at most.

        A request overtakes older ones of the same `group`, and of those it `overtakes`, which then raise
        ProbeCancelled; a cancelled awaiter gives its request up too. When time is up the process is stopped; the next
        request starts a new one.

        Raises:
            ProbeError: of the kind that says why there is no answer.
            NoEnvironment: the interpreter cannot be started.
        """
        process = await self._running()
        overtaken = {*overtakes, *([group] if group is not None else [])}
        for request_id in [key for key, other in self._pending.items() if other.group in overtaken]:
            self._give_up(request_id)

        def so_far(result: Any) -> None:
            if partial is not None:
                with contextlib.suppress(msgspec.ValidationError):  # the whole answer will say so
                    partial(msgspec.convert(result, answer, strict=False))

        told = await self._ask(process, method, params, limit, group, progress, so_far)
        return msgspec.convert(told, answer, strict=False)

    async def close(self) -> None:
        """End the process by closing its pipe."""
        if self._starting is not None and not self._starting.done():
            self._starting.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await self._starting
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 2)
        except asyncio.TimeoutError:
            kill(process)
            await process.wait()
        if self._reader is not None:
            await self._reader

    async def _ask(
        self,
        process: asyncio.subprocess.Process,
        method: str,
        params: Mapping[str, Any],
        limit: float,
        group: str | None,
        progress: Progress | None = None,
        partial: Partial | None = None,
    ) -> Any:
        self._next_id += 1
        request_id = self._next_id
        pending = Pending(process, asyncio.get_running_loop().create_future(), group, progress, partial)
        self._pending[request_id] = pending
        try:
            await self._send(process, {"id": request_id, "method": method, "params": dict(params)})
            return await asyncio.wait_for(pending.answer, limit)
        except asyncio.TimeoutError:
            self._stop(process)
            raise ProbeTimeout(
                f"{method} did not answer within {limit:g} s and was stopped",
                "it will be started again; a smaller input or another device may help",
            ) from None
        except asyncio.CancelledError:
            self._give_up(request_id)
            raise
        finally:
            self._pending.pop(request_id, None)

    def _give_up(self, request_id: int) -> None:
        pending = self._pending.pop(request_id, None)
        if pending is None:
            return
        if not pending.answer.done():
            pending.answer.set_exception(ProbeCancelled("overtaken by a newer request"))
        if pending.process.stdin is not None:
            with contextlib.suppress(ConnectionError, RuntimeError):
                pending.process.stdin.write(encode({"method": protocol.CANCEL, "params": {"id": request_id}}))

    async def _send(self, process: asyncio.subprocess.Process, message: Mapping[str, Any]) -> None:
        assert process.stdin is not None
        # A dead process is reported by its reader, with the reason, through the request's future.
        with contextlib.suppress(ConnectionError):
            process.stdin.write(encode(message))
            await process.stdin.drain()

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None:
            if self._starting is None or self._starting.done():
                self._starting = asyncio.create_task(self._greeted())
            # An asker that is cancelled meanwhile must not undo a start that others wait for.
            return await asyncio.shield(self._starting)
        return self._process

    async def _greeted(self) -> asyncio.subprocess.Process:
        """A new process that has said hello."""
        process = await self._start()
        self._reader = asyncio.create_task(self._read(process))
        assert process.stdin is not None
        process.stdin.write(json.dumps(sources()).encode() + b"\n")
        limit = QUEUE_LIMIT if self.launch else START_LIMIT
        try:
            hello = msgspec.convert(await self._ask(process, "hello", {}, limit, None), protocol.Hello, strict=False)
        except BaseException:
            kill(process)
            raise
        if hello.protocol != protocol.VERSION:
            kill(process)
            raise NoEnvironment(
                f"{self.python} answers with protocol {hello.protocol}, not {protocol.VERSION}",
                "something of another version of bbwizard stands on its path",
            )
        self._process = process
        return process

    def _stop(self, process: asyncio.subprocess.Process) -> None:
        """Have nothing more to do with a process."""
        kill(process)
        if self._process is process:
            self._process = None

    async def _start(self) -> asyncio.subprocess.Process:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        command = full_command(self.launch, self.python)
        with self.log.open("ab") as log:
            try:
                return await asyncio.create_subprocess_exec(
                    *command,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=log,
                    limit=LINE_LIMIT,
                    # Its own group: ctrl+c in the terminal must not reach it, and a kill must reach its children.
                    start_new_session=True,
                )
            except OSError as error:
                raise NoEnvironment(
                    f"{command[0]} cannot be started: {error.strerror or error}",
                    "name the training environment's interpreter with --python",
                ) from error

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        with contextlib.suppress(ConnectionError, ValueError):
            while line := await process.stdout.readline():
                self._receive(line)
        self._stop(process)
        await process.wait()
        for pending in self._pending.values():
            if pending.process is process and not pending.answer.done():
                pending.answer.set_exception(
                    ProbeCrashed(cause_of_death(process.returncode, self.log), f"log: {self.log}")
                )

    def _receive(self, line: bytes) -> None:
        try:
            message = json.loads(line)
            if "method" in message:
                self._tell(message["method"], message["params"])
                return
            pending = self._pending.get(message.get("id"))
        except (ValueError, AttributeError, KeyError, TypeError):
            return  # a launch prefix's own words (a banner, a module system) on the pipe
        if pending is None or pending.answer.done():
            return
        if "error" in message:
            error = message["error"]
            kind = ERRORS.get(error["code"], ProbeError)
            trace = (error.get("data") or {}).get("traceback", "")
            pending.answer.set_exception(kind(error["message"], traceback=trace))
        else:
            pending.answer.set_result(message.get("result"))

    def _tell(self, method: str, said: Mapping[str, Any]) -> None:
        pending = self._pending.get(said["id"])
        if pending is None:
            return
        if method == protocol.PROGRESS and pending.progress is not None:
            pending.progress(str(said["text"]), int(said["done"]), int(said["total"]))
        elif method == protocol.PARTIAL and pending.partial is not None:
            pending.partial(said["result"])


def encode(message: Mapping[str, Any]) -> bytes:
    """One JSON-RPC message as one line."""
    return protocol.dump({"jsonrpc": "2.0", **message})


def kill(process: asyncio.subprocess.Process) -> None:
    """Stop the process and whatever its launch prefix started with it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
