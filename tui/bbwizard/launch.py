"""The command that starts training a written config. Pure."""

from __future__ import annotations

import os
import re
import shlex
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bbwizard.errors import UsageError
from bbwizard.inert import CONTROL

GPUS_PER_NODE: Final = 8
"""What mmdet's own Slurm script takes a node to have."""
MOST_GPUS: Final = 65536
"""More than anybody has: a larger number is a slip."""
CPUS_PER_TASK: Final = 5
"""What it asks for beside each GPU: the process itself, and those that load its images."""
FIRST_PORT: Final = 20000
PORTS: Final = 12000
"""Ports that a system gives to nobody who does not ask for them by number."""
UNSEEN: Final = re.compile(f"((?:{CONTROL.pattern}|\t)+)")
"""What is lost of a line that is copied from a terminal."""


@dataclass(frozen=True)
class Launch:
    """What the command depends on.

    `python` is the training environment's interpreter, `mim` and `torchrun` its commands where it has them, all as
    they should be typed here; `script` is the `tools/train.py` to use; `in_checkout` whether it belongs to a checkout
    rather than to the installed package; `host` the name of the machine on which the command is typed.
    """

    python: str
    script: str
    in_checkout: bool
    mim: str | None
    torchrun: str | None
    host: str = "localhost"


def train_command(
    launch: Launch,
    config: str,
    *,
    gpus: int = 1,
    nodes: int = 0,
    meet: str = "",
    launcher: str = "auto",
    extra: Sequence[str] = (),
) -> str:
    """One shell line that trains `config`, ready to paste; `extra` are arguments for mmdet's script.

    One process runs plainly, several through torchrun, Slurm's through srun; what sbatch queues is a script. `gpus`
    are those of all `nodes`; without Slurm the line is typed on each of them, and they find one another at `meet`.

    Raises:
        UsageError: the GPUs are too many, or cannot be spread evenly over so many nodes.
    """
    count, per_node = spread(gpus, nodes)
    if launcher == "sbatch":
        return started("sbatch", job_script(config))
    if launcher == "slurm":
        words = ["srun", *allocation(gpus, nodes), *srun_train(launch, config, extra, several=True)]
        return f"env MASTER_PORT=$(({FIRST_PORT} + RANDOM % {PORTS})) {shell_line(words)}"
    if gpus > 1 or launcher == "pytorch":
        workers = [f"--nproc_per_node={per_node}", launch.script, config, "--launcher", "pytorch", *extra]
        return shell_line([*rendezvous(launch, config, count, meet), *workers])
    if launch.mim is not None and not launch.in_checkout:
        return shell_line([launch.mim, "train", "mmdet", config, *extra])
    return shell_line([launch.python, launch.script, config, *extra])


def rendezvous(launch: Launch, config: str, nodes: int, meet: str) -> list[str]:
    """What starts the processes of one node, and how they find those of the others.

    `torch.distributed.launch` of torch 2 passes `--local-rank`, which mmdet 2.x's script does not know; that of a torch
    which has no torchrun yet passes what it does know.
    """
    if nodes == 1:
        if launch.torchrun is None:
            return [launch.python, "-m", "torch.distributed.launch", f"--master_port={port_of(config)}"]
        # Port 0 is any that is free: two trainings on one machine do not meet.
        return [launch.torchrun, "--rdzv_backend=c10d", "--rdzv_endpoint=localhost:0"]
    run = [launch.torchrun] if launch.torchrun else [launch.python, "-m", "torch.distributed.run"]
    place = meet or launch.host
    has_port = ":" in place.rpartition("]")[2]  # an IPv6 address stands in brackets
    endpoint = place if has_port else f"{place}:{port_of(config)}"
    name = os.path.splitext(os.path.basename(config))[0]
    return [*run, f"--nnodes={nodes}", f"--rdzv_id={name}", "--rdzv_backend=c10d", f"--rdzv_endpoint={endpoint}"]


def port_of(config: str) -> int:
    """A port for the training of a config: its own where several train, and the same on every node."""
    return FIRST_PORT + zlib.crc32(config.encode()) % PORTS


def spread(gpus: int, nodes: int = 0) -> tuple[int, int]:
    """Nodes, and GPUs on each; no `nodes` are as few as share them evenly with no more than 8 on any.

    Raises:
        UsageError: they are too many, or cannot be spread evenly.
    """
    if gpus > MOST_GPUS:
        raise UsageError(f"{gpus} GPUs are too many", f"{MOST_GPUS} at most")
    fewest = -(-gpus // GPUS_PER_NODE)
    count = nodes or next(count for count in range(fewest, gpus + 1) if gpus % count == 0)
    if count < 1 or gpus % count:
        raise UsageError(f"{gpus} GPUs cannot be spread evenly over {count} nodes", "say another number of either")
    return count, gpus // count


def resuming(resume: str) -> tuple[str, ...]:
    """What mmdet's script is told of an earlier training: nothing, "auto" to go on with the latest, or a checkpoint."""
    if not resume:
        return ()
    return ("--auto-resume",) if resume == "auto" else ("--resume-from", resume)


def slurm_task(launch: Launch, config: str, *, several: bool, extra: Sequence[str] = ()) -> str:
    """The line of a Slurm script, whose job holds its GPUs already, that trains `config`; `several`: processes."""
    # Slurm 22.05 and later do not hand the script's own to srun.
    return shell_line(["srun", f"--cpus-per-task={CPUS_PER_TASK}", *srun_train(launch, config, extra, several=several)])


def allocation(gpus: int, nodes: int = 0) -> list[str]:
    """What a job that trains on so many GPUs asks Slurm for."""
    count, per_node = spread(gpus, nodes)
    tasks = [f"--ntasks={gpus}", f"--ntasks-per-node={per_node}", f"--cpus-per-task={CPUS_PER_TASK}"]
    return [*([f"--nodes={count}"] if nodes or count > 1 else []), f"--gres=gpu:{per_node}", *tasks]


def srun_train(launch: Launch, config: str, extra: Sequence[str], *, several: bool) -> list[str]:
    """What stands behind srun's own options for GPUs; one process alone trains without a launcher, as outside Slurm."""
    launcher = ["--launcher", "slurm"] if several else []
    return ["--kill-on-bad-exit=1", launch.python, "-u", launch.script, config, *launcher, *extra]


def job_script(config: str) -> str:
    """Where the script lies that sbatch is given for a config."""
    return f"{config.removesuffix('.py')}.sbatch"


def started(program: str, script: str) -> str:
    """The line that hands a script to a program."""
    return shell_line([program, script])


def shell_line(words: Sequence[str]) -> str:
    """A line that a shell takes for these words, and that can be seen and pasted whatever is in them."""
    return " ".join(map(quoted, words))


def quoted(word: str) -> str:
    """A word for any shell; what a terminal would not show as it is is spelled byte by byte."""
    parts = (part for part in UNSEEN.split(word) if part)
    return "".join(spelled(part) if UNSEEN.match(part) else shlex.quote(part) for part in parts) or shlex.quote(word)


def spelled(text: str) -> str:
    """A text as what printf makes of the octal numbers of its bytes."""
    return "\"$(printf '" + "".join(f"\\{byte:03o}" for byte in os.fsencode(text)) + "')\""


def typed(path: str, name: str, on_path: str | None) -> str:
    """A program as it should be typed: by its bare name where the shell finds it in that very folder, else by its path.

    Links are not followed: the interpreters of two virtual environments are often links to one file.
    """
    same = on_path is not None and os.path.dirname(os.path.abspath(on_path)) == os.path.dirname(os.path.abspath(path))
    return name if same else path


def placed(path: str, folder: str) -> str:
    """A file as it should be typed in `folder`: relative where it lies below, never as an option, else whole."""
    relative = os.path.relpath(path, folder)
    if relative == os.pardir or relative.startswith(os.pardir + os.sep):
        return path
    return os.path.join(os.curdir, relative) if relative.startswith("-") else relative


def launchers(commands: Sequence[str]) -> tuple[str, ...]:
    """The launchers to offer, given which of "srun" and "sbatch" are there."""
    return (
        "auto",
        "pytorch",
        *(["slurm"] if "srun" in commands else []),
        *(["sbatch"] if "sbatch" in commands else []),
    )
