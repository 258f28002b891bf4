"""The options of the last step, out of a recipe. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from bbwizard.errors import UsageError
from bbwizard.language import N_, _, ngettext, told
from bbwizard.launch import MOST_GPUS, spread
from bbwizard.plan import Plan
from bbwizard.recipe import Recipe, parse_meeting
from bbwizard.weights import AUTO, NONE, brief
from bbwizard.widgets.options import Option

GPUS = ("1", "2", "4", "8", "16", "32")
NODES = (AUTO, "1", "2", "4", "8")
NO = N_("no")
HERE = N_("this host")
FILE = N_("file")


def parse_gpus(text: str) -> int:
    """A number of GPUs.

    Raises:
        UsageError: it is none.
    """
    if not (number := number_in(text)):
        hint = _("1 to {most}").format(most=MOST_GPUS)
        raise UsageError(_("{text!r} is no number of GPUs").format(text=text), hint)
    return number


def parse_nodes(text: str) -> int:
    """A number of nodes, 0 for "auto".

    Raises:
        UsageError: it is none.
    """
    if text.strip() == AUTO:
        return 0
    if not (number := number_in(text)):
        words = _("{text!r} is no number of nodes").format(text=text)
        raise UsageError(words, _("1 or more, or auto for as few as share the GPUs evenly, 8 at most on each"))
    return number


def number_in(text: str) -> int:
    """A number as it is typed; 0 where it is none, or more than anybody has of GPUs."""
    bare = text.strip()
    number = int(bare) if bare.isdecimal() and len(bare) <= len(str(MOST_GPUS)) else 0
    return number if number <= MOST_GPUS else 0


def parse_meet(text: str) -> str:
    """Where nodes meet: nothing for this host.

    Raises:
        UsageError: it names no host, or no port.
    """
    return "" if text in (HERE, _(HERE)) else parse_meeting(text)


def parse_resume(text: str) -> str:
    """What to go on with: nothing for "no", "auto", or a checkpoint's path."""
    return "" if text in (NO, _(NO)) else text


FIELDS: Final[Mapping[str, tuple[str, Callable[[str], object]]]] = {
    N_("weights"): ("weights", str),
    N_("GPUs"): ("gpus", parse_gpus),
    N_("launcher"): ("launcher", str),
    N_("nodes"): ("nodes", parse_nodes),
    N_("meet at"): ("meet", parse_meet),
    N_("resume"): ("resume", parse_resume),
}
"""The recipe's field behind an option, and what reads its value."""


def options_of(recipe: Recipe, plan: Plan, path: str, launchers: Sequence[str]) -> list[Option]:
    """What can be set, with its values and what they mean now."""
    known = tuple(weights.name for weights in plan.entry.weights)
    start = plan.start.label if recipe.weights == AUTO else ""
    if start == NONE and not known:
        start = _("none in this catalog")
    licence = _("licence not known") if plan.start.unlicensed else plan.start.licence
    parts = (start, licence, told(brief(plan.start.report)) if plan.start.report is not None else "")
    note = ", ".join(part for part in parts if part) or _("a name, a file or a URL")
    return [
        Option(FILE, path, (), "", free=True),
        Option("weights", recipe.weights, (AUTO, NONE, *known), note, free=True),
        Option("GPUs", str(recipe.gpus), GPUS, "", free=True),
        Option("launcher", recipe.launcher, tuple(dict.fromkeys([*launchers, recipe.launcher])), ""),
        *nodes_of(recipe),
        Option("resume", recipe.resume or _(NO), (_(NO), AUTO), resume_note(recipe.resume), free=True),
    ]


def nodes_of(recipe: Recipe) -> list[Option]:
    """Where several GPUs are, where there are several."""
    if recipe.gpus == 1 and not recipe.nodes:
        return []
    try:
        count, per_node = spread(recipe.gpus, recipe.nodes)
    except UsageError as error:
        return [Option("nodes", str(recipe.nodes), NODES, told(error.text), free=True)]
    note = ngettext("{count} of {gpus} GPU each", "{count} of {gpus} GPUs each", per_node)
    note = note.format(count=count, gpus=per_node)
    found = [Option("nodes", str(recipe.nodes or AUTO), NODES, note, free=True)]
    if count > 1 and recipe.launcher in ("auto", "pytorch"):
        note = _("HOST or HOST:PORT; type the train command on each node")
        found.append(Option("meet at", recipe.meet or _(HERE), (), note, free=True))
    return found


def resume_note(resume: str) -> str:
    """What going on means, where it is not said by a path."""
    return {"": _("or a checkpoint"), AUTO: _("the latest checkpoint, where there is one")}.get(resume, "")
