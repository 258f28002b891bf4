"""Where the wizard draws."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def on_its_terminal() -> Iterator[None]:
    """For as long as the wizard draws, point stdout at the terminal that stderr is, and end with that terminal.

    Textual draws on stderr but asks stdout for the terminal's size: in `path=$(bbwizard)` that is a pipe, and the
    wizard would be 80x24 in whatever window. `nohup` and some shells have a hang-up ignored, and what outlives its
    terminal holds on to a GPU for nobody.
    """
    sys.stdout.flush()
    heeded = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        signal.signal(signal.SIGHUP, heeded)
