"""The terminal: the wizard driven from outside through a pseudo-terminal, over a probing half with 3,000 backbones."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any, Final

from benchmarks.coverage import about
from benchmarks.performance import smallest
from benchmarks.performance.pseudo_terminal import Drawn, PseudoTerminal

HERE = Path(__file__).parent
SOURCES = HERE.parents[1] / "tui"
SIZES: Final = ((80, 24), (160, 48))
"""Columns and rows."""
WIZARD: Final = [sys.executable, "-m", "bbwizard"]
MADE_UP: Final = shlex.join([sys.executable, str(HERE / "made_up.py")])
LAST_PAINTED: Final = " keys"
"""The last word of the bottom line, which is painted last."""

OWN: Final = 0.15
"""Seconds of quiet after which a key has drawn what it draws at once; an answer takes twice as long to come."""
LATER: Final = 0.3
"""Seconds of quiet after which its answer has been drawn; that of its neighbour, asked for next, takes longer."""
SETTLED: Final = 2.0
"""Seconds of quiet after which nothing is under way: longer than every pause that the wizard makes."""

KEYS: Final = {
    "cursor key": ["j", "k", "j", "j"],
    "page key": ["\x1b[6~", "\x1b[6~", "\x1b[5~", "\x1b[6~"],
    "filter key": ["c", "o", "n", "v", "\x7f", "\x7f", "\x7f", "\x7f"],
}
"""What is pressed, over and over."""


def measure(sittings: int, keys: int, idle: float) -> dict[str, Any]:
    """Start-up beside the smallest app, and each kind of key and the rest after them at each size."""
    return {
        "calls": {name: wall(words, sittings) for name, words in calls().items()},
        "sizes": {f"{size[0]}x{size[1]}": at_size(size, sittings, keys, idle) for size in SIZES},
    }


def stack() -> about.Stack:
    """The interpreter and the library that draw."""
    return about.Stack(platform.python_version(), {name: version(name) for name in ("textual", "rich")})


def calls() -> dict[str, list[str]]:
    """What is run without a screen."""
    return {
        "python -c pass": [sys.executable, "-c", "pass"],
        "bbwizard --help": [*WIZARD, "--help"],
        "bbwizard --version": [*WIZARD, "--version"],
    }


def wall(words: Sequence[str], times: int) -> list[float]:
    """Seconds of each run but the first."""
    with folders() as environ:
        return [run(words, environ) for _ in range(times + 1)][1:]


def run(words: Sequence[str], environ: dict[str, str]) -> float:
    """Seconds of one run."""
    began = perf_counter()
    subprocess.run(words, stdout=subprocess.DEVNULL, env=environ, check=True)
    return perf_counter() - began


@contextmanager
def folders() -> Iterator[dict[str, str]]:
    """The variables of a user who has never started the wizard, on a terminal with all colours."""
    with tempfile.TemporaryDirectory() as home:
        others = ("BBWIZARD_", "TEXTUAL_", "PYTHON")  # an installed program's byte code is kept, whatever is set here
        kept = {name: value for name, value in os.environ.items() if not name.startswith(others)}
        for name in ("COLUMNS", "LINES", "TMUX", "NO_COLOR"):
            kept.pop(name, None)
        own = {f"XDG_{kind}_HOME": f"{home}/{kind}" for kind in ("CONFIG", "DATA", "STATE", "CACHE")}
        yield {**kept, **own, "PYTHONPATH": str(SOURCES), "TERM": "xterm-256color", "COLORTERM": "truecolor"}


@contextmanager
def wizard(size: tuple[int, int]) -> Iterator[PseudoTerminal]:
    """The wizard, just started, over the probing half whose facts are made up."""
    with (
        folders() as environ,
        PseudoTerminal([*WIZARD, "--launch", MADE_UP, "--python", "any"], size, environ) as found,
    ):
        yield found


def at_size(size: tuple[int, int], sittings: int, keys: int, idle: float) -> dict[str, Any]:
    """Everything that is measured on a terminal of this size."""
    paints = first_paints(size, sittings)
    with wizard(size) as terminal:
        to_backbones(terminal)
        found = {name: pressed(terminal, name, keys) for name in KEYS}
        terminal.rest(SETTLED)
        return {**paints, "keys": found, "idle": terminal.listen(idle), "idle seconds": idle, **memory(terminal)}


def first_paints(size: tuple[int, int], sittings: int) -> dict[str, list[float]]:
    """Seconds to the whole first frame, of the wizard and of the smallest app, in turn; not the first start of each."""
    found: dict[str, list[float]] = {"first paint": [], "smallest": []}
    for _ in range(sittings + 1):
        with wizard(size) as terminal:
            found["first paint"].append(terminal.until(LAST_PAINTED))
        with folders() as environ, PseudoTerminal([sys.executable, smallest.__file__], size, environ) as terminal:
            found["smallest"].append(terminal.until(smallest.WORD))
    return {name: seconds[1:] for name, seconds in found.items()}


def to_backbones(terminal: PseudoTerminal) -> None:
    """Take the first base config, and let the list of backbones come to rest."""
    terminal.until("yolox_tiny")
    terminal.rest(SETTLED)
    terminal.press("\r", SETTLED)
    terminal.rest(SETTLED)


def pressed(terminal: PseudoTerminal, kind: str, times: int) -> dict[str, Any]:
    """What each key drew at once, and what was drawn later, when the row's stages had come."""
    if kind == "filter key":
        terminal.press("/", SETTLED)
    own, later = [], []
    for number in range(times):
        own.append(terminal.press(KEYS[kind][number % len(KEYS[kind])], OWN))
        later.append(terminal.rest(LATER))
    return {"own": [told(drawn) for drawn in own], "later": [told(drawn) for drawn in later]}


def told(drawn: Drawn) -> dict[str, Any]:
    """As it is kept: `first` and `all` are seconds to the end of the first frame, and of the last."""
    return {"first": drawn.first, "all": drawn.seconds, "frames": list(drawn.frames), "bytes": drawn.bytes}


def memory(terminal: PseudoTerminal) -> dict[str, float]:
    """Resident and unshared memory of the terminal half, in MiB."""
    lines = Path(f"/proc/{terminal.process.pid}/smaps_rollup").read_text("utf-8").splitlines()[1:]
    kilobytes = {words[0]: int(words[1]) for words in map(str.split, lines)}
    unshared = kilobytes["Private_Clean:"] + kilobytes["Private_Dirty:"]
    return {"RSS": kilobytes["Rss:"] / 1024, "USS": unshared / 1024}


Cell = Callable[[dict[str, Any]], str]


def lines(found: dict[str, Any]) -> list[str]:
    """A measurement in Markdown: what, its budget, and a column for each size."""
    sizes = found["sizes"]
    rows = [["", "budget", *sizes], ["---"] * (2 + len(sizes))]
    for name, seconds in found["calls"].items():
        budget = "150 ms" if name == "bbwizard --help" else ""
        rows.append([f"`{name}`", budget, *[milliseconds(median(seconds))] * len(sizes)])
    for what, budget, cell in [*START, *(row for kind in KEYS for row in key_rows(kind)), *REST]:
        rows.append([what, budget, *(cell(size) for size in sizes.values())])
    return ["| " + " | ".join(row) + " |" for row in rows]


START: Final[list[tuple[str, str, Cell]]] = [
    ("smallest Textual app, first paint", "", lambda size: milliseconds(median(size["smallest"]))),
    ("wizard, first paint", "", lambda size: milliseconds(median(size["first paint"]))),
    ("wizard / smallest", "1.3", lambda size: f"{median(size['first paint']) / median(size['smallest']):.2f}"),
]
REST: Final[list[tuple[str, str, Cell]]] = [
    ("at rest", "0 bytes", lambda size: f"{size['idle']} bytes in {size['idle seconds']:g} s"),
    ("memory, RSS / USS", "120 MiB", lambda size: f"{size['RSS']:.0f} / {size['USS']:.0f} MiB"),
]
BUDGETS: Final = {
    "cursor key": {"first": "10 ms p50", "bytes": "1 KB"},
    "page key": {"bytes": "12 KB"},
    "filter key": {"all": "40 ms p95"},
}


def key_rows(kind: str) -> list[tuple[str, str, Cell]]:
    """The rows of one kind of key."""
    budget = BUDGETS[kind]

    def own(cell: Cell) -> Cell:
        return lambda size: cell(size["keys"][kind])

    return [
        (f"{kind}, first frame, p50 / p95", budget.get("first", ""), own(lambda kind: times(kind, "first"))),
        (f"{kind}, last byte, p50 / p95", budget.get("all", ""), own(lambda kind: times(kind, "all"))),
        (f"{kind}, frames", "", own(frames)),
        (f"{kind}, bytes, p50 / p95", budget.get("bytes", ""), own(written)),
        (f"{kind}, the answer later", "", own(later)),
    ]


def milliseconds(seconds: float) -> str:
    """As it is read."""
    return f"{seconds * 1000:.1f} ms" if seconds < 0.1 else f"{seconds * 1000:.0f} ms"


def times(kind: dict[str, Any], to: str) -> str:
    """Median and 95th percentile of the time from a key to the end of its "first" frame, or of "all" of them."""
    cuts = quantiles((drawn[to] for drawn in kind["own"]), n=20, method="inclusive")
    return f"{milliseconds(cuts[9])} / {milliseconds(cuts[18])}"


def written(kind: dict[str, Any]) -> str:
    """Median and 95th percentile of the bytes that a key drew at once; where a list scrolls, all of it is drawn."""
    cuts = quantiles((drawn["bytes"] for drawn in kind["own"]), n=20, method="inclusive")
    return f"{cuts[9]:,.0f} / {cuts[18]:,.0f} bytes"


def frames(kind: dict[str, Any]) -> str:
    """How many frames a key drew at once, in the median and at most."""
    counts = [len(drawn["frames"]) for drawn in kind["own"]]
    return f"{median(counts):g}, at most {max(counts)}"


def later(kind: dict[str, Any]) -> str:
    """What came after a key's own frames, in the median."""
    drawn = kind["later"]
    counts = median(len(one["frames"]) for one in drawn)
    return f"{median(one['bytes'] for one in drawn):,.0f} bytes in {counts:g} frames"
