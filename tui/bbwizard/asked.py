"""The open training environment, and what was asked of it so far. No Textual here."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Container, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

from bbprobe.protocol import Base, BaseName, Check, DataFile, Dataset, Entry, Environment, Probe, WeightsReport
from bbwizard import catalog, dataset, fits, paths, verdicts
from bbwizard.environments import Candidate, Checkout, checkout, discover, remember
from bbwizard.errors import (
    NoEnvironment,
    ProbeCancelled,
    ProbeCrashed,
    ProbeError,
    ProbeRefused,
    ProbeTimeout,
)
from bbwizard.plan import Plan
from bbwizard.probe import ProbingHalf, Progress
from bbwizard.recipe import DEFAULT_INPUT
from bbwizard.verdicts import Verdicts

LIMITS: Final = {"environment": 180.0, "catalog": 300.0, "bases": 60.0, "base": 180.0, "probe": 180.0, "survey": 180.0}
"""Seconds until a request counts as hung; the first ones import torch, mmdet and timm from a network disk."""
DATASET_LIMIT: Final = 1800.0
"""Seconds for reading annotation files of some hundred MiB and listing their images on a network disk."""
CHECK_LIMIT: Final = 1200.0
"""Seconds for building a detector and one training step of it, on a busy CPU too."""


class Asked:
    """What the probing half of one training environment answered; every method that asks it may raise ProbeError."""

    def __init__(self, *, launch_prefix: Sequence[str] = (), device: str = "auto", folder: Path | None = None) -> None:
        self.launch_prefix = tuple(launch_prefix)
        self.device = device
        self.folder = folder or Path.cwd()
        self.checkout: Checkout | None = checkout(self.folder)
        self.log: Path = paths.logs() / f"probe-{os.getpid()}.log"
        self.candidates: list[Candidate] = []
        self.environment: Environment | None = None
        self._half: ProbingHalf | None = None
        self._forget()

    def _forget(self) -> None:
        self._catalogs: dict[str, list[Entry]] = {}
        self._listed: dict[str, Entry] = {}
        self._bases: list[BaseName] | None = None
        self._base_facts: dict[str, Base] = {}
        self._files: dict[str, tuple[DataFile, ...]] = {}
        self._seen: dict[str, Check] = {}
        self._probes: dict[tuple[str, tuple[int, int]], Probe] = {}
        self._reports: dict[str, WeightsReport] = {}
        self._data: dict[tuple[str, ...], Dataset] = {}
        self._verdicts = Verdicts()
        self._surveyed: set[str] = set()

    @property
    def input(self) -> tuple[int, int]:
        """Height and width in pixels of the images that backbones are shown."""
        return DEFAULT_INPUT

    # The training environment

    async def discover(self, explicit: str | None = None) -> list[Candidate]:
        """Find the training environments of this machine."""
        self.candidates = await asyncio.to_thread(discover, explicit)
        return self.candidates

    async def open(self, python: str, *, keep: bool = False) -> Environment:
        """Work with the training environment of this interpreter from now on; `keep` remembers it for this host."""
        await self.close()
        self._half = ProbingHalf(python, launch=self.launch_prefix, log=self.log)
        self._forget()
        self.environment = await self._ask("environment", {"device": self.device}, Environment)
        self._verdicts = Verdicts.of(self.environment)
        if keep:
            remember(python)
        return self.environment

    async def close(self) -> None:
        """End the probing half."""
        self.keep_verdicts()
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

    # Facts, asked once

    async def entries(self, sources: Sequence[str] = catalog.SOURCES, progress: Progress | None = None) -> list[Entry]:
        """The backbones of these catalogs; a library that is missing or broken leaves its catalog empty.

        Raises:
            ProbeError: only one catalog is asked for, and its library is missing or broken.
        """
        for number, source in enumerate(sources):
            if source in self._catalogs:
                continue
            if progress is not None:
                progress(f"reading the {source} catalog", number, len(sources))
            try:
                found = await self._ask("catalog", {"source": source}, list[Entry])
            except ProbeError:
                if len(sources) == 1:
                    raise
                found = []
            self._catalogs[source] = found
            self._listed.update((entry.name, entry) for entry in found)
        return self._verdicts.applied(entry for source in sources for entry in self._catalogs[source])

    async def entry(self, name: str) -> Entry:
        """The backbone of that name."""
        source = name.partition("/")[0]
        return catalog.find_backbone(
            name, await self.entries((source,) if source in catalog.SOURCES else catalog.SOURCES)
        )

    async def survey_next(self, among: Container[str] | None = None) -> Entry | None:
        """Ask one more family, of those in `among`, whether it gives a pyramid; None where all were asked."""
        unknown = [entry for entry in self._verdicts.applied(self._listed.values()) if entry.pyramid is None]
        left = [entry for entry in unknown if verdicts.key(entry) not in self._surveyed]
        family = next((key for key in map(verdicts.key, left) if among is None or key in among), None)
        if family is None:
            return None
        entry = min((entry for entry in left if verdicts.key(entry) == family), key=verdicts.likely_size)
        self._surveyed.add(family)
        try:
            await self.survey(entry, for_family=True)
        except ProbeCancelled:
            self._surveyed.discard(family)
            raise
        except ProbeError:
            return entry  # its family stays unmarked: whoever highlights it is told
        return entry

    async def survey(self, entry: Entry, *, for_family: bool = False) -> None:
        """Ask a backbone itself what it gives, and keep the answer; a library that refuses it has answered too."""
        asked = {"name": entry.name, "type": entry.type, "config": entry.config}
        try:
            found = await self._ask("survey", asked, Probe, group="survey")
        except ProbeRefused as refusal:
            self._verdicts.refuse(entry, refusal.text, for_family=for_family)
        else:
            self._verdicts.put(entry, found, for_family=for_family)

    def answer(self, entry: Entry) -> fits.Answer | None:
        """What a backbone, or for it another of its family, answered so far, in this sitting or an earlier one.

        None where nobody was asked, and where the library said in its catalog already that it gives nothing.
        """
        return self._verdicts.answer(entry) if self._listed[entry.name].pyramid is None else None

    def was_asked(self, entry: Entry) -> bool:
        """Whether a backbone itself has answered, or the library has answered for it."""
        answer = self.answer(entry)
        return entry.pyramid is not None if answer is None else answer.asked == entry.name

    def keep_verdicts(self) -> None:
        """Keep what backbones and base configs answered for the next sitting."""
        self._verdicts.save()

    async def bases(self) -> list[BaseName]:
        """The base configs of the installed mmdet and of the checkout around the current folder."""
        if self._bases is None:
            roots = [str(self.checkout.configs)] if self.checkout is not None else []
            self._bases = await self._ask("bases", {"roots": roots}, list[BaseName])
        return self._bases

    async def base(self, name: str) -> Base:
        """What the base config of that name, or at that path, needs from its backbone."""
        if name not in self._base_facts:
            path = self.folder / Path(name).expanduser()
            named = catalog.find_base(name, await self.bases()) if not path.is_file() else None
            place = named.path if named else str(path.resolve())
            facts = await self._ask("base", {"path": place}, Base, group="base")
            asked = {"path": place, "folder": str(self.folder.resolve())}
            self._files[name] = tuple(await self._ask("data_files", asked, list[DataFile], group="base"))
            self._base_facts[name] = replace(facts, name=named.name if named else name)
            if named is not None and named.origin == "mmdet":
                self._verdicts.put_base(self._base_facts[name])
        return self._base_facts[name]

    async def detectors(self) -> tuple[Base, ...]:
        """What detectors of unlike needs take from a backbone, each by one of its configs; asked once."""
        for known in await self.bases():
            if known.name in fits.KNOWN_DETECTORS and self._verdicts.base(known.name) is None:
                with contextlib.suppress(ProbeRefused):
                    await self.base(known.name)
        return self.known_detectors

    @property
    def known_detectors(self) -> tuple[Base, ...]:
        """Those of `detectors` that were asked already, in this sitting or an earlier one."""
        asked = map(self._verdicts.base, fits.KNOWN_DETECTORS)
        return tuple(base for base in asked if base is not None)

    def known_base(self, name: str) -> Base | None:
        """What that base config needs, if it was asked already."""
        return self._base_facts.get(name)

    async def probe(self, entry: Entry, *, highlight: bool = False) -> Probe:
        """The stages of a backbone at `input`; a newer highlight overtakes an older one."""
        key = (entry.name, self.input)
        if key not in self._probes:
            asked: dict[str, Any] = {"name": entry.name, "type": entry.type, "config": entry.config}
            asked |= {"input": list(self.input), "device": self.device}
            group = "highlight" if highlight else None
            self._probes[key] = await self._ask("probe", asked, Probe, group=group, overtakes=["survey"])
            self._verdicts.put(entry, self._probes[key])
        return self._probes[key]

    def probed(self, name: str) -> Probe | None:
        """The probe of a backbone at `input`, if it was asked already."""
        return self._probes.get((name, self.input))

    async def dataset(self, words: tuple[str, ...], progress: Progress | None = None) -> Dataset:
        """Read the data set that these words name, anew: its files may have been mended since."""
        asked = dataset.question(dataset.named(words, self.folder))
        limit = DATASET_LIMIT
        self._data[words] = await self._ask("dataset", asked, Dataset, limit=limit, group="dataset", progress=progress)
        return self._data[words]

    def known_dataset(self, words: tuple[str, ...]) -> Dataset | None:
        """The data set that these words name, if it was read already."""
        return self._data.get(words)

    async def check(self, config: Path, progress: Progress | None = None) -> Check:
        """Build a config and train it for one step."""
        asked = {"path": str(Path(config).resolve()), "device": self.chosen_device}
        found: Check = await self._ask("check", asked, Check, limit=CHECK_LIMIT, progress=progress)
        return found

    async def outputs(self, config: Path, *, device: str = "cpu") -> list[list[int]]:
        """The shapes that a written config's backbone gives at the recipe's input size; "shapes" computes nothing."""
        asked = {"path": str(Path(config).resolve()), "input": list(self.input), "device": device}
        return cast(list[list[int]], await self._ask("outputs", asked, list[list[int]]))

    async def weights(self, worked_out: Plan) -> WeightsReport | None:
        """Load what a plan starts from, on the training side, and say what it does; None where it starts from nothing.

        Asked anew as long as the file is not there, or is refused: the user may be about to bring another.
        """
        asked = worked_out.to_load
        if asked is None:
            return None
        known = self._reports.get(json.dumps(asked))
        if known is not None and known.place is not None and not known.error:
            return known
        try:
            found: WeightsReport = await self._ask("weights", asked, WeightsReport, group="weights")
        except (ProbeCancelled, ProbeCrashed, ProbeTimeout):
            raise
        except ProbeError as error:
            start = worked_out.start
            found = WeightsReport(start.label, dict(start.config), None, note=f"they could not be loaded: {error.text}")
        self._reports[json.dumps(asked)] = found
        return found

    async def _ask(self, method: str, params: dict[str, Any], answer: Any, **options: Any) -> Any:
        if self._half is None:
            raise NoEnvironment("no training environment is open", "name one with --python")
        options.setdefault("limit", LIMITS.get(method, CHECK_LIMIT))
        return await self._half.request(method, params, answer, **options)
