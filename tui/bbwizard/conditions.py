"""Conditions in a filter, on what is known of a backbone: `params<30M macs<5G stride:4,8 weights>0`. Pure."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bbprobe.protocol import Entry, Probe, Stride
from bbwizard.fits import Answer, macs_at, strides_of

WORDS: Final[Mapping[str, str]] = {
    "params": "number of parameters: params<30M, params>=1.5M",
    "macs": "multiply-adds of a forward at the input size: macs<5G",
    "weights": "number of pretrained checkpoints: weights>0",
    "stride": "has maps at these strides: stride:4 or stride:8,16,32",
    "licence": "weights under a licence whose name holds this: licence:apache",
}
"""What can be asked, and how."""

COMPARED: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}
SCALES: Final[Mapping[str, float]] = {"": 1, "k": 1e3, "m": 1e6, "b": 1e9, "g": 1e9, "t": 1e12}
NUMBER: Final = re.compile(r"(!?)(params|macs|weights)(<=|>=|<|>|=)(?:(\d+(?:\.\d+)?|\.\d+)([kmbgt]?))?", re.IGNORECASE)
LISTED: Final = re.compile(r"(!?)(stride|licence|license):(.*)", re.IGNORECASE)


NEVER: Final = float("nan")
"""A number that no comparison holds for."""


@dataclass(frozen=True)
class Known:
    """What conditions are asked of; None where nobody has asked the backbone yet."""

    params: int | None
    macs: float | None
    """Of a forward at the sitting's input size; `NEVER` where the backbone was asked and there are none."""
    strides: tuple[Stride, ...] | None
    weights: int
    licences: tuple[str, ...]


@dataclass(frozen=True)
class Condition:
    """One condition of a filter on what `name` of `WORDS` stands for; `test` gives None where it cannot be told yet."""

    name: str
    test: Callable[[Known], bool | None]
    excludes: bool = False

    def holds(self, known: Known) -> bool | None:
        """Whether it holds; None where that is not known yet."""
        told = self.test(known)
        return None if told is None else told != self.excludes


def known(entry: Entry, answer: Answer | None, here: Probe | None, size: Sequence[int]) -> Known:
    """What is known of an entry: strides by another of its family too, parameters by its own word alone.

    `here` is what it answered itself when it was asked for images of `size` (height, width): multiply-adds at another
    size are another number.
    """
    own = answer is not None and answer.asked == entry.name
    macs = macs_at(size, here)
    return Known(
        params=answer.probe.params if answer is not None and own and answer.probe.stages else None,
        macs=NEVER if macs is None and here is not None else macs,
        strides=strides_of(answer.probe) if answer is not None else None,
        weights=len(entry.weights),
        licences=tuple(weights.licence.lower() for weights in entry.weights),
    )


def split(query: str) -> tuple[str, tuple[Condition, ...]]:
    """The plain words of a filter, and its conditions; one that is not typed to its end yet counts for nothing."""
    plain, found = [], []
    for word in query.split():
        if (number := NUMBER.fullmatch(word)) is not None:
            if number[4]:
                value = float(number[4]) * SCALES[number[5].lower()]
                name = number[2].lower()
                found.append(Condition(name, comparison(name, number[3], value), bool(number[1])))
        elif (listed := LISTED.fullmatch(word)) is not None:
            if values := [value for value in listed[3].lower().split(",") if value]:
                name = "stride" if listed[2].lower() == "stride" else "licence"
                has = strides if name == "stride" else licence
                found.append(Condition(name, has(values), bool(listed[1])))
        else:
            plain.append(word)
    return " ".join(plain), tuple(found)


def comparison(name: str, sign: str, value: float) -> Callable[[Known], bool | None]:
    """Whether a number of a backbone compares so."""

    def test(known: Known) -> bool | None:
        number: float | None = getattr(known, name)
        return None if number is None else COMPARED[sign](number, value)

    return test


def strides(values: Iterable[str]) -> Callable[[Known], bool | None]:
    """Whether a backbone has maps at all of these strides."""
    wanted = {value.lstrip("/") for value in values}

    def test(known: Known) -> bool | None:
        return None if known.strides is None else wanted <= {f"{stride:g}" for stride in known.strides}

    return test


def licence(values: Iterable[str]) -> Callable[[Known], bool | None]:
    """Whether some of a backbone's weights are under one of these licences."""
    wanted = tuple(values)
    return lambda known: any(value in licence for licence in known.licences for value in wanted)


def verdict(conditions: Iterable[Condition], known: Known) -> bool | None:
    """Whether all conditions hold; None where none fails but some cannot be told yet."""
    told = [condition.holds(known) for condition in conditions]
    return False if False in told else None if None in told else True


def place(order: str, known: Known) -> float:
    """Sorts a backbone in one of `grammar.ORDERS`; what is not known yet comes last, equals stay as they match."""
    if order in ("params", "macs"):
        number: float | None = getattr(known, order)
        return float("inf") if number is None or number is NEVER else number
    return -known.weights if order == "weights" else 0


def sized(conditions: Iterable[Condition], order: str) -> bool:
    """Whether conditions, or an order, are about the input size, so that answers at another count for nothing."""
    return order == "macs" or any(condition.name == "macs" for condition in conditions)


def completions(typed: str) -> list[str]:
    """How the last word of a filter could go on, as a whole filter each."""
    head, space, last = typed.rpartition(" ")
    bare = last.removeprefix("!")
    if len(bare) < 2:
        return []
    ends = {"params": "<", "macs": "<", "weights": ">0", "stride": ":", "licence": ":"}
    return [
        head + space + last + word[len(bare) :] + end
        for word, end in ends.items()
        if word.startswith(bare.lower()) and word != bare
    ]
