"""Something that a probing half was asked, and whose turn may not have come yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bbwizard.errors import ProbeError
from bbwizard.messages import Told

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many of how many are done."""
Partial = Callable[[Any], None]
"""Called with the answer as far as it is known."""


class NotBegun(Exception):
    """The process ended before this request had its turn; `cause` says how."""

    def __init__(self, cause: ProbeError) -> None:
        super().__init__(cause.text)
        self.cause = cause


@dataclass(eq=False)
class Request:
    """Something that was asked and not answered; one that nobody wants any more waits for the other end to see it.

    `limit` seconds are its own, from when its turn comes; `began` and `left` are moments of the loop's clock: when that
    was, and when it was given up. `logged` is how many bytes the log had when it began: those before are not its words.
    """

    method: str
    limit: float
    answer: asyncio.Future[Any]
    group: str | None = None
    progress: Progress | None = None
    partial: Partial | None = None
    began: float | None = None
    logged: int | None = None
    left: float | None = None
    doing: str = ""
    """What it was doing when it said so last."""
    newest: dict[bool, Told] = field(default_factory=dict)
    """What is to be handed on: how far it is, and under True the answer as far as it is known."""

    def tell(self, said: Told) -> None:
        """Hand on how far it is, and of what comes within one turn of the loop the newest alone."""
        if not said.partial:
            self.doing = said.text
        if not self.newest:
            self.answer.get_loop().call_soon(self._hand_on)
        self.newest[said.partial] = said

    def _hand_on(self) -> None:
        told, self.newest = self.newest, {}
        if self.left is not None:
            return
        if self.progress is not None and (said := told.get(False)) is not None:
            self.progress(said.text, said.done, said.total)
        if self.partial is not None and (said := told.get(True)) is not None:
            self.partial(said.result)
