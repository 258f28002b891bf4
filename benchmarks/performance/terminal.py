"""The terminal: the wizard driven from outside through a pseudo-terminal, with facts that it has, lacks or is given."""

from __future__ import annotations

import os
import platform
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from benchmarks.coverage import about
from benchmarks.coverage.store import Outcome, Store
from benchmarks.performance import smallest
from benchmarks.performance.pseudo_terminal import Drawn, PseudoTerminal

HERE = Path(__file__).parent
SOURCES = HERE.parents[1] / "tui"
SIZES: Final = ((80, 24), (160, 48))
"""Columns and rows."""
WIZARD: Final = [sys.executable, "-m", "bbwizard"]
LAST_PAINTED: Final = " keys"
"""The last word of the bottom line, which is painted last."""

OWN: Final = 0.15
"""Seconds of quiet after which a key has drawn what it draws at once."""
LATER: Final = 0.3
"""Seconds of quiet after which its answer has been drawn; that of its neighbour, asked for next, takes longer."""
ANSWERED: Final = 1.0
"""Seconds of quiet after which the neighbours' answers, which are gathered for half a second, have been drawn too."""
SETTLED: Final = 2.0
"""Seconds of quiet after which nothing is under way: longer than every pause that the wizard makes."""


@dataclass(frozen=True)
class Kind:
    """Keys that are pressed over and over, after the `opening`."""

    keys: Sequence[str]
    opening: str = ""


LETTERS: Final = ["c", "o", "n", "v", *["\x7f"] * 4]
KINDS: Final = {
    "cursor key": Kind(["j", "k", "j", "j"]),
    "page key": Kind(["\x1b[6~", "\x1b[6~", "\x1b[5~", "\x1b[6~"]),
    "filter key": Kind(LETTERS, "/"),
    "filter key after conditions": Kind(LETTERS, "\x05\x15params<30M stride:4 "),
}


@dataclass(frozen=True)
class Case:
    """A wizard, by its arguments, and what is pressed there; `base` is a word of its first list.

    `quiet` and `later` are the seconds without a byte that end what a key draws at once, and its answer.
    """

    words: Sequence[str]
    base: str
    kinds: Sequence[str]
    quiet: float = OWN
    later: float = 0.0


def made_up(seconds: float) -> list[str]:
    """The arguments for the probing half whose facts are made up, which takes so long for a probe."""
    return ["--launch", shlex.join([sys.executable, str(HERE / "made_up.py"), str(seconds)]), "--python", "any"]


CASES: Final = {
    "not known": Case(made_up(2 * OWN), "yolox_tiny", ["cursor key", "page key", "filter key"], later=LATER),
    "known": Case(["--atlas"], "albu_example", list(KINDS)),
    "arriving": Case(made_up(0), "yolox_tiny", ["cursor key", "page key"], ANSWERED),
}
"""By whether the facts about the rows are there when a key is pressed. A probe that takes twice as long as a key is
watched keeps what the key draws apart from what the answer does; one that takes no time answers meanwhile.
"""


@dataclass(frozen=True)
class Pieces:
    """What is measured one after the other; a run that was stopped goes on where it was, if the files are the same."""

    store: Store
    run: str
    """What makes results go together: the commit, and how often everything is measured."""

    def measured(self, name: str, measure: Callable[[], Any]) -> Any:
        """A piece, measured now or by a run before."""
        key = f"{self.run}: {name}"
        if key not in self.store.results or "changed" in self.run:
            sys.stderr.write(f"{name}\n")
            began, load = perf_counter(), os.getloadavg()[0]
            facts = {"found": measure(), "load": [load, os.getloadavg()[0]]}
            self.store.add(key, Outcome("measured", facts=facts), perf_counter() - began)
        return self.store.results[key].facts["found"]

    def load(self) -> list[float]:
        """Of the machine: before the first piece, and the most after one."""
        loads = [result.facts["load"] for key, result in self.store.results.items() if key.startswith(self.run)]
        return [loads[0][0], max(after for _, after in loads)]


def measure(sittings: int, keys: int, idle: float, out: Path) -> dict[str, Any]:
    """Start-up beside the smallest app, and each kind of key and the rest after them at each size."""
    pieces = Pieces(Store(out, "terminal"), f"{about.commit()}, {sittings} starts, {keys} keys, {idle:g} s")
    found = {
        "calls": pieces.measured("calls", lambda: {name: wall(words, sittings) for name, words in calls().items()}),
        "sizes": {f"{size[0]}x{size[1]}": at_size(pieces, size, sittings, keys, idle) for size in SIZES},
    }
    return {**found, "load": pieces.load()}


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
def wizard(case: Case, size: tuple[int, int]) -> Iterator[PseudoTerminal]:
    """The wizard, just started."""
    with folders() as environ, PseudoTerminal([*WIZARD, *case.words], size, environ) as found:
        yield found


def at_size(pieces: Pieces, size: tuple[int, int], sittings: int, keys: int, idle: float) -> dict[str, Any]:
    """Everything that is measured on a terminal of this size."""
    where = f"{size[0]}x{size[1]}"
    paints = pieces.measured(f"first paints at {where}", partial(first_paints, size, sittings))
    cases = {
        name: pieces.measured(f"keys at {where}, facts {name}", partial(keyed, case, size, keys, idle))
        for name, case in CASES.items()
    }
    return {**paints, "cases": cases, "idle seconds": idle}


def keyed(case: Case, size: tuple[int, int], keys: int, idle: float) -> dict[str, Any]:
    """What each kind of key draws, what is drawn at rest, and the memory that was needed."""
    with wizard(case, size) as terminal:
        to_backbones(terminal, case)
        found = {name: pressed(terminal, KINDS[name], keys, case) for name in case.kinds}
        terminal.rest(SETTLED)
        return {"keys": found, "idle": terminal.listen(idle), **memory(terminal)}


def first_paints(size: tuple[int, int], sittings: int) -> dict[str, list[float]]:
    """Seconds to the whole first frame, of the wizard and of the smallest app, in turn; not the first start of each."""
    found: dict[str, list[float]] = {"first paint": [], "smallest": []}
    for _ in range(sittings + 1):
        with wizard(CASES["not known"], size) as terminal:
            found["first paint"].append(terminal.until(LAST_PAINTED))
        with folders() as environ, PseudoTerminal([sys.executable, smallest.__file__], size, environ) as terminal:
            found["smallest"].append(terminal.until(smallest.WORD))
    return {name: seconds[1:] for name, seconds in found.items()}


def to_backbones(terminal: PseudoTerminal, case: Case) -> None:
    """Take the first base config, and let the list of backbones come to rest."""
    terminal.shown(case.base)
    terminal.rest(SETTLED)
    terminal.press("\r", SETTLED)
    terminal.rest(SETTLED)


def pressed(terminal: PseudoTerminal, kind: Kind, times: int, case: Case) -> dict[str, Any]:
    """What each key drew until it was quiet, and what was drawn later, when the row's stages had come."""
    if kind.opening:
        terminal.press(kind.opening, SETTLED)
    own, later = [], []
    for number in range(times):
        own.append(terminal.press(kind.keys[number % len(kind.keys)], case.quiet))
        later.append(terminal.rest(case.later))
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
