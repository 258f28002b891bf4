"""The device's word on a backbone: how fast it is there and how much memory it takes, in both precisions."""

import traceback
from dataclasses import replace
from functools import partial
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence

from torch import nn

from bbprobe import building, isolation
from bbprobe import device as devices
from bbprobe.bench import FP32, MIXED, Bench, device_name, use
from bbprobe.busy import refuse_busy
from bbprobe.candidate import refused
from bbprobe.protocol import Measurement, Timing
from bbprobe.sampling import TooSlow, at_batch, refuse_slow, sampled, spread, unfit
from bbprobe.words import is_out_of_memory

SECONDS = 1.0
"""Spent on each number."""
MOST = 100
"""Forwards for each number."""
WARM = 3
"""Forwards on a GPU before any is counted, beside the first: kernels are chosen and loaded, clocks rise."""
BATCH_LIMIT = 5.0
"""Seconds that a forward of a batch may take on a CPU."""


def measure(
    task: Any,
    name: str,
    type: str,
    config: Dict[str, Any],
    select: Optional[str],
    stages: Sequence[int],
    input: Sequence[int],
    device: str,
    batch: int,
    busy: bool = False,
) -> Measurement:
    """Latency, throughput and memory of a backbone that outputs `stages` through its keyword `select`.

    Images are `input` (height, width), `batch` of them at a time where it is not latency that is asked. What is known
    already is told on the way. What does not fit, or does not run, is an answer.

    Raises:
        Busy: others are using the GPU, and `busy` does not allow to join them.
        Refused: there is no such device, or it cannot be built; with the library's reason.
        Cancelled: the answer is no longer wanted.
    """
    chosen, _ = devices.choose(device)
    if chosen != "cpu" and not busy:
        task.progress("looking whether {} is free".format(chosen))
        refuse_busy(chosen, lambda: use(chosen))
    selecting = {select: tuple(stages)} if select is not None else {}
    about = Measurement(name, chosen, device_name(chosen), list(input), batch, stages=list(stages if select else ()))
    return measured(task, lambda: built(type, dict(config, **selecting)), about)


def built(kind: str, config: Dict[str, Any]) -> nn.Module:
    """The backbone with these arguments.

    Raises:
        Refused: it cannot be built; with the library's reason.
    """
    try:
        return building.build(kind, config)
    except Exception as error:
        raise refused(error) from error


def measured(task: Any, model: Callable[[], nn.Module], about: Measurement) -> Measurement:
    """`about`, with what the backbone that `model` makes does on the device named there.

    Raises:
        Cancelled: the answer is no longer wanted.
    """
    with isolation.apart(about.device):
        bench = Bench(about.device, about.input, task.pause)
        try:
            task.progress("building the backbone")
            task.pause()
            note = tried(bench, "the backbone itself", 0, lambda: bench.take(model())).get("note", "")
            for precision in (FP32, MIXED):
                bench.precision = precision
                for timing in timings(task, bench, about.batch, note):
                    kept = [other for other in about.timings if other.precision != precision]
                    about = replace(about, timings=kept + [timing])
                    task.partial(about)
        finally:
            bench.forget()
    return about


def timings(task: Any, bench: Bench, batch: int, note: str) -> Iterator[Timing]:
    """What is known of one precision, after each number; the first `note` ends it: what comes later needs more."""
    timing = Timing(bench.precision, None, None, None, None, None, None, note)
    if note:
        yield timing
        return
    steps = [("a forward", 1, latency), ("a forward", batch, throughput)]
    if bench.on_gpu:
        steps.append(("a training step", batch, training))
    for what, count, step in steps:
        task.progress("measuring {}, batch {}, {}".format(what, count, bench.precision))
        timing = replace(timing, **tried(bench, what, count, partial(step, bench, count, timing)))
        yield timing
        if timing.note:
            return


def tried(bench: Bench, what: str, count: int, step: Callable[[], Optional[Dict[str, Any]]]) -> Dict[str, Any]:
    """The fields of a `Timing` that a step gives, or its note: why it gives none. The device is left free for the next.

    Raises:
        Exception: Cancelled, a refusal to be built, and what says that the device itself failed.
    """
    try:
        return step() or {}
    except TooSlow as slow:
        return {"note": "{}{} {}".format(what, at_batch(count), slow)}
    except Exception as error:
        traceback.clear_frames(error.__traceback__)  # they hold the tensors
        words = refused(error)
        if words is not error:
            return {"note": "{}{} does not run: {}".format(what, at_batch(count), words)}
        if not is_out_of_memory(error):
            raise
    finally:
        bench.clear()
    return {"note": unfit(what, count, bench.available())}


def latency(bench: Bench, count: int, known: Timing) -> Dict[str, Any]:
    """How long single images take."""
    median, low, high = spread(forwards(bench, bench.images(count)))
    return {"latency": median, "low": low, "high": high}


def throughput(bench: Bench, count: int, known: Timing) -> Dict[str, Any]:
    """How many images go through in a second, and the memory at the height of it."""
    bench.watch()
    images = bench.images(count)
    if not bench.on_gpu:
        refuse_slow(count, known.latency or 0.0, BATCH_LIMIT)
    median, _, _ = spread(forwards(bench, images))
    return {"throughput": count / median, "forward_peak": bench.peak()}


def training(bench: Bench, count: int, known: Timing) -> Dict[str, Any]:
    """The memory at the height of a training step."""
    bench.pause()
    bench.watch()
    bench.train(bench.images(count).normal_())
    return {"train_peak": bench.peak()}


def forwards(bench: Bench, images: Any) -> List[float]:
    """The seconds of forwards of these images, warm."""
    expected = bench.first(images)
    with bench.interruptible(expected):
        if bench.on_gpu:
            sampled(lambda: bench.forward(images), bench.pause, SECONDS, WARM)
        return sampled(lambda: bench.forward(images), bench.pause, SECONDS, MOST)
