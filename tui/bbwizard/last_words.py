"""How a process ended, in words, with the last thing it said."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path
from typing import Final

WARNED: Final = re.compile(r":\d+: \w*Warning: ")
"""Python's line of a warning, which ends nothing; the one below it shows the source."""


def cause_of_death(returncode: int | None, doing: str, said: str) -> str:
    """How the process ended, in words, with what it was `doing` and the last thing that it `said`, where it did."""
    if returncode is not None and returncode < 0:
        name = signal.Signals(-returncode).name if -returncode in set(signal.Signals) else f"signal {-returncode}"
        if name == "SIGKILL":
            name = f"{name} (often for want of memory on the host)"
        how = f"the probing half was ended by {name}"
    else:
        how = f"the probing half ended with status {returncode}"
    if doing:
        how = f"{how}, while {doing}"
    return f"{how}: {said}" if said else how


def last_line(log: Path, start: int = 0) -> str:
    """The last line with words in it of a log, behind its first `start` bytes; or nothing."""
    try:
        with log.open("rb") as file:
            file.seek(max(start, file.seek(0, os.SEEK_END) - 4096))
            lines = file.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return ""
    pairs = zip(lines, ["", *lines], strict=False)
    telling = [line.strip() for line, before in pairs if not (WARNED.search(line) or WARNED.search(before))]
    return next((line for line in reversed(telling) if line), "")
