"""Where the wizard draws: whether it can, with what, and how it comes back."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import Final

from bbwizard.errors import UsageError

OTHERWISE: Final = "without one: bbwizard write --base B --backbone K -o FILE; bbwizard --help has the rest"

LAST: Final = 1.0
"""Seconds that what is done last may take when the terminal goes away: the disk may have gone with it."""


def refuse(environ: Mapping[str, str]) -> None:
    """Refuse what the wizard cannot be drawn on.

    Raises:
        UsageError: stdin or stderr is no terminal, or it is one without a cursor that can be moved.
    """
    if not (is_terminal(0) and is_terminal(2)):
        raise UsageError("the wizard needs a terminal", OTHERWISE)
    term = environ.get("TERM", "")
    if not term:
        text = "TERM is not set, which means a terminal that nothing can be drawn on"
        raise UsageError(text, f"say what it is, or {OTHERWISE}")
    if term in ("dumb", "unknown"):
        raise UsageError(
            f"TERM={term} means a terminal that nothing can be drawn on", f"say what it is, or {OTHERWISE}"
        )


def is_terminal(descriptor: int) -> bool:
    """Whether a terminal is at this file descriptor; nothing is where it was closed."""
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def draws_unicode(environ: Mapping[str, str]) -> bool:
    """Whether a terminal shows more than ASCII: by its locale's name, as far as anything tells.

    The console of Linux has 512 glyphs, few of them marks.
    """
    locale = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    return "utf8" in locale.lower().replace("-", "") and environ.get("TERM") != "linux"


def given() -> dict[str, str]:
    """The variables that the process was started with: Python sets LC_CTYPE to UTF-8 where the locale is C."""
    try:
        told = Path("/proc/self/environ").read_bytes()
    except OSError:
        return dict(os.environ)
    return dict(line.split("=", 1) for line in os.fsdecode(told).split("\0") if "=" in line)


def can_be_resumed() -> bool:
    """Whether a shell would bring back a wizard that stops itself: none does in `$(bbwizard)`, or below a script."""
    parent = os.getppid()
    try:
        return os.getpgrp() == os.getpid() and os.getsid(parent) == os.getsid(0) and os.getpgid(parent) != os.getpgrp()
    except OSError:
        return False


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


def before_it_goes(last: Callable[[], None]) -> None:
    """When the terminal goes away, do this, for a moment at most, before the process ends by that signal."""

    def end(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        with contextlib.suppress(Exception):
            doing = Thread(target=last, daemon=True)
            doing.start()
            doing.join(LAST)
        os.kill(os.getpid(), number)

    signal.signal(signal.SIGHUP, end)
