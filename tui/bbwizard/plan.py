"""Everything that follows from a recipe and the facts it rests on: wiring, weights, config text, warnings. Pure."""

from __future__ import annotations

import os.path
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bbprobe.protocol import Base, Check, DataFile, Dataset, Entry, Environment, Probe, WeightsReport
from bbwizard import image_sizes
from bbwizard.answers import PlanAnswer
from bbwizard.config import backbone, changes_as_json, render, settings
from bbwizard.errors import NotWritable
from bbwizard.findings import Finding, Fix
from bbwizard.fits import Instead, against, elsewhere, known_as
from bbwizard.image_sizes import Shown
from bbwizard.recipe import Recipe
from bbwizard.resolved import resolved
from bbwizard.retarget import retargeted
from bbwizard.rules import RULES, own_data
from bbwizard.rules.situation import Situation
from bbwizard.weights import Start, start
from bbwizard.wiring import Problem, Wiring, default_stages, wire
from bbwizard.wording import numbers


@dataclass(frozen=True)
class Plan:
    """A recipe worked out."""

    recipe: Recipe
    base: Base
    entry: Entry
    probe: Probe
    stages: tuple[int, ...]
    wiring: Wiring
    start: Start
    findings: tuple[Finding, ...]
    faults: tuple[Problem, ...] = ()
    """Why training would stop on the user's own data, or learn something else."""
    data: Dataset | None = None
    others: tuple[Base, ...] = ()
    """Other detectors here, which may take a backbone that this base cannot."""

    @property
    def wired(self) -> bool:
        """Whether the backbone may stand in the base: it fits, or the user has said to write it all the same."""
        return self.base.supported and bool(self.stages) and (self.wiring.writable or self.recipe.override)

    @property
    def writable(self) -> bool:
        """Whether it may be written: it would train, or the user has said to write it all the same."""
        return self.wired and (self.recipe.override or not (self.start.error or self.faults))

    def refuse(self) -> None:
        """Say no to a plan that may not be written.

        Raises:
            NotWritable: with the reasons, and the nearest thing that would work.
        """
        if self.writable:
            return
        if not self.base.supported:
            raise NotWritable(f"{self.base.name}: {self.base.reason}", "choose another base config")
        if self.start.error and self.wiring.writable and self.start.report is not None:
            raise NotWritable(self.start.error, self.start.report.remedy)
        if self.faults and self.wiring.writable:
            words = "mend the data, or choose other data or another base config"
            raise NotWritable("; ".join(fault.text for fault in self.faults), words)
        reasons = "; ".join(problem.text for problem in self.wiring.problems) or "no stage is chosen"
        instead = nearest(self)
        if self.strides_fit:
            raise NotWritable(f"{self.entry.name} into {self.base.name}: {reasons}", instead.words, instead.base)
        strides = f"strides {numbers(self.wiring.produced) or 'none'} against {numbers(self.wiring.expected)}"
        text = f"{self.entry.name} into {self.base.name}: {strides}: {reasons}"
        raise NotWritable(text, instead.words, instead.base)

    @property
    def strides_fit(self) -> bool:
        """Whether the heads get the strides that they are made for, whatever else stands in the way."""
        return list(self.wiring.produced) == list(self.wiring.expected)

    def text(self, environment: Environment, output: Path, checkout: Path | None) -> str:
        """The config's text for a file at `output`; `checkout` is the mmdetection checkout around it, if any."""
        return render(
            self.base,
            self.probe,
            self.wiring,
            self.start,
            self.fixes,
            base_reference=base_reference(Path(self.base.path), output, checkout),
            probed_on=probed_on(self.probe, environment),
            faults=self.faults,
            override=self.recipe.override,
        )

    @property
    def fixes(self) -> list[Fix]:
        """What the written config changes beside the backbone: the data, and the findings' fixes that are taken."""
        own = [retargeted(self.data, resolved(self.base.resolved))] if self.data is not None else []
        return own + [finding.fix for finding in self.findings if finding.fix is not None and finding.taken]

    @property
    def arguments(self) -> tuple[str, ...]:
        """What the train command says beside the config."""
        return tuple(argument for fix in self.fixes for argument in fix.arguments)

    @property
    def settings(self) -> dict[str, Any]:
        """The top-level keys that the config sets over its base, each with its value."""
        return settings(self.base, self.probe, self.wiring, self.start, self.fixes)

    @property
    def checked_by(self) -> str:
        """What a check of the written config looks at, as text: two plans with the same have the same answer."""
        values = self.settings
        looked_at = ("model", "optimizer", "custom_hooks", "classes")
        return repr((self.base.path, *map(values.get, looked_at)))

    @property
    def to_load(self) -> dict[str, Any] | None:
        """What is asked of the probing half to have its weights loaded; None where it starts from none.

        The form of a file that the user names is found by looking into it; the libraries know that of their own.
        """
        if not self.start.config:
            return None
        config = backbone(self.probe, self.wiring, Start(self.start.label))
        kind = config.pop("type")
        given = start(self.recipe.weights, self.entry, self.base)
        return {"type": kind, "config": config, "start": given.config, "choose": given.weights is None}

    def as_json(self) -> PlanAnswer:
        """What `bbwizard write --json` says of it."""
        return {
            "backbone": self.entry.name,
            "out_indices": list(self.stages),
            "wiring": [
                {
                    "index": link.stage.index,
                    "channels": link.stage.channels,
                    "stride": link.stage.stride,
                    "level": self.base.levels.index(link.level) if link.level is not None else None,
                }
                for link in self.wiring.links
            ],
            "changes": changes_as_json(self.wiring.changes),
            "weights": self.start.as_json(),
            "warnings": [finding.as_json() for finding in self.findings],
        }


def make(
    recipe: Recipe,
    base: Base,
    entry: Entry,
    probe: Probe,
    notes: tuple[str, ...] = (),
    seen: Check | None = None,
    report: WeightsReport | None = None,
    files: tuple[DataFile, ...] = (),
    data: Dataset | None = None,
    shown: Shown = Shown(),  # noqa: B008  frozen
) -> Plan:
    """Work out a recipe; `notes` say what changed since its preset was saved, `seen` what a check of it showed,
    `report` what loading its weights did, `files` what the base's data sets read,
    `data` the user's own where it was read, `shown` what the backbone makes of the base's images.

    Raises:
        Unknown: the backbone has no such weights.
    """
    stages = recipe.stages if recipe.stages is not None else default_stages(base, probe)
    missing = set(stages) - {stage.index for stage in probe.stages}
    if missing:
        known = ", ".join(str(stage.index) for stage in probe.stages)
        unknown = ", ".join(map(str, sorted(missing)))
        raise NotWritable(f"{entry.name} has no stage {unknown}", f"its out indices are {known}")
    wiring = wire(base, probe, stages)
    wiring = replace(wiring, problems=(*wiring.problems, *image_sizes.problems(base, shown)))
    begin = start(recipe.weights, entry, base)
    begin = begin.reported(report) if report is not None else begin
    situation = Situation(recipe, base, entry, probe, wiring, begin, seen, files, data, shown)
    found = [Finding("moved", note) for note in notes]
    found += [decided(finding, recipe) for rule in RULES for finding in rule(situation)]
    faults = own_data.unread(recipe.data) if recipe.data and data is None else ()
    if data is not None:
        faults = own_data.problems(data, situation.config)
    return Plan(recipe, base, entry, probe, stages, wiring, begin, tuple(found), faults, data)


def decided(finding: Finding, recipe: Recipe) -> Finding:
    """A finding, its fix taken or not as the recipe says."""
    taken = finding.fix is not None and recipe.takes(finding.code, certain=finding.certain)
    return replace(finding, taken=taken)


def nearest(plan: Plan) -> Instead:
    """What would work instead."""
    if any(problem.code == image_sizes.CODE for problem in plan.wiring.problems):
        alike = known_as(plan.base)
        others = elsewhere(plan.probe, [base for base in plan.others if known_as(base) != alike])
        return others if others.words else Instead("choose another backbone, or a base config with other images")
    default = default_stages(plan.base, plan.probe)
    if default and default != plan.stages and wire(plan.base, plan.probe, default).writable:
        return Instead(f"stages {','.join(map(str, default))} would work")
    instead = elsewhere(plan.probe, plan.others)
    if plan.strides_fit:
        return instead if instead.words else Instead("choose another backbone")
    words = f"{against(plan.base, plan.probe)}{'; ' if instead.words else ''}{instead.words}"
    return Instead(words, instead.base)


def base_reference(base: Path, output: Path, checkout: Path | None) -> str:
    """What `_base_` says: relative where both files lie in one checkout, absolute otherwise."""
    folder = Path(os.path.abspath(output)).parent
    if checkout is not None and base.is_relative_to(checkout) and folder.is_relative_to(checkout):
        return Path(os.path.relpath(base, folder)).as_posix()
    return str(base)


def probed_on(probe: Probe, environment: Environment) -> str:
    """How a backbone was probed, and versions, for the head of a config."""
    names = ("torch", "mmdet", "mmcls", *(("timm",) if probe.backbone.startswith("timm/") else ()))
    versions: Mapping[str, str | None] = environment.versions
    return ", ".join([probe.how, *(f"{name} {versions[name]}" for name in names if versions.get(name))])


def file_name(base: Base, entry: Entry) -> str:
    """The name to suggest for the written config."""
    backbone = re.sub(r"[^a-z0-9]+", "_", entry.name.split("/", 1)[1].lower()).strip("_")
    return f"{Path(base.path).stem}_{backbone}.py"
