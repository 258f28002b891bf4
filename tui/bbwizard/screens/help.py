"""Every key that works on a screen, out of the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual.content import Content

from bbwizard import keys
from bbwizard.key_names import written
from bbwizard.language import _
from bbwizard.screens.dialogs import TextDialog
from bbwizard.widgets.text import padded, said, stack


class HelpDialog(TextDialog):
    """The keys that work on the screen below it; the key that opened it closes it."""

    def __init__(self, pressed: Mapping[str, Sequence[str]]) -> None:
        """`pressed` are the keys that do each action that can be done, by the action's id."""
        super().__init__(_("Keys of this screen"), listed(pressed))

    def action_help(self) -> None:
        self.dismiss(None)


def listed(pressed: Mapping[str, Sequence[str]]) -> Content:
    """The keys that work now, by group, each action once; runs of keys that do alike (`1` to `9`) are one line."""
    lines: list[Content] = []
    for title in dict.fromkeys(keys.TITLE_OF[name] for name in keys.BY_ID):
        names = [name for name in keys.BY_ID if name in pressed and keys.TITLE_OF[name] == title]
        if names:
            lines += [*([Content("")] if lines else []), said(_(title), "bold $primary")]
        by_words: dict[str, list[str]] = {}
        for name in names:
            by_words.setdefault(keys.BY_ID[name].tooltip, []).extend(pressed[name])
        for words, alike in by_words.items():
            pressing = written(",".join(alike))
            if len(alike) >= 5:
                pressing = _("{first} to {last}").format(first=written(alike[0]), last=written(alike[-1]))
            lines.append(Content.assemble((f"  {padded(pressing, 16)} ", "$accent"), said(_(words))))
    return stack(*lines)
