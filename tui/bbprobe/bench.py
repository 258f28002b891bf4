"""A backbone on a device, run and watched: seconds by the device's own clock, memory by torch's allocator."""

import contextlib
import platform
import time
from typing import Any, Callable, ContextManager, Optional, Sequence

import torch
from torch import nn

from bbprobe import device as devices
from bbprobe import forward, sampling
from bbprobe.busy import Use, others

FP32, MIXED = "fp32", "mixed"

PATIENCE = {FP32: 20.0, MIXED: 5.0}
"""Seconds that a first forward may take before the rest is left out; CPUs that emulate bfloat16 would take minutes."""
SLOW = 0.25
"""Seconds of a forward that is worth stopping half-way; in a shorter one, looking before each layer would show."""


class Bench:
    """A backbone with random weights on a device, shown images of `size` (height, width) in one precision."""

    def __init__(self, device: str, size: Sequence[int], pause: Callable[[], None]) -> None:
        self.device = device
        self.on_gpu = device.startswith("cuda")
        self.size = tuple(size)
        self.pause = pause
        self.precision = FP32
        self.model = None  # type: Optional[nn.Module]
        self.floor = int(torch.cuda.memory_allocated(device)) if self.on_gpu else 0

    # What lies on the device

    def take(self, model: nn.Module) -> None:
        """Put a backbone on the device, and random numbers in it."""
        self.model = model
        model.to(self.device)
        fill(model)
        model.eval()  # a statement: many backbones of mmcls 0.x return None here

    def clear(self) -> None:
        """Let go of all but the backbone itself."""
        for parameter in self.model.parameters() if self.model is not None else ():
            parameter.grad = None
        forward.release(self.device)

    def forget(self) -> None:
        """Let go of the backbone, too."""
        self.model = None
        forward.release(self.device)

    def images(self, count: int) -> torch.Tensor:
        """Room for so many images; whoever shows them fills them."""
        return torch.empty((count, 3) + self.size, device=self.device)

    def available(self) -> int:
        """Bytes of the GPU that this process holds or may still have; 0 on a CPU."""
        if not self.on_gpu:
            return 0
        return devices.free_memory(torch.device(self.device).index) + int(torch.cuda.memory_reserved(self.device))

    # What it takes

    def first(self, images: torch.Tensor) -> float:
        """The seconds of a first forward, given up half-way after `PATIENCE`.

        Raises:
            TooSlow: it was given up.
        """
        images.normal_()
        began, patience = time.perf_counter(), PATIENCE[self.precision]

        def pause() -> None:
            self.pause()
            if time.perf_counter() - began > patience:
                raise sampling.TooSlow("takes more than {:.0f} s: left out".format(patience))

        with forward.before_each_layer(pause):
            return self.forward(images)

    def forward(self, images: torch.Tensor) -> float:
        """The seconds of a forward without gradients."""
        with torch.no_grad(), self.autocast():
            return self.seconds(lambda: self.model(images))

    def interruptible(self, expected: float) -> ContextManager[None]:
        """Whether runs that last so many seconds are given up half-way when nobody wants them any more."""
        return forward.before_each_layer(self.pause) if expected > SLOW else contextlib.nullcontext()

    def train(self, images: torch.Tensor) -> None:
        """A forward and a backward of all parameters in training mode."""
        model = self.model
        model.train()
        try:
            with self.autocast():
                outputs = forward.flatten(model(images))
                loss = sum(output.mean(dtype=torch.float32) for output in outputs if output.requires_grad)
            loss.backward()
            torch.cuda.synchronize(self.device)
        finally:
            model.eval()

    def autocast(self) -> ContextManager[Any]:
        """The precision that is measured: mixed is float16 on a GPU, and bfloat16 on a CPU, which has no other.

        Raises:
            NotImplementedError: torch before 1.10 has none on a CPU.
        """
        if self.precision == FP32:
            return contextlib.nullcontext()
        if self.on_gpu:
            return torch.autocast("cuda") if hasattr(torch, "autocast") else torch.cuda.amp.autocast()
        if not hasattr(torch, "autocast"):
            raise NotImplementedError("torch {} has no mixed precision on a CPU".format(torch.__version__))
        return torch.autocast("cpu", dtype=torch.bfloat16)

    def seconds(self, run: Callable[[], Any]) -> float:
        """What `run` took, by the GPU's events or the host's clock."""
        if not self.on_gpu:
            began = time.perf_counter()
            run()
            return time.perf_counter() - began
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        run()
        end.record()
        end.synchronize()
        return float(start.elapsed_time(end)) / 1000.0

    def watch(self) -> None:
        """Count the peak of memory from now on."""
        if self.on_gpu:
            torch.cuda.reset_peak_memory_stats(self.device)

    def peak(self) -> Optional[int]:
        """Bytes at the height since `watch`, the backbone's own included; None on a CPU."""
        return int(torch.cuda.max_memory_allocated(self.device)) - self.floor if self.on_gpu else None


def fill(model: nn.Module) -> None:
    """Random weights of a size that keeps activations ordinary numbers: tiny ones (denormals) slow a CPU down."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if not parameter.is_floating_point():
                continue
            if parameter.dim() > 1:
                parameter.normal_(0, (parameter[0].numel() or 1) ** -0.5)
            else:
                parameter.fill_(0.0 if name.endswith("bias") else 1.0)


def device_name(device: str) -> str:
    """The GPU's name; of a CPU its processor's, with the threads that torch runs."""
    if device.startswith("cuda"):
        return str(torch.cuda.get_device_name(device))
    threads = torch.get_num_threads()
    return "{}, {} thread{}".format(processor(), threads, "s" if threads > 1 else "")


def processor() -> str:
    """The processor's name as the kernel says it."""
    try:
        with open("/proc/cpuinfo") as file:
            named = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
    except OSError:
        named = []
    return named[0] if named else platform.machine()


def use(device: str) -> Use:
    """What others use of a GPU."""
    index = torch.device(device).index
    total = torch.cuda.get_device_properties(index).total_memory
    held = others(total, devices.free_memory(index), int(torch.cuda.memory_reserved(device)))
    return Use(held, devices.smi_number(devices.visible(index), "utilization.gpu"))
