"""Runs the real command as a user would: a process, its status, what it says on stdout and stderr."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from answered import agrees

SOURCES = Path(__file__).resolve().parents[2] / "tui"


@dataclass(frozen=True)
class Said:
    """What one call left."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """Its stdout as JSON."""
        assert self.status == 0, self.err
        return json.loads(self.out)


def bbwizard(*words: object, folder: Path | None = None) -> Said:
    """`bbwizard WORDS`, in `folder`; what it prints for programs is held to its schema."""
    found = subprocess.run(
        [sys.executable, "-m", "bbwizard", *map(str, words)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if "--json" in words and found.stdout:
        agrees(str(words[0]), json.loads(found.stdout))
    return Said(found.returncode, found.stdout, found.stderr)
