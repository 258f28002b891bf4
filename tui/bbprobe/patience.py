"""An end to other people's code that does not come to one by itself."""

import contextlib
import faulthandler
import signal
import threading
from typing import Any, Iterator

AGAIN = 5.0
"""Seconds until code that has caught the exception gets it once more."""
LAST = 12.0
"""Seconds after the exception at which the process is ended."""


class TookTooLong(BaseException):
    """Its time is up. No `Exception`: code that catches all of those in a loop must end too."""


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Raise TookTooLong in what runs inside once `seconds` are over.

    Only Python code can be interrupted, and only in the main thread: elsewhere nothing happens. Machine code that does
    not end is ended with the process, which says on stderr what line called it.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: Any) -> None:
        raise TookTooLong

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    faulthandler.dump_traceback_later(seconds + LAST, exit=True)
    try:
        yield
    finally:
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)  # first: what is raised from here on is raised once
        finally:
            signal.signal(signal.SIGALRM, before)
            faulthandler.cancel_dump_traceback_later()
