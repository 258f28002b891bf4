"""Images normalised otherwise than the weights were trained: silent, and often the whole of a bad result."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from bbprobe.protocol import Weights
from bbwizard.findings import Finding, Fix, Pipeline, Steps
from bbwizard.resolved import opaque
from bbwizard.rules.situation import Situation
from bbwizard.transforms import FORMATTING, Step, changed, formats, of_type
from bbwizard.wording import listed

CLOSE: Final = 0.01
"""What differs by less than this share of a standard deviation is the same: a mean of 123.68 is one of 123.675."""

CARRIED: Final = ("mean", "std", "to_rgb")


def normalisation(situation: Situation) -> Iterator[Finding]:
    """The weights' mean, std and channel order against those of every pipeline whose images become tensors.

    One without `Normalize` gets it; `Expand` and `RandomCenterCropPad` move along where they carried the same values.
    Without weights the base's own values are as good as any.
    """
    if not situation.pretrained:
        return
    weights, pipelines = situation.start.weights, situation.config.pipelines()
    pipelines = [pipeline for pipeline in pipelines if any(map(formats, chain(pipeline)))]
    if weights is None or weights.mean is None or weights.std is None:
        if pipelines:
            text = f"how images were normalised for {situation.start.label} is not known; here with {found(pipelines)}"
            yield Finding("normalisation-unknown", text)
        return
    wrong = [item for item in pipelines if renormalised(item.steps, weights, item.linked) != item.steps]
    if not wrong:
        return
    roles = listed(dict.fromkeys(pipeline.role for pipeline in wrong))
    wanted = words(weights.mean, weights.std, weights.to_rgb is not False)
    text = f"{weights.name} was trained with {wanted}; the base normalises {roles} with {found(wrong)}"
    if any(opaque(pipeline.steps) for pipeline in wrong):
        yield Finding("normalisation", f"{text}; code of its author makes them, so change it there")
        return
    fix = Fix(
        f"normalise as the weights want it in {roles}",
        pipeline=lambda item: renormalised(item.steps, weights, item.linked),
    )
    if situation.base.teacher:
        yield Finding("normalisation", f"{text}, with which its teacher was trained too: both see the same images", fix)
    else:
        yield Finding("normalisation", text, fix, certain=True)


def chain(pipeline: Pipeline) -> tuple[Steps, ...]:
    """A pipeline's transforms, and those of each that is linked to it."""
    return (pipeline.steps, *pipeline.linked)


def renormalised(steps: Steps, weights: Weights, linked: tuple[Steps, ...] = ()) -> Steps:
    """The transforms with the weights' normalisation; the very same ones where there is nothing to change.

    What a `linked` pipeline normalises already is not normalised twice.
    """
    levels = (steps, *linked)
    old = [step for level in levels for step in of_type(level, "Normalize")]
    new = values(weights, in_rgb=loads_rgb(levels))
    if not old:
        return changed(steps, lambda step: step, lambda level: inserted(level, new)) if formats(steps) else steps
    if all(same(step, new) for step in old):
        return steps
    return changed(steps, lambda step: moved(step, old[0], new))


def loads_rgb(levels: Sequence[Steps]) -> bool:
    """Whether images come from the disk in RGB order, where mmdet's own is BGR; `to_rgb` then turns them to BGR."""
    loaders = [step for level in levels for step in of_type(level, "LoadImageFromFile")]
    return any(step.get("channel_order") == "rgb" for step in loaders)


def inserted(level: Steps, new: Step) -> Steps:
    """With `Normalize` where the image is about to become a tensor, so behind every augmentation and padding."""
    at = next((number for number, step in enumerate(level) if step["type"] in FORMATTING), None)
    return level if at is None else [*level[:at], {"type": "Normalize", **new}, *level[at:]]


def moved(step: Step, old: Step, new: Step) -> Step:
    """A transform with the new values in place of the old, where it carried them."""
    if step["type"] == "Normalize":
        return {**step, **new}
    if "mean" not in step or list(step["mean"]) != list(old["mean"]):
        return step
    # Every transform of mmdet that takes `to_rgb` takes it for True where nothing is said.
    return {**step, **{key: new[key] for key in CARRIED if key in step or key == "to_rgb" and not new[key]}}


def values(weights: Weights, in_rgb: bool = False) -> dict[str, Any]:
    """The weights' normalisation as keyword arguments, for images that are loaded in RGB order or not."""
    turned = (weights.to_rgb is not False) != in_rgb
    return {"mean": [*(weights.mean or ())], "std": [*(weights.std or ())], "to_rgb": turned}


def same(step: Step, new: Step) -> bool:
    """Whether a `Normalize` does what it should with the values `new`."""
    mean, std = numbers(step.get("mean")), numbers(step.get("std"))
    if bool(step.get("to_rgb", True)) != new["to_rgb"] or len(mean) != len(new["mean"]) or len(std) != len(new["std"]):
        return False
    pairs = [*zip(mean, new["mean"], new["std"], strict=True), *zip(std, new["std"], new["std"], strict=True)]
    return all(abs(is_now - wanted) < CLOSE * deviation for is_now, wanted, deviation in pairs)


def numbers(value: Any) -> list[float]:
    """The numbers of a list or tuple; nothing where it is something else."""
    return [item for item in value if isinstance(item, (int, float))] if isinstance(value, (list, tuple)) else []


def found(pipelines: Sequence[Pipeline]) -> str:
    """What pipelines normalise with, each way once."""
    ways = []
    for levels in map(chain, pipelines):
        steps, in_rgb = [step for level in levels for step in of_type(level, "Normalize")], loads_rgb(levels)
        ways += [said(step, in_rgb) for step in steps] or ["none"]
    return " and ".join(dict.fromkeys(ways))


def said(step: Step, in_rgb: bool) -> str:
    """What one `Normalize` does to images that are loaded in RGB order or not."""
    return words(step.get("mean"), step.get("std"), bool(step.get("to_rgb", True)) != in_rgb)


def words(mean: Any, std: Any, to_rgb: bool) -> str:
    """`mean 123.675, 116.28, 103.53 and std 58.395, 57.12, 57.375 in RGB order`."""
    order = "RGB" if to_rgb else "BGR"
    return f"mean {spaced(mean)} and std {spaced(std)} in {order} order"


def spaced(value: Any) -> str:
    """Numbers in a row."""
    return ", ".join(f"{number:g}" for number in numbers(value))
