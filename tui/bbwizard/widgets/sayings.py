"""What an app says in passing, and what it hands to the clipboard: any text, whatever is in it."""

from __future__ import annotations

from typing import TypeVar

from textual.app import App
from textual.notifications import SeverityLevel

from bbwizard.inert import plain
from bbwizard.language import told

Result = TypeVar("Result")


class Sayings(App[Result]):
    """An app whose toasts and clipboard take names and paths as they come."""

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Say a sentence in passing; names and paths in it neither act on the terminal nor count as markup."""
        text = plain(told(message))
        for shown in [one for one in self._notifications if one.message == text]:
            self._unnotify(shown)  # once is enough
        super().notify(text, title=title, severity=severity, timeout=timeout, markup=markup)

    def copy_to_clipboard(self, text: str) -> None:
        super().copy_to_clipboard(text.encode("utf-8", "replace").decode())
