"""What mmcv-full's ops can be compiled with on this machine, and the flags that say so."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from bbwizard.env_create.pythons import BasePython
from bbwizard.errors import EnvironmentNotCreated

JOB_MEMORY = 2 * 1024**3
"""Bytes that one compiler of torch's headers may take."""


@dataclass(frozen=True)
class Ops:
    """The ops to build: "cuda" or "cpu", why, and the environment variables that make mmcv-full's setup do so."""

    kind: str
    reason: str
    variables: dict[str, str | None]
    """None: to be unset."""


def demand_compiler(python: BasePython, environ: Mapping[str, str]) -> None:
    """Refuse before the first download where mmcv-full could not be compiled in the end.

    Raises:
        EnvironmentNotCreated: there is no C++ compiler, or this Python's headers are missing.
    """
    compiler = environ.get("CXX", "").split() or ["c++", "g++", "clang++"]
    path = environ.get("PATH", os.defpath)
    if not any(shutil.which(name, path=path) for name in compiler):
        raise EnvironmentNotCreated(
            f"no C++ compiler ({', '.join(compiler)}) on the path: mmcv-full's ops must be compiled",
            hint="`apt install g++` or `dnf install gcc-c++`; without root: `conda install -c conda-forge gxx`",
        )
    if not python.headers:
        raise EnvironmentNotCreated(
            f"{python.path} has no Python.h: mmcv-full's ops must be compiled against it",
            hint=f"`apt install python{python.version}-dev` or `dnf install python{python.version}-devel`",
        )


def choose_ops(torch_cuda: str | None, environ: Mapping[str, str]) -> Ops:
    """GPU ops where a CUDA compiler of the very release that torch was built with is there, else CPU ops.

    `torch_cuda` is `torch.version.cuda`, such as "12.1".
    """
    cpu: dict[str, str | None] = {
        "MMCV_WITH_OPS": "1",
        "FORCE_CUDA": "0",
        # mmcv's setup builds GPU ops wherever torch sees a GPU, and torch looks for a compiler wherever it stands.
        "CUDA_VISIBLE_DEVICES": "",
        "CUDA_HOME": None,
        "CUDA_PATH": None,
    }
    if torch_cuda is None:
        return Ops("cpu", "this torch is built without CUDA", cpu)
    seen: dict[str, str] = {}
    for home in cuda_homes(environ):
        release = nvcc_release(os.path.join(home, "bin", "nvcc"))
        if release == torch_cuda:
            gpu: dict[str, str | None] = {"MMCV_WITH_OPS": "1", "FORCE_CUDA": "1", "CUDA_HOME": home}
            return Ops("cuda", f"nvcc {release} in {home}", gpu)
        if release is not None:
            seen.setdefault(release, home)
    there = " and ".join(f"the nvcc in {home} is of {release}" for release, home in seen.items())
    return Ops("cpu", f"torch is built with CUDA {torch_cuda}, {there or 'and there is no nvcc'}", cpu)


def cuda_homes(environ: Mapping[str, str]) -> list[str]:
    """Folders that may hold a CUDA toolkit, those that the user names first."""
    homes = [environ[name] for name in ("CUDA_HOME", "CUDA_PATH") if environ.get(name)]
    if nvcc := shutil.which("nvcc", path=environ.get("PATH", os.defpath)):
        homes.append(os.path.dirname(os.path.dirname(os.path.realpath(nvcc))))
    local = "/usr/local"
    with_cuda = [name for name in os.listdir(local) if name.startswith("cuda")] if os.path.isdir(local) else []
    homes += [os.path.join(local, name) for name in sorted(with_cuda)]
    return list(dict.fromkeys(os.path.realpath(home) for home in homes))


def nvcc_release(nvcc: str) -> str | None:
    """The CUDA release of the compiler at `nvcc`, such as "12.1"; None where it does not run."""
    try:
        said = subprocess.run([nvcc, "--version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=30, text=True)
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.search(r"release (\d+\.\d+)", said.stdout)
    return found[1] if found else None


def jobs(environ: Mapping[str, str]) -> str:
    """How many files to compile at once: as many as there are cores, and memory for."""
    if environ.get("MAX_JOBS"):
        return environ["MAX_JOBS"]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return str(max(1, min(cores, memory_available() // JOB_MEMORY)))


def memory_available() -> int:
    """Bytes that new processes may take; a great many where the system does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            found = re.search(r"MemAvailable:\s+(\d+) kB", file.read())
    except OSError:
        found = None
    return int(found[1]) * 1024 if found else 2**50
