"""The command that starts training a written config. Pure."""

from __future__ import annotations

import os.path
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

GPUS_PER_NODE = 8
"""What mmdet's own Slurm script takes a node to have."""


@dataclass(frozen=True)
class Launch:
    """What the command depends on.

    `python` is the training environment's interpreter, `mim` and `torchrun` its commands where it has them, all as
    they should be typed here; `script` is the `tools/train.py` to use; `in_checkout` whether it belongs to a checkout
    rather than to the installed package.
    """

    python: str
    script: str
    in_checkout: bool
    mim: str | None
    torchrun: str | None


def train_command(
    launch: Launch, config: str, *, gpus: int = 1, launcher: str = "auto", extra: Sequence[str] = ()
) -> str:
    """One shell line that trains `config`, ready to paste; `extra` are arguments for mmdet's script.

    One process runs plainly; several through torchrun, since `torch.distributed.launch` of torch 2 passes
    `--local-rank`, which mmdet 2.x's script does not know; Slurm through srun or sbatch.
    """
    if launcher in ("slurm", "sbatch"):
        return slurm(launch, config, gpus, extra, batch=launcher == "sbatch")
    if gpus > 1 or launcher == "pytorch":
        # torch before 1.10 has no torchrun, and its launch module still passes what mmdet's script understands.
        run = [launch.torchrun] if launch.torchrun else [launch.python, "-m", "torch.distributed.launch"]
        return shlex.join([*run, f"--nproc_per_node={gpus}", launch.script, config, "--launcher", "pytorch", *extra])
    if launch.mim is not None and not launch.in_checkout:
        return shlex.join([launch.mim, "train", "mmdet", config, *extra])
    return shlex.join([launch.python, launch.script, config, *extra])


def slurm(launch: Launch, config: str, gpus: int, extra: Sequence[str], *, batch: bool) -> str:
    """An srun line, or the sbatch line that queues it."""
    train = srun_train(launch, config, extra, several=True)
    if not batch:
        return shlex.join(["srun", *allocation(gpus), *train])
    return shlex.join(["sbatch", *allocation(gpus), f"--wrap={shlex.join(['srun', *train])}"])


def array_task(launch: Launch, config: str, *, several: bool, extra: Sequence[str] = ()) -> str:
    """The line of a Slurm script, whose job holds its GPUs already, that trains `config`; `several`: processes."""
    return shlex.join(["srun", *srun_train(launch, config, extra, several=several)])


def allocation(gpus: int) -> list[str]:
    """What a job that trains on so many GPUs asks Slurm for."""
    per_node = min(gpus, GPUS_PER_NODE)
    return [f"--gres=gpu:{per_node}", f"--ntasks={gpus}", f"--ntasks-per-node={per_node}"]


def srun_train(launch: Launch, config: str, extra: Sequence[str], *, several: bool) -> list[str]:
    """What stands behind srun's own options for GPUs; one process alone trains without a launcher, as outside Slurm."""
    launcher = ["--launcher", "slurm"] if several else []
    return ["--kill-on-bad-exit=1", launch.python, "-u", launch.script, config, *launcher, *extra]


def started(program: str, script: str) -> str:
    """The line that hands a script to a program."""
    return shlex.join([program, script])


def typed(path: str, name: str, on_path: str | None) -> str:
    """A program as it should be typed: by its bare name where the shell finds it in that very folder, else by its path.

    Links are not followed: the interpreters of two virtual environments are often links to one file.
    """
    same = on_path is not None and os.path.dirname(os.path.abspath(on_path)) == os.path.dirname(os.path.abspath(path))
    return name if same else path


def placed(path: str, folder: str) -> str:
    """A file as it should be typed in `folder`: relative where it lies below, else whole."""
    relative = os.path.relpath(path, folder)
    return path if relative.startswith(os.pardir) else relative


def launchers(commands: Sequence[str]) -> tuple[str, ...]:
    """The launchers to offer, given which of "srun" and "sbatch" are there."""
    return (
        "auto",
        "pytorch",
        *(["slurm"] if "srun" in commands else []),
        *(["sbatch"] if "sbatch" in commands else []),
    )
