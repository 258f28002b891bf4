"""How the wizard ends on a real terminal when its user does not end it: nothing stays behind, nothing is lost."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest
from benchmarks.performance.pseudo_terminal import PseudoTerminal
from benchmarks.performance.terminal import OWN, SOURCES, WIZARD, made_up

from bbwizard import drafts

PATIENCE: Final = 30.0
ON_ITS_TERMINAL: Final = """
import fcntl, os, signal, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
if sys.argv[1] == "ignoring":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
os.execv(sys.argv[2], sys.argv[2:])
"""
"""Makes the terminal the process's own, so that it is told when that goes away."""


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The variables of the wizards, by which they and their probing halves are known."""
    own = {f"XDG_{kind}_HOME": str(tmp_path / kind.lower()) for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
    monkeypatch.setenv("XDG_STATE_HOME", own["XDG_STATE_HOME"])
    return {**os.environ, **own, "PYTHONPATH": str(SOURCES), "TERM": "xterm-256color", "ONE_SITTING": str(tmp_path)}


@contextmanager
def wizard(environ: Mapping[str, str], hangup: str = "heeding") -> Iterator[PseudoTerminal]:
    """A wizard that has a terminal of its own."""
    words = [sys.executable, "-c", ON_ITS_TERMINAL, hangup, *WIZARD, *made_up(2 * OWN)]
    with PseudoTerminal(words, (80, 24), environ) as terminal:
        yield terminal


def at_backbones(terminal: PseudoTerminal) -> None:
    """Choose a base, and wait until that is on the disk."""
    terminal.shown("yolox_tiny")
    terminal.press("\r", 0.2)
    while not any(b"yolox_s" in path.read_bytes() for path in drafts.folder().glob("*.json")):
        terminal.read(0.2)


def mark(terminal: PseudoTerminal) -> None:
    """Mark a backbone, and wait until that is drawn: it will be half a second until it is on the disk."""
    terminal.shown("timm/convnet0")
    os.write(terminal.leader, b" ")
    terminal.shown("1 marked")


def processes(environ: Mapping[str, str]) -> list[int]:
    """Those that were started with these variables."""
    mark, found = f"ONE_SITTING={environ['ONE_SITTING']}".encode(), []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                found.append(int(folder.name))
        except OSError:
            continue
    return found


def wait_for_the_end(pids: list[int]) -> None:
    """Wait until none of them is there any more."""
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        ended, _, _ = select.select([handle], [], [], PATIENCE)
        os.close(handle)
        assert ended, f"process {pid} is still there"


@pytest.mark.parametrize("how", ["heeding", "ignoring", "SIGTERM", "SIGKILL"])
def test_whatever_ends_it_no_process_stays_and_the_next_one_goes_on(environ: dict[str, str], how: str) -> None:
    with wizard(environ, how) as terminal:
        at_backbones(terminal)
        if how != "SIGKILL":
            mark(terminal)
        there = processes(environ)
        assert len(there) >= 2, "the wizard and its probing half"
        if how.startswith("SIG"):
            os.kill(terminal.process.pid, signal.Signals[how])
        else:
            os.close(terminal.leader)
            terminal.leader = os.open(os.devnull, os.O_RDWR)
        wait_for_the_end(there)
        if how == "SIGTERM":
            assert b"\x1b[?1049l" in rest(terminal), "the terminal is given back as it was"
    assert processes(environ) == []
    (path,) = drafts.folder().glob("*.json")
    assert how == "SIGKILL" or b'"marked":["timm/' in path.read_bytes(), "the last half second is kept too"
    with wizard(environ) as terminal:
        terminal.shown("Cut off")
        terminal.press("\r", 0.5)
        terminal.shown("timm/convnet0")


@pytest.mark.parametrize("last", ["sys.stderr.write('kept ')", "1 / 0", "threading.Event().wait()"])
def test_a_terminal_that_goes_away_ends_the_process_whatever_is_done_last(last: str) -> None:
    code = (
        "import os, signal, sys, threading; from bbwizard import terminal;"
        "threading.excepthook = lambda fault: sys.stderr.write('failed ');"
        f"terminal.before_it_goes(lambda: {last}); os.kill(os.getpid(), signal.SIGHUP); sys.stderr.write('went on')"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ended.returncode == -signal.SIGHUP
    assert ended.stderr == {"1 / 0": "failed "}.get(last, "kept " if "kept" in last else "")


def rest(terminal: PseudoTerminal) -> bytes:
    """Everything that was still drawn before the end."""
    seen = b""
    while select.select([terminal.leader], [], [], 0)[0]:
        try:
            found = os.read(terminal.leader, 1 << 16)
        except OSError:
            break
        seen += found
        if not found:
            break
    return seen
