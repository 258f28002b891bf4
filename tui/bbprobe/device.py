"""Where probes and checks run: the CUDA device with most free memory unless told otherwise, else the CPU."""

import os
import subprocess
from typing import List, Optional, Tuple

import torch

from bbprobe.protocol import Gpu, Refused


def choose(device: str = "auto") -> Tuple[str, str]:
    """The device to run on, and a word why.

    `device` is "auto", "cpu", "cuda" (the one with most free memory) or "cuda:N".

    Raises:
        Refused: the device asked for is not there.
    """
    if device == "cpu":
        return "cpu", "asked for"
    if device not in ("auto", "cuda") and not (device.startswith("cuda:") and device[5:].isdigit()):
        raise Refused("no device {!r}: it is auto, cpu, cuda or cuda:N".format(device))
    if not torch.cuda.is_available():
        reason = "this torch is built without CUDA" if torch.version.cuda is None else "torch sees no CUDA device"
        if device == "auto":
            return "cpu", reason
        raise Refused("no {}: {}".format(device, reason))
    count = torch.cuda.device_count()
    if device.startswith("cuda:"):
        if int(device[5:]) >= count:
            raise Refused("no {}: the last that torch sees is cuda:{}".format(device, count - 1))
        return device, "asked for"
    if count == 1:
        return "cuda:0", "the only CUDA device"
    best = max(gpus(), key=lambda gpu: gpu.free)
    return "cuda:{}".format(best.index), "most free memory of {} CUDA devices".format(count)


def gpus() -> List[Gpu]:
    """The CUDA devices as torch numbers them; empty without CUDA.

    Where torch cannot tell how much memory is free (before 1.11) `nvidia-smi` is asked, and where that is missing
    too, what this process itself has not reserved counts as free.
    """
    if not torch.cuda.is_available():
        return []
    listed = []
    for index in range(torch.cuda.device_count()):
        properties = torch.cuda.get_device_properties(index)
        listed.append(Gpu(index, properties.name, free_memory(index), properties.total_memory))
    return listed


def free_memory(index: int) -> int:
    """Bytes free on CUDA device `index`."""
    if hasattr(torch.cuda, "mem_get_info"):
        return int(torch.cuda.mem_get_info(index)[0])
    asked = smi_free(visible(index))
    if asked is not None:
        return asked
    return int(torch.cuda.get_device_properties(index).total_memory - torch.cuda.memory_reserved(index))


def visible(index: int) -> str:
    """How `nvidia-smi` names torch's device `index`.

    The two count differently: CUDA puts the fastest first, and CUDA_VISIBLE_DEVICES hides and reorders devices for
    torch alone. Where torch does not tell a device's UUID all of a machine's are taken for equally fast.
    """
    names = [name.strip() for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name.strip()]
    name = names[index] if index < len(names) else str(index)
    uuid = getattr(torch.cuda.get_device_properties(index), "uuid", None) if name.isdigit() else None
    return name if uuid is None else "GPU-{}".format(uuid)


def smi_free(name: str) -> Optional[int]:
    """Bytes free on the device that `nvidia-smi` calls `name`; None where it cannot say."""
    free = smi_number(name, "memory.free")
    return None if free is None else free * 1024 * 1024


def smi_number(name: str, field: str) -> Optional[int]:
    """What `nvidia-smi` says of one field of the device that it calls `name`; None where it cannot say."""
    command = ["nvidia-smi", "--id=" + name, "--query-gpu=" + field, "--format=csv,noheader,nounits"]
    try:
        printed = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=10).stdout
        return int(printed.split()[0])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None
