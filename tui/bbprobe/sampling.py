"""Numbers out of repeated runs, and the words where there are none. Pure: no torch, no device, no clock."""

from typing import Callable, List, Optional, Sequence, Tuple

GIB = 2.0**30
FEW = 5
"""Runs that have no tails yet."""


class TooSlow(Exception):
    """A run would take longer than anybody waits for; the text says how long."""


def sampled(run: Callable[[], float], pause: Callable[[], None], seconds: float, most: int) -> List[float]:
    """The seconds that `run` says it took, again and again: until `seconds` are spent or it ran `most` times.

    It runs at least once. `pause` is called before each run, and what it raises ends them.
    """
    found = []  # type: List[float]
    while not found or (len(found) < most and sum(found) < seconds):
        pause()
        found.append(run())
    return found


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which this `part` (0 to 1) of them lies, on the straight line between its neighbours."""
    ordered = sorted(values)
    place = part * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def spread(seconds: Sequence[float]) -> Tuple[float, Optional[float], Optional[float]]:
    """The median and the tenth and ninetieth percentiles; without these where there are fewer than `FEW`."""
    median = quantile(seconds, 0.5)
    return (median, quantile(seconds, 0.1), quantile(seconds, 0.9)) if len(seconds) >= FEW else (median, None, None)


def refuse_slow(images: int, latency: float, limit: float) -> None:
    """Compare what a forward of so many images would take, by the latency of one, with `limit`; both in seconds.

    Raises:
        TooSlow: it would take longer.
    """
    if images * latency > limit:
        raise TooSlow("would take about {:.0f} s: left out".format(images * latency))


def unfit(what: str, batch: int, available: int) -> str:
    """That `what` does not fit on a GPU where `available` bytes were to be had, or (0) in the host's memory."""
    if available:
        return "{} needs more than {:.1f} GiB{}".format(what, available / GIB, at_batch(batch))
    return "{}{} does not fit in this host's memory".format(what, at_batch(batch))


def at_batch(count: int) -> str:
    """With how many images; nothing where none are shown."""
    return " at batch {}".format(count) if count else ""
