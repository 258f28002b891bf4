"""Builds a training environment, step by step; a step that is done is not done again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TextIO

from bbwizard import environments, kept
from bbwizard.env_create import child, compiler
from bbwizard.env_create.folder import LOG, Site, open_site
from bbwizard.env_create.narration import Narration
from bbwizard.env_create.proof import Unproven, prove
from bbwizard.env_create.pythons import BasePython, ask, find_python
from bbwizard.env_create.stack import Stack, load_stack
from bbwizard.environments.inquiry import inquire
from bbwizard.errors import EnvironmentNotCreated

__all__ = ["LOG", "Created", "create"]

VENV, TOOLS, TORCH, MMCV, LIBRARIES = "virtual environment", "build tools", "torch", "mmcv-full", "libraries"
STEPS = (VENV, TOOLS, TORCH, MMCV, LIBRARIES)
PROOF = "proof"


@dataclass(frozen=True)
class Created:
    """A training environment that works: its Python, its stack, and "cuda" or "cpu" for mmcv's ops."""

    python: str
    stack: str
    ops: str


def create(
    folder: Path,
    stack: str = "2.28",
    python: str | None = None,
    out: TextIO | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Created:
    """Make a training environment in `folder`; run again, it goes on where it was.

    How far it is, is told on `out`, standard error where None.

    Raises:
        EnvironmentNotCreated: with what failed, the last words of it, and what to do.
        UsageError: there is no such stack.
    """
    wanted = load_stack(stack)
    site = open_site(folder, wanted)
    base = base_python(site, wanted, python, environ)
    if MMCV not in site.done:
        compiler.demand_compiler(base, environ)
        demand_room(site, wanted)
    tell = Narration(out or sys.stderr, len(STEPS) + 1)
    tell.say(f"stack {stack} ({', '.join(f'{name} {version}' for name, version in wanted.pins.items())})")
    tell.say(f"on Python {base.version} ({base.path}) in {site.folder}; log: {site.log}")
    with kept.appended(site.log) as log, child.ended_by_signals():
        try:
            Building(site, wanted, base, tell, log, quiet(environ)).build()
        except (KeyboardInterrupt, SystemExit):
            tell.say("interrupted; run the same command again to go on from there")
            raise
    environments.record_made(site.python)
    tell.say(f"next: bbwizard --python {site.python}")
    return Created(site.python, stack, site.ops)


class Building:
    """One run of `env create`."""

    def __init__(
        self, site: Site, stack: Stack, base: BasePython, tell: Narration, log: BinaryIO, environ: dict[str, str]
    ) -> None:
        self.site = site
        self.stack = stack
        self.base = base
        self.tell = tell
        self.log = log
        self.environ = environ

    def build(self) -> None:
        """Do what is not done yet, then prove that it works.

        Raises:
            EnvironmentNotCreated: a step failed.
        """
        self.check_done()
        steps = {VENV: self.venv, TOOLS: self.tools, TORCH: self.torch, MMCV: self.mmcv, LIBRARIES: self.libraries}
        if self.site.done:
            self.site.clear_half_installed()
        for name in STEPS:
            if name in self.site.done:
                self.tell.skip(name)
                continue
            self.tell.begin(name)
            try:
                steps[name]()
            except child.Failed as failure:
                raise self.failed(name, failure.lines) from failure
            except EnvironmentNotCreated as error:
                raise self.failed(name, [error.text], error.hint) from error
            self.site.done.append(name)
            self.site.note()
            self.tell.end()
        self.tell.begin(PROOF)
        try:
            warnings = prove(self.site, self.stack, self.tell.tick)
        except Unproven as error:
            if error.about_mmcv:
                self.site.undo(MMCV)
            raise self.failed(PROOF, [error.text], error.hint) from error
        for warning in warnings:
            self.tell.say(f"  {warning}")
        self.tell.end(f"everything imports and mmcv's {'GPU' if self.site.ops == 'cuda' else 'CPU'} ops run")

    def check_done(self) -> None:
        """Take back the steps whose work is not there any more, or not the best that this machine can do now."""
        if not self.site.done:
            return
        held = inquire(self.site.python)
        for step, names in ((TORCH, ("torch", "torchvision")), (MMCV, ("mmcv-full",)), (LIBRARIES, ("mmdet", "mmcls"))):
            if any(held.versions.get(name) is None for name in names):
                self.site.undo(step)
        try:
            if MMCV in self.site.done and self.site.ops != self.ops().kind:
                self.site.undo(MMCV)
        except child.Failed:
            self.site.undo(TORCH)

    def venv(self) -> None:
        self.site.clear()
        if self.base.venv:
            maker = [self.base.path, "-m", "venv"]
        elif self.base.virtualenv:
            maker = [self.base.path, "-m", "virtualenv"]
        elif shutil.which("virtualenv", path=self.environ.get("PATH", os.defpath)):
            maker = ["virtualenv", "-p", self.base.path]
        else:
            version = self.base.version
            text = f"{self.base.path} cannot make virtual environments: it lacks venv or ensurepip"
            hint = f"`apt install python{version}-venv`, or `{self.base.path} -m pip install --user virtualenv`"
            raise EnvironmentNotCreated(text, hint)
        self.run([*maker, str(self.site.folder)])

    def tools(self) -> None:
        self.pip("--upgrade", "pip", "setuptools", "wheel", "ninja")

    def torch(self) -> None:
        # cv2 must be there before mmcv-full is built: its setup then asks for no other, and a server has no libGL.
        self.pip("torch", "torchvision", "numpy", "opencv-python-headless")

    def mmcv(self) -> None:
        ops = self.ops()
        self.site.ops = ops.kind
        self.site.note()
        self.tell.say(f"  mmcv-full gets {'GPU' if ops.kind == 'cuda' else 'CPU'} ops: {ops.reason}")
        self.tell.say("  compiling them takes 8 to 25 minutes")
        environ = {**self.environ, "MAX_JOBS": compiler.jobs(self.environ)}
        # Python's own flags ask for debug symbols: half the time and most of the size.
        environ.setdefault("CFLAGS", "-g0")
        for name, value in ops.variables.items():
            environ.pop(name, None)
            if value is not None:
                environ[name] = value
        # One that is installed may have been built with other flags, and so may a wheel in pip's cache.
        self.run([self.site.python, "-m", "pip", "uninstall", "-y", "mmcv-full", "mmcv"])
        # -v lets the count of compiled files through.
        self.pip("-v", "--no-build-isolation", "--no-cache-dir", "mmcv-full", environ=environ)

    def libraries(self) -> None:
        before = {"torch", "torchvision", "mmcv-full", "opencv-python", "opencv-python-headless"}
        self.pip("scipy", *(name for name in self.stack.pins if name not in before))

    def ops(self) -> compiler.Ops:
        """The ops that this machine can build against the torch that is installed."""
        command = [self.site.python, "-c", "import torch; print(torch.version.cuda or '')"]
        try:
            said = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=self.environ)
        except OSError as error:
            raise child.Failed(command, 127, [str(error)]) from error
        if said.returncode:
            raise child.Failed(command, said.returncode, said.stderr.splitlines()[-8:])
        return compiler.choose_ops(said.stdout.split()[-1] if said.stdout.split() else None, self.environ)

    def pip(self, *words: str, environ: Mapping[str, str] | None = None) -> None:
        """`pip install` under the stack's constraints, so that nothing brings another torch."""
        command = [self.site.python, "-m", "pip", "install", "-c", str(self.site.constraints), *words]
        self.run(command, environ)

    def run(self, command: Sequence[str], environ: Mapping[str, str] | None = None) -> None:
        child.run(command, environ=environ or self.environ, log=self.log, tick=self.tell.tick)

    def failed(self, step: str, lines: Sequence[str], hint: str = "") -> EnvironmentNotCreated:
        """The failure of a step in words."""
        self.tell.end("failed")
        again = "run the same command again to go on from there"
        said = "".join(f"\n  {line}" for line in lines)
        text = f"{step} failed in {self.site.folder}{said}"
        return EnvironmentNotCreated(text, f"{hint or f'the whole log is {self.site.log}'}; {again}")


def base_python(site: Site, stack: Stack, asked: str | None, environ: Mapping[str, str]) -> BasePython:
    """The Python to build on, or the one it was begun with.

    Raises:
        EnvironmentNotCreated: there is none, or another was begun with than is asked for now.
    """
    begun = ask(site.python) if VENV in site.done else None
    if begun is None:
        site.undo(VENV)
        return find_python(stack.name, asked, environ)
    if asked is not None and (wanted := find_python(stack.name, asked, environ)).version != begun.version:
        text = f"{site.folder} was begun with Python {begun.version}, not {wanted.version}"
        raise EnvironmentNotCreated(text, hint="name another folder, or remove it")
    return begun


def demand_room(site: Site, stack: Stack) -> None:
    """Refuse before the first download where the disk is too small.

    Raises:
        EnvironmentNotCreated: it is.
    """
    free = shutil.disk_usage(site.folder).free
    if TORCH not in site.done and free < stack.room:
        needs = f"building stack {stack.name} takes {stack.room / 1024**3:.0f}"
        text = f"{site.folder} has {free / 1024**3:.1f} GiB free, and {needs}"
        raise EnvironmentNotCreated(text, hint="name a folder on another disk")


def quiet(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment variables of the children: nothing of the user's leads pip or Python elsewhere."""
    led_astray = {"PYTHONPATH", "PYTHONHOME", "PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_REQUIRE_VIRTUALENV"}
    kept = {name: value for name, value in environ.items() if name not in led_astray}
    said = {"PYTHONUNBUFFERED": "1", "PYTHONNOUSERSITE": "1", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return {**kept, **said}
