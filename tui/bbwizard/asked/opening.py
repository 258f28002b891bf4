"""The open training environment, and the pipe to it."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bbprobe.protocol import Entry, Environment, Probe
from bbwizard import environments, kept
from bbwizard.atlas import Atlas, AtlasHalf, shelf
from bbwizard.environments import Candidate, Checkout, checkout, demanded, discover, remember
from bbwizard.errors import NoEnvironment, ProbeCrashed
from bbwizard.grammar import DEFAULT_INPUT
from bbwizard.probe import Half, ProbingHalf, Progress
from bbwizard.process import Heard
from bbwizard.verdicts import Verdicts, refused

LIMITS: Final = {"environment": 180.0, "catalog": 300.0, "bases": 60.0, "base": 180.0, "probe": 180.0, "survey": 180.0}
"""Seconds until a request counts as hung; the first ones import torch, mmdet and timm from a network disk."""
CHECK_LIMIT: Final = 1200.0
"""Seconds for building a detector and one training step of it, on a busy CPU too."""
ELSEWHERE: Final = "/path/to/mmdetection"
"""Stands for the folder that holds mmdet's configs on a machine of which nothing is known."""
MEANWHILE: Final = "meanwhile"
"""The group of requests that give way to all others."""
MEASURE: Final = "measure"
"""The group of measurements, which give way to whatever else is needed."""


class OpenEnvironment:
    """One training environment at a time, and the probing half that works in it."""

    def __init__(
        self,
        *,
        launch_prefix: Sequence[str] = (),
        device: str = "auto",
        folder: Path | None = None,
        cache: bool = True,
        mmdet_root: str = "",
    ) -> None:
        self.cache = cache
        """Whether what earlier sittings were answered counts, and is added to."""
        self.launch_prefix = tuple(launch_prefix)
        self.heard: Heard = lambda line: None
        """Told what the launch prefix says until a probing half is there: that its job is queued, most of all."""
        self.device = device
        self.folder = folder or Path.cwd()
        self.checkout: Checkout | None = checkout(self.folder)
        self.log: Path = kept.log(f"probe-{socket.gethostname()}-{os.getpid()}.log")
        self.candidates: list[Candidate] = []
        self.environment: Environment | None = None
        self.atlas: Atlas | None = None
        """The atlas, where it answers in place of a training environment."""
        self._mmdet_root = mmdet_root
        self._python = ""
        self._half: Half | None = None
        self._forget()

    def _forget(self) -> None:
        """Know nothing of any environment."""
        self._verdicts = Verdicts(foreseen=self.foreseen)

    @property
    def input(self) -> tuple[int, int]:
        """Height and width in pixels of the images that backbones are shown."""
        return DEFAULT_INPUT

    async def discover(self, explicit: str | None = None) -> list[Candidate]:
        """Find the training environments of this machine."""
        self.candidates = await asyncio.to_thread(discover, explicit)
        return self.candidates

    async def open(self, python: str, *, keep: bool = False, progress: Progress | None = None) -> Environment:
        """Work with the training environment of this interpreter from now on; `keep` remembers it for this host.

        A name on the atlas's `shelf` in its place works without any, out of that atlas.

        Raises:
            ProbeError: it cannot be asked.
            NoEnvironment: it cannot be started, or behind a launch prefix holds no torch or no mmdet.
        """
        await self.close()
        self.environment = None
        self._python, self.atlas = python, shelf().get(python)
        self._half = self._started()
        self._forget()
        found: Environment = await self._ask("environment", {"device": self.device}, Environment, progress=progress)
        if self.launch_prefix and self.atlas is None:
            demanded(Candidate(python, "--python", found.versions))  # nothing could be asked before
        self.environment = found
        if self.cache and self.atlas is None:
            self._verdicts = Verdicts.of(found, self.foreseen)
        if self.atlas is not None and self._mmdet_root:
            environments.remember_mmdet_root(self._mmdet_root)
        if self.atlas is None and keep:
            remember(python)
        return found

    @property
    def mmdet_root(self) -> str:
        """Where mmdet lies on the machine that trains, as far as the user, or a checkout around here, has said so."""
        return self._mmdet_root or (str(self.checkout.root) if self.checkout else environments.mmdet_root())

    @property
    def answers_from(self) -> str:
        """Whose answers those of the open environment are, as `Probe.origin` has it: "atlas" or "live"."""
        return "live" if self.atlas is None else "atlas"

    @property
    def foresees(self) -> bool:
        """Whether an atlas tells of backbones before, or in place of, this environment."""
        return bool(shelf()) and (self.cache or self.atlas is not None)

    def foreseen(self, entry: Entry) -> Probe | None:
        """What the atlas says of a backbone that stands in it alike, at the atlas's own input size."""
        atlas = self._atlas_of(entry)
        if atlas is None:
            return None
        reason = atlas.refused.get(entry.name)
        return atlas.probe(entry.name) if reason is None else refused(entry, reason)

    def _atlas_of(self, entry: Entry) -> Atlas | None:
        """The atlas in which a backbone stands alike; that of the same library's version where it does in several."""
        if not self.foresees:
            return None
        held = self.environment.versions if self.environment is not None else {}
        known = [self.atlas] if self.atlas is not None else shelf().values()
        for atlas in sorted(known, key=lambda atlas: atlas.about.versions.get(entry.source) != held.get(entry.source)):
            same = atlas.by_name.get(entry.name)
            if same is not None and (same.type, same.config) == (entry.type, entry.config):
                return atlas
        return None

    def _started(self) -> Half:
        """What answers for the environment that is open; a probing half's process starts when it is first asked."""
        if self.atlas is not None:
            return AtlasHalf(self.atlas, self.mmdet_root or ELSEWHERE, log=self.log)
        return ProbingHalf(self._python, launch=self.launch_prefix, log=self.log, heard=lambda line: self.heard(line))

    async def close(self) -> None:
        """End the probing half."""
        self._verdicts.save()
        half, self._half = self._half, None
        if half is not None:
            await half.close()

    @property
    def facts(self) -> Environment:
        """What the open environment holds.

        Raises:
            NoEnvironment: none is open.
        """
        if self.environment is None:
            raise NoEnvironment(
                "no training environment is open", "name one with --python, or make one: bbwizard env create"
            )
        return self.environment

    @property
    def chosen_device(self) -> str:
        """Where probes and checks run: as the user said, else where the environment's own look found it best."""
        return self.facts.device if self.device == "auto" else self.device

    async def _ask(self, method: str, params: dict[str, Any], answer: Any, **options: Any) -> Any:
        if self._half is None:
            raise NoEnvironment("no training environment is open", "name one with --python")
        options.setdefault("limit", LIMITS.get(method, CHECK_LIMIT))
        if options.get("group") != MEANWHILE:
            options["overtakes"] = (*options.get("overtakes", ()), MEASURE)
        try:
            return await self._half.request(method, params, answer, **options)
        except ProbeCrashed:  # it names the log
            kept.outlast(self.log)
            raise
