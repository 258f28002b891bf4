"""What starts a training in the open environment, or on another machine. No Textual here."""

from __future__ import annotations

import shlex
import shutil
import socket
from collections.abc import Sequence
from pathlib import Path

from bbwizard import launch, scripts
from bbwizard.asked import Asked
from bbwizard.errors import NoEnvironment
from bbwizard.plan import Plan
from bbwizard.recipe import Recipe


class Launching(Asked):
    """A sitting that knows how its configs are trained."""

    @property
    def recipe(self) -> Recipe:
        """The recipe as it stands."""
        raise NotImplementedError

    def job_script(self, worked_out: Plan, config: Path) -> tuple[Path, str] | None:
        """Where the script lies that sbatch is given for a config, and its text; None where another launcher trains."""
        recipe = self.recipe
        if recipe.launcher != "sbatch":
            return None
        path = Path(launch.job_script(str(config)))
        extra = (*worked_out.arguments, *launch.resuming(recipe.resume))
        line = launch.slurm_task(self.launch_facts, self.typed(config), several=True, extra=extra)
        asked = launch.allocation(recipe.gpus, recipe.nodes)
        place, logs = self.queued_in(config.parent)
        text = scripts.job((config.name, line), place, self.typed(path), allocation=asked, logs=logs)
        return path, text

    def queued_in(self, folder: Path) -> tuple[str, str]:
        """Where lines for Slurm hold, as a word of bash, and where in `folder` their jobs' words go.

        Slurm runs a copy of a script that lies elsewhere; on another machine only the folder it was queued in is known.
        """
        if self.atlas is not None:
            return scripts.SUBMITTED, self.typed(folder)
        return shlex.quote(str(self.folder.resolve())), str(folder.resolve())

    def train_command(self, config: Path, *, launcher: str, extra: Sequence[str]) -> str:
        """The line that trains a config on what the recipe says; `extra` are arguments for mmdet's script."""
        recipe = self.recipe
        return launch.train_command(
            self.launch_facts,
            self.typed(config),
            gpus=recipe.gpus,
            nodes=recipe.nodes,
            meet=recipe.meet,
            launcher=launcher,
            extra=extra,
        )

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
        return launch.Launch(
            python=launch.typed(facts.executable, "python", shutil.which("python")),
            script=launch.placed(script, str(self.folder)),
            in_checkout=self.checkout is not None,
            host=socket.gethostname(),
            mim=launch.typed(facts.mim, "mim", shutil.which("mim")) if facts.mim else None,
            torchrun=launch.typed(facts.torchrun, "torchrun", shutil.which("torchrun")) if facts.torchrun else None,
        )

    @property
    def launchers(self) -> tuple[str, ...]:
        """The launchers that this machine has the commands for."""
        return launch.launchers([name for name in ("srun", "sbatch") if shutil.which(name)])
