"""The folder of an environment under construction, and the note in it that says how far it is."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from bbwizard import atomic, paths
from bbwizard.env_create.stack import Stack
from bbwizard.errors import EnvironmentNotCreated
from bbwizard.refusals import reason

LOG = "bbwizard-create.log"
NOTE = "bbwizard-environment.json"
CONSTRAINTS = "bbwizard-constraints.txt"
"""A copy for the user: `pip install -c` with it never brings another torch."""
OURS = (LOG, NOTE, CONSTRAINTS)


@dataclass
class Site:
    """An environment's folder, and the steps done in it."""

    folder: Path
    stack: str
    done: list[str] = field(default_factory=list)
    ops: str = ""
    """The ops that mmcv-full was built with: "cuda", "cpu" or not yet."""

    @property
    def python(self) -> str:
        return str(self.folder / "bin" / "python")

    @property
    def log(self) -> Path:
        return self.folder / LOG

    @property
    def constraints(self) -> Path:
        return self.folder / CONSTRAINTS

    def note(self) -> None:
        """Write down how far it is."""
        told = {"stack": self.stack, "done": self.done, "ops": self.ops}
        atomic.write_text(self.folder / NOTE, json.dumps(told, indent=2) + "\n")

    def undo(self, step: str) -> None:
        """`step` and all after it must be done again."""
        if step in self.done:
            del self.done[self.done.index(step) :]
            self.note()

    def clear(self) -> None:
        """Remove what a broken-off start left; the folder is known to be ours."""
        for path in self.folder.iterdir():
            if path.name not in OURS:
                shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()

    def clear_half_installed(self) -> None:
        """Remove the metadata of packages whose installation was broken off: pip would take them for whole."""
        for packages in self.folder.glob("lib/python*/site-packages"):
            for info in packages.glob("*.dist-info"):
                if not (info / "RECORD").is_file():
                    shutil.rmtree(info)


def open_site(folder: Path, stack: Stack) -> Site:
    """The folder, new or gone on with.

    Raises:
        EnvironmentNotCreated: there is something else in it, or it cannot be written.
    """
    folder = Path(os.path.abspath(paths.typed(str(folder))))
    site = Site(folder, stack.name)
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            told = read_note(folder)
            if told is None:
                raise EnvironmentNotCreated(
                    f"{folder} is not empty, and `env create` did not make what is in it", hint="name a new folder"
                )
            if told.stack != stack.name:
                raise EnvironmentNotCreated(
                    f"{folder} holds stack {told.stack}, not {stack.name}", hint="name another folder, or remove it"
                )
            site = told
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentNotCreated(f"{folder} cannot be used: {reason(error)}", hint="name another folder") from error
    rules = stack.file.read_text("utf-8")
    if site.done and (not site.constraints.is_file() or site.constraints.read_text("utf-8") != rules):
        del site.done[1:]  # another version of bbwizard began it: pip compares what is there with the rules of this one
    atomic.write_text(site.constraints, rules)
    site.note()
    return site


def read_note(folder: Path) -> Site | None:
    """What the note in `folder` tells; None where there is none that can be read."""
    try:
        told = json.loads((folder / NOTE).read_text("utf-8"))
        return Site(folder, str(told["stack"]), [str(step) for step in told["done"]], str(told["ops"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
