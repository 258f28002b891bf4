"""Whether others are using a GPU. The decision is pure; the numbers come from torch and `nvidia-smi`."""

import time
from typing import Any, Callable, NamedTuple, Optional

from bbprobe.protocol import Busy

GIB = 2.0**30
CONTEXT = 600 * 2**20
"""Bytes of a GPU that a process holds beside torch's own memory: its CUDA context and loaded kernels, generously."""
IDLE_MEMORY = 2**30
"""Bytes that others may hold of a GPU that is free: a desktop, a notebook that someone forgot."""
IDLE_UTILISATION = 25
"""Percent of the time that a free GPU may compute for others."""
SETTLING = 1.0
"""Seconds over which `nvidia-smi` averages: what this process has just computed counts for so long."""

Use = NamedTuple("Use", [("memory", int), ("utilisation", Optional[int])])
"""What others hold of a GPU, in bytes, and the percentage of the last second that it computed; None where unknown."""


def others(total: int, free: int, reserved: int) -> int:
    """Bytes that other processes hold of a GPU, of which torch has `reserved` so many in this one."""
    return max(0, total - free - reserved - CONTEXT)


def is_busy(use: Use) -> bool:
    """Whether a measurement there would disturb others, and be disturbed by them."""
    return use.memory > IDLE_MEMORY or (use.memory > 0 and (use.utilisation or 0) > IDLE_UTILISATION)


def use_in_words(device: str, use: Use) -> str:
    """How much of a GPU others use, in one sentence."""
    share = "an unknown part" if use.utilisation is None else "{} %".format(use.utilisation)
    words = "{} is in use: others hold {:.1f} GiB of it, and it computes {} of the time"
    return words.format(device, use.memory / GIB, share)


def refuse_busy(device: str, look: Callable[[], Use], pause: Callable[[float], Any] = time.sleep) -> None:
    """Look twice, so that what this process itself computed last is over.

    Raises:
        Busy: others are using the device.
    """
    if is_busy(look()):
        pause(SETTLING)
        use = look()
        if is_busy(use):
            raise Busy(use_in_words(device, use))
