"""Which backbone families give no pyramid, as this environment's libraries answered; kept in the cache."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from bbprobe.protocol import Entry, Environment
from bbwizard import __version__, atomic, paths
from bbwizard.errors import WriteRefused

LIBRARIES = ("torch", "mmcv-full", "mmdet", "mmcls", "timm")


class Verdicts:
    """Reasons why families give no pyramid, "" for those that do, by "source/family"."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._reasons: dict[str, str] = {}
        if file is not None:
            with contextlib.suppress(OSError, ValueError, AttributeError):
                known = json.loads(file.read_text("utf-8"))
                self._reasons = {str(family): str(reason) for family, reason in known.items()}

    @classmethod
    def of(cls, environment: Environment) -> Verdicts:
        """Those kept for this environment, as its versions are now."""
        versions = [environment.executable, __version__, *(str(environment.versions.get(name)) for name in LIBRARIES)]
        fingerprint = hashlib.sha256("\n".join(versions).encode()).hexdigest()[:16]
        return cls(paths.cache() / f"verdicts-{fingerprint}.json")

    def put(self, entry: Entry, reason: str) -> None:
        """Keep what a family answered."""
        self._reasons[key(entry)] = reason

    def save(self) -> None:
        """Keep the verdicts for the next sitting, where the cache can be written."""
        if self._file is not None and paths.made(self._file.parent) is not None:
            with contextlib.suppress(WriteRefused):
                atomic.write_text(self._file, json.dumps(self._reasons, indent=0, sort_keys=True))

    def applied(self, entries: Iterable[Entry]) -> list[Entry]:
        """The entries, marked where their family's verdict is known and the library said nothing of their own."""
        return [
            replace(entry, pyramid=not self._reasons[key(entry)], reason=self._reasons[key(entry)])
            if entry.pyramid is None and key(entry) in self._reasons
            else entry
            for entry in entries
        ]


def key(entry: Entry) -> str:
    """What entries that share a verdict share."""
    return f"{entry.source}/{entry.family}"
