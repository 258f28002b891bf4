"""Facts of base configs: what a detector needs from its backbone."""

from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Union

from bbprobe.protocol.messages import Stride


@dataclass(frozen=True)
class Level:
    """A feature map that a base config takes from its own backbone, in the order the backbone outputs them."""

    stride: Stride
    channels: int
    used: bool
    """False where the neck lists its channels but never reads it (`start_level`)."""


@dataclass(frozen=True)
class Slot:
    """A place in `model` where the backbone's channels stand.

    `form`: "list" (output order), "reversed", or "deepest" (the last map's channels alone).
    `container`: "list", "tuple" or "int", as the base writes it.
    `tail`: numbers of the detector's own that follow the channels in the same list (SSD's extra layers).
    """

    path: List[Union[str, int]]
    form: str
    container: str
    tail: List[int] = field(default_factory=list)


@dataclass(frozen=True)
class Norms:
    """How many batch norm layers a base's own backbone has, as it is built and trained there."""

    layers: int
    training: int
    """Those that normalise with each batch while it trains; the others keep the statistics of the weights."""
    frozen: int
    """Those whose own weights are frozen."""


@dataclass(frozen=True)
class Base:
    """What a base config needs from its backbone."""

    name: str
    path: str
    detector: str
    neck: str
    backbone: str
    levels: List[Level]
    slots: List[Slot]
    rule: str
    """"pyramid": the heads get several levels, `outs`, made of those that are used; "deepest": the last map alone."""
    start_level: int
    end_level: int
    """The last level that the neck reads, as an index; -1 where it goes to the last there is."""
    outs: List[Stride]
    """The strides that reach the heads, shallowest first, when the base's own backbone feeds them."""
    start_level_path: Optional[List[Union[str, int]]]
    """Where `start_level` may be written; None where the neck has none."""
    end_level_path: Optional[List[Union[str, int]]]
    head_strides: List[Stride]
    """The strides the head is made for, shallowest first; empty where it takes none or scales for itself (SOLO)."""
    custom_imports: List[str]
    neutralise: List[List[Union[str, int]]]
    """Paths from the top of the config that load weights for the old backbone: set to None."""
    pretrained: bool
    """Whether the base itself starts from pretrained weights."""
    lost: Dict[str, Any]
    """Keys of the base's backbone that the new one will not have and that changed how it trains (dcn, plugins, ...)."""
    input: List[int]
    supported: bool
    reason: str
    resolved: str = ""
    """The whole config, its bases merged in, as a Python literal; what is no literal stands as "<opaque ...>"."""
    teacher: str = ""
    """The key of `model` that describes a detector which this one learns from; it keeps its own backbone."""
    misplaced: Dict[str, str] = field(default_factory=dict)
    """Top-level keys of `model` that name a config file by a path which is not there from here, to where it lies."""
    exact: bool = False
    """Whether the neck joins maps only where each is exactly twice as large as the next."""
    norms: Optional[Norms] = None
    """What its own backbone does with batch norm; None where it was not asked."""


@dataclass(frozen=True)
class BaseName:
    """A base config by the name users give it ("retinanet/retinanet_r50_fpn_1x_coco.py") and where it lies."""

    name: str
    path: str
    origin: str
    """"mmdet", "checkout" or "file"."""
