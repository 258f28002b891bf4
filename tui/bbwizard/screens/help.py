"""Every key that works on a screen, out of the registry."""

from __future__ import annotations

from textual.content import Content

from bbwizard import keys
from bbwizard.screens.dialogs import TextDialog
from bbwizard.widgets.text import said, stack


def help_dialog(pressed: dict[str, list[str]]) -> TextDialog:
    """The keys that work now, by group, each action once; runs of keys that do alike (`1` to `9`) are one line."""
    lines: list[Content] = []
    for title in dict.fromkeys(keys.TITLE_OF[name] for name in keys.BY_ID):
        names = [name for name in keys.BY_ID if name in pressed and keys.TITLE_OF[name] == title]
        if names:
            lines += [*([Content("")] if lines else []), said(title, "bold $primary")]
        by_words: dict[str, list[str]] = {}
        for name in names:
            by_words.setdefault(keys.BY_ID[name].tooltip, []).extend(pressed[name])
        for words, alike in by_words.items():
            written = keys.written(",".join(alike)) if len(alike) < 5 else f"{alike[0]} to {alike[-1]}"
            lines.append(Content.assemble((f"  {written:<16}", "$accent"), said(words)))
    return TextDialog("Keys of this screen", stack(*lines))
