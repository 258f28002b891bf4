"""What backbones and base configs answered, as this environment's libraries are; kept in the cache."""

from __future__ import annotations

import contextlib
import hashlib
import re
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import msgspec

from bbprobe.protocol import Base, Entry, Environment, Probe
from bbwizard import kept, paths
from bbwizard.fits import Answer
from bbwizard.grammar import LIBRARIES
from bbwizard.payload import sources

MOST_FILES = 12
"""Environments whose answers are kept, each as its versions and the probing half were."""

VERSION = 1
"""Of the cache's files; another one is set aside."""

SURVEY = "survey"
"""What a backbone is asked at the probing half's own image size: whether it gives a pyramid, and which."""


def question(size: tuple[int, int], device: str) -> str:
    """What a backbone is asked at this input size (height, width in pixels) on this device."""
    height, width = size
    return f"{height}x{width} {device}"


Foresight = Callable[[Entry], Probe | None]
"""What was answered elsewhere about an entry; None where nothing was."""


class Kept(msgspec.Struct):
    """The cache's file: answers as they came, and of each family the entry that was asked for all of it.

    Of a backbone they are kept by the question that they answer: "640x640 auto", or `SURVEY`.
    """

    backbones: dict[str, dict[str, dict[str, Any]]] = {}
    families: dict[str, str] = {}
    bases: dict[str, dict[str, Any]] = {}


class Verdicts:
    """Answers by the name of a backbone or base config; a backbone that was not asked has its family's.

    `foreseen` knows what was answered elsewhere: it goes before a family's answer.
    """

    def __init__(self, file: Path | None = None, foreseen: Foresight = lambda entry: None) -> None:
        self._file = file
        self._foreseen = foreseen
        self._kept = read(file)
        self._new = Kept()
        self._probes: dict[tuple[str, str], Probe | None] = {}
        self._bases: dict[str, Base | None] = {}

    @classmethod
    def of(cls, environment: Environment, foreseen: Foresight = lambda entry: None) -> Verdicts:
        """Those kept for this environment, as its versions and the probing half are now."""
        told = [environment.executable, *(str(environment.versions.get(name)) for name in LIBRARIES)]
        told += sorted(map(str, environment.own_sources.items()))
        fingerprint = hashlib.sha256(
            "\n".join([*told, *sources().values()]).encode("utf-8", "surrogatepass")
        ).hexdigest()[:16]
        return cls(paths.cache() / f"verdicts-{fingerprint}.json", foreseen)

    # Backbones

    def put(self, entry: Entry, probe: Probe, asked: str = SURVEY, *, for_family: bool = False) -> None:
        """Keep what a backbone answered to a question, and where it was asked for its family, that.

        A fall-back to another device, which the probe's note tells of, holds for this sitting alone.
        """
        answer = asdict(probe)
        self._probes[entry.name, asked] = probe
        for known in (self._kept,) if probe.note else (self._kept, self._new):
            known.backbones.setdefault(entry.name, {})[asked] = answer
            if for_family:
                known.families[key(entry)] = entry.name

    def refuse(self, entry: Entry, reason: str, asked: str = SURVEY, *, for_family: bool = False) -> None:
        """Keep that a backbone could not be asked a question, and why."""
        self.put(entry, refused(entry, reason), asked, for_family=for_family)

    def probe(self, name: str, asked: str) -> Probe | None:
        """What the backbone of that name answered to that question; `is_refusal` tells whether it refused it."""
        if (name, asked) not in self._probes:
            self._probes[name, asked] = converted(self._kept.backbones.get(name, {}).get(asked), Probe)
        return self._probes[name, asked]

    def answer(self, entry: Entry) -> Answer | None:
        """What the backbone answered here, or elsewhere, or else the one that was asked for its family."""
        if (own := self._own(entry.name)) is not None:
            return own
        if (foreseen := self._foreseen(entry)) is not None:
            return Answer(entry.name, foreseen)
        return self._own(self._kept.families.get(key(entry), ""))

    def _own(self, name: str) -> Answer | None:
        """What the backbone of that name said of itself: to the survey, else at any size that it did not refuse."""
        for asked in sorted(self._kept.backbones.get(name, ()), key=lambda asked: asked != SURVEY):
            probe = self.probe(name, asked)
            if probe is not None and (asked == SURVEY or not is_refusal(probe)):
                return Answer(name, probe)
        return None

    def applied(self, entries: Iterable[Entry]) -> list[Entry]:
        """The entries, marked where a verdict is known and the library said nothing of their own.

        The reason names the entry that was asked: its numbers are not another's.
        """
        return [self._marked(entry) if entry.pyramid is None else entry for entry in entries]

    def _marked(self, entry: Entry) -> Entry:
        answer = self.answer(entry)
        if answer is None:
            return entry
        reason = answer.probe.reason
        if reason and answer.asked != entry.name:
            reason = f"as {answer.asked}: {reason}"
        return replace(entry, pyramid=answer.probe.pyramid, reason=reason)

    # Base configs

    def put_base(self, base: Base) -> None:
        """Keep what a base config needs; the whole of its text, which only a config is written from, is left out."""
        self._bases[base.name] = bare = replace(base, resolved="")
        for known in (self._kept, self._new):
            known.bases[base.name] = asdict(bare)

    def base(self, name: str) -> Base | None:
        """What the base config of that name needs, without its text, if it was asked."""
        if name not in self._bases:
            self._bases[name] = converted(self._kept.bases.get(name), Base)
        return self._bases[name]

    # The file

    def save(self) -> None:
        """Keep what is new for the next sitting, beside what others kept meanwhile, where the cache can be written."""
        file, new = self._file, self._new
        if file is None or not (new.backbones or new.bases):
            return
        if kept.renew(file, lambda: sealed(joined(read(file), new))):
            self._new = Kept()
            kept.prune(file.parent, "verdicts-*.json", MOST_FILES)


def joined(before: Kept, new: Kept) -> Kept:
    """What was kept before, with what is new."""
    for name, answers in new.backbones.items():
        before.backbones.setdefault(name, {}).update(answers)
    before.families.update(new.families)
    before.bases.update(new.bases)
    return before


def read(file: Path | None) -> Kept:
    """The cache's file; empty where it is missing, or cannot be understood."""
    found = kept.read(file, opened, "what backbones answered") if file is not None else None
    return Kept() if found is None else found


def sealed(answers: Kept) -> str:
    """The text of a cache's file: a line with its version and the checksum of the rest, and the answers.

    They stay in their own order: a backbone's arguments are written into configs as its probe has them.
    """
    body = msgspec.json.encode(answers)
    return f"{seal(body)}\n{body.decode()}"


def opened(data: bytes) -> Kept:
    """The answers in a cache's file.

    Raises:
        ValueError, msgspec.MsgspecError: it holds none, or not those that were written: a number on screen is one that
            a probe has given.
    """
    head, _, body = data.partition(b"\n")
    if head != seal(body).encode():
        raise ValueError(f"{head[:40]!r} does not go with what follows")
    return msgspec.json.decode(body, type=Kept)


def seal(body: bytes) -> str:
    """The first line of a cache's file."""
    return f'{{"bbwizard": {VERSION}, "crc32": {zlib.crc32(body)}}}'


def converted(told: Mapping[str, Any] | None, fact: Any) -> Any:
    """A fact as it was kept; None where there is none, or it is broken."""
    with contextlib.suppress(msgspec.ValidationError):
        return None if told is None else msgspec.convert(told, fact, strict=False)
    return None


def refused(entry: Entry, reason: str) -> Probe:
    """The probe of a backbone that gave nothing."""
    return Probe(
        backbone=entry.name,
        type=entry.type,
        config=entry.config,
        select=None,
        stages=[],
        input=[],
        device="",
        layout="",
        fixed_input=None,
        params=0,
        seconds=0.0,
        pyramid=False,
        reason=reason,
    )


def is_refusal(probe: Probe) -> bool:
    """Whether this says why a backbone could not be probed, and nothing else."""
    return not probe.input


def key(entry: Entry) -> str:
    """What entries that share a verdict share: the class, and what of its arguments moves its strides."""
    moved = [f"{name}={entry.config[name]}" for name in STRIDING if name in entry.config]
    return "/".join([entry.source, entry.family, *moved])


STRIDING = ("num_stages", "strides", "dilations")
"""Arguments of mmdet's and mmcls's ResNets by which some of its configs give a class other strides (C4, DC5)."""


def likely_size(entry: Entry) -> tuple[int, int, str]:
    """Sorts the entry of a family that is probably the smallest first, by the words that libraries call small ones."""
    words = re.split(r"[^a-z0-9]+", entry.name.lower())
    return min((SMALL.index(word) for word in words if word in SMALL), default=len(SMALL)), len(entry.name), entry.name


SMALL = (
    *("test", "atto", "femto", "pico", "nano", "zepto", "xxs", "mini", "tiny", "xs", "micro"),
    *("small", "s", "b0", "s12", "l0", "t", "m0", "s0", "18", "26", "50", "base", "b"),
)
"""Words in names, those of the smallest members first."""
