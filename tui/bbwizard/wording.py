"""Words and numbers in a row, things by their number, large numbers: what many sentences say. Pure."""

from __future__ import annotations

from collections.abc import Iterable


def listed(names: Iterable[str]) -> str:
    """Words in a row: `train, val and test`."""
    words = list(names)
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def numbers(values: Iterable[object]) -> str:
    """Values in a row: `8, 16, 32`; a stride that is whole is shown whole."""
    return ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in values)


def counted(number: int, thing: str) -> str:
    """`1 image`, `53 layers`."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def some(names: Iterable[str], shown: int = 3) -> str:
    """The first few of many: `a, b, c and 7 more`."""
    words = list(names)
    left = len(words) - shown
    return f"{', '.join(words[:shown])} and {left} more" if left > 0 else ", ".join(words)


def amount(number: float) -> str:
    """A large number in three digits: `3.5 M`, `912 k`."""
    for limit, unit in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if abs(number) >= limit:
            value = number / limit
            return f"{value:.0f}{unit}" if value >= 100 else f"{value:.1f}{unit}"
    return f"{number:.0f}"
