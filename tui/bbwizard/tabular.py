"""Rows of cells as text: CSV, Markdown, and columns for a terminal. Pure."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, Final

from bbwizard.errors import UsageError

SUFFIXES: Final[Mapping[str, str]] = {".csv": "csv", ".md": "markdown", ".markdown": "markdown", ".txt": "table"}

SPECIAL: Final = re.compile(r"([\\`*|<>\[\]~&#]|(?<!\w)_|_(?!\w))")
"""What Markdown would read as more than text; an underscore inside a word it leaves alone."""


def format_of(name: str) -> str:
    """The format that a file's suffix asks for.

    Raises:
        UsageError: it asks for none.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise UsageError(f"{name or 'a file without a name'} says no format", f"end it in {', '.join(SUFFIXES)}")
    return SUFFIXES[suffix]


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows with the same keys as CSV (RFC 4180 but for its line ends); a list is one cell, spaced."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(rows[0] if rows else ())
    writer.writerows([cell(value) for value in row.values()] for row in rows)
    return text.getvalue()


def cell(value: Any) -> str:
    """A value in a cell of CSV."""
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return " ".join("-" if part is None else cell(part) for part in value)
    return value if isinstance(value, str) else json.dumps(value)


def as_markdown(rows: Sequence[Mapping[str, str]]) -> str:
    """Rows with the same keys as a Markdown table; a column that says nothing of any row is left out."""
    shown = speaking(rows)
    lines = [[escaped(text) for text in line] for line in shown]
    rule = ["---" for _ in lines[0]]
    return "".join(f"| {' | '.join(line)} |\n" for line in [lines[0], rule, *lines[1:]])


def as_text(rows: Sequence[Mapping[str, str]]) -> str:
    """Rows with the same keys in columns of one width each; a column that says nothing of any row is left out."""
    lines = speaking(rows)
    sizes = [max(map(cells, column)) for column in zip(*lines, strict=True)]
    padded = (
        "  ".join(text + " " * (size - cells(text)) for text, size in zip(line, sizes, strict=True)) for line in lines
    )
    return "".join(f"{line.rstrip()}\n" for line in padded)


def speaking(rows: Sequence[Mapping[str, str]]) -> list[list[str]]:
    """The head and the rows, each on one line, without the columns that are empty in every row."""
    keys = [key for key in (rows[0] if rows else ()) if any(row[key] for row in rows)]
    return [keys, *([" ".join(row[key].split()) for key in keys] for row in rows)]


def escaped(text: str) -> str:
    """Text that Markdown shows as it is."""
    return SPECIAL.sub(r"\\\1", text)


def cells(text: str) -> int:
    """How many cells of a terminal a text takes."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else not unicodedata.combining(sign) for sign in text)
