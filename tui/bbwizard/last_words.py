"""How a process ended, in words, with the last thing it said, and the line that Python was at where it tells that."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

WARNED: Final = re.compile(r":\d+: \w*Warning: ")
"""Python's line of a warning, which ends nothing; the one below it shows the source."""
TAIL: Final = 1 << 16
"""Bytes at the end of a log that are looked through: a list of every compiled module may stand last."""

DUMPED: Final = re.compile(r"Fatal Python error: |Timeout \(\d+:\d+:\d+(\.\d+)?\)!$")
"""How what `faulthandler` writes begins, before a signal ends the process or because its time is up."""
STACK: Final = re.compile(r"\(most recent call first\):$")
FRAME: Final = re.compile(r'\s*File "(?P<file>[^<].*)", line (?P<line>\d+) in ')
PYTHONS_OWN: Final = re.compile(r"/lib(64)?/python3[^/]*/(?!site-packages/|dist-packages/)")
COPY: Final = re.compile(r"/tmp\w{8}/tmp\w{8}\.py$")
"""The temporary file in which mmcv runs a config."""


@dataclass(frozen=True)
class Dump:
    """What `faulthandler` wrote: whether time was up, and the innermost line outside of Python's own library."""

    late: bool
    place: str


def cause_of_death(returncode: int | None, doing: str, said: str, dump: Dump | None = None) -> str:
    """How the process ended, in words, with what it was `doing` and the last thing that it `said`, where it did."""
    if dump is not None and dump.late:
        how = "the probing half has not come to an end in time"
    elif returncode is not None and returncode < 0:
        name = signal.Signals(-returncode).name if -returncode in set(signal.Signals) else f"signal {-returncode}"
        if name == "SIGKILL":
            name = f"{name} (often for want of memory on the host)"
        how = f"the probing half was ended by {name}"
    else:
        how = f"the probing half ended with status {returncode}"
    if doing:
        how = f"{how}, while {doing}"
    if dump is not None and dump.place:
        how = f"{how}, at work on {dump.place}"
    return f"{how}: {said}" if said else how


def tail(log: Path, start: int = 0) -> list[str]:
    """The last lines of a log, behind its first `start` bytes."""
    try:
        with log.open("rb") as file:
            file.seek(max(start, file.seek(0, os.SEEK_END) - TAIL))
            return file.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return []


def parted(lines: Sequence[str]) -> tuple[Sequence[str], Dump | None]:
    """What was said before Python's own dump, and that."""
    begun = next((index for index in reversed(range(len(lines))) if DUMPED.match(lines[index])), None)
    if begun is None:
        return lines, None
    # Of several threads that which ended the process is called current; the main one, which works, comes last.
    heads = [index for index in range(begun, len(lines)) if STACK.search(lines[index])]
    first = next((index for index in heads if lines[index].startswith("Current")), heads[-1] if heads else begun)
    last = next((index for index in heads if index > first), len(lines))
    frames = (found for line in lines[first:last] if (found := FRAME.match(line)) is not None)
    own = next((frame for frame in frames if not PYTHONS_OWN.search(frame["file"])), None)
    place = "" if own is None else f"{own['file']}, line {own['line']}"
    if own is not None and COPY.search(own["file"]):
        place = f"line {own['line']} of a config"
    return lines[:begun], Dump(lines[begun].startswith("Timeout"), place)


def last_line(lines: Sequence[str]) -> str:
    """The last line with words in it; or nothing."""
    pairs = zip(lines, ["", *lines], strict=False)
    telling = [line.strip() for line, before in pairs if not (WARNED.search(line) or WARNED.search(before))]
    return next((line for line in reversed(telling) if line), "")
