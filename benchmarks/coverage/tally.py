"""What results come to: base configs by their group, swaps by their form, backbones by their catalog. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bbprobe.protocol import SHAPES
from benchmarks.coverage.bases import TRIO, Group, groups, key
from benchmarks.coverage.store import BASE, CHECKED, FAILED, MEMORY, REFUSED, TIME, UNFIT, Result

NOT_RUN = "not run"
TOO_BIG = (TIME, MEMORY)

DATA = "base's data fail too"
"""Of a swap that went through a whole step and a test, and whose data pipelines cannot be built, as the base's."""

PROVED = (CHECKED, DATA, BASE)
"""What counts as a config that bbwizard is right about."""


@dataclass(frozen=True)
class Verdict:
    """What a group of base configs came to; `swaps` are its results by backbone."""

    group: Group
    detector: str
    kind: str
    said: str
    swaps: dict[str, Result]


def verdicts(facts: Mapping[str, Result], swaps: Mapping[str, Result]) -> list[Verdict]:
    """One for each group of base configs that are alike."""
    found = []
    for group in groups(list(facts.values())):
        fact = facts[group.name]
        done = {name: swaps[key(group.name, name)] for name in TRIO if key(group.name, name) in swaps}
        kind, said = judged(group, fact, done)
        found.append(Verdict(group, fact.facts.get("detector", "unknown"), kind, said, done))
    return found


def judged(group: Group, fact: Result, done: Mapping[str, Result]) -> tuple[str, str]:
    """The kind of a group, the worst of its swaps first, and the words for it."""
    if not group.supported:
        return (fact.kind if fact.kind not in TOO_BIG else FAILED), fact.said
    for kind in (FAILED, *TOO_BIG, CHECKED, DATA, BASE, REFUSED):
        for backbone, result in done.items():
            if kind_of(result) == kind:
                about = f"{backbone}: {result.said}" if kind in (FAILED, *TOO_BIG) else result.said
                return (FAILED if kind in TOO_BIG else kind), about
    if len(done) == len(TRIO):
        return REFUSED, "; ".join(result.said for result in done.values())
    return NOT_RUN, ""


def kind_of(result: Result) -> str:
    """The kind of a swap's result, those told apart whose model is proved whole."""
    return DATA if result.kind == BASE and result.facts.get("proved") == "step" else result.kind


def counted(found: Sequence[Verdict]) -> dict[str, int]:
    """Base configs, not groups, by kind."""
    counts = dict.fromkeys((CHECKED, DATA, BASE, REFUSED, FAILED, NOT_RUN), 0)
    for verdict in found:
        counts[verdict.kind] += len(verdict.group.names)
    return counts


@dataclass(frozen=True)
class Backbone:
    """What a backbone came to: that of its shapes, or where it went through the whole check, of that."""

    name: str
    source: str
    kind: str
    said: str
    by_shape_alone: bool


def backbones(shapes: Mapping[str, Result], checks: Mapping[str, Result]) -> list[Backbone]:
    """One for each entry that was tried."""
    found = []
    for name, result in sorted(shapes.items()):
        source = name.partition("/")[0]
        kind, said, alone = result.kind, result.said, result.facts.get("device") == SHAPES
        check = checks.get(name)
        if check is not None and check.kind in TOO_BIG:
            alone = True
        elif check is not None:
            kind, said = check.kind, check.said
        found.append(Backbone(name, source, FAILED if kind in TOO_BIG else kind, said, alone))
    return found


def lacking(found: Sequence[Backbone]) -> list[Backbone]:
    """Those that are refused, for being no pyramid or for their strides."""
    return [backbone for backbone in found if backbone.kind in (REFUSED, UNFIT)]
