"""How a process ended, in words, with the last thing it said."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def cause_of_death(returncode: int | None, said: str) -> str:
    """How the process ended, in words, with the last thing that it `said`."""
    if returncode is not None and returncode < 0:
        name = signal.Signals(-returncode).name if -returncode in set(signal.Signals) else f"signal {-returncode}"
        how = f"the probing half was ended by {name}"
        if name == "SIGKILL":
            how += " (often: the host ran out of memory)"
    else:
        how = f"the probing half ended with status {returncode}"
    return f"{how}: {said}" if said else how


def last_line(log: Path, start: int = 0) -> str:
    """The last line with words in it of a log, behind its first `start` bytes; or nothing."""
    try:
        with log.open("rb") as file:
            file.seek(max(start, file.seek(0, os.SEEK_END) - 4096))
            lines = file.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")
