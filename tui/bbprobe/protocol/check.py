"""Facts of a check: what building a config and training it for a step showed."""

from dataclasses import dataclass, field
from typing import Dict, List, Optional

from bbprobe.protocol.backbone import WeightsReport
from bbprobe.protocol.messages import Stride


@dataclass(frozen=True)
class Strides:
    """The strides the head is made for against those its inputs have."""

    expected: List[Stride]
    found: List[Stride]


@dataclass(frozen=True)
class Check:
    """What building a config and training it for one step showed."""

    config: str
    ok: bool
    error: str
    stage: str
    """Where it failed: "load", "build", "optimizer", "train", "test", "strides", "pipeline", "hooks", "weights"; empty
    when ok."""
    loss: Optional[float]
    losses: Dict[str, float]
    seconds: float
    device: str
    peak_memory: Optional[int]
    unused_parameters: List[str]
    strides: Strides
    backbone_strides: List[Stride]
    inputs: List[List[int]]
    """The sizes of the synthetic images."""
    traceback: str = ""
    base_error: str = ""
    """How the config's own base fails here, untouched, where it does; `ok` then speaks of the swap alone."""
    proved: str = "step"
    """How far it is proved: "step", a whole training step and a test; "strides", backbone, neck and strides."""
    late_frozen: List[str] = field(default_factory=list)
    """Parameters that are frozen by `train()` alone, after DistributedDataParallel has counted on their gradient."""
    idle_keys: List[str] = field(default_factory=list)
    """Names in the optimizer's `custom_keys` that no parameter's name has."""
    backbone_keys: Dict[str, int] = field(default_factory=dict)
    """Names in `custom_keys` that set the backbone's parameters alone, and how many tensors of it each sets."""
    weights: Optional[WeightsReport] = None
    """What the checkpoint does that the config has its backbone start from; None where it names none."""
