"""What was measured of the terminal, in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import median, quantiles
from typing import Any, Final

Measured = Mapping[str, Any]
Row = tuple[str, str, Callable[[Measured], str]]
"""What, its budget, and the cell of one size."""

ABOUT: Final = {
    "not known": """
**Facts that are not known.** A list of 3,000 made-up backbones: the pane beside it says that the row's stages are being
asked for. Their answer comes later, and is counted apart.
""",
    "known": """
**Facts that are known.** The atlas in place of an environment, 1,628 backbones: the pane says all about the row.
*After conditions*: the filter begins with `params<30M stride:4`, and a word is typed behind it.
""",
    "arriving": """
**Facts that arrive.** The 3,000 again, probed without delay: a key draws what is known by then, and after it come the
highlighted row's answer and those of its neighbours, which are gathered for half a second. All of that is counted.
""",
}
"""What is said of each case."""

BUDGETS: Final[Mapping[str, Mapping[str, str]]] = {
    "cursor key": {"time": "10 ms p50", "bytes": "1 KB p50"},
    "page key": {"frames": "1", "bytes": "12 KB"},
    "filter key": {"time": "40 ms p95"},
    "filter key after conditions": {"time": "40 ms p95"},
}
"""Of what a key draws at once: a time holds for its last byte as for its first frame."""


def paragraphs(found: Measured) -> Iterator[str]:
    """Start-up and rest, and then what keys draw in each case."""
    sizes = found["sizes"]
    calls = [(f"`{name}`", called(name), same(seconds)) for name, seconds in found["calls"].items()]
    yield table(sizes, [*calls, *START])
    for case, words in ABOUT.items():
        yield words.strip()
        kinds = next(iter(sizes.values()))["cases"][case]["keys"]
        rows = [row for kind in kinds for row in key_rows(kind, case)]
        yield table({size: measured["cases"][case] for size, measured in sizes.items()}, rows)


def table(columns: Mapping[str, Measured], rows: Sequence[Row]) -> str:
    """Rows with a column for each size."""
    lines = [["", "budget", *columns], ["---"] * (2 + len(columns))]
    lines += [[what, budget, *map(cell, columns.values())] for what, budget, cell in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def called(name: str) -> str:
    """The budget of a call without a screen."""
    return "150 ms" if name == "bbwizard --help" else ""


def same(seconds: Sequence[float]) -> Callable[[Measured], str]:
    """A cell that does not depend on the size."""
    return lambda size: milliseconds(median(seconds))


def most(size: Measured, what: str) -> float:
    """The largest number of all cases."""
    return max(float(case[what]) for case in size["cases"].values())


START: Final[Sequence[Row]] = [
    ("smallest Textual app, first paint", "", lambda size: milliseconds(median(size["smallest"]))),
    ("wizard, first paint", "", lambda size: milliseconds(median(size["first paint"]))),
    ("wizard / smallest", "1.3", lambda size: f"{median(size['first paint']) / median(size['smallest']):.2f}"),
    ("at rest", "0 bytes", lambda size: f"{most(size, 'idle'):.0f} bytes in {size['idle seconds']:g} s"),
    ("memory, RSS / USS", "120 MiB", lambda size: f"{most(size, 'RSS'):.0f} / {most(size, 'USS'):.0f} MiB"),
]


def key_rows(kind: str, case: str) -> Iterator[Row]:
    """The rows of one kind of key."""
    budget = BUDGETS[kind]
    last, time = ("last byte", budget.get("time", "")) if case != "arriving" else ("last byte of the last answer", "")
    yield f"{kind}, first frame, p50 / p95", budget.get("time", ""), lambda size: times(size["keys"][kind], "first")
    yield f"{kind}, {last}, p50 / p95", time, lambda size: times(size["keys"][kind], "all")
    yield f"{kind}, frames", budget.get("frames", ""), lambda size: frames(size["keys"][kind])
    yield f"{kind}, bytes, p50 / p95", budget.get("bytes", ""), lambda size: written(size["keys"][kind])
    if case == "not known":
        yield f"{kind}, the answer later", "", lambda size: later(size["keys"][kind])


def milliseconds(seconds: float) -> str:
    """As it is read."""
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"


def times(kind: Measured, to: str) -> str:
    """Median and 95th percentile of the time from a key to the end of its "first" frame, or of "all" of them."""
    cuts = quantiles((drawn[to] for drawn in kind["own"]), n=20, method="inclusive")
    return f"{milliseconds(cuts[9])} / {milliseconds(cuts[18])}"


def written(kind: Measured) -> str:
    """Median and 95th percentile of the bytes that a key drew."""
    cuts = quantiles((drawn["bytes"] for drawn in kind["own"]), n=20, method="inclusive")
    return f"{cuts[9]:,.0f} / {cuts[18]:,.0f} bytes"


def frames(kind: Measured) -> str:
    """How many frames a key drew, in the median and at most."""
    counts = [len(drawn["frames"]) for drawn in kind["own"]]
    return f"{median(counts):g}, at most {max(counts)}"


def later(kind: Measured) -> str:
    """What came after a key's own frames, in the median."""
    drawn = kind["later"]
    counts = median(len(one["frames"]) for one in drawn)
    return f"{median(one['bytes'] for one in drawn):,.0f} bytes in {counts:g} frames"
