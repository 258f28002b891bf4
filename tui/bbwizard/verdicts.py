"""Which backbone families give no pyramid, as this environment's libraries answered; kept in the cache."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from bbprobe.protocol import Entry, Environment
from bbwizard import __version__, atomic, paths
from bbwizard.errors import WriteRefused

LIBRARIES = ("torch", "mmcv-full", "mmdet", "mmcls", "timm")


class Verdicts:
    """By "source/family": the entry that was asked, and its reason for giving no pyramid, "" where it gives one."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._answers: dict[str, tuple[str, str]] = {}
        if file is not None:
            with contextlib.suppress(OSError, ValueError, AttributeError, TypeError):
                known = json.loads(file.read_text("utf-8"))
                self._answers = {family: (str(asked), str(reason)) for family, (asked, reason) in known.items()}

    @classmethod
    def of(cls, environment: Environment) -> Verdicts:
        """Those kept for this environment, as its versions are now."""
        versions = [environment.executable, __version__, *(str(environment.versions.get(name)) for name in LIBRARIES)]
        fingerprint = hashlib.sha256("\n".join(versions).encode()).hexdigest()[:16]
        return cls(paths.cache() / f"verdicts-{fingerprint}.json")

    def put(self, entry: Entry, reason: str) -> None:
        """Keep what a family answered."""
        self._answers[key(entry)] = entry.name, reason

    def save(self) -> None:
        """Keep the verdicts for the next sitting, where the cache can be written."""
        if self._file is not None and paths.made(self._file.parent) is not None:
            with contextlib.suppress(WriteRefused):
                atomic.write_text(self._file, json.dumps(self._answers, indent=0, sort_keys=True))

    def applied(self, entries: Iterable[Entry]) -> list[Entry]:
        """The entries, marked where their family's verdict is known and the library said nothing of their own.

        The reason names the entry that was asked: its numbers are not another's.
        """
        return [self._marked(entry) if entry.pyramid is None else entry for entry in entries]

    def _marked(self, entry: Entry) -> Entry:
        asked, reason = self._answers.get(key(entry), ("", None))
        if reason is None:
            return entry
        if reason and asked != entry.name:
            reason = f"as {asked}: {reason}"
        return replace(entry, pyramid=not reason, reason=reason)


def key(entry: Entry) -> str:
    """What entries that share a verdict share."""
    return f"{entry.source}/{entry.family}"


def likely_size(entry: Entry) -> tuple[int, int, str]:
    """Sorts the entry of a family that is probably the smallest first, by the words that libraries call small ones."""
    words = re.split(r"[^a-z0-9]+", entry.name.lower())
    return min((SMALL.index(word) for word in words if word in SMALL), default=len(SMALL)), len(entry.name), entry.name


SMALL = (
    *("test", "atto", "femto", "pico", "nano", "zepto", "xxs", "mini", "tiny", "xs", "micro"),
    *("small", "s", "b0", "s12", "l0", "t", "m0", "s0", "18", "26", "50", "base", "b"),
)
"""Words in names, those of the smallest members first."""
