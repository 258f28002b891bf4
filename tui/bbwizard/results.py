"""What became of trainings: which finished, which run, which died and of what, by the files that they leave."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from bbwizard.errors import Unknown
from bbwizard.launcher_words import last_words
from bbwizard.scripts import BEGUN, ENDED, IN_TURN_NAME
from bbwizard.training_logs import EPOCH, Evaluation, Told, seconds_left, told

WAITING, RUNNING, FINISHED, DIED, SILENT = "waiting", "running", "finished", "died", "silent"
"""No log yet; says something; came to its end; ended before it; has said nothing for long, and not why."""
SILENCE: Final = 30 * 60.0
"""Seconds within which a training says something, or an evaluation of it ends."""
DEPTH: Final = 4
"""Folders below one that is asked about in which trainings are looked for."""
TAIL: Final = 1 << 16
"""Bytes at the end of a text in which the time left, and the reason of an end, are looked for."""
RAISED: Final = re.compile(r"^(?:\S+: )?((?:\w+\.)*\w*(?:Error|Exception|Interrupt)\b.*)")
"""The last line of a traceback, whichever process of several says it."""
FOLLOWS: Final = re.compile(r"ChildFailedError|SignalException")
"""What torchrun raises because a process of it did."""


@dataclass(frozen=True)
class Result:
    """One training: `at` of `planned` in `unit`s, the `best` value of `metric`, seconds `left`, its last `words`."""

    name: str
    folder: str
    state: str
    unit: str = EPOCH
    at: int = 0
    planned: int | None = None
    metric: str = ""
    best: float | None = None
    best_at: int | None = None
    """None too where the logs do not tell."""
    metrics: Mapping[str, float] | None = None
    """All metrics of the best evaluation."""
    checkpoint: str | None = None
    """The file of the best evaluation, where it was kept."""
    left: float | None = None
    words: str = ""
    """Why it died, or what of it cannot be read; empty where it did not, or nobody knows."""

    def as_json(self) -> dict[str, Any]:
        """What `bbwizard results --json` says of it."""
        return asdict(self)


def results(folders: Sequence[Path], metric: str = "") -> list[Result]:
    """Every training in these folders, the best first; `metric` is what they are judged by, each its own where empty.

    Raises:
        Unknown: a folder is not there, or there is no training in any.
    """
    for folder in folders:
        if not folder.is_dir():
            raise Unknown(f"{folder} is no folder", "name the one that work_dirs lies in, or a work dir")
    places = {place.resolve(): place for folder in folders for place in (*logged(folder), *planned(folder))}
    if not places:
        where = ", ".join(map(str, folders))
        raise Unknown(f"there is no training in {where}", "name the folder that work_dirs lies in, or a work dir")
    found = [result(place, metric, time.time()) for place in places.values()]
    return sorted(found, key=lambda one: (one.best is None, -(one.best or 0), -one.at, one.name))


def logged(top: Path) -> Iterator[Path]:
    """The folders in which mmcv has logged a training."""
    for parent, below, files in os.walk(top):
        depth = len(Path(parent).relative_to(top).parts)
        below[:] = sorted(name for name in below if not name.startswith(".")) if depth < DEPTH else []
        if any(name.endswith(".log.json") for name in files):
            yield Path(parent)


def planned(top: Path) -> Iterator[Path]:
    """The work dirs of candidates, whether their trainings have begun or not."""
    for folder in (top, *sorted(path for path in top.iterdir() if path.is_dir())):
        if os.path.isfile(folder / IN_TURN_NAME):  # a folder of somebody else's may be shut
            yield from (folder / "work_dirs" / config.stem for config in sorted(folder.glob("*.py")))


def result(work_dir: Path, metric: str, now: float) -> Result:
    """What became of the training with this work dir; `now` in seconds since 1970."""
    logs = sorted(filter(Path.is_file, work_dir.glob("*.log.json")))
    # mmdet's script puts the whole config there at every start.
    configs = sorted(filter(Path.is_file, work_dir.glob("*.py")), key=changed)
    try:
        config = configs[-1].read_text("utf-8", "replace") if configs else ""
        found = told((line for log in logs for line in log.read_text("utf-8", "replace").splitlines()), config)
    except OSError as error:
        return Result(work_dir.name, str(work_dir), SILENT, words=f"its log cannot be read: {error.strerror}")
    metric = metric or found.metric
    best = found.best(metric)
    state, words = state_of(work_dir, found, now)
    return Result(
        name=work_dir.name,
        folder=str(work_dir),
        state=state,
        unit=found.unit,
        at=found.at if state != FINISHED or found.planned is None else found.planned,
        planned=found.planned,
        metric=metric,
        best=best.metrics[metric] if best is not None else None,
        best_at=best.at if best is not None else None,
        metrics=best.metrics if best is not None else None,
        checkpoint=checkpoint(work_dir, found, best, metric) if best is not None else None,
        left=left(work_dir, now) if state == RUNNING else None,
        words=words,
    )


def state_of(work_dir: Path, found: Told, now: float) -> tuple[str, str]:
    """How a training stands, and why where it died."""
    said = said_by(work_dir)
    logs = list(work_dir.glob("*.log*"))
    wrote = max(map(changed, logs), default=0.0)
    # One that was started again by other means leaves what an earlier start said behind.
    lines = tail(said).splitlines() if said is not None and changed(said) >= wrote - 1 else []
    status = lines[-1].removeprefix(ENDED) if lines and lines[-1].startswith(ENDED) else ""
    if status:
        return (FINISHED, "") if status == "0" else (DIED, reason(lines) or f"exit status {status}")
    fresh = now - max(wrote, changed(said) if said is not None else 0.0) < SILENCE
    if found.planned is not None and final(work_dir, found).exists() and not (lines and fresh):
        return FINISHED, ""
    if (killed := next((line for line in reversed(lines[-5:]) if " CANCELLED AT " in line), None)) is not None:
        return DIED, last_words([" ".join(killed.replace("***", "").split())])
    if not logs and not lines:
        return WAITING, ""
    return (RUNNING if fresh else SILENT), ""


def said_by(work_dir: Path) -> Path | None:
    """The file that holds what a training said, the newest where it was started more than once; None without one."""
    around = work_dir.parent.parent
    files = sorted([*around.glob("*.out"), *around.glob("*/*.out"), *work_dir.glob("*.out")], key=changed, reverse=True)
    return next((path for path in files if path.is_file() and head(path) == f"{BEGUN}{work_dir.name}.py"), None)


def head(path: Path) -> str:
    """The first line of a file; empty where it cannot be read."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.readline(TAIL).strip()
    except OSError:
        return ""


def tail(path: Path) -> str:
    """The end of a text file."""
    with path.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - TAIL))
        return file.read(TAIL).decode("utf-8", "replace").replace("\r", "\n")


def changed(path: Path) -> float:
    """When a file last changed, in seconds since 1970; 0 where it has just gone."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def reason(lines: Sequence[str]) -> str:
    """Why a training died: the last thing that was raised, else the last line that says something."""
    raised = [match[1] for line in lines if (match := RAISED.match(line)) and not FOLLOWS.search(line)]
    return raised[-1] if raised else last_words(line for line in lines if not line.startswith((BEGUN, ENDED)))


def final(work_dir: Path, found: Told) -> Path:
    """The checkpoint that a training ends with."""
    return kept(work_dir, found, found.planned or 0)


def kept(work_dir: Path, found: Told, at: int) -> Path:
    """The checkpoint of an epoch or iteration, by the name that mmcv gives it."""
    return work_dir / f"{'epoch' if found.unit == EPOCH else 'iter'}_{at}.pth"


def checkpoint(work_dir: Path, found: Told, best: Evaluation, metric: str) -> str | None:
    """The checkpoint of the best evaluation: `save_best`'s, else the one of its epoch; None where neither was kept."""
    if best.at is None:
        return None
    plain = kept(work_dir, found, best.at)
    places = (plain.with_name(f"best_{metric}_{plain.name}"), plain)
    return next((str(place) for place in places if place.exists()), None)


def left(work_dir: Path, now: float) -> float | None:
    """The seconds that a training still takes, as its log last said; None where it has not said."""
    logs = sorted(work_dir.glob("*.log"), key=changed)
    seconds = seconds_left(tail(logs[-1])) if logs else None
    return None if seconds is None else max(0.0, seconds - (now - changed(logs[-1])))


def rows(found: Sequence[Result]) -> list[dict[str, str]]:
    """Trainings for people: a cell for each column."""
    metrics = {one.metric for one in found if one.metric}
    title = metrics.pop() if len(metrics) == 1 else "best"
    return [row(one, title) for one in found]


def row(one: Result, title: str) -> dict[str, str]:
    """One training for people; `title` is its metric where that is everybody's."""
    unit = "epoch" if one.unit == EPOCH else "iter"
    planned = f"/{one.planned}" if one.planned is not None else ""
    whose = "" if title == one.metric else f" {one.metric}"
    return {
        "training": one.name,
        "state": one.state,
        "at": f"{unit} {one.at}{planned}" if one.at else "",
        title: f"{one.best:.3f}{whose}" if one.best is not None else "",
        "best at": f"{unit} {one.best_at}" if one.best_at is not None else "",
        "left": duration(one.left),
        "why": one.words,
    }


def duration(seconds: float | None) -> str:
    """A time in its two largest units; empty where it is not known."""
    if seconds is None:
        return ""
    minutes = int(seconds // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min" if minutes else "under a minute"
