"""The recipe that a config was made by, found in the config: any that holds a swapped backbone. No Textual here."""

from __future__ import annotations

import contextlib
import json
import os.path
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from bbprobe.protocol import Adopted, Entry, Level, Probe
from bbwizard import weights
from bbwizard.answers import AdoptAnswer
from bbwizard.config import custom_imports, spelled_out
from bbwizard.dataset import named as named_data
from bbwizard.errors import NotWritable, ProbeError, UsageError
from bbwizard.grammar import SOURCES
from bbwizard.merging import Lost, merged, unlike
from bbwizard.plan import Plan
from bbwizard.recipe import Recipe, parse_input
from bbwizard.resolved import ROLES, Resolved, resolved
from bbwizard.retarget import ROOT, leaves
from bbwizard.session import Session

HEAD: Final = re.compile(r"^# Written by bbwizard, probed at (\d+x\d+) ", re.MULTILINE)
"""The line of a config that bbwizard wrote which says for what input size."""
NAMING: Final = ("pretrained", "pretrained_cfg", "pretrained_cfg_overlay", "checkpoint_path")
"""The keyword arguments, beside `init_cfg`, that name a checkpoint."""
IMPORTS: Final = "custom_imports"
APART: Final = (IMPORTS, "data_root", ROOT)
"""Keys that are not compared as they stand: modules are by their names, folders of data in the paths made of them."""


@dataclass(frozen=True)
class Recovered:
    """A config's recipe, worked out, and what of the config it does not bring back."""

    config: Path
    plan: Plan
    lost: tuple[Lost, ...]
    notes: tuple[str, ...]
    """What the user should know of how it was found."""

    @property
    def recipe(self) -> Recipe:
        """The recipe, its stages said."""
        return replace(self.plan.recipe, stages=self.plan.stages)

    def as_json(self, preset: str, saved: Path | None) -> AdoptAnswer:
        """What `bbwizard adopt --json` says of it."""
        recipe = self.recipe
        return {
            "config": str(self.config),
            "base": recipe.base,
            "backbone": recipe.backbone,
            "out_indices": list(self.plan.stages),
            "weights": recipe.weights,
            "input": list(recipe.input),
            "fixes": list(recipe.fixes),
            "leave": list(recipe.leave),
            "lost": [one.as_json() for one in self.lost],
            "notes": list(self.notes),
            "preset": preset,
            "saved": str(saved) if saved is not None else None,
        }


async def adopt(sitting: Session, config: Path, base: str = "") -> Recovered:
    """Find a config's recipe, which becomes the sitting's; `base` names the base config where the user knows better.

    Raises:
        NotWritable: its backbone is in no catalog, or there is no base config to say it was made from.
    """
    found = await sitting.swap_in(config)
    entry = named(found, await sitting.entries((found.source,) if found.source in SOURCES else SOURCES))
    origin, notes = (base, ()) if base else await nearest(sitting, found)
    facts = await sitting.base(found.path)
    original = resolved(facts.resolved)
    sitting.change(input=input_of(Path(found.path), sitting.input))
    probe = await sitting.probe(entry)
    data, unread = await own_data(sitting, original, resolved((await sitting.base(origin)).resolved))
    recipe = replace(
        sitting.recipe,
        base=origin,
        backbone=entry.name,
        stages=selected(found, facts.levels, probe),
        weights=started(original.values["model"], entry),
        override=False,
        fixes=(),
        leave=(),
        data=data,
        resume="",
    )
    await sitting.weighed(await sitting.work_out(recipe))
    plan = await with_fixes(sitting, recipe, original.values)
    sitting.notes = ()
    sitting.decide(recipe=plan.recipe)
    return Recovered(config, plan, tuple(lost(plan, original.values)), (*notes, *unread, *refusal(plan)))


def named(found: Adopted, entries: Sequence[Entry]) -> Entry:
    """The catalog's entry for an adopted backbone: of those whose arguments it all has, the one that says most.

    Raises:
        NotWritable: there is none.
    """
    having = [
        entry
        for entry in entries
        if entry.type == found.type and all(alike(value, found.essence.get(key)) for key, value in entry.config.items())
    ]
    if not having:
        said = ", ".join(f"{key}={value!r}" for key, value in found.essence.items())
        raise NotWritable(
            f"its backbone {found.type}({said}) is in no catalog here",
            f"it can be the base of others as it stands: --base {found.path}",
        )
    return max(having, key=lambda entry: len(entry.config))


def alike(one: Any, other: Any) -> bool:
    """Whether two arguments are the same, lists and tuples alike."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True, default=str)


async def nearest(sitting: Session, found: Adopted) -> tuple[str, tuple[str, ...]]:
    """The base config by the name it has here, and how sure that is.

    Raises:
        NotWritable: there is none.
    """
    if not found.bases:
        raise NotWritable(
            f"{found.path}: no config with another backbone is above it, and none here is for the same detector",
            "name the one it was made from: --base B",
        )
    known = {str(Path(base.path).resolve()): base.name for base in await sitting.bases()}
    names = [known.get(str(Path(path).resolve()), path) for path in found.bases]
    others = f"; also {', '.join(names[1:])}" if len(names) > 1 else ""
    if found.inherited:
        return names[0], (f"it inherits from {' and '.join(names)}: the first is taken",) if others else ()
    return names[0], (f"it names no whole config with another backbone as its base; nearest: {names[0]}{others}",)


def input_of(config: Path, usual: tuple[int, int]) -> tuple[int, int]:
    """Height and width in pixels that a config of bbwizard's own was probed at; the usual ones for any other."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        if head := HEAD.search(config.read_text("utf-8")):
            return parse_input(head[1])
    return usual


def started(model: Mapping[str, Any], entry: Entry) -> str:
    """What a config's backbone starts from, as a recipe says it."""
    backbone = model["backbone"]
    file = checkpoint(backbone, model.get("pretrained"))
    if entry.source == "timm" and not file:
        if not backbone.get("pretrained"):
            return weights.NONE
        tagged = [one.name for one in entry.weights if one.checkpoint == backbone["model_name"]]
        return next(iter([*tagged, *(one.name for one in entry.weights)]), weights.NONE)
    return next((one.name for one in entry.weights if one.checkpoint == file), file or weights.NONE)


def checkpoint(backbone: Mapping[str, Any], pretrained: Any) -> str:
    """The file, URL or alias that a backbone's arguments name; empty where they name none."""
    inits = backbone.get("init_cfg") or []
    places = [init.get("checkpoint") for init in (inits if isinstance(inits, list | tuple) else [inits])]
    for key in NAMING:
        value = backbone.get(key)
        places += [value.get("file"), value.get("url")] if isinstance(value, Mapping) else [value]
    return next((place for place in [*places, pretrained] if isinstance(place, str) and place), "")


def selected(found: Adopted, levels: Sequence[Level], probe: Probe) -> tuple[int, ...] | None:
    """The out indices that a config takes: those it says, else those of the maps that its backbone gives."""
    held = {stage.index for stage in probe.stages}
    if probe.select is None:
        return None
    if found.selected is not None and set(found.selected) <= held:
        return tuple(found.selected)
    places = {(stage.stride, stage.channels): stage.index for stage in probe.stages}
    indices = [places.get((level.stride, level.channels)) for level in levels]
    known = tuple(sorted({index for index in indices if index is not None}))
    return known if len(known) == len(indices) > 0 else None


async def own_data(sitting: Session, original: Resolved, base: Resolved) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words that name the data which a config reads in place of its base's; or none, and why they are not there."""
    words = []
    for role in ROLES:
        mine, theirs = (next((one for _, one in leaves(held.at(("data", role)))), {}) for held in (original, base))
        if mine.get("type") == "CocoDataset" and mine.get("ann_file") != theirs.get("ann_file"):
            places = [
                os.path.join(mine.get("data_root") or "", mine.get(key) or "") for key in ("ann_file", "img_prefix")
            ]
            words.append(f"{role}={places[0]}:{os.path.normpath(places[1])}")
    if not words:
        return (), ()
    try:
        data = named_data(words, sitting.folder)
        await sitting.dataset(data)
    except (UsageError, ProbeError) as error:
        return (), (f"its data are left out of the recipe: {error.text}",)
    return data, ()


async def with_fixes(sitting: Session, recipe: Recipe, original: Mapping[str, Any]) -> Plan:
    """A recipe worked out, each fix taken or left as the config has it."""
    plan = await sitting.work_out(recipe)
    apart = len(lost(plan, original))
    for finding in plan.findings:
        if finding.fix is None:
            continue
        other = await sitting.work_out(plan.recipe.with_fix(finding.code, not finding.taken, certain=finding.certain))
        if len(lost(other, original)) < apart:
            plan, apart = other, len(lost(other, original))
    return plan


def lost(plan: Plan, original: Mapping[str, Any]) -> list[Lost]:
    """What of a config its recipe does not bring back, imports of modules by their names."""
    base = plan.base
    written = merged(spelled_out(plan.settings), resolved(base.resolved).values)
    found = list(unlike(compared(original), compared(written)))
    here = modules(custom_imports(base, plan.probe.type) or {"imports": base.custom_imports})
    return found + [
        Lost(f"{IMPORTS}.imports", repr(module), None) for module in modules(original.get(IMPORTS) or {}) - here
    ]


def compared(values: Mapping[str, Any]) -> dict[str, Any]:
    """What of a config is compared as it stands."""
    return {key: value for key, value in values.items() if key not in APART}


def modules(imports: Mapping[str, Any]) -> set[str]:
    """The modules that `custom_imports` names."""
    listed = imports.get("imports") or []
    return {listed} if isinstance(listed, str) else set(listed)


def refusal(plan: Plan) -> Iterator[str]:
    """Why a recipe would be refused, where it would."""
    try:
        plan.refuse()
    except NotWritable as error:
        yield f"bbwizard would not write it unasked: {error.text}"
