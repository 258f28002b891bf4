"""What `bbwizard doctor` prints: facts of a training environment as lines for a person."""

from __future__ import annotations

from dataclasses import dataclass

from bbprobe.protocol import Environment, Gpu
from bbwizard.wording import counted

SHOWN = ("torch", "torchvision", "mmcv-full", "mmcv", "mmdet", "mmcls", "timm", "numpy", "yapf", "openmim")
"""The versions told, in this order."""
QUIET = ("mmcv", "openmim")
"""Not told where missing: nobody needs them."""


@dataclass(frozen=True)
class Report:
    """The lines to print, and 0 where training can start, else 1."""

    lines: tuple[str, ...]
    status: int


def report(facts: Environment, origin: str = "", checkout: str = "") -> Report:
    """The report on one environment; `origin` says how it was found, `checkout` is the folder of one around us."""
    rows = [("interpreter", facts.executable + (f"  ({origin})" if origin else "")), ("python", facts.python)]
    for name in SHOWN:
        version = facts.versions.get(name)
        if version or name not in QUIET:
            rows.append((name, version or "missing"))
    rows.append(("cuda", f"{facts.cuda} (torch)" if facts.cuda else "none: this torch is built without it"))
    rows += [(f"gpu {gpu.index}", gpu_words(gpu)) for gpu in facts.gpus] or [("gpu", "none that torch can use")]
    rows.append(("device", f"{facts.device}: {facts.device_reason}"))
    rows.append(("compiled ops", "load and run" if facts.ops else f"do not run: {facts.ops_error}"))
    for window in facts.windows:
        verdict = {True: "holds", False: f"broken: {window.installed} is installed", None: f"{window.of} is missing"}
        needs = f"{window.of} {window.minimum} to {window.maximum}"
        rows.append((f"{window.library} needs", f"{needs}: {verdict[window.holds]}"))
    rows.append(("base configs", facts.configs or "none packaged with mmdet"))
    rows.append(("train script", facts.train_script or "none packaged with mmdet"))
    if facts.mim:
        rows.append(("mim", facts.mim))
    if checkout:
        rows.append(("checkout", checkout))
    width = max(len(name) for name, _ in rows) + 2
    lines = [f"{name:{width}}{value}" for name, value in rows]
    for fault in facts.faults:
        lines += ["", f"{'FAULT' if fault.blocks else 'WARNING'} {fault.code}: {fault.text}", f"  mend: {fault.mend}"]
    blocking = sum(fault.blocks for fault in facts.faults)
    lines += ["", verdict_on(blocking, len(facts.faults) - blocking)]
    return Report(tuple(lines), 1 if blocking else 0)


def verdict_on(faults: int, warnings: int) -> str:
    """The last line: whether training can start."""
    found = [counted(faults, "fault") if faults else "no faults", *([counted(warnings, "warning")] if warnings else [])]
    if faults:
        return f"{', '.join(found)}: training cannot start until mended"
    return f"{', '.join(found)}: training can start"


def gpu_words(gpu: Gpu) -> str:
    return f"{gpu.name}, {gpu.free / 1024**3:.1f} of {gpu.total / 1024**3:.1f} GiB free"
