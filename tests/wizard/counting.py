"""A terminal that counts: Textual writes to it as to a real one, in the frames of a terminal that holds them back."""

from __future__ import annotations

from typing import Any

from textual.drivers.headless_driver import HeadlessDriver
from textual.messages import TerminalSupportsSynchronizedOutput

BEGIN, END = "\x1b[?2026h", "\x1b[?2026l"
"""What stands around a frame."""


class CountingTerminal(HeadlessDriver):
    """Keeps what was written to it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.written = ""

    @property
    def is_headless(self) -> bool:
        return False

    def start_application_mode(self) -> None:
        super().start_application_mode()
        self._app.post_message(TerminalSupportsSynchronizedOutput())

    def write(self, data: str) -> None:
        self.written += data

    def take(self) -> list[int]:
        """The bytes of each frame since this was last asked; what was written outside of one counts as one."""
        written, self.written = self.written, ""
        parts = written.replace(END, END + "\0").split("\0")
        return [len(part.encode()) for part in parts if part]
