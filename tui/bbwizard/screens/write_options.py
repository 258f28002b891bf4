"""The options of the last step, out of a recipe. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bbwizard.errors import UsageError
from bbwizard.plan import Plan
from bbwizard.recipe import Recipe
from bbwizard.weights import AUTO, NONE, brief
from bbwizard.widgets.options import Option

GPUS = ("1", "2", "4", "8", "16", "32")


def parse_gpus(text: str) -> int:
    """A number of GPUs.

    Raises:
        UsageError: it is none.
    """
    if not text.strip().isdecimal() or not int(text):
        raise UsageError(f"{text!r} is no number of GPUs", "1 or more")
    return int(text)


def options_of(recipe: Recipe, plan: Plan, path: str, launchers: Sequence[str]) -> list[Option]:
    """What can be set, with its values and what they mean now."""
    known = tuple(weights.name for weights in plan.entry.weights)
    start = plan.start.label if recipe.weights == AUTO else ""
    if start == NONE and not known:
        start = "none in this catalog"
    parts = (start, plan.start.licence, brief(plan.start.report) if plan.start.report is not None else "")
    note = ", ".join(part for part in parts if part) or "a name, a file or a URL"
    return [
        Option("file", path, (), "", free=True),
        Option("weights", recipe.weights, (AUTO, NONE, *known), note, free=True),
        Option("GPUs", str(recipe.gpus), GPUS, "", free=True),
        Option("launcher", recipe.launcher, tuple(dict.fromkeys([*launchers, recipe.launcher])), ""),
    ]
