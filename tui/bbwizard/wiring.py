"""Which stage feeds which level, what that makes of the base's channels, or why it cannot be. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bbprobe.protocol import Base, Level, Probe, Slot, Stage, Stride

Key = str | int


@dataclass(frozen=True)
class Link:
    """A chosen stage and the level it feeds; None where the base has no level for it."""

    stage: Stage
    level: Level | None


@dataclass(frozen=True)
class Problem:
    """Why a wiring would not train, in one sentence; `level` is the index of the level it concerns, where one does."""

    code: str
    text: str
    level: int | None = None


@dataclass(frozen=True)
class Change:
    """A value below `model` that must change, in the container the base writes it in ("list", "tuple", "int")."""

    path: tuple[Key, ...]
    value: tuple[int, ...] | int
    container: str

    @property
    def name(self) -> str:
        """The path as a config author says it: `neck.in_channels`."""
        return ".".join(str(key) for key in self.path)

    @property
    def contained(self) -> list[int] | tuple[int, ...] | int:
        """The value in its container."""
        return list(self.value) if isinstance(self.value, tuple) and self.container == "list" else self.value

    @property
    def plain(self) -> list[int] | int:
        """The value as JSON has it."""
        return list(self.value) if isinstance(self.value, tuple) else self.value


@dataclass(frozen=True)
class Wiring:
    """The answer to one choice of stages."""

    links: tuple[Link, ...]
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    expected: tuple[Stride, ...]
    """Strides that the head gets from the base's own backbone."""
    produced: tuple[Stride, ...]
    """Strides that it gets from this choice."""

    @property
    def writable(self) -> bool:
        """Whether a config made from it would train."""
        return not self.problems

    @property
    def channels(self) -> tuple[int, ...]:
        """Channels of the chosen stages, in the order the backbone outputs them."""
        return tuple(link.stage.channels for link in self.links)


def default_stages(base: Base, probe: Probe) -> tuple[int, ...]:
    """Out indices of the deepest stage at each stride that the base uses; all of them where the class gives no choice.

    A level that the neck lists but does not read (`start_level`) is left out where the backbone has no stage for it; a
    detector that takes one map at any stride is given the last there is where its own stride is missing.
    """
    if probe.select is None:
        return tuple(stage.index for stage in probe.stages)
    deepest = {stage.stride: stage.index for stage in sorted(probe.stages, key=lambda stage: stage.index)}
    wanted = wanted_levels(base)
    if any_stride(base) and deepest and wanted[-1].stride not in deepest:
        return (max(deepest.values()),)
    return tuple(sorted({deepest[level.stride] for level in wanted if level.stride in deepest}))


def wire(base: Base, probe: Probe, chosen: Sequence[int]) -> Wiring:
    """Wire the stages with out indices `chosen` to the levels of `base`."""
    stages = tuple(stage for stage in sorted(probe.stages, key=lambda stage: stage.index) if stage.index in set(chosen))
    levels = wanted_levels(base)
    dropped = 0
    if base.start_level_path is not None and len(stages) < len(levels):
        dropped = unread_levels(levels)
        if len(stages) != len(levels) - dropped:
            dropped = 0
    counted = len(stages) == len(levels) - dropped
    partners = [*levels[dropped:]] if counted else [level_at(levels, stage.stride) for stage in stages]
    links = tuple(Link(stage, level) for stage, level in zip(stages, partners, strict=True))

    problems = [*backbone_problems(base, probe, stages), *level_problems(base, links, counted)]
    problems += size_problems(base, probe, stages)
    produced = handed_on([link.stage.stride for link in links if not counted or link.level and link.level.used], base)
    return Wiring(
        links=links,
        changes=changes(base, [stage.channels for stage in stages], dropped) if stages else (),
        problems=tuple(problems),
        expected=handed_on([level.stride for level in levels if level.used], base),
        produced=produced,
    )


def wanted_levels(base: Base) -> tuple[Level, ...]:
    """The levels that stages must be found for, in the backbone's output order."""
    return tuple(base.levels[-1:] if base.rule == "deepest" else base.levels)


def needed_levels(base: Base) -> tuple[Level, ...]:
    """The levels that cannot be left out: all that are wanted, but those before `start_level` where that may move."""
    levels = wanted_levels(base)
    return levels[unread_levels(levels) if base.start_level_path is not None else 0 :]


def any_stride(base: Base) -> bool:
    """Whether the detector takes one map, at whatever stride: its heads are made for none (DETR)."""
    return base.rule == "deepest" and bool(base.levels) and not base.head_strides


def unread_levels(levels: Sequence[Level]) -> int:
    """How many levels at the start the neck lists but does not read."""
    return next((number for number, level in enumerate(levels) if level.used), 0)


def level_at(levels: Sequence[Level], stride: Stride) -> Level | None:
    """The level with this stride, if there is one."""
    return next((level for level in levels if level.stride == stride), None)


def handed_on(used: Sequence[Stride], base: Base) -> tuple[Stride, ...]:
    """Strides that reach the heads when the used levels are fed maps at strides `used`, in the levels' order.

    A level that the neck hands on as it is keeps its stride; what the neck makes further down (a doubling, an extra
    layer) moves with the last level.
    """
    own = [level.stride for level in base.levels if level.used]
    if base.rule != "pyramid" or len(used) != len(own) or not own:
        return tuple(used)
    shift = used[-1] / own[-1]
    kept = min(len(own), len(base.outs))
    return tuple(
        used[index] if index < kept and stride == own[index] else whole(stride * shift)
        for index, stride in enumerate(base.outs)
    )


def whole(stride: float) -> Stride:
    """A stride as an integer where it is one."""
    return int(stride) if stride == int(stride) else stride


def backbone_problems(base: Base, probe: Probe, stages: Sequence[Stage]) -> list[Problem]:
    """What keeps this backbone from being wired so, whatever its strides; maps at one stride do for the last alone."""
    found = []
    if not probe.pyramid and not (probe.flat and base.rule == "deepest"):
        found.append(Problem("no-pyramid", f"{probe.backbone}: {probe.reason}"))
    if probe.select is None and len(stages) != len(probe.stages):
        found.append(Problem("always-all", f"{probe.type} always outputs all of its {len(probe.stages)} stages"))
    return found


def level_problems(base: Base, links: Sequence[Link], counted: bool) -> list[Problem]:
    """What is wrong between the stages and the levels, in words on the level concerned."""
    found, levels = [], wanted_levels(base)
    if not counted:
        found.append(Problem("level-count", count_text(levels, len(needed_levels(base)), links)))
    if not links:  # that no stage feeds this level or that one goes without saying
        return found
    strides = [link.stage.stride for link in links]
    for number, level in enumerate(levels):
        if not level.used:
            continue
        fed = [link.stage for link in links if link.level is level]
        if not fed:
            found.append(Problem("no-stage", f"level {number} (stride {level.stride}): no stage feeds it", number))
        elif fed[0].stride != level.stride and not any_stride(base):
            text = f"level {number} (stride {level.stride}) gets stage {fed[0].index} at stride {fed[0].stride}"
            found.append(Problem("stride", text, number))
        elif strides.count(level.stride) > 1:
            same = ", ".join(str(link.stage.index) for link in links if link.stage.stride == level.stride)
            text = f"level {number} (stride {level.stride}): stages {same} all have its stride, keep one"
            found.append(Problem("repeated", text, number))
    return found


def size_problems(base: Base, probe: Probe, stages: Sequence[Stage]) -> list[Problem]:
    """Maps that are smaller than their strides say, for a neck that joins them by doubling.

    Backbones whose convolutions do not pad (Inception) give such maps, whatever the size of the image.
    """
    if not base.exact:
        return []
    height, width = probe.input
    for stage in stages:
        if not fills(stage, probe.input):
            has = f"stage {stage.index} is {stage.height}x{stage.width}"
            should = f"stride {stage.stride} of {height}x{width} makes {height // stage.stride}x{width // stage.stride}"
            rule = f"{base.neck} joins maps that are each twice as large as the next, and these never are"
            return [Problem("inexact", f"{has} where {should}: {rule}")]
    return []


def fills(stage: Stage, size: Sequence[int]) -> bool:
    """Whether a map is as large as its stride makes it of an image of `size` (height, width), rounded down or up."""
    sides = zip(size, (stage.height, stage.width), strict=True)
    return all(side // stage.stride <= got <= -(-side // stage.stride) for side, got in sides)


def count_text(levels: Sequence[Level], needed: int, links: Sequence[Link]) -> str:
    """The sentence for a wrong number of stages; `needed` of the levels, the last of them, would do."""
    wanted = ", ".join(str(level.stride) for level in levels)
    chosen = ", ".join(str(link.stage.stride) for link in links)
    plural = "level" if len(levels) == 1 else "levels"
    if needed < len(levels):
        if not links:
            return f"the base takes {len(levels)} levels (stride {wanted}) or the last {needed}, none is chosen"
        return (
            f"the base takes {len(levels)} levels (stride {wanted}) or the last {needed},"
            f" chosen are {len(links)} (stride {chosen})"
        )
    if not links:
        return f"the base takes {len(levels)} {plural} (stride {wanted}), none is chosen"
    return f"the base takes {len(levels)} {plural} (stride {wanted}), chosen are {len(links)} (stride {chosen})"


def changes(base: Base, channels: Sequence[int], dropped: int) -> tuple[Change, ...]:
    """What must change below `model` so that it takes `channels`; nothing that already stands there."""
    old = [level.channels for level in base.levels]
    found = []
    for slot in base.slots:
        change = filled(slot, channels)
        if change != filled(slot, old):
            found.append(change)
    if dropped and base.start_level_path is not None:
        found.append(Change(tuple(base.start_level_path), 0, "int"))
        if base.end_level_path is not None and base.end_level >= 0:
            found.append(Change(tuple(base.end_level_path), base.end_level - dropped, "int"))
    return tuple(found)


def filled(slot: Slot, channels: Sequence[int]) -> Change:
    """One slot with these channels in it (output order), in its own form and container."""
    if slot.form == "deepest":
        return Change(tuple(slot.path), channels[-1], "int")
    ordered = reversed(channels) if slot.form == "reversed" else channels
    return Change(tuple(slot.path), (*ordered, *slot.tail), slot.container)
