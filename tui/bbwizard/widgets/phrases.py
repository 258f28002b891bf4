"""What the panes say in the same way everywhere: labelled values, verdicts, cautions, waiting."""

from __future__ import annotations

from textual.content import Content

from bbwizard import keys
from bbwizard.language import _, told
from bbwizard.widgets.text import padded, said

GOOD, BAD, WARN, QUIET, STRONG, HEAD = "$success", "$error", "$warning", "$quiet", "bold", "$quiet"


def how() -> str:
    """What to do without a training environment."""
    words = _("make one with\n  bbwizard env create DIR\nor name one with\n  bbwizard --python PATH\n(here: {key})")
    return words.format(key=keys.key_for("environment.path"))


def pair(label: str, value: str, style: str = "", *, width: int = 10) -> Content:
    """A labelled value; the labels of a pane stand in one column of `width` cells."""
    return Content.assemble((padded(label, width), QUIET), said(value or "-", style))


def mark(good: bool, text: str) -> Content:
    """A verdict: by its mark, its words, and only then its colour; a sentence is told in the reader's language."""
    return Content.assemble(("✓ " if good else "✗ ", GOOD if good else BAD), said(told(text)))


def caution(text: str) -> Content:
    """Something to know, told in the reader's language."""
    return Content.assemble(("! ", WARN), said(told(text)))


def pending(doing: str, seconds: float, chosen: bool) -> Content:
    """A word for an answer that is waited for; `chosen`: the wizard goes on when it comes."""
    words = f"{doing}… {seconds:.0f} s" if seconds >= 1 else f"{doing}…"
    return said(_("{doing}, then going on").format(doing=words), WARN) if chosen else said(words, QUIET)
