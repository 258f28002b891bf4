"""Checking a config: examined, and where it fails, whether that is the swap's doing or its base fails here alike."""

import os
import tempfile
import time
from contextlib import contextmanager
from typing import Any, Iterator, Optional, Tuple

from bbprobe import device as devices
from bbprobe import forward, isolation, loading, transforms
from bbprobe.examining import Findings, examined
from bbprobe.protocol import Check, Refused, Strides
from bbprobe.weights_report import lost_checkpoint, of_config


def check(task: Any, path: str, device: str = "auto", text: Optional[str] = None) -> Check:
    """Load the config at `path`, build its detector without weights, train one step and test on two images.

    The transforms of its data pipelines are built too, and its numbers of classes compared as mmdet's hook does.

    `text` is what the file holds where the asker has it: another host, which shares no disk, does not see it.

    Where that fails, the config it inherits from is put through the same; where that fails alike, the answer is about
    the swap: whether backbone, neck and strides are as the heads want them.

    Raises:
        Refused: there is no such device.
        Cancelled: the answer is no longer wanted.
    """
    chosen, _ = devices.choose(device)
    with seen(loading.absolute(path), text) as file:
        return checked(task, path, file, chosen)


@contextmanager
def seen(file: str, text: Optional[str]) -> Iterator[str]:
    """The file, or where it is not on this host one of that name with its text."""
    if text is None or os.path.exists(file):
        yield file
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = os.path.join(folder, os.path.basename(file))
        with open(copy, "w", encoding="utf-8") as written:
            written.write(text)
        yield copy


def checked(task: Any, path: str, file: str, chosen: str) -> Check:
    """What a check of `file` shows, told as that of the asker's `path`."""
    memory, started = isolation.Memory(chosen), time.perf_counter()
    found = examined(task, file, chosen)
    peak = memory.peak()
    found.forget()
    forward.release(chosen)
    with isolation.apart(chosen):
        weights = of_config(task, found.config) if found.config is not None else None
        lost = lost_checkpoint(found.config) if found.config is not None else ""
    base_error = how_base_fails(task, found, file, chosen)
    sound = bool(base_error) and found.wired == ""
    stage, error = (found.stage, found.error) if found.error and not sound else ("", "")
    if not error and found.miscounted:
        error, alike = miscounted(task, found, file, chosen)
        stage, base_error = "hooks" if error else "", base_error or alike
    if not error and weights is not None and weights.error:
        stage, error = "weights", "{}; {}".format(weights.error, weights.remedy)
    elif not error and lost:
        stage, error = "weights", lost
    return Check(
        config=path,
        ok=not error,
        error=error,
        stage=stage,
        loss=found.loss,
        losses=found.losses,
        seconds=round(time.perf_counter() - started, 3),
        device=chosen,
        peak_memory=peak,
        unused_parameters=found.unused,
        strides=Strides(found.expected, found.feature_strides),
        backbone_strides=found.backbone_strides,
        inputs=[list(size) for size in found.want.sizes] if found.want is not None else [],
        traceback=found.trace,
        base_error=base_error,
        proved="strides" if sound and found.stage != "pipeline" else "step",
        late_frozen=found.late_frozen,
        idle_keys=found.idle_keys,
        backbone_keys=found.backbone_keys,
        weights=weights,
    )


def how_base_fails(task: Any, found: Findings, file: str, device: str) -> str:
    """The sentence of the base's failure where it fails as the config at `file` did; empty where it does not."""
    if not found.fault or found.stage not in ("build", "train", "test", "pipeline"):
        return ""
    path = base_of(file)
    if not path:
        return ""
    if found.stage == "pipeline":
        return how_transforms_fail(path, found.fault)
    base = untouched(task, path, device)
    return base.error if base.fault == found.fault else ""


def miscounted(task: Any, found: Findings, file: str, device: str) -> Tuple[str, str]:
    """How numbers of classes would stop the training of the config at `file`, and that of its base where it is alike:
    the first is then empty."""
    path = base_of(file)
    alike = path and untouched(task, path, device).miscounted == found.miscounted
    return ("", found.miscounted) if alike else (found.miscounted, "")


def base_of(file: str) -> str:
    """The config with a `model` that the one at `file` inherits from; empty where there is not one alone."""
    try:
        bases = loading.bases_with_model(file)
    except Refused:
        return ""
    return bases[0] if len(bases) == 1 else ""


def untouched(task: Any, path: str, device: str) -> Findings:
    """What the base at `path` does."""
    task.progress("examining the base as it is")
    base = examined(task, path, device)
    base.forget()
    forward.release(device)
    return base


def how_transforms_fail(base: str, fault: str) -> str:
    """The sentence of the failure of the transforms of `base` where they fail with the words `fault`; else empty."""
    try:
        transforms.build(loading.load(base))
    except transforms.Unbuilt as unbuilt:
        return str(unbuilt) if unbuilt.words == fault else ""
    except Refused:
        pass
    return ""
