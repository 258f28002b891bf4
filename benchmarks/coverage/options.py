"""How a run is done."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """How a run is done; `sample` None does everything, `only` is a pattern of config names."""

    python: str
    out: Path
    workers: int
    memory: float
    limit: float
    sample: int | None = None
    seed: int = 0
    retry: tuple[str, ...] = ()
    only: str = "*"
