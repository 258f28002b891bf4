"""Where the wizard draws."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def stdout_on_terminal() -> Iterator[None]:
    """Point stdout at the terminal that stderr is, for as long as the wizard draws.

    Textual draws on stderr but asks stdout for the terminal's size: in `path=$(bbwizard)` that is a pipe, and the
    wizard would be 80x24 in whatever window.
    """
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
