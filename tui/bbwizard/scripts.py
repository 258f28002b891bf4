"""Scripts that train several written configs: one after the other, or as a Slurm array. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Final

IN_TURN: Final = """\
#!/usr/bin/env bash
# Trains one config after the other; one that fails does not keep the next from its turn.
# Start it with: bash {name}
set -u
trap 'exit 130' INT
trap 'exit 143' TERM
cd -- {folder} || exit 1

failed=()
train() {{
    local config=$1
    shift
    printf '== %s\\n' "$config"
    "$@" || failed+=("$config: exit status $?")
}}

{calls}

if ((${{#failed[@]}})); then
    printf 'failed: %s\\n' "${{failed[@]}}" >&2
    exit 1
fi
printf 'all {count} trained\\n'
"""

ARRAY: Final = """\
#!/usr/bin/env bash
# Trains each config as a task of a Slurm array, {what}.
# Queue it with: sbatch {name}
{directives}

cd -- {folder} || exit 1
# Tasks may share a node: each needs a port of its own.
export MASTER_PORT=$((20000 + SLURM_JOB_ID % 20000))

case "$SLURM_ARRAY_TASK_ID" in
{cases}
esac
"""


def in_turn(runs: Sequence[tuple[str, str]], folder: str, name: str) -> str:
    """A bash script that trains in turn and says at its end which failed.

    `runs` are configs with the shell lines that train them, which hold in `folder`; `name` is the script's own.
    """
    calls = "\n".join(f"train {shlex.quote(config)} {line}" for config, line in runs)
    return IN_TURN.format(name=shlex.quote(name), folder=shlex.quote(folder), calls=calls, count=len(runs))


def array(runs: Sequence[tuple[str, str]], folder: str, name: str, *, allocation: Sequence[str], logs: str) -> str:
    """A Slurm script with a task for each of `runs`; `allocation` is what one task asks for, `logs` their folder."""
    options = [
        "--job-name=candidates",
        f"--array=0-{len(runs) - 1}",
        *allocation,
        # A percent sign of the folder itself would be read as the name of a field.
        f"--output={logs.replace('%', '%%')}/%x-%A_%a.out",
    ]
    cases = "\n".join(f"    {number}) {line} ;;  # {commented(config)}" for number, (config, line) in enumerate(runs))
    return ARRAY.format(
        what=f"{len(runs)} in all",
        name=shlex.quote(name),
        directives="\n".join(f"#SBATCH {directive(option)}" for option in options),
        folder=shlex.quote(folder),
        cases=cases,
    )


def directive(option: str) -> str:
    """An option as sbatch reads it in a script: unlike a shell it takes a backslash for an escape within any quotes."""
    if shlex.quote(option.replace("%", "")) == option.replace("%", ""):
        return option
    escaped = option.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def commented(text: str) -> str:
    """A text on one line, for a comment."""
    return " ".join(text.split())
