"""Runs one command of many minutes: all it says goes to a log, it ends when we end."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import BinaryIO

NOISE = re.compile(
    r"^\s*$|WARNING: (Location|The candidate|Running pip)|Looking in |\[notice\]|note: This (error|is)|hint: See above"
)
FAULT = re.compile(r"(?<![\w-])(error|fatal error|fatal|\w*Error)\b ?[:!]", re.IGNORECASE)
DETAIL = re.compile(
    r"\[\d+/\d+\]|Installing collected packages|(?:Collecting|Downloading|Building|Processing|Using cached) \S+"
)


class Failed(Exception):
    """The command ended with `code`; `lines` are the last ones of what it said that tell why."""

    def __init__(self, command: Sequence[str], code: int, lines: Sequence[str]) -> None:
        super().__init__(f"{command[0]} ended with {code}")
        self.code = code
        self.lines = tuple(lines)


def run(command: Sequence[str], *, environ: Mapping[str, str], log: BinaryIO, tick: Callable[[str], None]) -> None:
    """Run `command` to its end; `tick` is called about every second with what it is at.

    Raises:
        Failed: it did not end with 0.
    """
    keep(log, f"\n$ {' '.join(command)}\n".encode())
    said: deque[str] = deque(maxlen=4000)
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environ),
            # A group of its own, so that the compilers that pip's children start can be ended with it.
            start_new_session=True,
        )
    except OSError as error:
        raise Failed(command, 127, [str(error)]) from error
    reader = threading.Thread(target=listen, args=(process, log, said), daemon=True)
    reader.start()
    try:
        while True:
            try:
                code = process.wait(1.0)
                break
            except subprocess.TimeoutExpired:
                tick(detail(said))
    except BaseException:
        stop(process)
        raise
    finally:
        # A grandchild that lives on may hold the pipe open for ever.
        reader.join(5.0)
    if code:
        raise Failed(command, code, telling(list(said)))


def listen(process: subprocess.Popen[bytes], log: BinaryIO, said: deque[str]) -> None:
    """Hear the command out."""
    assert process.stdout is not None
    # ValueError: the log is closed, because a grandchild held the pipe open for longer than we waited.
    with process.stdout as pipe, contextlib.suppress(ValueError):
        for line in iter(pipe.readline, b""):
            keep(log, line)
            said.append(line.decode("utf-8", "replace").rstrip())


def keep(log: BinaryIO, said: bytes) -> None:
    """Put it into the log; a full disk stops what needs the room, not what is said of it."""
    with contextlib.suppress(OSError):
        log.write(said)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the command and all that it started: asked first, then made to."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5.0)
            break
    # The group outlives its leader where a compiler did not hear the first signal.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """SIGINT, SIGTERM and SIGHUP leave as an exception at once, so that children are ended on the way."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, frame: object) -> None:
        raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)

    # SIGINT too: an event loop that runs above us would keep the first one to itself.
    before = {number: signal.signal(number, leave) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def detail(said: deque[str]) -> str:
    """What the command is at, from the last lines it said: "[12/85]", "Downloading torch-2.4.1"."""
    for line in list(said)[-1:-400:-1]:
        if found := DETAIL.search(line):
            return found[0]
    return ""


def telling(lines: Sequence[str]) -> list[str]:
    """The lines that tell why it failed: the first that speaks of an error, and the last ones."""
    lines = [line for line in lines if not NOISE.search(line)]
    tail = lines[-8:]
    first = [line for line in lines[:-8] if FAULT.search(line)][:3]
    return [line[:300] for line in (*first, *tail)]
