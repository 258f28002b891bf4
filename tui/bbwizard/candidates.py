"""One base config with each of several backbones: written into one folder, with scripts that train them all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from bbwizard import atomic, launch, plan, scripts, weights
from bbwizard.comparison import misfit
from bbwizard.errors import NotWritable, ProbeCancelled, ProbeError, Unknown, WriteRefused
from bbwizard.plan import Plan
from bbwizard.probe import Progress
from bbwizard.recipe import Recipe
from bbwizard.session import Session

IN_TURN: Final = "train_all.sh"
ARRAY: Final = "train_array.sbatch"


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

    def as_json(self) -> dict[str, Any]:
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
    return replace(recipe, backbone=backbone, stages=None, weights=start, override=False)


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
                refused.append(Refused(name, misfit(worked_out.base, worked_out.probe)))
                continue
            worked_out.refuse()
        except ProbeCancelled:
            raise
        except (ProbeError, NotWritable, Unknown) as error:
            refused.append(Refused(name, error.text))
        else:
            plans.append(worked_out)
    return Shortlist(tuple(plans), tuple(refused))


def write(sitting: Session, found: Shortlist, folder: Path, *, force: bool = False) -> Written:
    """Write the configs and the scripts into a folder.

    Raises:
        NotWritable: there is nothing to write.
        WriteRefused: one of the files is there (and `force` is not given), or cannot be written.
    """
    found.refuse()
    folder = sitting.folder / folder.expanduser()
    if not force and (there := taken(found, folder)):
        raise WriteRefused(f"{folder} already holds {', '.join(there)}", "say --force, or name another folder")
    paths = [folder / name for name in file_names(found.plans)]
    configs = tuple(zip(paths, found.plans, strict=True))
    for path, worked_out in configs:
        sitting.put(worked_out, path, force=True)
    return Written(folder, configs, found.refused, write_scripts(sitting, folder, configs))


def taken(found: Shortlist, folder: Path) -> list[str]:
    """The names of files in a folder that writing there would replace."""
    return [name for name in (*file_names(found.plans), IN_TURN, ARRAY) if (folder / name).exists()]


def write_scripts(sitting: Session, folder: Path, configs: Sequence[tuple[Path, Plan]]) -> tuple[str, ...]:
    """Write both scripts; the lines that start them."""
    recipe, start, here = sitting.recipe, sitting.launch_facts, str(sitting.folder.resolve())
    # Queued jobs would be done at once, and none of them.
    launcher = "slurm" if recipe.launcher == "sbatch" else recipe.launcher
    turns, tasks = [], []
    for path, worked_out in configs:
        config = sitting.typed(path)
        extra = (*worked_out.arguments, "--work-dir", sitting.typed(folder / "work_dirs" / path.stem))
        line = launch.train_command(start, config, gpus=recipe.gpus, launcher=launcher, extra=extra)
        turns.append((path.name, line))
        tasks.append((path.name, launch.array_task(start, config, several=not recipe.one_process, extra=extra)))
    logs, asked = str(folder.resolve()), launch.allocation(recipe.gpus)
    in_turn, array = folder / IN_TURN, folder / ARRAY
    atomic.write_text(in_turn, scripts.in_turn(turns, here, sitting.typed(in_turn)))
    atomic.write_text(array, scripts.array(tasks, here, sitting.typed(array), allocation=asked, logs=logs))
    return launch.started("bash", sitting.typed(in_turn)), launch.started("sbatch", sitting.typed(array))


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
