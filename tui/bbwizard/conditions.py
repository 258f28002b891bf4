"""Conditions in a filter, on what is known of a backbone: `params<30M macs<5G stride:4,8 weights>0`. Pure."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bbprobe.protocol import Entry, Probe, Stride
from bbwizard.fits import Answer, macs_at, own, strides_of

WORDS: Final[Mapping[str, str]] = {
    "params": "number of parameters: params<30M, params>=1.5M",
    "macs": "multiply-adds of a forward at the input size: macs<5G",
    "weights": "number of pretrained checkpoints: weights>0",
    "stride": "has maps at these strides: stride:4 or stride:8,16,32",
    "licence": "weights under a licence whose name holds this: licence:apache",
    "fits": "whether the base config can take it: fits:yes or fits:no",
}
"""What can be asked, and how."""
ALIASES: Final[Mapping[str, str]] = {"flops": "macs", "license": "licence"}
"""What people call it too."""

COMPARED: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "=": operator.eq,
}
SCALES: Final[Mapping[str, float]] = {"": 1, "k": 1e3, "m": 1e6, "b": 1e9, "g": 1e9, "t": 1e12}
NUMBER: Final = re.compile(
    r"(!?)(params|macs|flops|weights)(<=|>=|<|>|=)(?:(\d+(?:\.\d+)?|\.\d+)([kmbgt]?))?", re.IGNORECASE
)
LISTED: Final = re.compile(r"(!?)(stride|licence|license|fits):(.*)", re.IGNORECASE)
SHAPED: Final = re.compile(r"!*([a-z_]+)(?:[<>=]|:).*", re.IGNORECASE)
"""What was meant for a condition: no backbone has such a name."""
VALUES: Final[Mapping[str, re.Pattern[str]]] = {
    "stride": re.compile(r"/?(\d+(\.\d*)?)?"),
    "licence": re.compile(r".*"),
    "fits": re.compile(r"y|yes?|no?|"),
}
"""What may stand behind the colon, between its commas, also as long as it is being typed."""
WHOLE: Final[Mapping[str, re.Pattern[str]]] = {
    "stride": re.compile(r"/?\d+(\.\d+)?"),
    "licence": re.compile(r".+"),
    "fits": re.compile(r"yes|no"),
}
"""The same of a filter that is typed to its end."""
UNKNOWN: Final = ("", "unknown")
"""Licences that say nothing; they can be asked for by the last."""
APART: Final = re.compile(r"(?<!\S)(!?(?:params|macs|flops|weights))\s+(<=|>=|<|>|=)\s*", re.IGNORECASE)
"""A comparison with spaces in it, which is one word all the same."""

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
    """One for each of its weights, in lower case; one of `UNKNOWN` where it is not told."""
    fits: bool | None = None
    """Whether the base config can take it."""


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
    itself = own(entry, answer)
    macs = macs_at(size, here)
    return Known(
        params=itself.params if itself is not None else None,
        macs=NEVER if macs is None and here is not None else macs,
        strides=strides_of(answer.probe) if answer is not None else None,
        weights=len(entry.weights),
        licences=tuple(weights.licence.lower() for weights in entry.weights),
    )


def split(query: str) -> tuple[str, tuple[Condition, ...]]:
    """The plain words of a filter, and its conditions; one that is not typed to its end yet counts for nothing."""
    plain, found = [], []
    for word in words(query):
        if (number := NUMBER.fullmatch(word)) is not None:
            if number[4]:
                value = float(number[4]) * SCALES[number[5].lower()]
                name = named(number[2])
                found.append(Condition(name, comparison(name, number[3], value), bool(number[1])))
        elif (listed := LISTED.fullmatch(word)) is not None:
            name = named(listed[2])
            values = [value for value in listed[3].lower().split(",") if value]
            if values and (name != "fits" or set(values) <= {"yes", "no"}):
                found.append(Condition(name, LISTS[name](values), bool(listed[1])))
        else:
            plain.append(word)
    return " ".join(plain), tuple(found)


def words(query: str) -> list[str]:
    """The words of a filter; `params < 30M` is one."""
    return APART.sub(r"\1\2", query).split()


def named(word: str) -> str:
    """What of `WORDS` a word in any case stands for."""
    return ALIASES.get(word.lower(), word.lower())


def mistaken(query: str, *, whole: bool = False) -> str:
    """What is wrong with the first word of a filter that was meant for a condition and is none; empty where none is.

    What is not typed to its end yet is wrong in a `whole` filter alone.
    """
    for word in words(query):
        shaped, number, listed = SHAPED.fullmatch(word), NUMBER.fullmatch(word), LISTED.fullmatch(word)
        if shaped is None or (number is not None and (number[4] or not whole)):
            continue
        if (name := named(shaped[1])) not in WORDS:
            return f"{shaped[1]} is no condition: {', '.join(WORDS)}"
        parts = listed[3].lower().split(",") if listed is not None else []
        values = [part for part in parts if part] if whole else parts
        if not values or not all(map((WHOLE if whole else VALUES)[name].fullmatch, values)):
            return f"{word} cannot be read ({WORDS[name]})"
    return ""


def comparison(name: str, sign: str, value: float) -> Callable[[Known], bool | None]:
    """Whether a number of a backbone compares so."""

    def test(known: Known) -> bool | None:
        number: float | None = getattr(known, name)
        return None if number is None else COMPARED[sign](number, value)

    return test


def strides(values: Iterable[str]) -> Callable[[Known], bool | None]:
    """Whether a backbone has maps at all of these strides."""
    wanted = {plainly(value.lstrip("/")) for value in values}

    def test(known: Known) -> bool | None:
        return None if known.strides is None else wanted <= {f"{stride:g}" for stride in known.strides}

    return test


def plainly(number: str) -> str:
    """A number as strides are shown: `4` for `4.0` and `04` too."""
    try:
        return f"{float(number):g}"
    except ValueError:
        return number


def licence(values: Iterable[str]) -> Callable[[Known], bool | None]:
    """Whether some of a backbone's weights are under one of these licences."""
    wanted = tuple(values)

    def test(known: Known) -> bool | None:
        told = [licence for licence in known.licences if licence not in UNKNOWN]
        if any(value in licence for licence in told for value in wanted):
            return True
        silent = len(told) < len(known.licences)
        return silent if UNKNOWN[-1] in wanted else None if silent else False

    return test


def fitting(values: Iterable[str]) -> Callable[[Known], bool | None]:
    """Whether the base config can take a backbone ("yes"), or cannot ("no")."""
    wanted = [value == "yes" for value in values]
    return lambda known: None if known.fits is None else known.fits in wanted


LISTS: Final = {"stride": strides, "licence": licence, "fits": fitting}
"""What tests the values of a condition that lists some."""


def verdict(conditions: Iterable[Condition], known: Known) -> bool | None:
    """Whether all conditions hold; None where none fails but some cannot be told yet."""
    told = [condition.holds(known) for condition in conditions]
    return False if False in told else None if None in told else True


def untold(conditions: Iterable[Condition], known: Known) -> set[str]:
    """The names of the conditions that cannot be told yet."""
    return {condition.name for condition in conditions if condition.holds(known) is None}


def licence_name(known: Known) -> str | None:
    """The licence that a backbone is ordered by: of those of its weights that are told, the first by name."""
    return min((licence for licence in known.licences if licence not in UNKNOWN), default=None)


WORTH: Final[Mapping[str, Callable[[Known], float | str | None]]] = {
    "match": lambda known: 0,
    "params": lambda known: known.params,
    "macs": lambda known: None if known.macs is NEVER else known.macs,
    "weights": lambda known: -known.weights,
    "stages": lambda known: None if known.strides is None else -len(known.strides),
    "licence": licence_name,
    "fits": lambda known: {True: 0, None: 1, False: 2}[known.fits],
}
"""What sorts a backbone in each of `grammar.ORDERS`; None is not known."""


def place(order: str, known: Known) -> tuple[bool, float | str]:
    """Sorts a backbone in one of `grammar.ORDERS`; what is not known yet comes last, equals stay as they match."""
    worth = WORTH[order](known)
    return worth is None, worth or 0


def sized(conditions: Iterable[Condition], order: str) -> bool:
    """Whether conditions, or an order, are about the input size, so that answers at another count for nothing."""
    return order == "macs" or any(condition.name == "macs" for condition in conditions)


def completions(typed: str) -> list[str]:
    """How the last word of a filter could go on, as a whole filter each."""
    head, space, last = typed.rpartition(" ")
    bare = last.removeprefix("!")
    if len(bare) < 2:
        return []
    ends = {"params": "<", "macs": "<", "weights": ">0", "stride": ":", "licence": ":", "fits": ":yes"}
    ends |= {alias: ends[word] for alias, word in ALIASES.items()}
    return [
        head + space + last + word[len(bare) :] + end
        for word, end in ends.items()
        if word.startswith(bare.lower()) and word != bare
    ]
