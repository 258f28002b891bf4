"""Finds a Python that a stack can be built on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bbwizard.env_create.stack import Stack, load_stack
from bbwizard.environments.sources import conda_folders, python_in
from bbwizard.errors import EnvironmentNotCreated

ASK = """
import importlib.util as u, json, os, platform, sys, sysconfig
print(json.dumps({
    "version": ".".join(platform.python_version_tuple()[:2]),
    "implementation": platform.python_implementation(),
    "venv": all(u.find_spec(name) for name in ("venv", "ensurepip")),
    "virtualenv": u.find_spec("virtualenv") is not None,
    "headers": os.path.isfile(os.path.join(sysconfig.get_paths()["include"], "Python.h")),
}))
"""


@dataclass(frozen=True)
class BasePython:
    """A Python to build on: where it is, its "major.minor", and whether it can make a venv and be compiled against."""

    path: str
    version: str
    venv: bool
    virtualenv: bool
    headers: bool


def find_python(stack: str, asked: str | None = None, environ: Mapping[str, str] = os.environ) -> BasePython:
    """The Python to build `stack` on: `asked` where given, else the best that this machine has.

    Raises:
        EnvironmentNotCreated: there is none, or the one asked for does not fit.
    """
    wanted = load_stack(stack)
    if asked is not None:
        path = python_in(asked)
        found = ask(path)
        if found is None:
            raise EnvironmentNotCreated(f"{asked} is no Python that runs", hint=how_to_get(wanted))
        if found.version not in wanted.pythons:
            text = f"{asked} is Python {found.version}; stack {stack} needs {either(wanted.pythons)}"
            raise EnvironmentNotCreated(text, hint=how_to_get(wanted))
        return found
    second_best: BasePython | None = None
    for path in places(wanted, environ):
        found = ask(path)
        if found is not None and found.version in wanted.pythons:
            if found.headers and (found.venv or found.virtualenv):
                return found
            second_best = second_best or found
    if second_best is not None:
        return second_best
    text = f"stack {stack} needs Python {either(wanted.pythons)}, and this machine has none that bbwizard can find"
    raise EnvironmentNotCreated(text, hint=how_to_get(wanted))


def places(stack: Stack, environ: Mapping[str, str]) -> Iterator[str]:
    """Where a fitting Python may be, most likely first; most of them may not exist, or not run (a pyenv shim)."""
    yield sys.executable
    home = Path(environ.get("HOME") or Path.home())
    pyenv = Path(environ.get("PYENV_ROOT") or home / ".pyenv")
    uv = Path(environ.get("UV_PYTHON_INSTALL_DIR") or home / ".local" / "share" / "uv" / "python")
    for version in stack.pythons:
        for folder in filter(None, environ.get("PATH", "").split(os.pathsep)):
            if found := shutil.which(f"python{version}", path=folder):
                yield found
        for root, pattern in ((pyenv / "versions", f"{version}.*"), (uv, f"cpython-{version}.*")):
            for folder_found in sorted(root.glob(pattern), reverse=True):
                yield str(folder_found / "bin" / f"python{version}")
    for conda in conda_folders(environ):
        for version in stack.pythons:
            if os.path.isfile(path := os.path.join(conda, "bin", f"python{version}")):
                yield path


def ask(path: str) -> BasePython | None:
    """What the Python at `path` is; None where there is none, or it does not run, or is no CPython."""
    command = [path, "-I", "-c", ASK]
    try:
        asked = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True)
        said = json.loads(asked.stdout)
        if said["implementation"] != "CPython":
            return None
        return BasePython(path, said["version"], said["venv"], said["virtualenv"], said["headers"])
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return None


def either(versions: tuple[str, ...]) -> str:
    return " or ".join(versions)


def how_to_get(stack: Stack) -> str:
    """How to come by a Python for `stack` without being root."""
    version = stack.pythons[0]
    return (
        f"get one with `uv python install {version}`, `pyenv install {version}` "
        f"or `conda create -n py{version.replace('.', '')} python={version}`, then run this again "
        f"(or name one with --python)"
    )
