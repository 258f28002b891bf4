"""Keeping a check to itself: random numbers, logging and the network are left as found."""

import contextlib
import ctypes
import gc
import logging
import random
import socket
import warnings
from typing import Any, Iterator, Optional

import numpy as np
import torch

SEED = 0


@contextlib.contextmanager
def apart(device: str) -> Iterator[None]:
    """Seeded random numbers, no chatter below warnings, no network; all of it as before afterwards."""
    with torch.cuda.device(device if device.startswith("cuda") else -1), seeded(device), quiet(), offline():
        yield


@contextlib.contextmanager
def seeded(device: str) -> Iterator[None]:
    """The same random numbers every time; the generators of Python, numpy and torch go on where they were."""
    python, numbers, host = random.getstate(), np.random.get_state(), torch.get_rng_state()
    cuda = torch.cuda.get_rng_state(device) if device.startswith("cuda") else None
    try:
        random.seed(SEED)
        np.random.seed(SEED)
        torch.manual_seed(SEED)
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numbers)
        torch.set_rng_state(host)
        if cuda is not None:
            torch.cuda.set_rng_state(cuda, device)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """mmcv logs a line for every parameter that it initialises."""
    before = logging.root.manager.disable
    logging.disable(max(before, logging.INFO))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


@contextlib.contextmanager
def offline() -> Iterator[None]:
    """No host name resolves: what would download raises instead."""

    def refuse(host: Any, *args: Any, **kwargs: Any) -> Any:
        raise OSError("a check downloads nothing, and something asked for {}".format(host))

    before = socket.getaddrinfo
    socket.getaddrinfo = refuse
    try:
        yield
    finally:
        socket.getaddrinfo = before


class Memory:
    """The peak of memory from now on.

    On a GPU, what torch's allocator held at most, the CUDA context not counted. On the CPU, how far the process's
    resident memory rose above where it stood, which Linux can tell; None elsewhere.
    """

    def __init__(self, device: str) -> None:
        self.device = device
        self.before: Optional[int] = None
        if device.startswith("cuda"):
            torch.cuda.init()
            torch.cuda.reset_peak_memory_stats(device)
            return
        give_back_freed()
        try:
            with open("/proc/self/clear_refs", "w") as file:
                file.write("5")  # the high-water mark falls back to what is resident now
            self.before = resident("VmRSS")
        except OSError:
            pass

    def peak(self) -> Optional[int]:
        """Bytes."""
        if self.device.startswith("cuda"):
            return int(torch.cuda.max_memory_allocated(self.device))
        highest = resident("VmHWM") if self.before is not None else None
        return None if highest is None or self.before is None else max(highest - self.before, 0)


def give_back_freed() -> None:
    """Memory that the allocator keeps after earlier work would hide what this work takes; glibc can give it back."""
    gc.collect()
    with contextlib.suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def resident(field: str) -> Optional[int]:
    """Bytes of one line of /proc/self/status; None where there is no such line."""
    try:
        with open("/proc/self/status") as file:
            for line in file:
                if line.startswith(field + ":"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return None
