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

    def cells(self) -> list[list[pyte.screens.Char]]:
        """What stands on it, and how, line by line."""
        return standing(self.screen)

    def painted_whole(self) -> list[list[pyte.screens.Char]]:
        """The same of a terminal that Textual itself has sent everything."""
        app = self._app
        screen = pyte.Screen(*app.size)
        stream = pyte.Stream(screen)
        for y, strip in enumerate(app.screen._compositor.render_strips(app.size)):
            stream.feed(f"\x1b[{y + 1};1H{strip.render(app.console)}")
        return standing(screen)

    def take(self) -> list[int]:
        """The bytes of each frame since this was last asked; what was written outside of one counts as one."""
        written, self.written = self.written, ""
        parts = written.replace(END, END + "\0").split("\0")
        return [len(part.encode()) for part in parts if part]


def standing(screen: pyte.Screen) -> list[list[pyte.screens.Char]]:
    return [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]
