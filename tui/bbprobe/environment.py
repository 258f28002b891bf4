"""What a training environment holds, what is wrong with it, and the command that mends it."""

import importlib
import os
import platform
import subprocess
import sys
from typing import TYPE_CHECKING, Dict, List, Optional, Sequence, Set, Tuple

from bbprobe.installed import (
    MODULES,
    beside,
    gone_uses,
    mmdet_files,
    module_folder,
    own_sources,
    version_of,
    windows_of,
)
from bbprobe.mending import NEW_ENVIRONMENT, Mends
from bbprobe.protocol import Environment, Fault, Gpu, Refused, Window

if TYPE_CHECKING:
    from bbprobe.server import Task

BESIDES = ("mmcv", "yapf", "openmim", "setuptools", "scipy", "matplotlib", "pandas")
"""Distributions whose version alone is told."""
LAST = ("mmcls", "mmdet")
"""What stands on all others, compiled ops included."""
PARTS = {"mmcls": ("mmcls.models",), "mmdet": ("mmdet.apis",)}
"""What of a library to import beside its top: mmdet.apis brings all that training needs."""
OPTIONAL = {"timm": "the timm catalog is empty", "mmcls": "the mmcls and timm catalogs are empty"}
"""What can be done without, and what it costs."""


def environment(task: "Task", device: str = "auto") -> Environment:
    """Everything that `doctor` tells: versions, GPUs, compiled ops, version windows, faults.

    Raises:
        Refused: the device asked for is not there.
    """
    versions = {name: version_of(name) for name in list(MODULES) + list(BESIDES)}
    windows = [window for library in ("mmdet", "mmcls") for window in windows_of(library, versions)]
    mends = Mends(sys.executable, sys.version_info[:2], versions)
    faults = version_faults(versions, windows, mends)
    broken = set()  # type: Set[str]
    import_each(task, [name for name in MODULES if name not in LAST], broken, mends, faults)

    cuda = None  # type: Optional[str]
    gpus = []  # type: List[Gpu]
    chosen, reason = "cpu", "torch cannot be imported"
    ops_error = "torch or mmcv cannot be imported"
    if "torch" not in broken:
        cuda, gpus, chosen, reason = devices(device, mends, faults)
        if "mmcv-full" not in broken:
            task.pause()
            task.progress("running a compiled op", len(MODULES) - len(LAST), len(MODULES) + 1)
            ops_error = ops_faults(cuda, chosen, mends, faults)
            faults.extend(library_faults(versions, mends))
    # They would only say again what is known already.
    broken.update(window.library for window in windows if window.holds is False)
    if ops_error:
        broken.add("mmdet")
    import_each(task, LAST, broken, mends, faults)

    packaged = mmdet_files()
    return Environment(
        python=platform.python_version(),
        executable=sys.executable,
        versions=versions,
        cuda=cuda,
        gpus=gpus,
        device=chosen,
        device_reason=reason,
        ops=not ops_error,
        ops_error=ops_error,
        configs=packaged.get("configs"),
        train_script=packaged.get("train"),
        mim=beside("mim"),
        torchrun=beside("torchrun"),
        faults=faults,
        windows=windows,
        own_sources=own_sources(),
    )


def version_faults(versions: Dict[str, Optional[str]], windows: List[Window], mends: Mends) -> List[Fault]:
    """What is wrong already by what is installed, before anything is imported."""
    faults = []
    bounds = [(window.minimum, window.maximum) for window in windows]
    if versions["mmcv-full"] and versions["mmcv"]:
        text = "mmcv {mmcv} and mmcv-full {mmcv-full} are both installed and overwrite each other".format(**versions)
        faults.append(Fault("mmcv-twice", text, mends.mmcv_in(bounds)))
    outside = [window for window in windows if window.holds is False]
    if outside:
        said = " and ".join(
            "{} {} works with mmcv {} to {}".format(
                window.library, versions[window.library], window.minimum, window.maximum
            )
            for window in outside
        )
        text = "{}; mmcv {} is installed".format(said, outside[0].installed)
        faults.append(Fault("mmcv-window", text, mends.mmcv_in(bounds)))
    if versions["mmdet"] and not versions["mmdet"].startswith("2."):
        text = "mmdet {} is installed; bbwizard works with MMDetection 2.x".format(versions["mmdet"])
        faults.append(Fault("mmdet-version", text, NEW_ENVIRONMENT))
    return faults


def import_each(
    task: "Task",
    names: Sequence[str],
    broken: Set[str],
    mends: Mends,
    faults: List[Fault],
) -> None:
    """Import each library by itself; those that are missing or break become faults, and are added to `broken`.

    What is broken already, or needs what is broken, is not tried.
    """
    for name in names:
        module, blocks = MODULES[name], name not in OPTIONAL
        task.pause()
        task.progress("importing " + module, list(MODULES).index(name) + (name in LAST), len(MODULES) + 1)
        if module_folder(module) is None:
            broken.add(name)
            text = "{} is missing".format(name) + ("" if blocks else ": " + OPTIONAL[name])
            faults.append(Fault(name + "-missing", text, mends.install(name), blocks))
        if name in broken or name != "numpy" and {"torch", "mmcv-full"} & broken:
            continue
        try:
            for part in (module,) + PARTS.get(name, ()):
                importlib.import_module(part)
        except (Exception, SystemExit) as error:
            broken.add(name)
            text = "import {} fails: {}: {}".format(part, type(error).__name__, error)
            faults.append(Fault(name + "-import", text, mends.imports(name, error), blocks))


def devices(device: str, mends: Mends, faults: List[Fault]) -> Tuple[Optional[str], List[Gpu], str, str]:
    """torch's CUDA version, its GPUs, the device for probes and why; faults where GPUs are there but of no use."""
    import torch

    from bbprobe.device import choose, gpus

    cuda = torch.version.cuda
    if not torch.cuda.is_available():
        seen = 0 if os.environ.get("CUDA_VISIBLE_DEVICES", "0") in ("", "-1") else smi_count()
        if seen and cuda is None:
            version = torch.__version__.split("+")[0]
            vision = (mends.versions.get("torchvision") or "").split("+")[0]
            wanted = ["torch==" + version] + (["torchvision==" + vision] if vision else [])
            text = "nvidia-smi sees {} GPU{}, but this torch is built without CUDA".format(seen, "s" * (seen > 1))
            faults.append(Fault("torch-cuda", text, mends.pip(wanted, "--force-reinstall"), blocks=False))
        elif seen:
            text = "nvidia-smi sees {} GPU{}, but torch does not: {}".format(seen, "s" * (seen > 1), cuda_error())
            faults.append(
                Fault("cuda-driver", text, "nvidia-smi  # its driver must be new enough for CUDA " + cuda, False)
            )
    chosen, reason = choose(device)
    if chosen != "cpu":
        try:
            (torch.zeros(1, device=chosen) + 1).item()
        except RuntimeError as error:
            if device != "auto":
                raise Refused("{} does not work with this torch: {}".format(chosen, own_words(error))) from error
            text = "{} does not work with torch {} for CUDA {}: {}".format(
                torch.cuda.get_device_name(chosen), torch.__version__, cuda, own_words(error)
            )
            faults.append(Fault("cuda-kernels", text, NEW_ENVIRONMENT + " --stack 2.28", blocks=False))
            chosen, reason = "cpu", "the GPU does not work with this torch"
    return cuda, gpus(), chosen, reason


def smi_count() -> int:
    """How many GPUs `nvidia-smi` sees; 0 where there is none."""
    try:
        listed = subprocess.run(
            ["nvidia-smi", "-L"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=20,
        )
    except (OSError, subprocess.SubprocessError):
        return 0
    return sum(line.startswith(b"GPU ") for line in listed.stdout.splitlines())


def cuda_error() -> str:
    """Why torch cannot use the GPUs, in its own words."""
    import torch

    try:
        torch.cuda.init()
    except (RuntimeError, AssertionError) as error:
        return own_words(error)
    return "it does not say why"


def own_words(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def ops_faults(cuda: Optional[str], device: str, mends: Mends, faults: List[Fault]) -> str:
    """Run mmcv's compiled ops; empty, or why they do not run on the CPU."""
    error = run_op("cpu")
    if error:
        faults.append(Fault("mmcv-ops", "mmcv's compiled ops do not run: " + error, mends.build_mmcv()))
        return error
    error = run_op(device) if device != "cpu" else ""
    if error:
        text = "mmcv's compiled ops do not run on {}, so most detectors train on the CPU only: {}".format(device, error)
        faults.append(Fault("mmcv-ops-gpu", text, mends.build_mmcv(cuda=cuda), blocks=False))
    return ""


def run_op(device: str) -> str:
    """Suppress two overlapping boxes among three on `device`; empty, or what went wrong."""
    import torch

    try:
        from mmcv.ops import nms

        boxes = torch.tensor([[0.0, 0.0, 10.0, 10.0], [0.0, 0.0, 10.0, 9.0], [20.0, 20.0, 30.0, 30.0]], device=device)
        kept = nms(boxes, torch.tensor([0.9, 0.8, 0.7], device=device), iou_threshold=0.5)[1].tolist()
    except Exception as error:
        return "{}: {}".format(type(error).__name__, own_words(error))
    return "" if kept == [0, 2] else "nms kept boxes {} of 0, 1, 2, where 0 and 2 are right".format(kept)


def library_faults(versions: Dict[str, Optional[str]], mends: Mends) -> List[Fault]:
    """Faults that no import shows: libraries that came out after mmcv 1.x and broke it."""
    import numpy
    import torch
    from mmcv import Config

    faults = []
    try:
        str(Config({"model": {"type": "FPN"}}).pretty_text)
    except TypeError as error:
        text = "yapf {} breaks mmcv's Config.dump, and with it tools/train.py: {}".format(versions["yapf"], error)
        faults.append(Fault("yapf", text, mends.pip(["yapf==0.40.1"])))
    try:
        torch.from_numpy(numpy.zeros(1))
    except (RuntimeError, TypeError) as error:
        text = "torch {torch} cannot use numpy {numpy}: ".format(**versions) + own_words(error)
        faults.append(Fault("numpy-abi", text, mends.older_numpy()))
    if not hasattr(numpy, "int"):
        used = [use for library in ("mmdet", "mmcv", "mmcls") for use in gone_uses(library)]
        if used:
            text = "numpy {} no longer has {}{}: whatever reads it fails".format(
                versions["numpy"], ", ".join(used[:3]), " and {} more".format(len(used) - 3) if len(used) > 3 else ""
            )
            faults.append(Fault("numpy-aliases", text, mends.older_numpy(), blocks=False))
    return faults
