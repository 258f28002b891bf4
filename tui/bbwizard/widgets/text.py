"""Data strings made fit for cells of a terminal: as wide as they should be, and never read as markup."""

from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from bbwizard.inert import line, plain


def fit(text: str, width: int, *, right: bool = False) -> str:
    """One line of exactly `width` cells; what is too long loses its middle, which tells names apart least."""
    text = line(text)
    size = cell_len(text)
    if size > width:
        if width <= 1:
            return "…"[:width]
        tail = (width - 1) // 2
        text = set_cell_size(text, width - 1 - tail) + "…" + _tail(text, tail)
        size = cell_len(text)
    pad = " " * (width - size)
    return pad + text if right else text + pad


def _tail(text: str, width: int) -> str:
    """The last `width` cells of a text, led by a space where a wide character is cut."""
    start = len(text)
    while start and cell_len(text[start - 1 :]) <= width:
        start -= 1
    found = text[start:]
    return " " * (width - cell_len(found)) + found


def count(number: int) -> str:
    """A count with its thousands apart: `1,512`."""
    return f"{number:,}"


def amount(number: float) -> str:
    """A large number in three digits: `3.5 M`, `912 k`."""
    for limit, unit in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(number) >= limit:
            value = number / limit
            return f"{value:.0f}{unit}" if value >= 100 else f"{value:.1f}{unit}"
    return f"{number:.0f}"


def size(number: int) -> str:
    """Bytes for a reader: `1.4 GiB`."""
    value = float(number)
    for unit in ("B", "KiB", "MiB"):
        if value < 1024:
            return f"{value:.0f} {unit}"
        value /= 1024
    return f"{value:.1f} GiB"


def numbers(values: Iterable[object]) -> str:
    """Values in a row: `8, 16, 32`; a stride that is whole is shown whole."""
    return ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in values)


def said(text: str, style: str = "") -> Content:
    """A data string as content that is never read as markup."""
    return Content.styled(plain(text), style) if style else Content(plain(text))


def stack(*lines: Content | str) -> Content:
    """Content of several lines."""
    return Content("\n").join(said(item) if isinstance(item, str) else item for item in lines)
