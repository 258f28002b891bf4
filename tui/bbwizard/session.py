"""One sitting: the recipe with its history, and what follows from it and the facts asked so far. No Textual here."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bbprobe.protocol import Base, Check, Entry, Probe
from bbwizard import atomic, launch, plan, presets
from bbwizard.asked import Asked
from bbwizard.errors import NoEnvironment, NotWritable, UsageError, WriteRefused
from bbwizard.history import History
from bbwizard.plan import Plan
from bbwizard.probe import Progress
from bbwizard.recipe import Recipe
from bbwizard.wiring import default_stages

NOWHERE: Final = "where mmdet's configs lie on the machine that trains is not known"


class Session(Asked):
    """What a wizard or a command works with."""

    def __init__(
        self,
        *,
        launch_prefix: Sequence[str] = (),
        device: str = "auto",
        folder: Path | None = None,
        cache: bool = True,
        mmdet_root: str = "",
    ) -> None:
        super().__init__(launch_prefix=launch_prefix, device=device, folder=folder, cache=cache, mmdet_root=mmdet_root)
        self.written: Path | None = None
        self.checked: Check | None = None
        self.notes: tuple[str, ...] = ()
        self.marked: tuple[str, ...] = ()
        """Names of the backbones that are to be compared, in the order in which they were marked."""
        self.history = History(Recipe())
        self._written_plan: Plan | None = None

    @property
    def input(self) -> tuple[int, int]:
        """Height and width in pixels of the images that backbones are shown."""
        return self.recipe.input

    # The recipe

    @property
    def recipe(self) -> Recipe:
        """The decision as it stands."""
        return self.history.now

    def change(self, **fields: Any) -> Recipe:
        """Decide something anew; a new backbone drops what was decided about the old one's stages and weights."""
        recipe = replace(self.recipe, **fields)
        if recipe.backbone != self.recipe.backbone:
            fresh = {"stages": None, "weights": "auto", "override": False, "fixes": (), "leave": ()}
            recipe = replace(recipe, **{**fresh, **fields})
        elif recipe.base != self.recipe.base:
            recipe = replace(recipe, **{"stages": None, "override": False, "fixes": (), "leave": (), **fields})
        if recipe != self.recipe:
            if (recipe.backbone, recipe.stages) != (self.recipe.backbone, self.recipe.stages):
                self.notes = ()
            self.history.add(recipe)
        return recipe

    def mark(self, name: str) -> bool:
        """Mark a backbone for comparison, or take its mark away; whether it is marked now."""
        marked = name not in self.marked
        self.marked = (*self.marked, name) if marked else tuple(other for other in self.marked if other != name)
        return marked

    # What follows from them

    async def work_out(self, other: Recipe | None = None) -> Plan:
        """Ask whatever the recipe, or another in its place, still lacks, and work it out."""
        recipe = self.recipe if other is None else other
        if not recipe.base or not recipe.backbone:
            raise UsageError("choose a base config and a backbone first")
        base = await self.base(recipe.base)
        entry = await self.entry(recipe.backbone)
        if recipe.data and recipe.data not in self._data:
            await self.dataset(recipe.data)
        return self._informed(self._made(recipe, base, entry, await self.probe(entry)))

    def _made(self, recipe: Recipe, base: Base, entry: Entry, probe: Probe, **more: Any) -> Plan:
        data, files = self._data.get(recipe.data), self._files.get(recipe.base, ())
        notes = self.notes if recipe.backbone == self.recipe.backbone else ()
        return plan.make(recipe, base, entry, probe, notes, data=data, files=files, **more)

    async def weighed(self, worked_out: Plan) -> Plan:
        """A plan that knows what loading its weights does; one that may not be written anyway, as it is."""
        if worked_out.writable:
            await self.weights(worked_out)
        return self._informed(worked_out)

    def _informed(self, worked_out: Plan) -> Plan:
        """A plan with what is known already of its weights, and by a check of what it writes."""
        facts = (worked_out.recipe, worked_out.base, worked_out.entry, worked_out.probe)
        report = self._reports.get(json.dumps(worked_out.to_load))
        unseen = self._made(*facts, report=report)
        seen = self._seen.get(unseen.checked_by)
        return unseen if seen is None else self._made(*facts, report=report, seen=seen)

    async def advised(self, worked_out: Plan) -> Plan:
        """A plan that may not be written, knowing which detectors here would take its backbone; any other as it is."""
        return worked_out if worked_out.wired else replace(worked_out, others=await self.detectors())

    def plan(self) -> Plan | None:
        """The recipe worked out from what is known already; None where something must be asked first."""
        recipe = self.recipe
        base, probe = self._base_facts.get(recipe.base), self.probed(recipe.backbone)
        entry = self._listed.get(recipe.backbone)
        if base is None or probe is None or entry is None:
            return None
        found = self._informed(self._made(recipe, base, entry, probe))
        return found if found.wired else replace(found, others=self.known_detectors)

    def selected(self, probe: Probe) -> tuple[int, ...]:
        """The stages that a backbone would be trained with: the recipe's, else the default wiring's, else all."""
        everything = super().selected(probe)
        if not everything:
            return ()
        if self.recipe.backbone == probe.backbone and self.recipe.stages:
            return self.recipe.stages
        base = self._base_facts.get(self.recipe.base)
        return (default_stages(base, probe) if base is not None else ()) or everything

    def text(self, worked_out: Plan, output: Path) -> str:
        """The config's text for a file at `output`."""
        return worked_out.text(self.facts, self.folder / output, self.checkout.root if self.checkout else None)

    def suggested(self, worked_out: Plan) -> Path:
        """Where the config would be written if nobody said."""
        return self.folder / plan.file_name(worked_out.base, worked_out.entry)

    def write(self, worked_out: Plan, output: Path, *, force: bool = False) -> Path:
        """Write the config; from then on it is the one that the sitting has written.

        Raises:
            NotWritable: it would not train, or nobody said where mmdet's configs lie.
            WriteRefused: the file is there (and `force` is not given), or cannot be written.
        """
        target = self.put(worked_out, output, force=force)
        self.written, self.checked, self._written_plan = target, None, worked_out
        return target

    def put(self, worked_out: Plan, output: Path, *, force: bool = False) -> Path:
        """Write a config beside the sitting's own; raises as `write` does."""
        worked_out.refuse()
        if self.atlas is not None and not self.mmdet_root:
            raise NotWritable(NOWHERE, "say --mmdet-root PATH: a checkout, or mmdet/.mim of the installed package")
        target = self.folder / output.expanduser()
        if target.exists() and not force:
            raise WriteRefused(f"{target} is there already", "say --force to replace it, or name another file")
        atomic.write_text(target, self.text(worked_out, target))
        return target

    async def check(self, config: Path, progress: Progress | None = None) -> Check:
        """Build a config and train it for one step; what that showed is `checked`."""
        self.checked = await super().check(config, progress)
        return self.checked

    async def prove(self, progress: Progress | None = None) -> Plan:
        """Check the written config; what that shows and certainly mends is written too, and checked again.

        Gives the plan as it lies on the disk at the end, which is what `checked` speaks of.
        """
        target, worked_out = self.written, self._written_plan
        if target is None or worked_out is None:
            raise UsageError("write a config first")
        seen = await self.check(target, progress)
        subject = self._made(
            worked_out.recipe, worked_out.base, worked_out.entry, worked_out.probe, report=worked_out.start.report
        ).checked_by
        if subject not in self._seen or not self._seen[subject].ok:
            self._seen[subject] = seen  # a second check sees the file that the first one had mended
        informed = self._informed(worked_out)
        if seen.ok and self.text(informed, target) != self.text(worked_out, target):
            atomic.write_text(target, self.text(informed, target))
            await self.check(target, progress)
        self._written_plan = informed
        return informed

    def command(self, config: Path) -> str:
        """The line that trains a written config, as it should be typed in this folder."""
        worked_out = self.plan()
        extra = worked_out.arguments if worked_out is not None else ()
        gpus, launcher = self.recipe.gpus, self.recipe.launcher
        return launch.train_command(self.launch_facts, self.typed(config), gpus=gpus, launcher=launcher, extra=extra)

    def typed(self, path: Path) -> str:
        """A path as it should be typed in this folder."""
        return launch.placed(str(path), str(self.folder))

    @property
    def launch_facts(self) -> launch.Launch:
        """What starts a training here.

        Raises:
            NoEnvironment: mmdet's script is nowhere.
        """
        facts = self.facts
        if self.atlas is not None:
            return launch.Launch(facts.executable, facts.train_script or "", True, mim=None, torchrun="torchrun")
        script = str(self.checkout.train_script) if self.checkout is not None else facts.train_script
        if script is None:
            raise NoEnvironment(
                "mmdet's tools/train.py is nowhere", "install mmdet from PyPI, or work inside a checkout of it"
            )
        torchrun = str(Path(facts.executable).with_name("torchrun"))
        return launch.Launch(
            python=launch.typed(facts.executable, "python", shutil.which("python")),
            script=launch.placed(script, str(self.folder)),
            in_checkout=self.checkout is not None,
            mim=launch.typed(facts.mim, "mim", shutil.which("mim")) if facts.mim else None,
            torchrun=launch.typed(torchrun, "torchrun", shutil.which("torchrun")) if os.path.exists(torchrun) else None,
        )

    @property
    def launchers(self) -> tuple[str, ...]:
        """The launchers that this machine has the commands for."""
        return launch.launchers([name for name in ("srun", "sbatch") if shutil.which(name)])

    # Presets

    def load(self, preset: presets.Preset) -> None:
        """Take a preset's recipe; `settle` then says what changed since it was saved."""
        self.history.add(preset.recipe)

    async def settle(self, preset: presets.Preset) -> tuple[str, ...]:
        """Probe a loaded preset's backbone here, follow stages that moved, and say so."""
        entry = await self.entry(preset.recipe.backbone)
        found = presets.opened(preset, await self.probe(entry))
        self.history.amend(found.recipe)
        self.notes = found.notes
        return found.notes
