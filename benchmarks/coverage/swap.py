"""One swap as a user makes it: work it out, write the file, have that file checked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bbprobe.protocol import Check
from bbwizard.errors import BbwizardError, NotWritable, ProbeRefused
from bbwizard.plan import Plan
from bbwizard.session import Session
from benchmarks.coverage.sitting import Sitting
from benchmarks.coverage.store import BASE, CHECKED, FAILED, REFUSED, UNFIT, Outcome


async def checked(sitting: Sitting, base: str, backbone: str) -> Outcome:
    """A config with this backbone, written and put through the real check."""
    session = await sitting.session()
    plan = await planned(session, base, backbone)
    if isinstance(plan, Outcome):
        return plan
    written = write(session, plan, sitting.file(base, backbone))
    if isinstance(written, Outcome):
        return written
    return of_check(await session.check(written), plan)


async def planned(session: Session, base: str, backbone: str) -> Plan | Outcome:
    """The swap worked out, or why there is none."""
    session.change(base=base, backbone=backbone)
    facts = await session.base(base)
    if not facts.supported:
        return Outcome(REFUSED, facts.reason, {"stage": "base"})
    entry = await session.entry(backbone)
    try:
        probe = await session.probe(entry)
    except ProbeRefused as error:
        return Outcome(REFUSED, error.text, {"stage": "backbone"})
    if not probe.pyramid:
        return Outcome(REFUSED, probe.reason, {"stage": "backbone", "params": probe.params})
    try:
        plan = await session.work_out()
        plan.refuse()
    except NotWritable as error:
        return Outcome(UNFIT, error.text, {"stage": "wiring"})
    return plan


def write(session: Session, plan: Plan, target: Path) -> Path | Outcome:
    """The file, or how writing it failed."""
    try:
        return session.write(plan, target, force=True)
    except BbwizardError as error:
        return Outcome(FAILED, error.text, {"stage": "write"})


def of_check(check: Check, plan: Plan) -> Outcome:
    """What the check's answer comes to."""
    facts: dict[str, Any] = {
        "stage": check.stage and f"check: {check.stage}",
        "proved": check.proved,
        "loss": check.loss,
        "seconds": check.seconds,
        "unused": len(check.unused_parameters),
        "strides": check.strides.found,
        "warnings": [warning["code"] for warning in plan.as_json()["warnings"]],
    }
    if not check.ok:
        return Outcome(FAILED, check.error, {**facts, "base_error": check.base_error, "traceback": check.traceback})
    if check.base_error:
        return Outcome(BASE, check.base_error, facts)
    return Outcome(CHECKED, "", facts)
