"""What mmcv's logs say of a training: how far it is, what its evaluations came to, how long it still takes. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

EPOCH, ITERATION = "epoch", "iteration"

PLANNED: Final = re.compile(r"^runner = dict\([^()]*?max_(epoch|iter)s=(\d{1,18})\b", re.MULTILINE)
"""How long a training is to be, in the text of its config."""
LEFT: Final = re.compile(r"\beta: (?:(\d{1,9}) days?, )?(\d{1,9}):(\d\d):(\d\d)")
"""The time left as mmcv says it, after its own averages."""
NO_METRICS: Final = frozenset(("mode", "epoch", "iter", "lr", "time", "data_time", "memory"))
MOST: Final = 10**18
"""More epochs or iterations than any training has: what stands there is no number of them."""
FIRST: Final = ("bbox_mAP", "segm_mAP", "mAP", "PQ", "AR@100")
"""The metrics that stand for a whole evaluation, the first that there is."""


@dataclass(frozen=True)
class Evaluation:
    """What an evaluation came to, after so many epochs or iterations: metric to value."""

    at: int
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
        return max(having, key=lambda evaluation: (evaluation.metrics[metric], -evaluation.at), default=None)


def told(lines: Iterable[str], config: str = "") -> Told:
    """What the lines of `*.log.json` say, those of an earlier start first; the last may not be whole yet.

    `config` is the text of the config as it was last started with: a training that goes on logs that of its checkpoint.
    """
    found = Told()
    plan(found, config)
    evaluations: dict[int, Evaluation] = {}
    for line in lines:
        said = whole(line)
        if "config" in said:
            if not config:
                plan(found, str(said["config"]))
        elif said.get("mode") == "train":
            found.at = count(said.get("epoch" if found.unit == EPOCH else "iter"), found.at)
        elif said.get("mode") == "val":
            # By iterations the line has the number of images in that place.
            at = count(said.get("epoch", found.at), -1) if found.unit == EPOCH else found.at
            found.at = max(found.at, at)  # an epoch shorter than the interval of the log has this line alone
            if at >= 0 and (metrics := metrics_of(said)):
                evaluations[at] = Evaluation(at, metrics)
    found.evaluations = [evaluations[at] for at in sorted(evaluations)]
    return found


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
