"""Data strings made fit for a terminal: nothing in them may act on it. File names and model names can hold anything."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from typing import Final

from bbwizard import streams
from bbwizard.language import _, told

CONTROL: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""What a terminal obeys, what ends a line or turns the direction of writing, and halves of characters, which no
terminal can be sent; line feed and tab are not among them."""


def plain(text: str) -> str:
    """The text with control characters shown as a replacement mark and tabs as spaces; line feeds stay."""
    return CONTROL.sub("\ufffd", text.replace("\r\n", "\n").expandtabs(4))


def line(text: str) -> str:
    """The text on one line."""
    return " ".join(plain(text).split("\n"))


def escaped(json: str) -> str:
    """JSON that means the same, its control characters as escapes; they stand in strings alone."""
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", json)


def say(*sentences: str, head: str = "") -> None:
    """Narration, on stderr, in the reader's language; it is lost where that cannot be written.

    `head` stands before the sentences as it is.
    """
    with suppress(OSError):
        print(plain(head + _("; ").join(map(told, sentences))), file=sys.stderr)


def put_path(path: str | os.PathLike[str]) -> None:
    """A path, as data on stdout: byte for byte as the file system has it, but for a terminal."""
    with streams.to_stdout():
        if sys.stdout.isatty():
            print(line(str(path)))
            return
        sys.stdout.flush()
        sys.stdout.buffer.write(os.fsencode(path) + b"\n")
        sys.stdout.buffer.flush()


def put_text(text: str) -> None:
    """A file's text on stdout: as it is for a program, fit to be seen where somebody looks."""
    put_data(plain(text) if sys.stdout.isatty() else text)


def put_data(text: str) -> None:
    """Text on stdout, as it is."""
    with streams.to_stdout():
        sys.stdout.write(text)
