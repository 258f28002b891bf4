"""Scripts that train written configs: several in turn, several as a Slurm array, or one as a Slurm job. Pure.

What a training says goes into a file of its own, between a line with its config's name and one with its exit status;
`bbwizard results` reads both.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import PurePath
from typing import Final

from bbwizard.launch import FIRST_PORT, PORTS

BEGUN: Final = "== "
"""Stands before a config's name, where what its training says begins."""
ENDED: Final = "== exit status "
"""Stands before the exit status, where it ends."""

IN_TURN_NAME: Final = "train_all.sh"
ARRAY_NAME: Final = "train_array.sbatch"

IN_TURN: Final = """\
#!/usr/bin/env bash
# Trains one config after the other; one that fails does not keep the next from its turn.
# One that has been trained is passed over, until its .out file is taken away or its config changes.
# Start it with: bash {name}
set -u
log=
stopped() {{
    [[ -z $log ]] || printf '{ended}%s\n' "$1" >> "$log"
    exit "$1"
}}
trap 'stopped 130' INT
trap 'stopped 143' TERM
cd -- {folder} || exit 1

failed=()
train() {{
    local config=$1
    log=$2
    shift 2
    if [[ ${{log%.out}}.py -ot $log && $(tail -n 1 -- "$log") == '{ended}0' ]]; then
        printf '%s has been trained: %s\n' "$config" "$log"
        log=
        return
    fi
    printf '{begun}%s\\n' "$config" | tee -- "$log"
    "$@" 2>&1 | tee -ia -- "$log"
    local status=${{PIPESTATUS[0]}}
    printf '{ended}%s\\n' "$status" >> "$log"
    ((status == 0)) || failed+=("$config: exit status $status")
    log=
}}

{calls}

if ((${{#failed[@]}})); then
    printf 'failed: %s\\n' "${{failed[@]}}" >&2
    exit 1
fi
printf 'all {count} trained\\n'
"""

JOB: Final = """\
#!/usr/bin/env bash
# {what}
# Queue it with: sbatch {name}
# What your cluster wants beside this, such as --partition or --time, goes into a line of its own, or before {last}.
{directives}

cd -- {folder} || exit 1
# Jobs may share a node: each needs a port of its own.
export MASTER_PORT=$(({first_port} + SLURM_JOB_ID % {ports}))

train() {{
    printf '{begun}%s\\n' "$1"
    shift
    "$@"
    local status=$?
    printf '{ended}%s\\n' "$status"
    return "$status"
}}

{body}
"""

SUBMITTED: Final = '"${SLURM_SUBMIT_DIR:-.}"'
"""Where a Slurm script was queued, as a word of bash."""


def beside(up: str) -> str:
    """A folder by the way to it from that of the script that says so, as a word of bash."""
    return f'"$(dirname -- "${{BASH_SOURCE[0]}}")"/{shlex.quote(up)}'


Run = tuple[str, str]
"""A config's name, and the shell line that trains it."""


def in_turn(runs: Sequence[Run], folder: str, name: str, *, logs: str) -> str:
    """A bash script that trains in turn and says at its end which failed.

    The lines of `runs` hold in `folder`, a word of bash; `name` is the script's own, `logs` the folder of what each
    training says, beside the configs.
    """
    calls = "\n".join(
        f"train {shlex.quote(config)} {shlex.quote(log_in(logs, config))} {line}" for config, line in runs
    )
    words = {"begun": BEGUN, "ended": ENDED, "name": shlex.quote(name), "folder": folder}
    return IN_TURN.format(calls=calls, count=len(runs), **words)


def array(runs: Sequence[Run], folder: str, name: str, *, allocation: Sequence[str], logs: str) -> str:
    """A Slurm script with a task for each of `runs`; `allocation` is what one task asks for, `logs` their folder.

    The lines of `runs` hold in `folder`, a word of bash.
    """
    cases = "\n".join(
        f"    {number}) train {shlex.quote(config)} {line} ;;" for number, (config, line) in enumerate(runs)
    )
    own = ["--job-name=candidates", f"--array=0-{len(runs) - 1}", *allocation, output(logs, "%x-%A_%a")]
    what = f"Trains each config as a task of a Slurm array, {len(runs)} in all."
    return filled(what, own, f'case "$SLURM_ARRAY_TASK_ID" in\n{cases}\nesac', folder, name)


def job(run: Run, folder: str, name: str, *, allocation: Sequence[str], logs: str) -> str:
    """A Slurm script that trains one config; the words are those of `array`."""
    config, line = run
    stem = PurePath(config).stem
    # One that is queued again goes on in the same file.
    own = [f"--job-name={stem}", *allocation, output(logs, f"{stem.replace('%', '%%')}-%j"), "--open-mode=append"]
    body = f"train {shlex.quote(config)} {line}"
    return filled(f"Trains {commented(config)} as a Slurm job.", own, body, folder, name)


def filled(what: str, options: Sequence[str], body: str, folder: str, name: str) -> str:
    """A Slurm script with these options for sbatch."""
    return JOB.format(
        what=what,
        name=shlex.quote(name),
        last=shlex.quote(commented(PurePath(name).name)),
        directives="\n".join(f"#SBATCH {directive(option)}" for option in options),
        folder=folder,
        body=body,
        begun=BEGUN,
        ended=ENDED,
        first_port=FIRST_PORT,
        ports=PORTS,
    )


def log_in(logs: str, config: str) -> str:
    """Where what the training of a config says goes."""
    return str(PurePath(logs) / f"{PurePath(config).stem}.out")


def output(logs: str, name: str) -> str:
    """The option that says where a job's words go."""
    # A percent sign of the folder itself would be read as the name of a field.
    return f"--output={logs.replace('%', '%%')}/{name}.out"


def directive(option: str) -> str:
    """An option as sbatch reads it in a script: unlike a shell it takes a backslash for an escape within any quotes."""
    if shlex.quote(option.replace("%", "")) == option.replace("%", ""):
        return option
    escaped = option.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def commented(text: str) -> str:
    """A text on one line, for a comment."""
    return " ".join(text.split())
