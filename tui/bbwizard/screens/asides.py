"""What is said of the files that bbwizard keeps for itself, shown in the wizard."""

from __future__ import annotations

import logging
from typing import Final

from textual.app import App

SHOWN: Final = 15.0
"""Seconds: there may be a path in it."""


class Asides(logging.Handler):
    """Shows each word for a while, whichever thread says it."""

    def __init__(self, app: App[object]) -> None:
        super().__init__()
        self.app = app

    def emit(self, record: logging.LogRecord) -> None:
        """Show it."""
        self.app.notify(record.getMessage(), severity="warning", timeout=SHOWN, markup=False)
