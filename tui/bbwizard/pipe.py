"""One process of the probing half and the pipe to it: what it was asked, whose turn it is, how it ended.

The other end answers in order, so the oldest request is the one that it works on: that one's time runs, and that one
is to blame where the process ends. Those behind it never had their turn, and can be asked of another process.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, cast

from bbprobe import protocol
from bbwizard import kept, messages
from bbwizard.errors import NoEnvironment, ProbeCancelled, ProbeCrashed, ProbeError, ProbeTimeout
from bbwizard.last_words import cause_of_death, last_line, parted, tail
from bbwizard.launcher_words import last_words, not_launched
from bbwizard.payload import full_command
from bbwizard.process import GRACE, Ear, Heard, end_with_asker, signal_group
from bbwizard.request import NotBegun, Partial, Progress, Request

LINE_LIMIT: Final = 16 * 1024 * 1024
"""Bytes of one answer; timm's whole catalog with its weights is about 1 MB."""
GIVING_UP: Final = 20.0
"""Seconds that a process may go on for nobody while somebody waits behind it: one that hangs would cost minutes."""
LINGER: Final = 2.0
"""Seconds between the end of a process, of its pipe, and of patience with the one that is still there."""


class Pipe(asyncio.SubprocessProtocol):
    """A process that was started, until it ends; nothing that comes out of it raises here."""

    def __init__(self, log: Path, ear: Ear) -> None:
        self.log = log
        self.ear = ear
        self.ended: ProbeError | None = None
        """Why nothing more can be asked of it; None as long as it can."""
        self._loop = asyncio.get_running_loop()
        self._gone: asyncio.Future[None] = self._loop.create_future()
        self._asked: dict[int, Request] = {}
        """In the order in which they are answered."""
        self._number = 0
        self._logged_before = self._logged()
        """Bytes of the log that are not this process's."""
        self._clock: asyncio.TimerHandle | None = None
        self._rest = bytearray()
        self._read_to_end = False
        self._killing: asyncio.TimerHandle | None = None

    @classmethod
    async def start(cls, launch: Sequence[str], python: str, log: Path, first: bytes, heard: Heard) -> Pipe:
        """Start `python` behind the `launch` prefix, its stderr in `log`, and write it the line that it begins with.

        `heard` is told what the prefix says until the probing half is there.

        Raises:
            NoEnvironment: it cannot be started.
        """
        command, ear = full_command(launch, python), Ear(launch, log, heard)
        with kept.appended(log) as errors:
            try:
                _, pipe = await asyncio.get_running_loop().subprocess_exec(
                    lambda: cls(log, ear),
                    *command,
                    stdin=asyncio.subprocess.PIPE,
                    stdout=asyncio.subprocess.PIPE,
                    stderr=asyncio.subprocess.PIPE if launch else errors,
                    # Its own group: ctrl+c in the terminal must not reach it, and a kill must reach its children.
                    # Its own session too: ssh finds no terminal to ask a question on.
                    start_new_session=True,
                    # A closed pipe ends a probing half; one that is still queued would not notice until it runs.
                    preexec_fn=end_with_asker if launch else None,
                )
            except OSError as error:
                ear.close()
                hint = "it is the first word of --launch" if launch else "name the interpreter with --python"
                raise NoEnvironment(f"{command[0]} cannot be started: {error.strerror or error}", hint) from error
        pipe._write(first)
        return pipe

    @property
    def gone(self) -> bool:
        """Whether the process has ended, and its pipe."""
        return self._gone.done()

    # Asking

    async def ask(
        self,
        method: str,
        params: Mapping[str, Any],
        *,
        limit: float,
        group: str | None = None,
        progress: Progress | None = None,
        partial: Partial | None = None,
    ) -> Any:
        """The answer to one request, `limit` seconds after its turn has come at most.

        Raises:
            ProbeError: of the kind that says why there is no answer.
            NotBegun: the process ended over another request.
        """
        if self.ended is not None:
            raise NotBegun(self.ended)
        self._number += 1
        number = self._number
        request = Request(method, limit, self._loop.create_future(), group, progress, partial)
        if not self._asked:  # looked at before it is written: a quick process has its last words in the log by then
            request.logged = self._logged() if number > 1 else self._logged_before
        self._asked[number] = request
        self._write(messages.encode({"id": number, "method": method, "params": dict(params)}))
        self._watch()
        try:
            return await request.answer
        except asyncio.CancelledError:
            self._give_up(number)
            raise

    def give_up(self, groups: Collection[str]) -> None:
        """Want no answer any more to what was asked in these groups."""
        for number in [number for number, request in self._asked.items() if request.group in groups]:
            self._give_up(number)

    def _give_up(self, number: int) -> None:
        request = self._asked.get(number)
        if request is None or request.left is not None:
            return
        if not request.answer.done():
            request.answer.set_exception(ProbeCancelled("overtaken by a newer request"))
        request.left = self._loop.time()
        self._write(messages.encode({"method": protocol.CANCEL, "params": {"id": number}}))
        self._watch()

    def _watch(self) -> None:
        """Let the time run of the request whose turn it is; of one given up it is short where others wait behind it."""
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None
        head = next(iter(self._asked.values()), None)
        if head is None or self.ended is not None:
            return
        if head.began is None:
            head.began = self._loop.time()
            if head.logged is None:
                head.logged = self._logged()
        end = head.began + head.limit
        if head.left is not None and len(self._asked) > 1:
            end = min(end, max(head.began, head.left) + GIVING_UP)
        self._clock = self._loop.call_at(end, self._too_long, head)

    def _too_long(self, head: Request) -> None:
        self.stop(
            ProbeTimeout(
                f"{head.method} did not answer within {head.limit:g} s and was stopped",
                "it will be started again; a smaller input or another device may help",
            )
        )

    def _logged(self) -> int:
        try:
            return self.log.stat().st_size
        except OSError:
            return 0

    # Ending

    def stop(self, why: ProbeError) -> None:
        """Kill the process, whatever it is doing, and have nothing more to do with it."""
        self._kill()
        self._end(why)

    async def close(self) -> None:
        """End the process by closing its pipe; kill it where it does not heed that."""
        cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0)).close()
        await asyncio.wait([self._gone], timeout=LINGER if self.ended is None else 0)
        if not self._gone.done():
            self._kill()
            patience = LINGER + (GRACE if self.ear.launch else 0)
            await asyncio.wait([self._gone], timeout=patience)  # in vain where a driver or a file server holds it
        self._finish()

    def _end(self, why: ProbeError) -> None:
        """Tell the one whose turn it was why it has no answer, and the others that another process may have one."""
        if self.ended is not None:
            return
        self.ended = why
        self._watch()
        error: Exception = why
        for request in self._asked.values():
            if not request.answer.done():
                request.answer.set_exception(error)
            error = NotBegun(why)
        self._asked.clear()

    def _kill(self) -> None:
        """Kill the process and whatever it started with it.

        A launch prefix is asked first: srun that is killed outright leaves its job behind.
        """
        pid = self._transport.get_pid()
        if not self.ear.launch:
            signal_group(pid, signal.SIGKILL)
        elif self._killing is None:
            signal_group(pid, signal.SIGTERM)
            self._killing = self._loop.call_later(GRACE, signal_group, pid, signal.SIGKILL)

    def _finish(self) -> None:
        """The process has ended, or is given up."""
        if self._killing is not None and self._transport.get_returncode() is not None:
            self._killing.cancel()
        self._end(self._why())
        self._transport.close()
        if not self._gone.done():
            self._gone.set_result(None)

    def _why(self) -> ProbeError:
        """Why nothing more can be asked of a process that has ended."""
        head = next(iter(self._asked.values()), None)
        status = self._transport.get_returncode()
        if self.ear.launch and not self.ear.greeted:
            return not_launched(self.ear.launch, self.ear.said, status)
        since = (head.logged if head is not None else None) or 0
        lines, dump = parted(list(self.ear.said) if self.ear.launch else tail(self.log, since))
        said = last_words(lines) if self.ear.launch else last_line(lines)
        doing = head.doing if head is not None else ""
        return ProbeCrashed(cause_of_death(status, doing, said, dump), f"log: {self.log}")

    # What the loop tells

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.SubprocessTransport, transport)

    def process_exited(self) -> None:
        if not self._finished():
            signal_group(self._transport.get_pid(), signal.SIGKILL)  # what it started may hold its pipe open
            self._loop.call_later(LINGER, self._finish)

    def _finished(self) -> bool:
        """Whether all has come that was to come; then that is the end."""
        over = self._read_to_end and self.ear.closed and self._transport.get_returncode() is not None
        if over:
            self._finish()
        return over

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if fd == 2:
            self.ear.close()
            self._finished()
        if fd != 1:
            return
        self._read_to_end = True
        if not self._finished() and self._transport.get_returncode() is None:
            words = "the probing half closed its end of the pipe"
            self._loop.call_later(LINGER, self._outlived, ProbeCrashed(words, f"log: {self.log}"))

    def _outlived(self, why: ProbeError) -> None:
        """The pipe has ended and the process has not."""
        if self._transport.get_returncode() is None:
            self.stop(why)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        if fd == 2:
            self.ear.hear(data)
            return
        start = len(self._rest)
        self._rest += data
        while self.ended is None and (end := self._rest.find(b"\n", start)) >= 0:
            line = bytes(self._rest[:end])
            del self._rest[: end + 1]
            start = 0
            self._receive(line)
        if len(self._rest) > LINE_LIMIT:
            self._rest.clear()
            words = f"the probing half sent more than {LINE_LIMIT >> 20} MiB without the end of a line"
            self.stop(ProbeCrashed(f"{words}, and was stopped", f"log: {self.log}"))

    def _write(self, line: bytes) -> None:
        """Send a line; of a process that has ended the loop tells by itself."""
        writer = cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0))
        if not writer.is_closing():
            writer.write(line)

    def _receive(self, line: bytes) -> None:
        """Take what stands on one line; an answer to nothing, or a second one, is passed over."""
        said = messages.read(line)
        if isinstance(said, messages.Told):
            request = self._asked.get(said.id)
            if request is not None and not request.answer.done():
                request.tell(said)
        elif said is not None and (request := self._asked.pop(said.id, None)) is not None:
            self._watch()
            if request.answer.done():
                return
            if said.error is not None:
                request.answer.set_exception(said.error)
            else:
                request.answer.set_result(said.result)
