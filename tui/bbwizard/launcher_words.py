"""What a launch prefix meant by its last words: why there is no probing half behind it, and what to do. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from typing import Final

from bbwizard.errors import NotLaunched

SPEAKER: Final = re.compile(r"^(?:(?:srun|salloc|slurmstepd|ssh)(?:-\S+)?: )?(?:(?:error|fatal): )?")
"""Who says it, and how bad it is: the sentence names the one, and is the other."""

ECHO: Final = re.compile(
    r"task \d+: (exited|killed|terminated)|job step aborted|forcing job termination|force terminat|^\[.*\]$"
    r"|has been allocated resources|queued and waiting|unable to allocate resources: invalid partition name"
    r"|warning: permanently added|waiting up to \d+ seconds",
    re.IGNORECASE,
)
"""Lines that only follow from another one, or say nothing of an end."""

HINTS: Final = (
    (r"host key verification|identification has changed", "accept its key in a shell first, with `ssh {host} true`"),
    (r"execve|no such file|not found|exec format", "name the interpreter as that machine knows it: --python PATH"),
    (r"is a directory", "name the interpreter in that folder: --python FOLDER/bin/python"),
    (
        r"permission denied|too many authentication",
        "ssh must get in without asking: ssh-add, or ssh-copy-id {host}",
    ),
    (
        r"resolve hostname|name or serv|no route|refused|timed out|closed by|reset",
        "try `ssh {host} true` in a shell",
    ),
    (r"partition", "`sinfo` lists the partitions"),
    (r"account|qos", "`sacctmgr show associations user=$USER` lists what you may use"),
    (r"generic resource|gres|node configuration|node count", "`sinfo -o '%P %D %c %G'` lists what there is to ask for"),
    (r"revoked|cancell?ed|time limit", "the job was ended from outside: ask again, or for more time"),
    (r"contact.*controller|munge|zero bytes", "see with `sinfo` whether Slurm answers on this machine"),
)
"""What to do, by the first pattern that the last words match."""

OTHERWISE: Final = "try the prefix in a shell, with `hostname` behind it; the wizard's log has all that it said"


def not_launched(launch: Sequence[str], lines: Iterable[str], status: int | None) -> NotLaunched:
    """The error for a launch prefix that ended, with the last `lines` it said, before the probing half was there."""
    words = last_words(lines)
    ended = f"it ended with status {status}" if status is None or status >= 0 else f"it was ended by signal {-status}"
    hint = next((hint for pattern, hint in HINTS if re.search(pattern, words, re.IGNORECASE)), OTHERWISE)
    hosts = [word for word in launch[1:] if not word.startswith("-")]
    told = hint.format(host=hosts[-1] if hosts else "HOST")
    return NotLaunched(f"{shlex.join(launch)} did not start the probing half: {words or ended}", told)


def last_words(lines: Iterable[str]) -> str:
    """The last line that says why, without who says it; empty where there is none."""
    said = list(lines)
    telling = [line for line in said if not ECHO.search(line)]
    return SPEAKER.sub("", (telling or said or [""])[-1])
