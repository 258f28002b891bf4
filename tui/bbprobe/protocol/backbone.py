"""Facts of backbones: what a catalog offers, and what one gave when it was asked."""

from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional

from bbprobe.protocol.messages import Stride


@dataclass(frozen=True)
class Weights:
    """A pretrained checkpoint for one backbone entry."""

    name: str
    checkpoint: str
    """URL, alias (`torchvision://resnet50`) or, for timm, the tag."""
    library: str
    """Whose loader reads it: "mmcls", "timm", "mmdet"."""
    prefix: Optional[str] = None
    """What `init_cfg.prefix` must be, where the keys carry one."""
    dataset: str = ""
    licence: str = ""
    mean: Optional[List[float]] = None
    std: Optional[List[float]] = None
    to_rgb: Optional[bool] = None
    input: Optional[List[int]] = None


@dataclass(frozen=True)
class WeightsReport:
    """What the checkpoint that a backbone starts from does to it on this machine, found by loading it.

    `loaded` of `total` tensors, parameters and running statistics, come out of the file; `missing` names the others.
    """

    checkpoint: str
    """As the config names it: a path, a URL, an alias, or a timm model with its tag."""
    config: Dict[str, Any]
    """The keyword arguments that have it loaded, as the names in the file want them."""
    place: Optional[str]
    """The file on this machine; None where it is not here."""
    loaded: int = 0
    total: int = 0
    missing: List[str] = field(default_factory=list)
    mismatched: List[str] = field(default_factory=list)
    """Tensors that have another shape in the file, with both shapes."""
    error: str = ""
    """Why training would not start from it; empty where it would, and where the file is still to be fetched."""
    remedy: str = ""
    download: str = ""
    """The line that fetches it on a machine with a network; empty where it is here."""
    destination: str = ""
    """Where the fetched file, or folder, must lie on this machine."""
    licence: str = ""
    note: str = ""


@dataclass(frozen=True)
class Entry:
    """One backbone of a catalog. `config` are the keyword arguments that select it, `type` is as a config writes it."""

    name: str
    source: str
    type: str
    config: Dict[str, Any]
    family: str
    """The class that implements it; entries of one family share what they can and cannot do."""
    weights: List[Weights] = field(default_factory=list)
    pyramid: Optional[bool] = None
    """False: known not to give a feature pyramid, with `reason`; None: not asked yet."""
    reason: str = ""


@dataclass(frozen=True)
class Stage:
    """One feature map that a backbone can output."""

    index: int
    channels: int
    stride: Stride
    height: int
    width: int


SHAPES = "shapes"
"""Instead of a device: shapes alone are worked out, on the CPU, without arithmetic or memory for it."""


@dataclass(frozen=True)
class Cure:
    """A keyword argument that a backbone needs to be of use to a detector, and why."""

    key: str
    value: Any
    reason: str


@dataclass(frozen=True)
class Probe:
    """What a backbone gave when it was asked."""

    backbone: str
    type: str
    config: Dict[str, Any]
    """The keyword arguments it was built with, cures included, without the one that selects stages."""
    select: Optional[str]
    """The keyword that selects stages ("out_indices", "out_scales", ...); None where all are always output."""
    stages: List[Stage]
    input: List[int]
    device: str
    """Where it was run; `SHAPES` where it was not: its shapes were worked out alone."""
    layout: str
    """"NCHW" or "NHWC", as the maps leave the backbone."""
    fixed_input: Optional[List[int]]
    """The only input size it accepts, where it accepts only one."""
    params: int
    seconds: float
    pyramid: bool
    """Whether a detector's neck can use it: maps at two or more strides, channels first, at any input size."""
    reason: str
    cures: List[Cure] = field(default_factory=list)
    note: str = ""
    """A word for the user, such as a fall-back to the CPU."""
    takes: List[str] = field(default_factory=list)
    """Which of the keywords "frozen_stages", "norm_eval", "with_cp", "drop_path_rate" its class takes."""
    norms: Dict[str, int] = field(default_factory=dict)
    """How many normalisation layers it has, by class name: {"BatchNorm2d": 53}."""
    frozen: int = 0
    """How many of its parameters it freezes where nobody asks for it."""
    training_norms: Optional[int] = None
    """How many of its batch norm layers normalise with each batch while it trains; None where it was not asked."""
    norm_cfg: Optional[Dict[str, Any]] = None
    """The `norm_cfg` it is built with, its class's own where nothing is said; empty where it has none, None where it
    was not asked."""
    flat: bool = False
    """Whether its maps are sound but all at one stride: of use to a detector that takes one map alone."""
    transformer: bool = False
    """Whether it attends to itself, or normalises more often each position than the batch (ConvNeXt, PoolFormer)."""
    macs: Optional[int] = None
    """Multiply-adds of one forward at `input` with all stages selected: of convolutions, linear and recurrent layers,
    and of products of matrices, attention's included; what works on each element is left out. None: not to be told."""
    class_counts: Optional[List[int]] = None
    """Every `num_classes` in its modules that mmdet's NumClassCheckHook takes for that of a head; None: not known."""

    origin: str = "live"
    """"live": probed in the training environment; "atlas": in one like it, when bbwizard's atlas was made."""

    @property
    def how(self) -> str:
        """How its stages were found, as in "probed at 640x640 on cpu"."""
        if self.origin == "atlas":
            return "beforehand (atlas)"
        return "by shapes alone" if self.device == SHAPES else "on " + self.device
