"""Facts of a training environment. Memory is in bytes."""

from dataclasses import dataclass, field
from typing import Dict, List, Optional


@dataclass(frozen=True)
class Hello:
    """The first answer: who is at the other end of the pipe."""

    protocol: int
    python: str
    executable: str
    pid: int


@dataclass(frozen=True)
class Gpu:
    """One CUDA device; `free` and `total` memory in bytes."""

    index: int
    name: str
    free: int
    total: int


@dataclass(frozen=True)
class Fault:
    """Something wrong with a training environment, and the command that mends it."""

    code: str
    text: str
    mend: str
    blocks: bool = True
    """Whether nothing can be trained until it is mended; False where only part of the zoo, or speed, suffers."""


@dataclass(frozen=True)
class Window:
    """The versions of `of` that `library` says it works with, both ends included, read from its own source."""

    library: str
    of: str
    minimum: str
    maximum: str
    installed: Optional[str]
    holds: Optional[bool]
    """None where `of` is missing."""


@dataclass(frozen=True)
class Environment:
    """What a training environment holds. `versions` maps distribution to version, or None where it is missing."""

    python: str
    executable: str
    versions: Dict[str, Optional[str]]
    cuda: Optional[str]
    """The CUDA version torch was built for."""
    gpus: List[Gpu]
    device: str
    """Where probes run by default: "cuda:1", "cpu"."""
    device_reason: str
    ops: bool
    """Whether mmcv's compiled ops load and run."""
    ops_error: str
    configs: Optional[str]
    """The folder with mmdet's packaged base configs."""
    train_script: Optional[str]
    mim: Optional[str]
    """The `mim` command of this environment."""
    faults: List[Fault] = field(default_factory=list)
    windows: List[Window] = field(default_factory=list)
    own_sources: Dict[str, str] = field(default_factory=dict)
    """Libraries that their user may edit where they lie, each with a digest of its sources' times."""
    torchrun: Optional[str] = None
    """The `torchrun` command of this environment; torch before 1.10 has none."""
