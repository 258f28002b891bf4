"""The columns of the comparison's table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from rich.cells import cell_len

from bbwizard import comparison
from bbwizard.comparison import Compared
from bbwizard.language import N_, _, told
from bbwizard.widgets.row_list import Column

TITLES: Final = {
    "from": N_("from"),
    "params": N_("params"),
    "macs": N_("macs"),
    "weights": N_("wts"),
    "licences": N_("licences"),
    "ms fp32/mixed": N_("ms fp32/mixed"),
    "train GiB": N_("train GiB"),
}
"""What stands above a column of `comparison.words`."""
WORDED: Final = ("from", "licences")
"""The columns with words in them."""


def tone(row: Compared) -> str:
    """The component class of a row."""
    return "dim" if row.fits is False or row.reason else ""


def columns(rows: Sequence[Compared], signs: dict[str, str], batch: int) -> list[Column[Compared]]:
    """The columns of the table: what was measured has some where anything was."""
    measured = any(row.measurement is not None for row in rows)
    strides = {comparison.strides(row) for row in rows if row.probe is not None}
    title = _("at {strides}").format(strides=strides.pop()) if len(strides) == 1 else _("channels")

    def column(key: str, width: int, *, needs: int = 0, title: str = "", right: bool = True) -> Column[Compared]:
        head = title or _(TITLES[key])
        cells = max(width, cell_len(head))

        def text(row: Compared) -> str:
            words = comparison.words(row)[key]
            if key == "macs" and row.macs is None:
                return "-" if words else ""  # what is at another size stands in the pane below
            return told(words) if key in WORDED else words

        return Column(head, text, cells, right, lambda row: "quiet", needs=needs, full=longest(map(text, rows)))

    shown = [
        Column[Compared]("", lambda row: signs.get(row.name, " "), 1),
        Column[Compared]("", fit_mark, 1),
        Column[Compared](_("backbone"), lambda row: row.name, full=longest(row.name for row in rows)),
        *([column("from", 5, right=False)] if any(row.origin == "atlas" for row in rows) else []),
        column("params", 7),
        column("macs", 7, needs=100 if measured else 76),
        column("channels", longest(map(comparison.widths, rows)), title=title),
        column("weights", 3),
    ]
    if any(comparison.licences(row) for row in rows):
        shown.append(column("licences", 16, right=False, needs=130 if measured else 84))
    if measured:
        shown += [
            column("ms fp32/mixed", 13, needs=66),
            column("images/s", 9, needs=90, title=_("images/s x{batch}").format(batch=batch)),
            column("train GiB", 9, needs=90),
        ]
    return shown


def longest(texts: Iterable[str]) -> int:
    """The cells that the longest of them takes."""
    return max(map(cell_len, texts), default=0)


def fit_mark(row: Compared) -> str:
    """Whether it fits, in one cell."""
    if row.fits is None:
        return "!" if row.reason else "…" if row.probe is None else " "
    return "✓" if row.fits else "✗"
