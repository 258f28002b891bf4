"""Conditions in a filter, on what is known of a backbone: `params<30M stride:4,8 weights>0 licence:apache`. Pure."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bbprobe.protocol import Entry, Stride
from bbwizard.fits import Answer, strides_of

WORDS: Final[Mapping[str, str]] = {
    "params": "number of parameters: params<30M, params>=1.5M",
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
SCALES: Final[Mapping[str, float]] = {"": 1, "k": 1e3, "m": 1e6, "b": 1e9, "g": 1e9}
NUMBER: Final = re.compile(r"(!?)(params|weights)(<=|>=|<|>|=)(?:(\d+(?:\.\d+)?|\.\d+)([kmbg]?))?", re.IGNORECASE)
LISTED: Final = re.compile(r"(!?)(stride|licence|license):(.*)", re.IGNORECASE)


@dataclass(frozen=True)
class Known:
    """What conditions are asked of; None where nobody has asked the backbone yet."""

    params: int | None
    strides: tuple[Stride, ...] | None
    weights: int
    licences: tuple[str, ...]


@dataclass(frozen=True)
class Condition:
    """One condition of a filter; `test` gives None where it cannot be told yet."""

    test: Callable[[Known], bool | None]
    excludes: bool = False

    def holds(self, known: Known) -> bool | None:
        """Whether it holds; None where that is not known yet."""
        told = self.test(known)
        return None if told is None else told != self.excludes


def known(entry: Entry, answer: Answer | None) -> Known:
    """What is known of an entry: strides by another of its family too, parameters by its own word alone."""
    own = answer is not None and answer.asked == entry.name
    return Known(
        params=answer.probe.params if answer is not None and own and answer.probe.stages else None,
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
                found.append(Condition(comparison(number[2].lower(), number[3], value), bool(number[1])))
        elif (listed := LISTED.fullmatch(word)) is not None:
            if values := [value for value in listed[3].lower().split(",") if value]:
                has = strides if listed[2].lower() == "stride" else licence
                found.append(Condition(has(values), bool(listed[1])))
        else:
            plain.append(word)
    return " ".join(plain), tuple(found)


def comparison(name: str, sign: str, value: float) -> Callable[[Known], bool | None]:
    """Whether a number of a backbone compares so."""

    def test(known: Known) -> bool | None:
        number = known.params if name == "params" else known.weights
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


ORDERS: Final = ("match", "params", "weights")
"""What a list of backbones can be ordered by: how well the filter's words match, few parameters, many weights."""


def place(order: str, known: Known) -> float:
    """Sorts a backbone in one of `ORDERS`; what is not known yet comes last, equals stay as they match."""
    if order == "params":
        return float("inf") if known.params is None else known.params
    return -known.weights if order == "weights" else 0


def completions(typed: str) -> list[str]:
    """How the last word of a filter could go on, as a whole filter each."""
    head, space, last = typed.rpartition(" ")
    bare = last.removeprefix("!")
    if len(bare) < 2:
        return []
    ends = {"params": "<", "weights": ">0", "stride": ":", "licence": ":"}
    return [
        head + space + last + word[len(bare) :] + end
        for word, end in ends.items()
        if word.startswith(bare.lower()) and word != bare
    ]
