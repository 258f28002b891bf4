"""The wizard's own colours: dark, light, and the terminal's sixteen on either ground.

Their names are `grammar.THEMES`, so that the command line and the palette mean the same; registered, the two of the
terminal's own colours take the place of Textual's of these names.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import Final

from textual.theme import BUILTIN_THEMES, Theme

from bbwizard.looks import Look, remembered

DARK: Final = Theme(
    name="dark",
    primary="#6cb2c8",
    secondary="#4a7f92",
    accent="#d8a657",
    warning="#d8a657",
    error="#e07a78",
    success="#8fb573",
    foreground="#cdd3da",
    background="#14181d",
    surface="#191e24",
    panel="#232a32",
    dark=True,
    variables={
        "border": "#6cb2c8",
        "border-blurred": "#3a444f",
        "quiet": "#8a949f",
        "cursor": "#2d4652",
        "cursor-blurred": "#262e36",
        "cursor-text": "#f2f5f7",
        "block-cursor-background": "#2d4652",
        "block-cursor-foreground": "#f2f5f7",
        "input-selection-background": "#4a7f92 50%",
    },
)

LIGHT: Final = Theme(
    name="light",
    primary="#226b83",
    secondary="#5b93a6",
    accent="#8a5a00",
    warning="#8a5a00",
    error="#ad2f2d",
    success="#3e6e27",
    foreground="#24292e",
    background="#f6f7f8",
    surface="#ffffff",
    panel="#e6eaed",
    dark=False,
    variables={
        "border": "#226b83",
        "border-blurred": "#b9c2c9",
        "quiet": "#626c75",
        "cursor": "#c9e0e8",
        "cursor-blurred": "#e2e8ec",
        "cursor-text": "#10161a",
        "block-cursor-background": "#c9e0e8",
        "block-cursor-foreground": "#10161a",
    },
)

SIXTEEN: Final = Theme(
    name="ansi-dark",
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_blue",
    accent="ansi_yellow",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=True,
    variables={
        **BUILTIN_THEMES["ansi-dark"].variables,
        "border": "ansi_cyan",
        "border-blurred": "ansi_bright_black",
        "quiet": "ansi_default",
        "cursor": "ansi_blue",
        "cursor-blurred": "ansi_bright_black",
        "cursor-text": "ansi_bright_white",
        "block-cursor-background": "ansi_blue",
        "block-cursor-foreground": "ansi_bright_white",
    },
)
"""For terminals with sixteen colours of their own, where every colour above would be rounded to something ugly."""

SIXTEEN_LIGHT: Final = Theme(
    name="ansi-light",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_cyan",
    accent="ansi_magenta",
    warning="ansi_magenta",
    error="ansi_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    dark=False,
    variables={
        **BUILTIN_THEMES["ansi-light"].variables,
        "border": "ansi_blue",
        "border-blurred": "ansi_bright_black",
        "quiet": "ansi_default",
        "cursor": "ansi_cyan",
        "cursor-blurred": "ansi_white",
        "cursor-text": "ansi_black",
        "block-cursor-background": "ansi_cyan",
        "block-cursor-foreground": "ansi_black",
    },
)
"""The same on a light ground, on which yellow cannot be read."""

THEMES: Final = (DARK, LIGHT, SIXTEEN, SIXTEEN_LIGHT)
FORMER: Final = {
    "bbwizard": "dark",
    "bbwizard-light": "light",
    "bbwizard-16": "ansi-dark",
    "bbwizard-16-light": "ansi-light",
}
"""What the themes were called when they were remembered in earlier versions."""
VARIABLES: Final = {name: DARK.variables[name] for name in ("quiet", "cursor", "cursor-blurred", "cursor-text")}
"""What a theme that is not ours lacks."""


def first(look: Look, colours: str, available: Collection[str]) -> str:
    """The name of the theme to begin with: the one asked for, else the last on such a terminal, else what suits it.

    `colours` is "none", "16" or "many".
    """
    names = (look.theme or os.environ.get("TEXTUAL_THEME", ""), remembered(colours))
    chosen = (FORMER.get(name, name) for name in names)
    suits = DARK if colours == "many" else SIXTEEN
    return next((name for name in chosen if name in available), suits.name)
