"""The standard streams, where one of them is closed or takes nothing more."""

from __future__ import annotations

import os
import sys
from typing import Literal, TextIO


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
