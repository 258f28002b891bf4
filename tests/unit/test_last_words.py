"""What Python writes of itself when machine code ends it, or its time is up: the line that called that is found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bbwizard.last_words import Dump, cause_of_death, last_line, parted

CRASHES = """\
import ctypes, faulthandler, sys, threading
faulthandler.enable()
threading.Thread(target=threading.Event().wait, daemon=True).start()
print("last words", file=sys.stderr, flush=True)
ctypes.string_at(0)
"""
NEVER_ENDS = """\
import faulthandler, itertools, threading
faulthandler.dump_traceback_later(0.1, exit=True)
threading.Thread(target=threading.Event().wait, daemon=True).start()
sum(itertools.count())
"""
COPIED = '  File "/tmp/tmpab12cd34/tmpx_1y2z3w.py", line 2 in <module>'


def ran(path: Path, code: str) -> tuple[int, list[str]]:
    """How a program ends, and the lines that it leaves on stderr."""
    path.write_text(code)
    found = subprocess.run([sys.executable, str(path)], stderr=subprocess.PIPE, text=True, check=False)
    return found.returncode, found.stderr.split("\n")


def test_a_crash_is_told_with_the_line_that_called_what_crashed(tmp_path: Path) -> None:
    status, lines = ran(tmp_path / "own.py", CRASHES)
    before, dump = parted(lines)
    assert dump == Dump(late=False, place=f"{tmp_path}/own.py, line 5")
    told = cause_of_death(status, "building it", last_line(before), dump)
    where = f"{tmp_path}/own.py, line 5"
    assert told == f"the probing half was ended by SIGSEGV, while building it, at work on {where}: last words"


def test_time_that_is_up_is_told_with_the_line_of_the_main_thread(tmp_path: Path) -> None:
    status, lines = ran(tmp_path / "own.py", NEVER_ENDS)
    before, dump = parted(lines)
    assert dump == Dump(late=True, place=f"{tmp_path}/own.py, line 4")
    told = cause_of_death(status, "", last_line(before), dump)
    assert told == f"the probing half has not come to an end in time, at work on {tmp_path}/own.py, line 4"


@pytest.mark.parametrize(
    ("lines", "dump"),
    [
        ([], None),
        (["a Timeout (0:00:01)!"], None),
        (["Timeout (0:00:01)!"], Dump(late=True, place="")),
        (["Timeout (0:01:12)!", COPIED], Dump(late=True, place="line 2 of a config")),
        (["Fatal Python error: x", "", "Current thread 0x1 (most recent call first):"], Dump(late=False, place="")),
        (["Fatal Python error: x", '  File "<bbprobe.server>", line 2 in f'], Dump(late=False, place="")),
    ],
    ids=str,
)
def test_a_dump_that_is_cut_off_is_told_as_far_as_it_goes(lines: list[str], dump: Dump | None) -> None:
    assert parted(lines)[1] == dump
