"""Building a config's detector, training it for one step and testing it, on synthetic images."""

import math
import time
import traceback
from typing import Any, Dict, List, Optional

import torch

from bbprobe import device as devices
from bbprobe import forward, isolation, loading, produced, synthetic
from bbprobe.protocol import Cancelled, Check, Refused, Stride, Strides
from bbprobe.server import is_out_of_memory
from bbprobe.words import in_words


class Findings:
    """What a check has seen so far."""

    def __init__(self) -> None:
        self.stage = "load"
        self.error = ""
        self.trace = ""
        self.loss: Optional[float] = None
        self.losses: Dict[str, float] = {}
        self.unused: List[str] = []
        self.expected: List[Stride] = []
        self.inputs: List[List[int]] = []
        self.watch: Optional[produced.Watch] = None
        self.backbone_strides: List[Stride] = []
        self.feature_strides: List[Stride] = []
        self.detector: Any = None

    def forget(self) -> None:
        """Keep the numbers and let go of the detector."""
        if self.watch is not None:
            self.backbone_strides = self.watch.strides(self.watch.backbone)
            self.feature_strides = self.watch.strides(self.watch.features)
        self.watch = self.detector = None


def check(task: Any, path: str, device: str = "auto") -> Check:
    """Load the config at `path`, build its detector without weights, train one step and test on two images.

    Whatever goes wrong is in the answer; the process's random numbers, logging and network are left as they were.
    SyncBN counts as BN: it needs a process group that a single step has not.

    Raises:
        Refused: there is no such device.
        Cancelled: the answer is no longer wanted.
    """
    chosen, _ = devices.choose(device)
    found = Findings()
    memory, started = isolation.Memory(chosen), time.perf_counter()
    with isolation.apart(chosen):
        try:
            examine(task, found, loading.absolute(path), chosen)
        except Cancelled as stop:
            traceback.clear_frames(stop.__traceback__)
            found.forget()
            forward.release(chosen)
            raise
        except Exception as error:
            found.error = sentence(error, found, chosen)
            found.trace = "" if isinstance(error, Refused) else traceback.format_exc()
            traceback.clear_frames(error.__traceback__)  # they hold the tensors
    peak = memory.peak()
    found.forget()
    forward.release(chosen)
    return Check(
        config=path,
        ok=not found.error,
        error=found.error,
        stage=found.stage if found.error else "",
        loss=found.loss,
        losses=found.losses,
        seconds=round(time.perf_counter() - started, 3),
        device=chosen,
        peak_memory=peak,
        unused_parameters=found.unused,
        strides=Strides(found.expected, found.feature_strides),
        backbone_strides=found.backbone_strides,
        inputs=found.inputs,
        traceback=found.trace,
    )


def examine(task: Any, found: Findings, path: str, device: str) -> None:
    """One stage after the other; raises where it fails, with `found.stage` saying in which."""
    config = loading.without_weights(loading.load(path)._cfg_dict)
    if not config.get("model"):
        raise Refused("{}: it has no `model`".format(path))
    task.pause()

    found.stage = "build"
    task.progress("building the detector")
    found.detector = detector = build(config, device)
    found.watch = watch = produced.Watch(detector)
    found.expected = produced.expected(detector)
    want = synthetic.wanted(config, detector)
    found.inputs = [list(size) for size in want.sizes]
    task.pause()

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
    found.error = produced.disagreement(detector, watch)


def build(config: Any, device: str) -> Any:
    """The detector in training mode with its real initialisation, on `device`."""
    from mmcv.cnn.utils import revert_sync_batchnorm
    from mmdet.models import build_detector

    detector = build_detector(config.model, train_cfg=config.get("train_cfg"), test_cfg=config.get("test_cfg"))
    detector.init_weights()
    detector = revert_sync_batchnorm(detector).to(device)
    detector.train()
    return detector


def train(detector: Any, batch: Dict[str, Any], found: Findings) -> None:
    """Forward, loss and backward of one batch.

    Raises:
        Refused: a loss is not finite.
    """
    outputs = detector.train_step(batch, None)
    values = {name: float(value) for name, value in outputs["log_vars"].items()}
    found.losses = {name: value for name, value in values.items() if name != "loss" and math.isfinite(value)}
    broken = sorted(name for name, value in values.items() if not math.isfinite(value))
    if broken:
        raise Refused(
            "after one forward {} not finite".format(" and ".join(broken) + (" are" if broken[1:] else " is"))
        )
    found.loss = float(outputs["loss"])
    outputs["loss"].backward()
    found.unused = [
        name for name, parameter in detector.named_parameters() if parameter.requires_grad and parameter.grad is None
    ]


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
