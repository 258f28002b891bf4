"""The wizard as a process on a real terminal, its stdout taken by a shell."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pyte
import pytest

ROOT = Path(__file__).resolve().parents[2]
COLUMNS, ROWS = 110, 30
PATIENCE = 60.0
"""Seconds until the terminal is thought dead; nothing is asserted about how long things take."""


class Terminal:
    """A process whose stdin and stderr are a terminal of COLUMNS x ROWS, and whose stdout is a pipe."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bbwizard"],
            stdin=follower,
            stdout=subprocess.PIPE,
            stderr=follower,
            env=environ,
            start_new_session=True,
        )
        os.close(follower)
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.stream = pyte.ByteStream(self.screen)

    def text(self) -> str:
        return "\n".join(self.screen.display)

    def read_until(self, holds: Callable[[], bool]) -> None:
        """Read what is drawn until something holds."""
        while not holds():
            ready, _, _ = select.select([self.leader], [], [], PATIENCE)
            assert ready, f"nothing more was drawn:\n{self.text()}"
            self.stream.feed(os.read(self.leader, 65536))

    def press(self, pressed: str) -> None:
        os.write(self.leader, pressed.encode())

    def end(self) -> tuple[int, bytes]:
        """Wait for the process; its status and what it said on stdout."""
        said, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.communicate()
        os.close(self.leader)


@pytest.mark.parametrize("term", ["xterm-256color", "screen"])
def test_it_fills_the_terminal_it_is_on_and_keeps_stdout_for_the_path(tmp_path: Path, term: str) -> None:
    # Neither conda nor another environment is to be found.
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "tui"), "TERM": term, "HOME": str(tmp_path), "PATH": "/bin"}
    for name in ("COLORTERM", "COLUMNS", "LINES"):
        environ.pop(name, None)
    terminal = Terminal(environ)
    try:
        terminal.read_until(lambda: "bbwizard env create DIR" in terminal.text() and "quit" in terminal.text())
        assert "? keys" in terminal.screen.display[ROWS - 1]
        assert any(line.endswith("╮") for line in terminal.screen.display), "the panes reach the right edge"
        terminal.press("q")
        # A terminal must be read while the process leaves, or its last words block it.
        with contextlib.suppress(OSError):
            terminal.read_until(lambda: False)
        assert terminal.end() == (0, b"")
    finally:
        terminal.close()
