"""One config put through everything that a check does: built, trained for one step and tested, on synthetic images."""

import copy
import math
import traceback
from typing import Any, Dict, List, Optional

import torch

from bbprobe import (
    class_counts,
    forward,
    isolation,
    kernels,
    loading,
    optimizers,
    printing,
    produced,
    regions,
    synthetic,
    transforms,
)
from bbprobe.protocol import Cancelled, Refused, Stride
from bbprobe.words import in_words, is_out_of_memory

TOO_SMALL = "input image is smaller than kernel"
"""What mmcv's deformable convolution says (`mmcv/ops/csrc/pytorch/deform_conv.cpp`)."""

MOVED = 0.02
"""Standard deviation of what is added to weights: twenty times that of the layers that start smallest in mmdet."""


class NotFinite(Refused):
    """A loss is no number."""


class Findings:
    """What an examination has seen so far."""

    def __init__(self) -> None:
        self.stage = "load"
        self.error = ""
        self.fault = ""
        """What kind of failure it was, and in which part, in a form that two configs can share."""
        self.trace = ""
        self.config: Any = None
        self.loss: Optional[float] = None
        self.losses: Dict[str, float] = {}
        self.unused: List[str] = []
        self.late_frozen: List[str] = []
        self.idle_keys: List[str] = []
        self.backbone_keys: Dict[str, int] = {}
        self.miscounted = ""
        """How the detector's numbers of classes would stop its training; empty where they would not."""
        self.expected: List[Stride] = []
        self.want: Optional[synthetic.Wanted] = None
        self.watch: Optional[produced.Watch] = None
        self.wired: Optional[str] = None
        """What is wrong with the strides, empty where nothing is; None where the detector gave no features."""
        self.backbone_strides: List[Stride] = []
        self.feature_strides: List[Stride] = []
        self.detector: Any = None

    def forget(self) -> None:
        """Keep the numbers and let go of the detector."""
        if self.watch is not None:
            self.backbone_strides = self.watch.strides(self.watch.backbone)
            self.feature_strides = produced.named(self.watch, self.expected)
        self.watch = self.detector = None


def examined(task: Any, path: str, device: str) -> Findings:
    """What the config at `path` does on `device`; whatever goes wrong is in the answer.

    Where a map is too small for a kernel (deformable convolutions at stride 128), the images are doubled. Where a loss
    is no number, the weights are moved: some start out giving boxes that equal the true ones to the last digit, and
    mmdet's CIoU (`mmdet/models/losses/iou_loss.py`) then divides zero by zero, which loaded weights never do.

    Raises:
        Cancelled: the answer is no longer wanted.
    """
    found = attempt(task, path, device)
    if TOO_SMALL in found.error:
        found = again(task, found, path, device, scale=2)
    if found.fault.endswith(NotFinite.__name__):
        found = again(task, found, path, device, moved=MOVED)
    return found


def again(task: Any, before: Findings, path: str, device: str, **otherwise: Any) -> Findings:
    """Another attempt, the one before it forgotten."""
    before.forget()
    forward.release(device)
    return attempt(task, path, device, **otherwise)


def attempt(task: Any, path: str, device: str, scale: int = 1, moved: float = 0.0) -> Findings:
    """As `examined`, on images `scale` times the usual size, with weights `moved` at random by so much.

    The process's random numbers, logging and network are left as they were.

    Raises:
        Cancelled: the answer is no longer wanted.
    """
    found = Findings()
    with isolation.apart(device):
        try:
            examine(task, found, path, device, scale, moved)
        except Cancelled as stop:
            traceback.clear_frames(stop.__traceback__)
            found.forget()
            forward.release(device)
            raise
        except Exception as error:
            found.error = sentence(error, found, device)
            found.fault = fault(error, found)
            found.trace = "" if isinstance(error, Refused) else traceback.format_exc()
            traceback.clear_frames(error.__traceback__)  # they hold the tensors
        if found.error and found.stage in ("train", "test"):
            found.wired = wired(found, device)
    return found


def examine(task: Any, found: Findings, path: str, device: str, scale: int, moved: float) -> None:
    """One stage after the other; raises where it fails, with `found.stage` saying in which."""
    loaded = loading.load(path)
    found.config = loaded._cfg_dict
    printing.prove(loaded, path)
    config = loading.without_weights(copy.deepcopy(found.config))
    if not config.get("model"):
        raise Refused("{}: it has no `model`".format(path))
    for part in ("model", "train_cfg", "test_cfg"):
        regions.fewer(config.get(part))
    task.pause()

    found.stage = "build"
    task.progress("building the detector")
    found.detector = detector = build(config, device, found)
    if moved:
        with torch.no_grad():
            for parameter in detector.parameters():
                parameter.add_(torch.randn_like(parameter) * moved)
    found.watch = watch = produced.Watch(detector)
    found.expected = produced.expected(detector)
    found.want = want = synthetic.wanted(config, detector, scale)
    task.pause()

    found.stage = "optimizer"
    found.idle_keys = optimizers.idle_keys(config, detector)
    found.backbone_keys = optimizers.backbone_keys(config, detector)
    found.miscounted = class_counts.disagreement(config, detector)

    found.stage = "train"
    task.progress("training one step")
    train(detector, synthetic.train_batch(want, device), found)
    task.pause()

    found.stage = "test"
    task.progress("testing on two images")
    detector.eval()  # a statement: mmcls backbones return None from it
    with torch.no_grad():
        for inputs in synthetic.test_inputs(want, device):
            detector(return_loss=False, rescale=True, **inputs)
            task.pause()

    found.stage = "strides"
    found.error = found.wired = produced.disagreement(detector, watch)
    if found.error:
        return
    task.pause()

    found.stage = "pipeline"
    transforms.build(config)


def build(config: Any, device: str, found: Findings) -> Any:
    """The detector in training mode with its real initialisation, on `device`.

    SyncBN and MMSyncBN count as BN: they need a process group, which a single step has not, MMSyncBN to be built even.
    """
    from mmcv.cnn.utils import revert_sync_batchnorm
    from mmdet.models import build_detector

    for _, part in loading.dicts(config.model):
        if part.get("type") == "MMSyncBN":
            part["type"] = "SyncBN"
    detector = build_detector(config.model, train_cfg=config.get("train_cfg"), test_cfg=config.get("test_cfg"))
    detector.init_weights()
    detector = revert_sync_batchnorm(detector).to(device)
    counted = {name for name, parameter in detector.named_parameters() if parameter.requires_grad}
    detector.train()
    found.late_frozen = [
        name for name, parameter in detector.named_parameters() if name in counted and not parameter.requires_grad
    ]
    return detector


def train(detector: Any, batch: Dict[str, Any], found: Findings) -> None:
    """Forward, loss and backward of one batch.

    Raises:
        NotFinite: a loss is not finite.
    """
    outputs = detector.train_step(batch, None)
    values = {name: float(value) for name, value in outputs["log_vars"].items()}
    found.losses = {name: value for name, value in values.items() if name != "loss" and math.isfinite(value)}
    broken = sorted(name for name, value in values.items() if not math.isfinite(value))
    if broken:
        raise NotFinite(
            "after one forward {} not finite".format(" and ".join(broken) + (" are" if broken[1:] else " is"))
        )
    found.loss = float(outputs["loss"])
    outputs["loss"].backward()
    found.unused = [
        name for name, parameter in detector.named_parameters() if parameter.requires_grad and parameter.grad is None
    ]


def wired(found: Findings, device: str) -> Optional[str]:
    """What is wrong with the strides of a detector that failed further on; None where it gave no features at all."""
    detector, watch = found.detector, found.watch
    if watch.features is None:
        try:
            with torch.no_grad(), kernels.standing_in():
                detector.extract_feat(synthetic.train_batch(found.want, device)["img"])
        except Exception:
            return None
    return produced.disagreement(detector, watch)


def fault(error: Exception, found: Findings) -> str:
    """The stage, the part of the detector and the class of an exception; empty for what says nothing of the config.

    Of transforms it is what they say: two configs share a failure where the same ones lack the same.
    """
    if is_out_of_memory(error):
        return ""
    if isinstance(error, transforms.Unbuilt):
        return error.words
    return "{} {} {}".format(found.stage, part_of(error, found.detector) or "-", type(error).__name__)


def sentence(error: Exception, found: Findings, device: str) -> str:
    """What went wrong, and in which part of the detector."""
    text = str(error) if isinstance(error, Refused) else in_words(error)
    if is_out_of_memory(error):
        return "{} has not enough memory for it: {}".format(device, text)
    part = part_of(error, found.detector)
    watch = found.watch
    if part == "neck" and watch is not None and watch.backbone is not None:
        return "in the neck {}, fed {} channels at strides {} (the head is made for {}): {}".format(
            type(found.detector.neck).__name__,
            produced.listed([item.channels for item in watch.backbone]),
            produced.listed(watch.strides(watch.backbone)),
            produced.listed(found.expected) or "any",
            text,
        )
    if part:
        return "in the {} {}: {}".format(part, type(getattr(found.detector, part)).__name__, text)
    return text


def part_of(error: BaseException, detector: Any) -> str:
    """The detector's own child in which `error` was raised; empty where it was in none."""
    if detector is None:
        return ""
    names = {id(module): name for name, module in detector.named_children()}
    inside = [id(frame.f_locals.get("self")) for frame, _ in traceback.walk_tb(error.__traceback__)]
    known = [names[item] for item in inside if item in names]
    return known[-1] if known else ""
