"""What mmcv's logs say of a training: how far it is, what its evaluations came to, how long it still takes. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bbwizard.eval_times import EvalTimes, eval_times, placed

EPOCH, ITERATION = "epoch", "iteration"

PLANNED: Final = re.compile(r"^runner = dict\([^()]*?max_(epoch|iter)s=(\d{1,18})\b", re.MULTILINE)
"""How long a training is to be, in the text of its config."""
GOES_ON: Final = re.compile(r"^(?:resume_from = (?!None\b)|(auto_resume = True\b))", re.MULTILINE)
"""That a start goes on from a checkpoint, in the text of its config: one that is named, or the last of the work dir."""
LEFT: Final = re.compile(r"\beta: (?:(\d{1,9}) days?, )?(\d{1,9}):(\d\d):(\d\d)")
"""The time left as mmcv says it, after its own averages."""
NO_METRICS: Final = frozenset(("mode", "epoch", "iter", "lr", "time", "data_time", "memory"))
MOST: Final = 10**18
"""More epochs or iterations than any training has: what stands there is no number of them."""
FIRST: Final = ("bbox_mAP", "segm_mAP", "mAP", "PQ", "AR@100")
"""The metrics that stand for a whole evaluation, the first that there is."""


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation came to, after so many epochs or iterations, None where nobody can tell: metric to value."""

    at: int | None
    metrics: Mapping[str, float]


@dataclass
class Told:
    """What the logs of one training say; `at` and `planned` count in `unit`."""

    unit: str = EPOCH
    planned: int | None = None
    at: int = 0
    evaluations: list[Evaluation] = field(default_factory=list)

    @property
    def metric(self) -> str:
        """The metric that it is judged by, where nobody says another; empty where nothing was evaluated."""
        held = [name for evaluation in self.evaluations for name in evaluation.metrics]
        return next((name for name in (*FIRST, *held) if name in held), "")

    def best(self, metric: str) -> Evaluation | None:
        """The evaluation with the most of a metric, the earliest of such."""
        having = [evaluation for evaluation in self.evaluations if metric in evaluation.metrics]
        return max(having, key=lambda evaluation: evaluation.metrics[metric], default=None)


@dataclass
class Waiting:
    """Evaluations by iterations, whose lines do not say after how many, since the last line of training."""

    times: EvalTimes | None
    after: int | None
    """The iteration of that line, or where the training began; None where that is not known."""
    metrics: list[dict[str, float]] = field(default_factory=list)

    def placed(self, before: int | None) -> Iterator[Evaluation]:
        """Each with its iteration; `before` is that of the next line of training, None where there is none."""
        places = placed(self.times, len(self.metrics), self.after, before)
        yield from map(Evaluation, places, self.metrics)
        self.after, self.metrics = before, []


def told(lines: Iterable[str], config: str = "") -> Told:
    """What the lines of `*.log.json` say, those of an earlier start first; the last may not be whole yet.

    `config` is the text of the config as it was last started with: a training that goes on logs that of its checkpoint.
    """
    found = Told()
    plan(found, config)
    evaluations: list[Evaluation] = []
    waiting = Waiting(eval_times(config), None)
    starts = 0
    for line in lines:
        said = whole(line)
        if "config" in said:
            if not config:
                plan(found, str(said["config"]))
            evaluations += waiting.placed(None)
            waiting = Waiting(eval_times(str(said["config"])), began(str(said["config"]), first=not starts))
            starts += 1
        elif said.get("mode") == "train":
            at = count(said.get("epoch" if found.unit == EPOCH else "iter"), -1)
            if at >= 0:
                evaluations += waiting.placed(at)
                found.at = at
        elif said.get("mode") == "val" and found.unit == EPOCH:
            at = count(said.get("epoch", found.at), -1)
            found.at = max(found.at, at)  # an epoch shorter than the interval of the log has this line alone
            evaluations += [Evaluation(at, metrics_of(said))] if at >= 0 else []
        elif said.get("mode") == "val":
            waiting.metrics.append(metrics_of(said))
    for last in waiting.placed(None):
        evaluations.append(last)
        found.at = max(found.at, last.at or 0)
    found.evaluations = in_order(evaluation for evaluation in evaluations if evaluation.metrics)
    return found


def began(config: str, *, first: bool) -> int | None:
    """The iteration that a start begins at; None where it goes on from a checkpoint.

    `first`: there was none before, so that the last checkpoint of its work dir is none either.
    """
    goes_on = GOES_ON.findall(config)
    return None if "" in goes_on or (goes_on and not first) else 0


def in_order(evaluations: Iterable[Evaluation]) -> list[Evaluation]:
    """Evaluations by what they came after, the later of two with the same; then those of which nobody can tell."""
    known: dict[int, Evaluation] = {}
    unknown = []
    for evaluation in evaluations:
        if evaluation.at is None:
            unknown.append(evaluation)
        else:
            known[evaluation.at] = evaluation
    return [known[at] for at in sorted(known)] + unknown


def whole(line: str) -> dict[str, Any]:
    """What a line holds; nothing where it is broken, or none of mmcv's."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def count(said: Any, otherwise: int) -> int:
    """A number of epochs or iterations; `otherwise` where what was said is none."""
    return int(said) if isinstance(said, int | float) and 0 <= said < MOST else otherwise


def plan(found: Told, config: str) -> None:
    """Note how long a training is to be, by the text of its config."""
    planned = PLANNED.search(config)
    if planned is not None:
        found.unit = EPOCH if planned[1] == "epoch" else ITERATION
        found.planned = int(planned[2])


def metrics_of(said: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of an evaluation; not what only repeats them for a table."""
    numbers = {name: number(value) for name, value in said.items() if name not in NO_METRICS}
    return {name: value for name, value in numbers.items() if value is not None}


def number(said: Any) -> float | None:
    """The number that a metric came to; None where it is none, as NaN and infinity are."""
    if not isinstance(said, int | float) or isinstance(said, bool):
        return None
    try:
        return float(said) if math.isfinite(said) else None
    except OverflowError:
        return None


def seconds_left(text: str) -> float | None:
    """The time that a text log last said is left, in seconds; None where it said none."""
    said = LEFT.findall(text)
    if not said:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in said[-1])
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
