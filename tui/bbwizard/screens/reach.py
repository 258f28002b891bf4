"""How far the user has come: which steps can be gone to, and what is chosen at each."""

from __future__ import annotations

from bbwizard import keys
from bbwizard.errors import BbwizardError
from bbwizard.language import _, told
from bbwizard.screens.step import Wizard
from bbwizard.widgets.step_bar import StepState


def why_not(wizard: Wizard, number: int) -> str:
    """Why a step cannot be gone to, empty where it can."""
    session, recipe = wizard.session, wizard.session.recipe
    if number >= 2 and (session.environment is None or not wizard.opened_python):
        return _("choose a training environment first")
    if number >= 3 and not recipe.base:
        return _("choose a base config first")
    if number >= 4 and not recipe.backbone:
        return _("choose a backbone first")
    if number >= 5:
        try:
            plan = session.plan()
            if plan is not None and not plan.wired:
                plan.refuse()
        except BbwizardError as error:
            hint = told(error.hint)
            return _("{text}. {hint}").format(text=told(error.text), hint=hint[:1].upper() + hint[1:]).strip()
        if plan is None:
            return _("the stages are being probed")
    return ""


def last_open(wizard: Wizard, number: int) -> int:
    """That step, or the last one before it that can be gone to."""
    return next(step for step in range(number, 0, -1) if not why_not(wizard, step))


def states(wizard: Wizard, at: int) -> list[StepState]:
    """What the bar says of each step, the one that is shown being `at`."""
    found = []
    for number, (name, value) in enumerate(zip(keys.STEPS, values(wizard), strict=True), 1):
        if number == at:
            state = "current"
        elif why_not(wizard, number):
            state = "shut"
        elif value and number == len(keys.STEPS) and not sound(wizard):
            state = "failed"
        else:
            state = "done" if value else "open"
        found.append(StepState(name, state, value))
    return found


def sound(wizard: Wizard) -> bool:
    """Whether nothing is known to be wrong with the written config."""
    checked = wizard.session.checked
    return checked is None or checked.ok


def values(wizard: Wizard) -> list[str]:
    """What is chosen at each step, in short."""
    session, recipe = wizard.session, wizard.session.recipe
    environment = session.environment if wizard.opened_python else None
    mmdet = f"mmdet {environment.versions.get('mmdet') or '?'}" if environment is not None else ""
    if session.atlas is not None and mmdet:
        mmdet = _("atlas {stack}").format(stack=session.atlas.stack)
    try:
        plan = session.plan() if environment is not None else None
    except BbwizardError:
        plan = None
    stages = ",".join(map(str, plan.stages if plan is not None else recipe.stages or ()))
    written = ""
    stands = session.output or (session.suggested(plan) if plan is not None else None)
    if session.written is not None and session.written == stands and wizard.written_recipe == recipe:
        done = _("written") if session.checked is None else _("checked")
        written = done if sound(wizard) else _("check failed")
    base = recipe.base.rpartition("/")[2].removesuffix(".py")
    return [mmdet, base, recipe.backbone.partition("/")[2], stages, written]
