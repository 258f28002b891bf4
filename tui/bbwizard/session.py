"""One sitting: the training environment, the recipe and its history, and the facts asked so far. No Textual here."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Container, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bbprobe.protocol import Base, BaseName, Check, Entry, Environment, Probe
from bbwizard import atomic, catalog, launch, paths, plan, presets, verdicts
from bbwizard.environments import Candidate, Checkout, checkout, discover, remember
from bbwizard.errors import NoEnvironment, ProbeCancelled, ProbeError, UsageError, WriteRefused
from bbwizard.plan import Plan
from bbwizard.probe import ProbingHalf, Progress
from bbwizard.recipe import Recipe
from bbwizard.verdicts import Verdicts

LIMITS: Final = {"environment": 180.0, "catalog": 300.0, "bases": 60.0, "base": 180.0, "probe": 180.0, "survey": 30.0}
"""Seconds until a request counts as hung; the first ones import torch, mmdet and timm from a network disk."""
CHECK_LIMIT: Final = 1200.0
"""Seconds for building a detector and one training step of it, on a busy CPU too."""


class Session:
    """What a wizard or a command works with; every method that asks the probing half may raise ProbeError."""

    def __init__(self, *, launch_prefix: Sequence[str] = (), device: str = "auto", folder: Path | None = None) -> None:
        self.launch_prefix = tuple(launch_prefix)
        self.device = device
        self.folder = folder or Path.cwd()
        self.checkout: Checkout | None = checkout(self.folder)
        self.log: Path = paths.logs() / f"probe-{os.getpid()}.log"
        self.candidates: list[Candidate] = []
        self.environment: Environment | None = None
        self.written: Path | None = None
        self.checked: Check | None = None
        self.notes: tuple[str, ...] = ()
        self._half: ProbingHalf | None = None
        self._history: list[Recipe] = [Recipe()]
        self._catalogs: dict[str, list[Entry]] = {}
        self._bases: list[BaseName] | None = None
        self._base_facts: dict[str, Base] = {}
        self._probes: dict[tuple[str, tuple[int, int]], Probe] = {}
        self._verdicts = Verdicts()
        self._surveyed: set[str] = set()

    # The recipe

    @property
    def recipe(self) -> Recipe:
        """The decision as it stands."""
        return self._history[-1]

    def change(self, **fields: Any) -> Recipe:
        """Decide something anew; a new backbone drops what was decided about the old one's stages and weights."""
        recipe = replace(self.recipe, **fields)
        if recipe.backbone != self.recipe.backbone:
            recipe = replace(recipe, **{"stages": None, "weights": "auto", "override": False, **fields})
        elif recipe.base != self.recipe.base:
            recipe = replace(recipe, **{"stages": None, "override": False, **fields})
        if recipe != self.recipe:
            if (recipe.backbone, recipe.stages) != (self.recipe.backbone, self.recipe.stages):
                self.notes = ()
            self._history.append(recipe)
        return recipe

    def undo(self) -> bool:
        """Take back the last decision; False where there is none."""
        if len(self._history) == 1:
            return False
        self._history.pop()
        return True

    # The training environment

    async def discover(self, explicit: str | None = None) -> list[Candidate]:
        """Find the training environments of this machine."""
        self.candidates = await asyncio.to_thread(discover, explicit)
        return self.candidates

    async def open(self, python: str, *, keep: bool = False) -> Environment:
        """Work with the training environment of this interpreter from now on; `keep` remembers it for this host."""
        await self.close()
        self._half = ProbingHalf(python, launch=self.launch_prefix, log=self.log)
        self._bases = None
        self._catalogs.clear()
        self._base_facts.clear()
        self._probes.clear()
        self.environment = await self._ask("environment", {"device": self.device}, Environment)
        self._verdicts = Verdicts.of(self.environment)
        self._surveyed.clear()
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
            self._catalogs[source] = self._verdicts.applied(found)
        return [entry for source in sources for entry in self._catalogs[source]]

    async def entry(self, name: str) -> Entry:
        """The backbone of that name."""
        source = name.partition("/")[0]
        return catalog.find_backbone(
            name, await self.entries((source,) if source in catalog.SOURCES else catalog.SOURCES)
        )

    async def survey_next(self, among: Container[str] | None = None) -> Entry | None:
        """Ask one more family, of those in `among`, whether it gives a pyramid; None where all were asked."""
        unknown = [entry for entries in self._catalogs.values() for entry in entries if entry.pyramid is None]
        left = [entry for entry in unknown if verdicts.key(entry) not in self._surveyed]
        family = next((key for key in map(verdicts.key, left) if among is None or key in among), None)
        if family is None:
            return None
        entry = min((entry for entry in left if verdicts.key(entry) == family), key=verdicts.likely_size)
        self._surveyed.add(verdicts.key(entry))
        asked = {"name": entry.name, "type": entry.type, "config": entry.config}
        try:
            answer = await self._ask("survey", asked, dict[str, Any], group="survey")
        except ProbeCancelled:
            self._surveyed.discard(verdicts.key(entry))
            raise
        except ProbeError:
            return entry  # its family stays unmarked: whoever highlights it is told
        self._verdicts.put(entry, "" if answer["pyramid"] else answer["reason"])
        self._catalogs[entry.source] = self._verdicts.applied(self._catalogs[entry.source])
        return entry

    def keep_verdicts(self) -> None:
        """Keep what the survey found for the next sitting."""
        if self._surveyed:
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
            facts = await self._ask("base", {"path": named.path if named else str(path.resolve())}, Base, group="base")
            self._base_facts[name] = replace(facts, name=named.name if named else name)
        return self._base_facts[name]

    def known_base(self, name: str) -> Base | None:
        """What that base config needs, if it was asked already."""
        return self._base_facts.get(name)

    async def probe(self, entry: Entry, *, highlight: bool = False) -> Probe:
        """The stages of a backbone at the recipe's input size; a newer highlight overtakes an older one."""
        key = (entry.name, self.recipe.input)
        if key not in self._probes:
            asked: dict[str, Any] = {"name": entry.name, "type": entry.type, "config": entry.config}
            asked |= {"input": list(self.recipe.input), "device": self.chosen_device}
            group = "highlight" if highlight else None
            self._probes[key] = await self._ask("probe", asked, Probe, group=group, overtakes=["survey"])
        return self._probes[key]

    def probed(self, name: str) -> Probe | None:
        """The probe of a backbone at the recipe's input size, if it was asked already."""
        return self._probes.get((name, self.recipe.input))

    async def check(self, config: Path, progress: Progress | None = None) -> Check:
        """Build a config and train it for one step."""
        asked = {"path": str(Path(config).resolve()), "device": self.chosen_device}
        self.checked = await self._ask("check", asked, Check, limit=CHECK_LIMIT, progress=progress)
        return self.checked

    async def _ask(self, method: str, params: dict[str, Any], answer: Any, **options: Any) -> Any:
        if self._half is None:
            raise NoEnvironment("no training environment is open", "name one with --python")
        options.setdefault("limit", LIMITS.get(method, CHECK_LIMIT))
        return await self._half.request(method, params, answer, **options)

    # What follows from them

    async def work_out(self) -> Plan:
        """Ask whatever the recipe still lacks, and work it out."""
        recipe = self.recipe
        if not recipe.base or not recipe.backbone:
            raise UsageError("choose a base config and a backbone first")
        base = await self.base(recipe.base)
        entry = await self.entry(recipe.backbone)
        return plan.make(recipe, base, entry, await self.probe(entry), self.notes)

    def plan(self) -> Plan | None:
        """The recipe worked out from what is known already; None where something must be asked first."""
        recipe = self.recipe
        base, probe = self._base_facts.get(recipe.base), self.probed(recipe.backbone)
        known = (entry for entries in self._catalogs.values() for entry in entries)
        entry = next((entry for entry in known if entry.name == recipe.backbone), None)
        if base is None or probe is None or entry is None:
            return None
        return plan.make(recipe, base, entry, probe, self.notes)

    def text(self, worked_out: Plan, output: Path) -> str:
        """The config's text for a file at `output`."""
        return worked_out.text(self.facts, self.folder / output, self.checkout.root if self.checkout else None)

    def suggested(self, worked_out: Plan) -> Path:
        """Where the config would be written if nobody said."""
        return self.folder / plan.file_name(worked_out.base, worked_out.entry)

    def write(self, worked_out: Plan, output: Path, *, force: bool = False) -> Path:
        """Write the config.

        Raises:
            NotWritable: it would not train.
            WriteRefused: the file is there (and `force` is not given), or cannot be written.
        """
        worked_out.refuse()
        target = self.folder / output.expanduser()
        if target.exists() and not force:
            raise WriteRefused(f"{target} is there already", "say --force to replace it, or name another file")
        atomic.write_text(target, self.text(worked_out, target))
        self.written, self.checked = target, None
        return target

    def command(self, config: Path) -> str:
        """The line that trains a written config, as it should be typed in this folder."""
        facts = self.facts
        script = str(self.checkout.train_script) if self.checkout is not None else facts.train_script
        if script is None:
            raise NoEnvironment(
                "mmdet's tools/train.py is nowhere", "install mmdet from PyPI, or work inside a checkout of it"
            )
        torchrun = str(Path(facts.executable).with_name("torchrun"))
        how = launch.Launch(
            python=launch.typed(facts.executable, "python", shutil.which("python")),
            script=launch.placed(script, str(self.folder)),
            in_checkout=self.checkout is not None,
            mim=launch.typed(facts.mim, "mim", shutil.which("mim")) if facts.mim else None,
            torchrun=launch.typed(torchrun, "torchrun", shutil.which("torchrun")) if os.path.exists(torchrun) else None,
        )
        target = launch.placed(str(config), str(self.folder))
        return launch.train_command(how, target, gpus=self.recipe.gpus, launcher=self.recipe.launcher)

    @property
    def launchers(self) -> tuple[str, ...]:
        """The launchers that this machine has the commands for."""
        return launch.launchers([name for name in ("srun", "sbatch") if shutil.which(name)])

    # Presets

    def load(self, preset: presets.Preset) -> None:
        """Take a preset's recipe; `settle` then says what changed since it was saved."""
        self._history.append(preset.recipe)

    async def settle(self, preset: presets.Preset) -> tuple[str, ...]:
        """Probe a loaded preset's backbone here, follow stages that moved, and say so."""
        entry = await self.entry(preset.recipe.backbone)
        found = presets.opened(preset, await self.probe(entry))
        self._history[-1] = found.recipe
        self.notes = found.notes
        return found.notes
