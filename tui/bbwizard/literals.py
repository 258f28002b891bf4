"""Python literals as a careful engineer writes them in an mmcv config: `dict(key=...)`, 79 columns. Pure."""

from __future__ import annotations

import keyword
import math
from collections.abc import Mapping
from typing import Any, Final


class Name(str):
    """A variable of the config, written as its bare name."""


WIDTH: Final = 79
INDENT: Final = "    "


def assignment(name: str, value: Any) -> str:
    """`name = value`, broken over lines where it does not fit."""
    return f"{name} = {literal(value, '', len(name) + 3)}"


def literal(value: Any, indent: str, used: int, tail: int = 0) -> str:
    """`value` as text that starts `used` columns into a line and leaves `tail` columns free at its end.

    Raises:
        TypeError: a config cannot hold such a value as a literal.
    """
    flat = one_line(value)
    if used + len(flat) + tail <= WIDTH or not isinstance(value, (Mapping, list, tuple)) or not value:
        return flat
    inner = indent + INDENT
    parts: list[str] = []
    for label, item in items(value):
        is_last = len(parts) == len(value) - 1
        parts.append(inner + label + literal(item, inner, len(inner) + len(label), 1 + (tail if is_last else 0)))
    opening, closing = brackets(value)
    if isinstance(value, tuple) and len(value) == 1:
        closing = "," + closing
    return opening + "\n" + ",\n".join(parts) + closing


def one_line(value: Any) -> str:
    """`value` on one line, however long."""
    if isinstance(value, (Mapping, list, tuple)):
        opening, closing = brackets(value)
        if isinstance(value, tuple) and len(value) == 1:
            closing = "," + closing
        return opening + ", ".join(label + one_line(item) for label, item in items(value)) + closing
    if isinstance(value, float) and not math.isfinite(value):
        return f"float('{value}')"
    if isinstance(value, Name):
        return str(value)
    if isinstance(value, str):
        return repr(value).replace("{{", "{\\x7b")  # mmcv replaces `{{ fileDirname }}` and its like, in strings too
    if value is None or isinstance(value, (bool, int, float)):
        return repr(value)
    raise TypeError(f"a {type(value).__name__} cannot stand in a config as a literal: {value!r}")


def items(value: Mapping[Any, Any] | list[Any] | tuple[Any, ...]) -> list[tuple[str, Any]]:
    """The parts of a container, each with the text that stands before it."""
    if not isinstance(value, Mapping):
        return [("", item) for item in value]
    if as_keywords(value):
        return [(f"{key}=", item) for key, item in value.items()]
    return [(f"{one_line(key)}: ", item) for key, item in value.items()]


def brackets(value: Mapping[Any, Any] | list[Any] | tuple[Any, ...]) -> tuple[str, str]:
    """What opens and closes a container."""
    if isinstance(value, Mapping):
        return ("dict(", ")") if as_keywords(value) else ("{", "}")
    return ("[", "]") if isinstance(value, list) else ("(", ")")


def as_keywords(value: Mapping[Any, Any]) -> bool:
    """Whether every key can be written as a keyword argument, and is the same when Python has read it."""
    return all(isinstance(key, str) and is_name(key) for key in value)


def is_name(text: str) -> bool:
    """Whether a text can stand for itself as a variable's name; letters beyond ASCII are made others by Python."""
    return text.isascii() and text.isidentifier() and not keyword.iskeyword(text) and text != "__debug__"
