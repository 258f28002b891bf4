"""A process on a terminal of its own that answers as xterm does, and what it draws there: when, and in which frames."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from types import TracebackType
from typing import Final

import pyte

PATIENCE: Final = 60.0
"""Seconds without a byte until the process is thought dead."""
ASKED, ANSWER = b"\x1b[?2026$p", b"\x1b[?2026;2$y"
"""The question whether this terminal holds a frame back until it is whole, and the answer that it can."""
END: Final = b"\x1b[?2026l"
"""What ends a frame on a terminal that does."""


class Dead(Exception):
    """The process drew nothing for too long, or has ended."""


@dataclass(frozen=True)
class Drawn:
    """What came between a moment and the quiet after it.

    `first` and `seconds` are those to the end of the first frame and to the last byte, 0 where nothing came; `frames`
    are the bytes of each.
    """

    first: float
    seconds: float
    bytes: int
    frames: tuple[int, ...]


class PseudoTerminal:
    """A process whose stdin, stdout and stderr are a terminal of `size`: columns and rows."""

    def __init__(self, command: Sequence[str], size: tuple[int, int], environ: Mapping[str, str]) -> None:
        self.leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.began = perf_counter()
        self.process = subprocess.Popen(
            command, stdin=follower, stdout=follower, stderr=follower, env=environ, start_new_session=True
        )
        os.close(follower)
        self._before = b""
        self._unseen = bytearray()
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)

    def read(self, seconds: float) -> bytes:
        """What is drawn next; nothing where that takes longer than `seconds`.

        Raises:
            Dead: the process has ended.
        """
        ready, _, _ = select.select([self.leader], [], [], seconds)
        if not ready:
            return b""
        with contextlib.suppress(OSError):  # what a terminal says whose last process has gone
            found = os.read(self.leader, 1 << 16)
            joined = self._before + found  # a read may end in the middle of the question
            self._before = joined[-len(ASKED) + 1 :]
            if ASKED in joined:
                os.write(self.leader, ANSWER)
            if found:
                self._unseen += found
                return found
        raise Dead(f"{self.process.args!r} has ended")

    def until(self, word: str) -> float:
        """Read until a word is drawn in one piece, as in a first frame; the seconds since the process was started.

        Raises:
            Dead: it is not.
        """
        seen = b""
        while word.encode() not in seen:
            found = self.read(PATIENCE)
            if not found:
                raise Dead(f"{word!r} was not drawn; the last that was: {seen[-500:]!r}")
            seen += found
        return perf_counter() - self.began

    def shown(self, word: str) -> None:
        """Read until a word stands there, however it came to: of what stood there before, parts may be left in place.

        Raises:
            Dead: it does not.
        """
        while True:
            self._stream.feed(bytes(self._unseen))
            self._unseen.clear()
            if any(word in line for line in self._screen.display):
                return
            if not self.read(PATIENCE):
                raise Dead("\n".join([f"{word!r} is not shown:", *self._screen.display]))

    def press(self, pressed: str, quiet: float) -> Drawn:
        """Send keys, and read until nothing is drawn for `quiet` seconds."""
        began = perf_counter()
        os.write(self.leader, pressed.encode())
        return self._watch(began, quiet, PATIENCE)

    def rest(self, quiet: float) -> Drawn:
        """Read until nothing is drawn for `quiet` seconds."""
        return self._watch(perf_counter(), quiet, quiet)

    def listen(self, seconds: float) -> int:
        """The bytes that are drawn within so many seconds."""
        end, seen = perf_counter() + seconds, 0
        while (left := end - perf_counter()) > 0:
            seen += len(self.read(left))
        return seen

    def _watch(self, began: float, quiet: float, patience: float) -> Drawn:
        """What is drawn from `began` on, until nothing is for `quiet` seconds; its beginning may take `patience`."""
        seen, first, last = b"", 0.0, 0.0
        while found := self.read(quiet if seen else patience):
            seen += found
            last = perf_counter() - began
            if not first and END in seen:
                first = last
        parts = [len(part) + len(END) for part in seen.split(END)[:-1]]
        return Drawn(first, last, len(seen), tuple(parts))

    def __enter__(self) -> PseudoTerminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.leader)
