"""A Slurm and an ssh server for the tests, where this machine has the programs."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final, TypeVar

import pytest

from stacks.stack import NOT_TESTED

from .daemons import missing
from .slurm import PROGRAMS as SLURM
from .slurm import Slurm, slurm
from .sshd import PROGRAMS as SSHD
from .sshd import Sshd, sshd

Started = TypeVar("Started")

REQUIRED: Final = os.environ.get("BBWIZARD_REQUIRE_CLUSTER", "") not in ("", "0")
"""Whether a missing program is a failure."""


def started(
    what: str, programs: tuple[str, ...], start: Callable[[Path], AbstractContextManager[Started]]
) -> Iterator[Started]:
    """It runs, in a folder with a short name; skipped, or failed where CI must not skip, without its programs."""
    if lacking := missing(*programs):
        reason = f"{what} {NOT_TESTED}: this machine lacks {', '.join(lacking)}"
        pytest.fail(reason) if REQUIRED else pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="bbw-") as folder, start(Path(folder)) as daemon:
        yield daemon


@pytest.fixture(scope="session")
def cluster() -> Iterator[Slurm]:
    """A Slurm that runs as long as the tests do."""
    yield from started("Slurm", SLURM, slurm)


@pytest.fixture
def queue(cluster: Slurm, monkeypatch: pytest.MonkeyPatch) -> Iterator[Slurm]:
    """That Slurm, which commands find, empty before and after."""
    monkeypatch.setenv("SLURM_CONF", cluster.conf)
    yield cluster
    cluster.empty()


@pytest.fixture(scope="session")
def server() -> Iterator[Sshd]:
    """An ssh server that runs as long as the tests do."""
    yield from started("ssh", SSHD, sshd)
