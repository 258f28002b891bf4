"""One sitting: the recipe with its history, and what follows from it and the facts asked so far. No Textual here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bbprobe.protocol import Base, Check, Entry, Probe
from bbwizard import atomic, differing, launch, paths, plan, presets
from bbwizard.atomic import ANYTHING, NOTHING, Seen
from bbwizard.decision import Decision
from bbwizard.errors import NotWritable, UsageError, WriteRefused
from bbwizard.grammar import LIBRARIES
from bbwizard.history import History
from bbwizard.image_sizes import Shown
from bbwizard.launching import Launching
from bbwizard.lineage import descends
from bbwizard.plan import Plan
from bbwizard.probe import Progress
from bbwizard.recipe import Recipe
from bbwizard.wiring import default_stages

NOWHERE: Final = "where mmdet's configs lie on the machine that trains is not known"


class Session(Launching):
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
        self.as_written = NOTHING
        """The written config as it lay on the disk then."""
        self.by_hand: str | None = None
        """The text of the written config as its user edited it; None where it is bbwizard's own."""
        self.script_written = (Path(), NOTHING)
        """Where the written config's script for sbatch was put, and as what it lay on the disk then."""
        self.checked: Check | None = None
        self.notes: tuple[str, ...] = ()
        self.history = History(Decision())
        self._written_plan: Plan | None = None

    @property
    def input(self) -> tuple[int, int]:
        """Height and width in pixels of the images that backbones are shown."""
        return self.recipe.input

    # The recipe

    @property
    def recipe(self) -> Recipe:
        """The recipe as it stands."""
        return self.history.now.recipe

    @property
    def output(self) -> Path | None:
        """Where the user wants the config; None where the suggested path will do."""
        return Path(self.history.now.output) if self.history.now.output else None

    @property
    def marked(self) -> tuple[str, ...]:
        """Names of the backbones that are to be compared, in the order in which they were marked."""
        return self.history.now.marked

    def decide(self, **fields: Any) -> None:
        """Decide parts of the `Decision` anew."""
        self.history.add(replace(self.history.now, **fields))

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
            self.decide(recipe=recipe)
        return recipe

    def mark(self, name: str) -> bool:
        """Mark a backbone for comparison, or take its mark away; whether it is marked now."""
        marked = name not in self.marked
        self.decide(marked=(*self.marked, name) if marked else tuple(other for other in self.marked if other != name))
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
        worked_out = self._made(recipe, base, entry, await self.probe(entry))
        if worked_out.wired:
            await self.show(base, entry)
        return self._informed(worked_out)

    def _made(self, recipe: Recipe, base: Base, entry: Entry, probe: Probe, **more: Any) -> Plan:
        data, files = self._data.get(recipe.data), self._files.get(recipe.base, ())
        notes = self.notes if recipe.backbone == self.recipe.backbone else ()
        shown = self.shown(base, entry)
        shown = shown if isinstance(shown, Shown) else Shown()
        return plan.make(recipe, base, entry, probe, notes, data=data, files=files, shown=shown, **more)

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
        if found.wired and not isinstance(self.shown(base, entry), Shown):
            return None
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

    def write(
        self,
        worked_out: Plan,
        output: Path,
        *,
        force: bool = False,
        seen: Seen = NOTHING,
        by_hand: str | None = None,
    ) -> Path:
        """Write the config, or what its user made of it; from then on it is the one that the sitting has written.

        Raises:
            NotWritable: it would not train, or nobody said where mmdet's configs lie.
            ChangedMeanwhile: there is another file than was `seen` (and `force` is not given).
            WriteRefused: it cannot be written.
        """
        target = self.folder / paths.typed(str(output))
        over = ANYTHING if force else seen
        self.as_written = self.put(worked_out, target, over=over, by_hand=by_hand)
        if target != self.written:
            self.script_written = (Path(), NOTHING)
        self.written, self.checked, self._written_plan, self.by_hand = target, None, worked_out, by_hand
        return target

    def put(self, worked_out: Plan, target: Path, *, over: Seen | None = NOTHING, by_hand: str | None = None) -> Seen:
        """Write a config beside the sitting's own, and what it is on the disk; raises as `write` does.

        A file that holds this very text is left as it is, with its time: what is made of it need not be made anew.
        """
        paths.demand_printable(target.name)
        whole = self.whole_text(worked_out, target)
        if descends(Path(worked_out.base.path), target):
            text = f"{target} cannot be written: {worked_out.base.name} is that file, or inherits from it"
            raise WriteRefused(text, "name another file: a config cannot inherit from itself")
        return filed(target, whole if by_hand is None else by_hand, over)

    def whole_text(self, worked_out: Plan, output: Path) -> str:
        """The text of a config that may be written to `output`.

        Raises:
            NotWritable: it would not train, or nobody said where mmdet's configs lie.
        """
        worked_out.refuse()
        if self.atlas is not None and not self.mmdet_root:
            raise NotWritable(NOWHERE, "say --mmdet-root PATH: a checkout, or mmdet/.mim of the installed package")
        return self.text(worked_out, output)

    def write_script(self, path: Path, text: str, over: Seen | None) -> None:
        """Write the script for sbatch; raises as `write` does."""
        self.script_written = path, filed(path, text, over)

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
        if self.by_hand is not None:
            return worked_out  # what the user wrote is theirs to mend
        subject = self._made(
            worked_out.recipe, worked_out.base, worked_out.entry, worked_out.probe, report=worked_out.start.report
        ).checked_by
        if subject not in self._seen or not self._seen[subject].ok:
            self._seen[subject] = seen  # a second check sees the file that the first one had mended
        informed = self._informed(worked_out)
        if seen.ok and self.text(informed, target) != self.text(worked_out, target):
            # What the user has made of the file meanwhile stays.
            self.as_written = atomic.write_text(target, self.text(informed, target), over=self.as_written)
            await self.check(target, progress)
        self._written_plan = informed
        return informed

    def command(self, config: Path) -> str:
        """The line that trains a written config, as it should be typed in this folder."""
        worked_out, recipe = self.plan(), self.recipe
        script, seen = self.script_written
        if recipe.launcher == "sbatch" and config == self.written and seen != NOTHING:
            return launch.started("sbatch", self.typed(script))
        extra = (*(worked_out.arguments if worked_out is not None else ()), *launch.resuming(recipe.resume))
        return self.train_command(config, launcher=recipe.launcher, extra=extra)

    # Presets

    def load(self, preset: presets.Preset) -> None:
        """Take a preset's recipe; `settle` then says what changed since it was saved."""
        self.decide(recipe=preset.recipe)

    def preset_text(self, *, tags: Sequence[str] = (), note: str = "") -> str:
        """The recipe as a preset, with the stages as they are here, and the versions of the libraries."""
        worked_out, held = self.plan(), self.facts.versions
        recipe = self.recipe if worked_out is None else replace(self.recipe, stages=worked_out.stages)
        versions = {name: held[name] for name in LIBRARIES if held.get(name)}
        return presets.dump(recipe, self.probed(recipe.backbone), tags=tags, note=note, versions=versions)

    async def changes(self, preset: presets.Preset) -> tuple[str, ...]:
        """What is not here as it was when a preset was saved, a sentence each."""
        entry = await self.entry(preset.recipe.backbone)
        moved = presets.opened(preset, await self.probe(entry)).notes
        return (*moved, *differing.other_versions(preset, self.facts.versions))

    async def settle(self, preset: presets.Preset) -> tuple[str, ...]:
        """Probe a loaded preset's backbone here, follow stages that moved, and say so."""
        entry = await self.entry(preset.recipe.backbone)
        found = presets.opened(preset, await self.probe(entry))
        self.history.amend(replace(self.history.now, recipe=found.recipe))
        self.notes = found.notes
        return found.notes


def filed(path: Path, text: str, over: Seen | None) -> Seen:
    """Have a file hold a text, and what it is on the disk; one that holds it already keeps its time."""
    return atomic.look(path) if atomic.holds(path, text) else atomic.write_text(path, text, over=over)
