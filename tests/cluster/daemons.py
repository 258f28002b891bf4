"""Daemons of the tests' own, in folders and on ports of their own: what they are found by, how they start and end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PATIENCE: Final = 60.0
"""Seconds for a daemon to come up on a busy machine."""
PATH: Final = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
"""Where daemons are, also for a user whose own PATH does not say so."""


def missing(*programs: str) -> list[str]:
    """Those of these programs that this machine lacks."""
    return [program for program in programs if shutil.which(program, path=PATH) is None]


def found(program: str) -> str:
    """The whole path of a program."""
    place = shutil.which(program, path=PATH)
    assert place is not None, program
    return place


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def running(words: Sequence[object], log: Path, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """A daemon in the foreground; ended, and killed where it does not end."""
    with log.open("ab") as file:
        process = subprocess.Popen(
            [str(word) for word in words], stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=os.environ | environ
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def until(holds: Callable[[], bool], what: str, log: Path | None = None) -> None:
    """Wait for something outside of this process, which tells nobody when it comes about."""
    end = time.monotonic() + PATIENCE
    while not holds():
        said = log.read_text("utf-8", "replace")[-2000:] if log is not None and log.exists() else ""
        assert time.monotonic() < end, f"{what}\n{said}"
        time.sleep(0.05)


def listens(port: int) -> bool:
    """Whether somebody listens on a port of this machine."""
    with socket.socket() as asking:
        asking.settimeout(1)
        return asking.connect_ex(("127.0.0.1", port)) == 0


def started_with(mark: str) -> list[int]:
    """The processes of this machine that have a text among their variables or words."""
    found, sought = [], mark.encode()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if sought in (folder / "environ").read_bytes() or sought in (folder / "cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:
            continue
    return found
