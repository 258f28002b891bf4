"""A worker: one session of bbwizard, and so one probing half, opened anew whenever it was lost."""

from __future__ import annotations

import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

from bbwizard.errors import BbwizardError
from bbwizard.session import Session

PROBE_INPUT = (256, 320)
"""Height and width of the images that backbones are shown: small, and not square."""


class Sitting:
    """What one worker works with; `memory` in GiB is what its probing half may map, None for whatever it asks for."""

    def __init__(self, python: str, folder: Path, number: int, memory: float | None) -> None:
        self.python = python
        self.written = folder / "written"
        self.log = folder / "logs" / f"worker-{number}.log"
        # The shell's own limit makes a model that is too big an answer instead of a victim of the kernel.
        limit = f'ulimit -d {int((memory or 0) * 1024 * 1024)} && exec "$@"'
        self._prefix = ("sh", "-c", limit, "sh") if memory is not None else ()
        self._session: Session | None = None

    async def session(self) -> Session:
        """The session, open."""
        if self._session is None:
            self.written.mkdir(parents=True, exist_ok=True)
            session = Session(launch_prefix=self._prefix, folder=self.written, cache=False)
            session.log = self.log
            await session.open(self.python)
            session.change(input=PROBE_INPUT)
            self._session = session
        return self._session

    async def lose(self) -> None:
        """End the session, its probing half stuck or not."""
        session, self._session = self._session, None
        if session is not None:
            with contextlib.suppress(BbwizardError, OSError):
                await session.close()

    def file(self, *words: str) -> Path:
        """Where the config of these words is written."""
        return self.written / (re.sub(r"[^A-Za-z0-9]+", "_", " ".join(words)).strip("_") + ".py")


@contextlib.asynccontextmanager
async def crew(python: str, folder: Path, workers: int, memory: float | None) -> AsyncIterator[list[Sitting]]:
    """So many workers, their sessions ended at the end."""
    sittings = [Sitting(python, folder, number, memory) for number in range(workers)]
    try:
        yield sittings
    finally:
        for sitting in sittings:
            await sitting.lose()
