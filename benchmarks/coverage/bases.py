"""Every base config, swapped to backbones with unlike pyramids and put through the real check."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch

from benchmarks.coverage import models, swap
from benchmarks.coverage.options import Options
from benchmarks.coverage.runner import Item, run
from benchmarks.coverage.sitting import Sitting, crew
from benchmarks.coverage.store import REFUSED, UNFIT, Outcome, Result, Store

TRIO = ("mmcls/MobileNetV2", "mmcls/SwinTransformer/tiny", "timm/regnetx_002")
"""A stage too many and an unused last layer; windows and no batch norm; a stem of its own at stride 2."""

UNDERSTOOD = "understood"


@dataclass(frozen=True)
class Group:
    """Base configs with the same model and the same kinds of data: `name` stands for all of them."""

    name: str
    names: tuple[str, ...]
    form: str
    detector: str
    size: int
    supported: bool


async def cover(options: Options) -> None:
    """Look at every base config, then swap one of those that are alike."""
    facts, swaps = Store(options.out, "facts"), Store(options.out, "bases")
    facts.forget(options.retry)
    swaps.forget(options.retry, [key for key in swaps.results if fnmatch(key, options.only)])
    async with crew(options.python, options.out, options.workers, options.memory) as sittings:
        names = [base.name for base in await (await sittings[0].session()).bases()]
        unseen = [look_at(name) for name in names if name not in facts.results]
        await run(unseen, facts, sittings, options.limit, "looking at base configs")
        found = groups([facts.results[name] for name in names])
        wanted = chosen(found, options)
        while pairs := [pair for pair in due(wanted, swaps.results) if fnmatch(key(*pair), options.only)]:
            await run([swap_of(*pair) for pair in pairs], swaps, sittings, options.limit, "swapping")


def look_at(name: str) -> Item:
    """What one base config needs."""

    async def look(sitting: Sitting) -> Outcome:
        base = await (await sitting.session()).base(name)
        whole = models.model(base)
        facts = {
            "detector": base.detector,
            "neck": base.neck,
            "backbone": base.backbone,
            "form": models.form(base),
            "alike": models.digest(whole, models.data(base)),
            "size": models.size(whole),
        }
        return Outcome(UNDERSTOOD if base.supported else REFUSED, base.reason, facts)

    return Item(name, look)


def swap_of(name: str, backbone: str) -> Item:
    """One base config with one backbone."""

    async def do(sitting: Sitting) -> Outcome:
        return await swap.checked(sitting, name, backbone)

    return Item(key(name, backbone), do)


def key(name: str, backbone: str) -> str:
    """What the result of a swap is kept by."""
    return f"{name} | {backbone}"


def groups(looks: Sequence[Result]) -> list[Group]:
    """The base configs that are alike, in order of their names; what could not be looked at is a group of its own."""
    members: dict[str, list[Result]] = {}
    for look in sorted(looks, key=lambda look: look.key):
        members.setdefault(look.facts.get("alike", look.key), []).append(look)
    return [
        Group(
            same[0].key,
            tuple(look.key for look in same),
            same[0].facts.get("form", ""),
            same[0].facts.get("detector", ""),
            same[0].facts.get("size", 0),
            same[0].kind == UNDERSTOOD,
        )
        for same in members.values()
    ]


def chosen(found: Sequence[Group], options: Options) -> dict[Group, tuple[tuple[str, ...], bool]]:
    """For each group to be swapped its backbones in order of preference, and whether it is to meet all of them.

    The cheapest group of every form meets all three; of a sample, one, and of the other groups only some are in it.
    What is unlike the others comes first: of every form, then of every detector, the cheapest.
    """
    supported = sorted((group for group in found if group.supported), key=lambda group: (group.size, group.name))
    first = {group.form: group for group in reversed(supported)}
    early = {group.detector: group for group in reversed(supported)}
    others = [group for group in supported if first[group.form] is not group]
    if options.sample is not None:
        others = random.Random(options.seed).sample(others, min(options.sample, len(others)))
    turns = {group: turn % len(TRIO) for turn, group in enumerate(group for group in found if group.supported)}
    return {
        group: (TRIO[turns[group] :] + TRIO[: turns[group]], options.sample is None and first[group.form] is group)
        for group in sorted(
            [*first.values(), *others],
            key=lambda group: (first[group.form] is not group, early[group.detector] is not group, group.size),
        )
    }


def due(
    wanted: Mapping[Group, tuple[tuple[str, ...], bool]], results: Mapping[str, Result]
) -> Iterator[tuple[str, str]]:
    """The swaps that are still to be done; a backbone that lacks a detector's strides sends it on to the next."""
    for group, (backbones, every) in wanted.items():
        for backbone in backbones:
            result = results.get(key(group.name, backbone))
            if result is None:
                yield group.name, backbone
            if not every and (result is None or result.kind != UNFIT):
                break
