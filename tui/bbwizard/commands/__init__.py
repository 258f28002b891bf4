"""What each command of the command line does: data on stdout, narration on stderr, the exit status back."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from bbwizard.commands.asking import check, dataset, doctor, env, measure, probe
from bbwizard.commands.comparing import compare, write_candidates
from bbwizard.commands.listing import backbones, bases, presets
from bbwizard.commands.writing import write

COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], Coroutine[Any, Any, int]]]] = {
    "doctor": doctor,
    "env": env,
    "bases": bases,
    "backbones": backbones,
    "probe": probe,
    "measure": measure,
    "write": write,
    "compare": compare,
    "candidates": write_candidates,
    "dataset": dataset,
    "check": check,
    "presets": presets,
}
