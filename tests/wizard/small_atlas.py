"""An atlas of the fake probing half's answers, packed as the shipped ones are."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from bbprobe.protocol import Base, Probe

from . import fake_half
from .fake_half import FLAT, PYRAMIDS, REFUSED, RETINANET, YOLOX

UNREADABLE = "legacy/[/x]_odd.py"
NOT_BUILT = "timm/not_built"


def put(
    folder: Path,
    stack: str,
    change: Callable[[Probe], Probe] = lambda probe: probe,
    change_base: Callable[[Base], Base] = lambda base: base,
) -> None:
    """Write both files of one stack, with probes as `change` makes them, and base configs as `change_base` does."""
    versions = {name: fake_half.environment().versions[name] for name in ("torch", "mmcv-full", "mmcls", "timm")}
    about = {"stack": stack, "made": "2026-11-23", "maker": "0", "python": "3.11.9", "input": [640, 640]}
    names = [*PYRAMIDS, FLAT]
    probes = {name: change(replace(fake_half.probe(name, (640, 640)), origin="atlas", seconds=0.0)) for name in names}
    pack(
        folder / f"{stack}-backbones.json.gz",
        {
            "about": {**about, "versions": {**versions, "mmdet": f"{stack}.2"}},
            "entries": [asdict(fake_half.entry(name)) for name in [*names, NOT_BUILT]],
            "probes": {name: asdict(probe) for name, probe in probes.items()},
            "refused": {NOT_BUILT: "its library is too old"},
        },
    )
    bases = {name: asdict(change_base(replace(fake_half.base(name), path=""))) for name in (YOLOX, RETINANET, REFUSED)}
    bases[YOLOX]["misplaced"] = {"teacher_config": "{configs}/gfl/teacher.py"}
    pack(folder / f"{stack}-bases.json.gz", {"bases": bases, "refused": {UNREADABLE: "it raises KeyError"}})


def pack(file: Path, data: object) -> None:
    file.write_bytes(gzip.compress(json.dumps(data).encode(), mtime=0))
