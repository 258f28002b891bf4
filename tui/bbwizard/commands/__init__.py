"""What each command of the command line does: data on stdout, narration on stderr, the exit status back."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

from bbwizard.commands.adopting import adopt
from bbwizard.commands.asking import check, dataset, doctor, env, measure, probe
from bbwizard.commands.comparing import compare, write_candidates
from bbwizard.commands.describing import completion, keys, schema
from bbwizard.commands.listing import backbones, bases
from bbwizard.commands.presets import presets
from bbwizard.commands.trained import results
from bbwizard.commands.writing import write

COMMANDS: Final[Mapping[str, Callable[[argparse.Namespace], Coroutine[Any, Any, int]]]] = {
    "doctor": doctor,
    "env": env,
    "bases": bases,
    "backbones": backbones,
    "probe": probe,
    "measure": measure,
    "write": write,
    "adopt": adopt,
    "compare": compare,
    "candidates": write_candidates,
    "results": results,
    "dataset": dataset,
    "check": check,
    "keys": keys,
    "presets": presets,
    "completion": completion,
    "schema": schema,
}
