"""The smallest Textual app there is: what no other can be faster than."""

from textual.app import App, ComposeResult
from textual.widgets import Static

WORD = "smallest"
"""What it shows."""


class Smallest(App[None]):
    """One word."""

    def compose(self) -> ComposeResult:
        yield Static(WORD)


if __name__ == "__main__":
    Smallest().run()
