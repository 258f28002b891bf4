"""What keys are called, and which of them reach a program over SSH, tmux and screen. Pure."""

from __future__ import annotations

import string
from typing import Final

SIGNS: Final = {
    "!": "exclamation_mark",
    '"': "quotation_mark",
    "#": "number_sign",
    "$": "dollar_sign",
    "%": "percent_sign",
    "&": "ampersand",
    "'": "apostrophe",
    "(": "left_parenthesis",
    ")": "right_parenthesis",
    "*": "asterisk",
    "+": "plus",
    ",": "comma",
    "-": "minus",
    ".": "full_stop",
    "/": "slash",
    ":": "colon",
    ";": "semicolon",
    "<": "less_than_sign",
    "=": "equals_sign",
    ">": "greater_than_sign",
    "?": "question_mark",
    "@": "at",
    "[": "left_square_bracket",
    "\\": "backslash",
    "]": "right_square_bracket",
    "^": "circumflex_accent",
    "_": "underscore",
    "`": "grave_accent",
    "{": "left_curly_bracket",
    "|": "vertical_line",
    "}": "right_curly_bracket",
    "~": "tilde",
}
"""The names of keys with a sign on them, as Textual has them."""
WORDS: Final = {"escape": "esc", "pageup": "pgup", "pagedown": "pgdn", **{name: sign for sign, name in SIGNS.items()}}
"""How keys are written whose names are longer than what stands on them."""
NAMES: Final = {word: name for name, word in WORDS.items()}

MOVING: Final = ("up", "down", "left", "right", "home", "end", "pageup", "pagedown", "tab", "shift+tab")
OTHERS: Final = ("enter", "escape", "space", "backspace", "delete", "insert", *(f"f{n}" for n in range(1, 13)))
SAME: Final = {"ctrl+h": "backspace", "ctrl+i": "tab", "ctrl+j": "enter", "ctrl+m": "enter"}
"""Keys that a terminal sends as others, for as long as there have been terminals."""
CAN_BE_SENT: Final = "a letter, digit or sign, ctrl+letter but h i j m, f1 to f12, an arrow, pgup, pgdn, home, end"


def written(keys: str) -> str:
    """Keys as a reader knows them: `pgup ctrl+b`."""
    return " ".join(WORDS.get(key, key) for key in keys.split(","))


def name_of(word: str) -> str:
    """The name of the key that is written so: `?` and `esc` as well as their names."""
    return NAMES.get(word, word)


def types(name: str) -> bool:
    """Whether a key of this name types something into a line."""
    return len(name) == 1 or name == "space" or name in SIGNS.values()


def unsendable(name: str) -> str:
    """Why no terminal sends a key of this name; empty where any does."""
    if name in SAME:
        return f"a terminal sends {name} as {SAME[name]}"
    modifier, plus, letter = name.rpartition("+")
    if plus and modifier == "ctrl" and len(letter) == 1 and letter in string.ascii_lowercase:
        return ""
    known = name in MOVING or name in OTHERS or name in SIGNS.values()
    if known or (len(name) == 1 and name.isascii() and name.isalnum()):
        return ""
    return f"no terminal is sure to send {name}; what can be had: {CAN_BE_SENT}"
