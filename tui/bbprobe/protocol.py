"""The messages of the pipe: JSON-RPC 2.0, one object a line, UTF-8. Both halves import this module.

The facts that travel are the dataclasses below. The probing half makes them and sends `dataclasses.asdict`; the
terminal half reads them back, checked, with `bbwizard.probe`. Shapes are `(height, width)` in pixels, strides are
input pixels per map pixel, memory is bytes, time is seconds.
"""

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Union

VERSION = 1

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
REFUSED = -32000
"""The request was understood and cannot be met; the message says why in one sentence."""
CANCELLED = -32001
"""The asker no longer wants the answer."""
OUT_OF_MEMORY = -32002
"""The device, or the host, has not enough memory for it."""

CANCEL = "$/cancel"
"""Notification to the probing half: `{"id": request}` is no longer wanted."""
PROGRESS = "$/progress"
"""Notification from the probing half: `{"id": request, "text": ..., "done": n, "total": m}`."""

Stride = Union[int, float]


class Refused(Exception):
    """The request was understood and cannot be met; the message says why in one sentence."""


class Cancelled(Exception):
    """The asker no longer wants the answer."""


def dump(message: Dict[str, Any]) -> bytes:
    """One message as one line."""
    return json.dumps(message, ensure_ascii=False, allow_nan=False, default=plain).encode("utf-8", "replace") + b"\n"


def plain(value: Any) -> Any:
    """A fact as plain JSON data, for `json.dumps(default=...)`.

    Raises:
        TypeError: the value is no fact.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
    raise TypeError("{} is not a fact".format(type(value).__name__))


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
    transformer: bool = False
    """Whether it attends to itself, or normalises more often each position than the batch (ConvNeXt, PoolFormer)."""


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
    """

    path: List[Union[str, int]]
    form: str
    container: str


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
    """"pyramid": the neck hands on the strides it reads, doubled up to `num_outs`; "deepest": it takes the last map."""
    start_level: int
    end_level: int
    """The last level that the neck reads, as an index; -1 where it goes to the last there is."""
    num_outs: int
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


@dataclass(frozen=True)
class BaseName:
    """A base config by the name users give it ("retinanet/retinanet_r50_fpn_1x_coco.py") and where it lies."""

    name: str
    path: str
    origin: str
    """"mmdet", "checkout" or "file"."""


@dataclass(frozen=True)
class Strides:
    """The strides the head is made for against those its inputs have."""

    expected: List[Stride]
    found: List[Stride]


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
class Check:
    """What building a config and training it for one step showed."""

    config: str
    ok: bool
    error: str
    stage: str
    """Where it failed: "load", "build", "train", "test", "strides"; empty when ok."""
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
