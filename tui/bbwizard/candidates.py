"""One base config with each of several backbones: written into one folder, with scripts that train them all."""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from bbwizard import atomic, image_sizes, launch, paths, plan, scripts, weights
from bbwizard.answers import CandidatesAnswer
from bbwizard.atomic import ANYTHING, NOTHING, Seen
from bbwizard.comparison import misfit
from bbwizard.errors import ChangedMeanwhile, NotWritable, ProbeCancelled, ProbeError, Unknown
from bbwizard.plan import Plan
from bbwizard.probe import Progress
from bbwizard.recipe import Recipe
from bbwizard.scripts import ARRAY_NAME, IN_TURN_NAME
from bbwizard.session import Session

UNSEEN: Final[Mapping[str, Seen]] = MappingProxyType({})


@dataclass(frozen=True)
class Refused:
    """A backbone that no config was made for, and why."""

    name: str
    reason: str

    @property
    def text(self) -> str:
        """The reason, with the backbone's name."""
        return self.reason if self.name in self.reason else f"{self.name}: {self.reason}"


@dataclass(frozen=True)
class Shortlist:
    """What becomes of several backbones in one base config: a plan each, or a refusal."""

    plans: tuple[Plan, ...]
    refused: tuple[Refused, ...]

    def refuse(self) -> None:
        """Say no where nothing can be written.

        Raises:
            NotWritable: with the reason of each.
        """
        if not self.plans:
            reasons = "; ".join(refused.text for refused in self.refused)
            raise NotWritable(f"none of them can be written: {reasons}", "choose other backbones, or another base")


@dataclass(frozen=True)
class Written:
    """The configs that were written, each with its plan, and the scripts that train them."""

    folder: Path
    configs: tuple[tuple[Path, Plan], ...]
    refused: tuple[Refused, ...]
    commands: tuple[str, ...]
    """The lines that train them all: in turn, or as a Slurm array."""

    def as_json(self) -> CandidatesAnswer:
        """What `bbwizard candidates --json` says of it."""
        return {
            "folder": str(self.folder),
            "configs": [{"config": str(path), **worked_out.as_json()} for path, worked_out in self.configs],
            "refused": [{"backbone": refused.name, "reason": refused.reason} for refused in self.refused],
            "commands": list(self.commands),
        }


def recipe_with(recipe: Recipe, backbone: str) -> Recipe:
    """The decision with another backbone: default stages and weights, all else as it stands."""
    start = weights.NONE if recipe.weights == weights.NONE else weights.AUTO
    # Each has checkpoints of its own.
    resume = "auto" if recipe.resume else ""
    return replace(recipe, backbone=backbone, stages=None, weights=start, override=False, resume=resume)


def suggested_folder(base: str) -> str:
    """The folder to suggest for a base config, by its name."""
    return f"candidates-{Path(base).stem}"


async def shortlist(sitting: Session, names: Iterable[str], progress: Progress | None = None) -> Shortlist:
    """Work out the sitting's recipe with each of these backbones; what cannot be is refused with its reason."""
    plans, refused = [], []
    wanted = list(dict.fromkeys(names))
    for number, name in enumerate(wanted):
        if progress is not None:
            progress(f"working out {name}", number, len(wanted))
        try:
            worked_out = await sitting.weighed(await sitting.work_out(recipe_with(sitting.recipe, name)))
            if not worked_out.wired:
                told = [problem.text for problem in worked_out.wiring.problems if problem.code == image_sizes.CODE]
                refused.append(Refused(name, "; ".join(told) or misfit(worked_out.base, worked_out.probe)))
                continue
            worked_out.refuse()
        except ProbeCancelled:
            raise
        except (ProbeError, NotWritable, Unknown) as error:
            refused.append(Refused(name, error.text))
        else:
            plans.append(worked_out)
    return Shortlist(tuple(plans), tuple(refused))


def write(
    sitting: Session, found: Shortlist, folder: Path, *, force: bool = False, seen: Mapping[str, Seen] = UNSEEN
) -> Written:
    """Write the configs and the scripts into a folder, over what was `seen` there by these names.

    Raises:
        NotWritable: there is nothing to write.
        ChangedMeanwhile: one of the files is another, or is there and was not seen (and `force` is not given).
        WriteRefused: one of them cannot be written.
    """
    found.refuse()
    folder = place(sitting, str(folder))
    if not force and (there := [name for name in taken(found, folder) if name not in seen]):
        raise ChangedMeanwhile(f"{folder} already holds {', '.join(there)}", "say --force, or name another folder")
    files = [folder / name for name in file_names(found.plans)]
    configs = tuple(zip(files, found.plans, strict=True))

    def over(path: Path) -> Seen | None:
        return ANYTHING if force else seen.get(path.name, NOTHING)

    for path, worked_out in configs:
        sitting.put(worked_out, path, over=over(path))
    return Written(folder, configs, found.refused, write_scripts(sitting, folder, configs, over))


def place(sitting: Session, typed: str) -> Path:
    """The folder of that name, in which every candidate has its work dir.

    Raises:
        UsageError: it is no path.
        WriteRefused: a training could not print it.
    """
    folder = sitting.folder / paths.typed(typed)
    paths.demand_printable(sitting.typed(folder))
    return folder


def taken(found: Shortlist, folder: Path) -> dict[str, Seen]:
    """The files in a folder that writing there would replace, by their names, as they are now."""
    names = (*file_names(found.plans), IN_TURN_NAME, ARRAY_NAME)
    there = {name: atomic.look(folder / name) for name in names}
    return {name: seen for name, seen in there.items() if seen != NOTHING}


def write_scripts(
    sitting: Session, folder: Path, configs: Sequence[tuple[Path, Plan]], over: Callable[[Path], Seen | None]
) -> tuple[str, ...]:
    """Write both scripts over what may be replaced; the lines that start them."""
    recipe, start = sitting.recipe, sitting.launch_facts
    # Queued jobs would be done at once, and none of them.
    launcher = "slurm" if recipe.launcher == "sbatch" else recipe.launcher
    resume = launch.resuming("auto" if recipe.resume else "")
    turns, tasks = [], []
    for path, worked_out in configs:
        config = sitting.typed(path)
        extra = (*worked_out.arguments, "--work-dir", sitting.typed(folder / "work_dirs" / path.stem), *resume)
        turns.append((path.name, sitting.train_command(path, launcher=launcher, extra=extra)))
        tasks.append((path.name, launch.slurm_task(start, config, several=not recipe.one_process, extra=extra)))
    in_turn, array = folder / IN_TURN_NAME, folder / ARRAY_NAME
    text = scripts.in_turn(turns, here(sitting, folder), sitting.typed(in_turn), logs=sitting.typed(folder))
    atomic.write_text(in_turn, text, over=over(in_turn))
    place, logs = sitting.queued_in(folder)
    asked = launch.allocation(recipe.gpus, recipe.nodes)
    text = scripts.array(tasks, place, sitting.typed(array), allocation=asked, logs=logs)
    atomic.write_text(array, text, over=over(array))
    return launch.started("bash", sitting.typed(in_turn)), launch.started("sbatch", sitting.typed(array))


def here(sitting: Session, folder: Path) -> str:
    """The sitting's folder as a word of a script in `folder`: both may be moved together, or be another machine's."""
    top, inner = sitting.folder.resolve(), folder.resolve()
    return scripts.beside(os.path.relpath(top, inner)) if inner.is_relative_to(top) else shlex.quote(str(top))


def file_names(plans: Sequence[Plan]) -> list[str]:
    """A name for each config; backbones that would share one are told apart by their library, or by a number."""
    plain = [plan.file_name(worked_out.base, worked_out.entry) for worked_out in plans]
    alike = Counter(plain)
    names: list[str] = []
    for name, worked_out in zip(plain, plans, strict=True):
        wanted = name if alike[name] == 1 else f"{Path(name).stem}_{worked_out.entry.source}.py"
        number = 2
        while wanted in names:
            wanted, number = f"{Path(name).stem}_{worked_out.entry.source}_{number}.py", number + 1
        names.append(wanted)
    return names
