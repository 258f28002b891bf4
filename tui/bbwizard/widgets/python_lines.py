"""The text of a config: its comments, strings, numbers and keys told apart, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Final

from rich.segment import Segment
from rich.style import Style

from bbwizard.widgets.text_lines import TextLines

KINDS: Final = re.compile(
    r"""(?P<comment>\#.*|→)
    |(?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    |(?P<value>\b(?:True|False|None|\d[\w.]*)\b)
    |(?P<added>^\+\ )
    |(?P<taken>^-\ )
    |(?P<key>\b[\w.]+(?=\s?=))""",
    re.VERBOSE,
)
"""A config of bbwizard's has no string that goes over a line's end."""


class PythonLines(TextLines):
    """Lines of a config, or of what it says otherwise than its base."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "python--comment",
        "python--string",
        "python--value",
        "python--key",
        "python--added",
        "python--taken",
    }

    def segments(self, text: str) -> list[Segment]:
        return [Segment(part, self._style(kind)) for part, kind in parts(text)]

    def _style(self, kind: str) -> Style:
        return self.get_component_rich_style(f"python--{kind}") if kind else self.rich_style


def parts(text: str) -> Iterator[tuple[str, str]]:
    """A line in pieces, each with what it is, empty for the rest."""
    end = 0
    for found in KINDS.finditer(text):
        yield text[end : found.start()], ""
        yield found[0], found.lastgroup or ""
        end = found.end()
    yield text[end:], ""
