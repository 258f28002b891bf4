"""After which iterations a training by iterations evaluates, by the text of its config. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Final

END: Final = 10**18
"""More iterations than any training has."""
EVALUATION: Final = re.compile(r"^evaluation = (dict\(.*(?:\n[ \t)].*)*)", re.MULTILINE)
"""How the text of a config says when and how it is evaluated."""


@dataclass(frozen=True)
class EvalTimes:
    """`interval`, `start` and `dynamic_intervals` of a config's `evaluation`."""

    interval: int = 1
    start: int | None = None
    changes: tuple[tuple[int, int], ...] = ()
    """The iteration from which on another interval holds, and that interval."""

    def between(self, first: int, end: int) -> list[range]:
        """The iterations from `first` on and before `end`, in order.

        As `EvalHook._should_evaluate` (mmcv/runner/hooks/evaluation.py) and `EvalHook._decide_interval`
        (mmdet/core/evaluation/eval_hooks.py) have it.
        """
        bounds = [0, *(since for since, _ in self.changes), END]
        found = []
        for index, interval in enumerate([self.interval, *(interval for _, interval in self.changes)]):
            low, high = max(bounds[index], first, self.start or 1), min(bounds[index + 1], end)
            begin = self.start or 0
            found.append(range(low + (begin - low) % interval, high, interval))
        return found


def eval_times(config: str) -> EvalTimes | None:
    """When the training with a config of this text evaluates; None where the text does not say."""
    line = EVALUATION.search(config)
    try:
        call = ast.parse(line[1] if line is not None else "dict()", mode="eval").body
        said = {word.arg: ast.literal_eval(word.value) for word in getattr(call, "keywords", [])}
        changes = tuple((since, interval) for since, interval in said.get("dynamic_intervals") or ())
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        return None
    found = EvalTimes(said.get("interval", 1), said.get("start"), changes)
    sinces, intervals = [since for since, _ in changes], [found.interval, *(interval for _, interval in changes)]
    if not all(type(number) is int and 0 <= number < END for number in [*sinces, *intervals, found.start or 0]):
        return None
    return found if all(intervals) and sinces == sorted(set(sinces)) else None


def placed(times: EvalTimes | None, count: int, after: int | None, before: int | None) -> Sequence[int | None]:
    """The iterations of `count` evaluations in a row; None for each where that cannot be told.

    `after` is the iteration of the last line of training before them, None where the training went on from an iteration
    that is not known; `before` that of the next line, None where there is none.
    """
    unknown = [None] * count
    if times is None or (after is None and before is None):
        return unknown
    ranges = times.between(after if after is not None else 1, before if before is not None else END)
    held = sum(map(len, ranges))
    if held < count or (held > count and after is not None and before is not None):
        return unknown
    if after is not None:
        return list(islice(chain.from_iterable(ranges), count))
    return list(islice(chain.from_iterable(map(reversed, reversed(ranges))), count))[::-1]
