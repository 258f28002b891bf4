"""What a probing half's process is started with, what its launch prefix says, and how both are ended."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from bbwizard import kept

Heard = Callable[[str], None]
"""Called with each line that a launch prefix says before the probing half is there."""

GRACE: Final = 10.0
"""Seconds that a launch prefix has to take back what it started: a job, a place in a queue."""
KEPT: Final = 400
"""Lines of stderr that are looked through for the reason of an end."""

LIBC: Final = ctypes.CDLL(None)
PR_SET_PDEATHSIG: Final = 1
"""Of prctl(2): the signal to get when the parent ends, however it does."""


def end_with_asker() -> None:
    """Have the process that calls this ended with its parent."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to a process that leads a group, and to whatever it started in it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


class Ear:
    """Hears the stderr of a launch prefix, which goes into the log too."""

    def __init__(self, launch: Sequence[str], log: Path, heard: Heard) -> None:
        self.launch = tuple(launch)
        self.said: deque[str] = deque(maxlen=KEPT)
        """Its last lines."""
        self.greeted = False
        """Whether the probing half is there: what is said from then on is not the launch prefix's."""
        self.closed = not launch
        """Whether there is nothing more to hear."""
        self._heard = heard
        self._rest = b""
        self._file: BinaryIO | None = kept.appended(log) if launch else None

    def hear(self, data: bytes) -> None:
        """Take in more of it."""
        if self._file is not None:
            with contextlib.suppress(OSError, ValueError):  # a full disk must not stop what is heard
                self._file.write(data)
        *lines, self._rest = (self._rest + data).replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            self._take(line)

    def close(self) -> None:
        """There is nothing more to hear."""
        self._take(self._rest)
        self._rest, self.closed = b"", True
        if self._file is not None:
            self._file.close()

    def _take(self, line: bytes) -> None:
        text = line.decode("utf-8", "replace").strip()
        if text:
            self.said.append(text)
            if not self.greeted:
                self._heard(text)
