"""Every backbone's shapes as they are worked out without arithmetic, against those of the network itself, run."""

from __future__ import annotations

from dataclasses import asdict
from fnmatch import fnmatch
from typing import Any, Final

from bbprobe.protocol import Entry, Probe
from bbwizard.asked.opening import LIMITS
from bbwizard.errors import ProbeRefused
from bbwizard.session import Session
from bbwizard.verdicts import likely_size
from benchmarks.coverage.backbones import TO_RUN, about, sampled
from benchmarks.coverage.options import Options
from benchmarks.coverage.runner import Item, Work, run
from benchmarks.coverage.sitting import Sitting, crew
from benchmarks.coverage.store import FAILED, Outcome, Store

SIZES: Final = ((224, 224), (256, 320))
"""Heights and widths: one square, one not; small, so that every network can be run."""

SAME, RUN, TOO_BIG = "same", "run for real", "too big to run"
"""What came of a backbone: the same answers; shapes alone did not tell, so that the probe itself ran it; untested."""

APART: Final = ("seconds", "device")
"""Facts of a probe in which the two may differ."""


async def cover(options: Options) -> None:
    """Ask every entry both ways, small ones first."""
    LIMITS["probe"] = options.limit  # a large network, really run, takes minutes
    store = Store(options.out, "exact")
    store.forget(options.retry, [key for key in store.results if fnmatch(key, options.only)])
    async with crew(options.python, options.out, options.workers, None) as sittings:
        entries = await (await sittings[0].session()).entries()
        asked = [entry for entry in sampled(entries, options) if fnmatch(entry.name, options.only)]
        waiting = sorted((entry for entry in asked if entry.name not in store.results), key=likely_size)
        items = [Item(entry.name, comparison(entry, options.memory)) for entry in waiting]
        await run(items, store, sittings, options.limit, "comparing shapes")


def comparison(entry: Entry, memory: float) -> Work:
    """One backbone asked both ways at all sizes, `memory` GiB being there to run it."""

    async def do(sitting: Sitting) -> Outcome:
        session = await sitting.session()
        kind, seconds, params = SAME, [], 0
        for size in SIZES:
            session.change(input=size)
            fast = await told(session, entry, "auto")
            if isinstance(fast, Probe):
                seconds.append(fast.seconds)
                params = fast.params
                if params * TO_RUN > memory * 2**30:
                    return Outcome(TOO_BIG, "", {**about(entry, params), "seconds": seconds})
                if fast.device != "shapes":
                    kind = RUN
            real = await told(session, entry, "cpu")
            if difference := differing(fast, real):
                return Outcome(FAILED, f"at {size[0]}x{size[1]}: {difference}", about(entry, params))
        return Outcome(kind, "", {**about(entry, params), "seconds": seconds})

    return do


async def told(session: Session, entry: Entry, device: str) -> Probe | str:
    """What a probe on this device says, or the words in which it is refused."""
    session.device = device
    try:
        return await session.probe(entry)
    except ProbeRefused as refusal:
        return refusal.text


def differing(fast: Probe | str, real: Probe | str) -> str:
    """In what two answers differ; empty where they say the same, a refusal in whatever words."""
    if isinstance(fast, str) or isinstance(real, str):
        if isinstance(fast, str) and isinstance(real, str):
            return ""
        return f"shapes alone say {word(fast)}, the network says {word(real)}"
    one, other = facts(fast), facts(real)
    return "; ".join(f"{key}: {one[key]} alone, {other[key]} run" for key in one if one[key] != other[key])


def facts(probe: Probe) -> dict[str, Any]:
    """What must be the same of two probes."""
    said = {key: value for key, value in asdict(probe).items() if key not in APART}
    return {**said, "reason": bool(probe.reason)}


def word(answer: Probe | str) -> str:
    """An answer in a few words."""
    return f"no: {answer}" if isinstance(answer, str) else f"{len(answer.stages)} stages"
