"""The standard streams, where one of them is closed or takes nothing more."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Literal, TextIO

from bbwizard.errors import WriteRefused


def stand_in() -> None:
    """Put something in the place of each standard stream that was closed before Python started.

    What is printed on one that is None goes to another, or raises; the next file that is opened would be in its place.
    """
    if sys.stdin is None:
        sys.stdin = nothing("r", os.O_RDONLY)
    if sys.stdout is None:
        sys.stdout = nothing("w", os.O_RDONLY)  # it takes as little as a closed one, and that is said
    if sys.stderr is None:
        sys.stderr = nothing("w", os.O_WRONLY)


def nothing(mode: Literal["r", "w"], access: int) -> TextIO:
    """A stream that leads nowhere, also for the processes that are started."""

    def opened(path: str, flags: int) -> int:
        descriptor = os.open(os.devnull, access)
        os.set_inheritable(descriptor, True)
        return descriptor

    return open(os.devnull, mode, encoding="utf-8", opener=opened)


@contextmanager
def to_stdout() -> Iterator[None]:
    """For as long as stdout is written to.

    Raises:
        BrokenPipeError: its reader has gone.
        WriteRefused: it cannot be written, and why; this too is raised once, and what is printed later goes nowhere.
    """
    try:
        yield
    except OSError as error:
        let_go(sys.stdout)
        if isinstance(error, BrokenPipeError):
            raise
        raise WriteRefused(f"stdout cannot be written: {error.strerror or error}") from error


def flush() -> None:
    """Have stdout take all that was printed.

    Raises:
        BrokenPipeError: its reader has gone.
        WriteRefused: it cannot be written.
    """
    with to_stdout():
        sys.stdout.flush()


def settle() -> None:
    """Let go of a stderr that does not take all: at its end the interpreter would try again, and leave with 120."""
    try:
        sys.stderr.flush()
    except OSError:
        let_go(sys.stderr)


def let_go(stream: TextIO) -> None:
    """What is printed on the stream from now on goes nowhere, and so does what waits in it."""
    with suppress(OSError):  # it is none of the system's
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
