"""Results on disk: JSON lines that a second run reads and goes on with."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

CHECKED, BASE, REFUSED, UNFIT, FAILED = "checked", "base fails too", "refused", "unfit", "failed"
"""What a swap came to. `UNFIT`: these two do not go together (strides), which says nothing against either."""
TIME, MEMORY = "out of time", "out of memory"


@dataclass(frozen=True)
class Outcome:
    """What one item came to: a kind, the words that go with it, and facts for the report."""

    kind: str
    said: str = ""
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """An outcome as it is kept, under its item's key; `seconds` of wall time."""

    key: str
    kind: str
    said: str
    seconds: float
    facts: dict[str, Any]


class Store:
    """The results of one kind of run in one environment: `NAME.jsonl`, where the last line of a key counts."""

    def __init__(self, folder: Path, name: str) -> None:
        self.file = folder / f"{name}.jsonl"
        self.results: dict[str, Result] = {}
        self._cut_off = False
        if self.file.is_file():
            text = self.file.read_text("utf-8")
            self._cut_off = bool(text) and not text.endswith("\n")
            for line in text.splitlines():
                with contextlib.suppress(ValueError):  # a run was ended in the middle of it
                    result = Result(**json.loads(line))
                    self.results[result.key] = result

    def add(self, key: str, outcome: Outcome, seconds: float) -> Result:
        """Keep a result at once: whatever ends the run, it was not in vain."""
        result = Result(key, outcome.kind, outcome.said, round(seconds, 1), outcome.facts)
        self.results[key] = result
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("a", encoding="utf-8") as file:
            file.write("\n" * self._cut_off + json.dumps(asdict(result), ensure_ascii=False) + "\n")
        self._cut_off = False
        return result

    def forget(self, kinds: Collection[str], keys: Iterable[str] | None = None) -> None:
        """Have results of these kinds, of these keys or all, done again."""
        among = set(self.results if keys is None else keys)
        self.results = {
            key: result for key, result in self.results.items() if key not in among or result.kind not in kinds
        }

    def kind(self, key: str) -> str:
        """The kind of a result; empty where there is none yet."""
        return self.results[key].kind if key in self.results else ""
