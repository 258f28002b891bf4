"""A real Slurm on this machine alone: munge, a controller and two nodes with eight made-up GPUs each."""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .daemons import found, free_port, running, until

PROGRAMS: Final = ("munged", "slurmctld", "slurmd", "srun", "sbatch")
NODES: Final = ("n1", "n2")

CONF: Final = """\
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmUser={user}
SlurmdUser={user}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
ReturnToService=2
KillWait=2
GresTypes=gpu
{nodes}
PartitionName=gpu Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""
NODE: Final = "NodeName={name} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs=64 Gres=gpu:8 State=UNKNOWN"


@dataclass(frozen=True)
class Slurm:
    """A cluster that runs; its commands find it by `SLURM_CONF`."""

    folder: Path

    @property
    def conf(self) -> str:
        return str(self.folder / "slurm.conf")

    def run(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """One of Slurm's commands."""
        return subprocess.run(
            words, env=os.environ | {"SLURM_CONF": self.conf} | environ, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    @property
    def jobs(self) -> list[str]:
        """The state of each job that is queued or runs."""
        return self.run("squeue", "--noheader", "--format=%T").stdout.split()

    @contextmanager
    def full(self) -> Iterator[str]:
        """All GPUs are taken by a job, whose number this gives."""
        taken = self.run(
            "sbatch",
            "--parsable",
            "--export=NONE",
            "--output=/dev/null",
            "--nodes=2",
            "--gres=gpu:8",
            "--wrap=sleep 600",
        )
        job = taken.stdout.strip()
        until(lambda: self.jobs == ["RUNNING"], f"the job that takes all runs: {taken.stderr}")
        try:
            yield job
        finally:
            self.run("scancel", job)
            self.empty()

    def empty(self) -> None:
        """Wait until no job is left."""
        until(lambda: not self.jobs, "the queue is empty")


@contextmanager
def slurm(folder: Path) -> Iterator[Slurm]:
    """A Slurm in `folder`, whose path must be short: sockets lie in it."""
    folder.chmod(0o755)
    for name in ("state", *(f"spool-{node}" for node in NODES)):
        (folder / name).mkdir()
    host = socket.gethostname().partition(".")[0]
    nodes = "\n".join(NODE.format(name=name, host=host, port=free_port()) for name in NODES)
    filled = CONF.format(host=host, port=free_port(), folder=folder, user=getpass.getuser(), nodes=nodes)
    (folder / "slurm.conf").write_text(filled)
    # A GPU without a device is none to Slurm; any file does, where no cgroup guards it.
    (folder / "gres.conf").write_text(f"Name=gpu File={folder}/gpu[0-7]\n")
    for number in range(8):
        (folder / f"gpu{number}").touch()
    key = folder / "munge.key"
    key.touch(0o600)
    key.write_bytes(os.urandom(1024))
    log, conf = folder / "daemons.log", folder / "slurm.conf"
    munge = [found("munged"), "--foreground", "--force", f"--key-file={key}", f"--socket={folder}/munge.socket"]
    munge += [f"--{name}-file={folder}/munge.{name}" for name in ("pid", "seed", "log")]
    cluster = Slurm(folder)
    with ExitStack() as daemons:
        daemons.enter_context(running(munge, log))
        until((folder / "munge.socket").exists, "munged is there", log)
        daemons.enter_context(running([found("slurmctld"), "-D", "-i", "-f", conf], log))
        for node in NODES:
            daemons.enter_context(running([found("slurmd"), "-D", "-N", node, "-f", conf], log))
        idle = ["sinfo", "--noheader", "--Node", "--format=%T"]
        until(lambda: cluster.run(*idle).stdout.split() == ["idle"] * len(NODES), "all nodes are idle", log)
        yield cluster
        cluster.run("scancel", "--partition=gpu")
        cluster.empty()
