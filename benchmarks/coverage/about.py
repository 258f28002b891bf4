"""What a run stood on: versions, machine, date, commit."""

from __future__ import annotations

import asyncio
import datetime
import json
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bbwizard.session import Session

LIBRARIES = ("torch", "torchvision", "mmcv-full", "mmdet", "mmcls", "timm")


@dataclass(frozen=True)
class Stack:
    """A training environment's versions, and the name of its folder: mmdet's minor version."""

    python: str
    versions: dict[str, str]

    @property
    def folder(self) -> str:
        """Such as "2.28"."""
        return ".".join(self.versions.get("mmdet", "0.0").split(".")[:2])


def stack(python: str) -> Stack:
    """Ask a training environment what it holds."""

    async def ask() -> Stack:
        session = Session(device="cpu")
        try:
            facts = await session.open(python)
            return Stack(facts.python, {name: facts.versions.get(name) or "none" for name in LIBRARIES})
        finally:
            await session.close()

    return asyncio.run(ask())


def keep(out: Path, part: str, found: Stack, *, whole: bool) -> None:
    """Say beside the results of a part what they stand on, and whether they are `whole`.

    A part that goes on at another commit stands on both.
    """
    out.mkdir(parents=True, exist_ok=True)
    file = out / f"about-{part}.json"
    now = said(found)
    if file.is_file():
        before = json.loads(file.read_text("utf-8"))["commit"].split(" and ")
        now["commit"] = " and ".join(dict.fromkeys([*before, now["commit"]]))
    file.write_text(json.dumps({**now, "whole": whole}, indent=1), "utf-8")


def said(found: Stack) -> dict[str, Any]:
    """What a measurement stands on, as it is now."""
    return {
        "python": found.python,
        "versions": found.versions,
        "machine": f"{processor()}, {os.cpu_count()} cores, {memory():.0f} GiB, {platform.system()}",
        "date": datetime.date.today().isoformat(),
        "commit": commit(),
    }


def stood(found: Mapping[str, Any]) -> str:
    """What a measurement stands on, in one line."""
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    return f"Python {found['python']}, {versions}; {found['machine']}; {found['date']}, commit {found['commit']}"


def processor() -> str:
    """The processor's name as the kernel says it."""
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines() if Path("/proc/cpuinfo").is_file() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def memory() -> float:
    """GiB of the host."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def commit() -> str:
    """The commit that was measured, and whether the files were those of the commit."""
    asked = ["git", "describe", "--always", "--dirty=, changed", "--abbrev=10", "--exclude=*"]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)
    return found.stdout.strip() or "unknown"
