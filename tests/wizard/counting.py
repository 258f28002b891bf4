"""A terminal that counts: Textual writes to it as to a real one, in the frames of a terminal that holds them back."""

from __future__ import annotations

from typing import Any

import pyte
from textual.drivers.headless_driver import HeadlessDriver
from textual.messages import TerminalSupportsSynchronizedOutput

BEGIN, END = "\x1b[?2026h", "\x1b[?2026l"
"""What stands around a frame."""


class CountingTerminal(HeadlessDriver):
    """Keeps what was written to it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.written = ""
        self.screen = pyte.Screen(*self._get_terminal_size())
        self.stream = pyte.Stream(self.screen)

    @property
    def is_headless(self) -> bool:
        return False

    def start_application_mode(self) -> None:
        super().start_application_mode()
        self._app.post_message(TerminalSupportsSynchronizedOutput())

    def write(self, data: str) -> None:
        self.written += data
        self.stream.feed(data)

    def text(self) -> str:
        """What stands on it."""
        return "\n".join(self.screen.display)

    def take(self) -> list[int]:
        """The bytes of each frame since this was last asked; what was written outside of one counts as one."""
        written, self.written = self.written, ""
        parts = written.replace(END, END + "\0").split("\0")
        return [len(part.encode()) for part in parts if part]
