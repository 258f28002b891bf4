"""Tells on a stream how far a long command is: one line that ticks on a terminal, plain lines elsewhere."""

from __future__ import annotations

import shutil
import time
from contextlib import suppress
from typing import TextIO

HEARTBEAT = 60.0
"""Seconds between two signs of life where the stream is no terminal."""


class Narration:
    """The story of `total` steps, told on `out`."""

    def __init__(self, out: TextIO, total: int) -> None:
        self.out = out
        self.total = total
        self.terminal = out.isatty()
        self._number = 0
        self._name = ""
        self._started = 0.0
        self._told = 0.0
        self._ticking = False

    def say(self, text: str) -> None:
        """One line that stays."""
        self._wipe()
        self._put(text + "\n")

    def begin(self, name: str) -> None:
        """The next step starts."""
        self._number += 1
        self._name = name
        self._started = self._told = time.monotonic()
        if self.terminal:
            self.tick("")
        else:
            self.say(f"{self._head()} ...")

    def skip(self, name: str) -> None:
        """The next step was done before."""
        self._number += 1
        self._name = name
        self.say(f"{self._head()}: done before")

    def tick(self, detail: str) -> None:
        """The step goes on; `detail` is what it is at."""
        now = time.monotonic()
        if self.terminal:
            line = f"{self._head()}  {clock(now - self._started)}  {detail}"
            width = shutil.get_terminal_size().columns - 1
            self._put(f"\r\x1b[K{line[:width]}")
            self._ticking = True
        elif now - self._told >= HEARTBEAT:
            self._told = now
            self.say(f"{self._head()} ... {clock(now - self._started)}  {detail}".rstrip())

    def end(self, word: str = "done") -> None:
        """The step is over."""
        self.say(f"{self._head()}: {word}, {clock(time.monotonic() - self._started)}")

    def _head(self) -> str:
        return f"[{self._number}/{self.total}] {self._name}"

    def _wipe(self) -> None:
        if self._ticking:
            self._put("\r\x1b[K")
            self._ticking = False

    def _put(self, text: str) -> None:
        with suppress(OSError):  # what is told is lost, the work goes on
            self.out.write(text)
            self.out.flush()


def clock(seconds: float) -> str:
    """Seconds as "m:ss"."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
