"""Where training environments may be, as the user's machine tells: nothing is run here but conda itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from bbwizard import paths

CONDA_LIMIT = 10.0
"""Seconds that conda has to list its environments."""


def python_in(path: str) -> str:
    """The interpreter that `path` means: itself, or `bin/python` of the environment folder that it is.

    Links are not followed: the Pythons of two virtual environments are often links to one file.
    """
    path = os.path.abspath(os.path.expanduser(path)) if os.sep in path else path
    if os.path.isdir(path):
        return os.path.join(os.path.abspath(path), "bin", "python")
    if os.sep not in path:
        return shutil.which(path) or path
    return path


def active(environ: Mapping[str, str]) -> Iterator[str]:
    """The folders of the activated virtual environment and conda environment."""
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if environ.get(name):
            yield environ[name]


def conda_folders(environ: Mapping[str, str]) -> list[str]:
    """The folders of conda's environments: its own list in the home folder, else what the command says."""
    home = environ.get("HOME")
    if home:
        try:
            told = paths.regular(Path(home) / ".conda" / "environments.txt")
            lines = told.read_text("utf-8", "replace").splitlines()
        except OSError:
            lines = []
        if folders := [line.strip() for line in lines if line.strip()]:
            return folders
    conda = environ.get("CONDA_EXE") or shutil.which("conda", path=environ.get("PATH", ""))
    if not conda:
        return []
    command = [conda, "env", "list", "--json"]
    try:
        listed = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=CONDA_LIMIT, check=True, env=dict(environ)
        )
        folders = json.loads(listed.stdout)["envs"]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError):
        return []
    return [folder for folder in folders if isinstance(folder, str)]
