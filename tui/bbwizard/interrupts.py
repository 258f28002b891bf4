"""ctrl+c while modules are imported: an exception there would come out of the middle of any of them, or be lost."""

from __future__ import annotations

import os
import signal
from types import FrameType

from bbwizard.errors import INTERRUPTED


def end_at_once() -> None:
    """Have ctrl+c end the process as it is, until `raise_again`; where it is ignored it stays so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, end)


def end(number: int, frame: FrameType | None) -> None:
    """Say so, and end: nothing has been begun yet."""
    try:
        os.write(2, b"bbwizard: interrupted\n")
    finally:
        os._exit(INTERRUPTED)


def raise_again() -> None:
    """Have ctrl+c raise KeyboardInterrupt from now on: what is begun must be ended with care."""
    if signal.getsignal(signal.SIGINT) is end:
        signal.signal(signal.SIGINT, signal.default_int_handler)
