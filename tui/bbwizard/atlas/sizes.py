"""The stages of a probe for images of another size, where its strides alone make them. Pure."""

from __future__ import annotations

from dataclasses import replace

from bbprobe.protocol import Probe, Stage


def at(probe: Probe, size: tuple[int, int]) -> Probe | None:
    """The probe for images of `size` (height, width in pixels); None where that must be asked.

    A map that is exactly its stride's part of the image is so of every image that all strides divide, but for what
    `scripts/atlas.py` finds to be `irregular`; how many multiply-adds that takes does not follow. Where the backbone
    takes one size alone, it answers for every size.
    """
    if tuple(probe.input) == size or probe.fixed_input is not None:
        return probe
    stages = [resized(stage, probe.input, size) for stage in probe.stages]
    sound = [stage for stage in stages if stage is not None]
    return replace(probe, stages=sound, input=list(size), macs=None) if len(sound) == len(stages) else None


def resized(stage: Stage, given: list[int], size: tuple[int, int]) -> Stage | None:
    """One stage for images of `size`; None where its map is not exactly its stride's part of both."""
    height, width = size
    divided = [side % stage.stride == 0 for side in (*given, *size)]
    whole = [stage.height * stage.stride, stage.width * stage.stride] == given
    if not (whole and all(divided)):
        return None
    return replace(stage, height=int(height // stage.stride), width=int(width // stage.stride))
