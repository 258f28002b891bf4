"""An end to other people's code that does not come to one by itself."""

import contextlib
import signal
import threading
from typing import Any, Iterator

AGAIN = 5.0
"""Seconds until code that has caught the exception gets it once more."""


class TookTooLong(BaseException):
    """Its time is up. No `Exception`: code that catches all of those in a loop must end too."""


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TookTooLong in what runs inside once `seconds` are over.

    Only Python code of the main thread can be interrupted: elsewhere, and in a library's own machine code, nothing
    happens, and the asker ends the process when its own patience does.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: Any) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
