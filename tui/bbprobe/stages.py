"""The truth about one backbone: its stages, at the size and on the device asked for."""

import time
from collections import namedtuple
from typing import Any, Callable, Dict, List, Optional, Sequence

from bbprobe import cures, forward, members, traits
from bbprobe.candidate import Candidate, size_in_words
from bbprobe.device import choose
from bbprobe.layout import is_map, layout, measured, skew, stride
from bbprobe.protocol import SHAPES, Cure, Probe, Refused, Stage
from bbprobe.selecting import selection
from bbprobe.words import is_out_of_memory

Look = namedtuple("Look", ["model", "select", "indices", "answer", "layout"])
"""A built backbone, the keyword that selects its maps (None: it has none), what it answered at `indices`, and how."""

CROOKED = 0.15
"""Beyond this a map's proportions are not the image's: a square map of a 256x320 image is at 0.22."""


def probe(task: Any, name: str, type: str, config: Dict[str, Any], input: Sequence[int], device: str) -> Probe:
    """A backbone's stages for images of `input` (height, width), each with its exact stride.

    On `device` "auto" shapes alone are worked out, without arithmetic, and only what they do not tell is run, on the
    CPU; on any other device the network is run there.

    Raises:
        Refused: it cannot be built, or refuses every image; with the library's reason.
    """
    chosen = SHAPES if device == "auto" else choose(device)[0]
    try:
        return probe_on(task, name, type, config, input, chosen, "")
    except RuntimeError as error:
        if not chosen.startswith("cuda") or not (is_out_of_memory(error) or "CUDA error" in str(error)):
            raise
        what = "has too little free memory" if is_out_of_memory(error) else "failed"
    finally:
        forward.release(chosen)
    return probe_on(task, name, type, config, input, "cpu", "{} {}: probed on the CPU".format(chosen, what))


def survey(task: Any, name: str, type: str, config: Dict[str, Any]) -> Probe:
    """What `probe` says of the image that strides are found with: whether it gives a pyramid, and which, for less.

    Raises:
        Refused: it cannot be built, or refuses every image; with the library's reason.
    """
    return probe_on(task, name, type, config, forward.PROBE_SIZE, SHAPES, "")


def probe_on(
    task: Any, name: str, kind: str, config: Dict[str, Any], size: Sequence[int], device: str, note: str
) -> Probe:
    """`probe` on one device."""
    began = time.time()
    candidate = Candidate(kind, config, device, task.pause)
    seen = look(candidate)
    fixed, shown = None, seen.answer
    if tuple(size) != tuple(seen.answer.size):
        task.progress("showing it an image of {}".format(size_in_words(size)))
        try:
            shown = candidate.show(seen.model, size)
        except Refused as refusal:
            if not seen.answer.refusal:
                raise Refused("{} refuses {} images: {}".format(name, size_in_words(size), refusal)) from None
            fixed, size = fixed_input(candidate, seen), seen.answer.size
    welded = [reason for key, reason in cures.WELDED.items() if key in candidate.takes]
    useless = refusal_in_words(seen, fixed) or flaw(seen) or "".join(welded[:1])
    reason = useless or flatness(seen)
    modules = members.modules(seen.model)
    parameters = members.parameters(seen.model)
    return Probe(
        backbone=name,
        type=kind,
        config=candidate.config,
        select=seen.select,
        stages=stages(seen, shown.shapes),
        input=list(size),
        device="cpu" if device == SHAPES and candidate.computed else device,
        layout=seen.layout,
        fixed_input=fixed,
        params=sum(parameter.numel() for parameter in parameters),
        seconds=round(time.time() - began, 3),
        pyramid=not reason,
        reason=reason,
        cures=candidate.cures,
        note=note,
        flat=bool(reason) and not useless,
        takes=traits.takes(candidate.takes),
        norms=traits.norms(modules),
        frozen=traits.frozen(parameters),
        transformer=traits.is_transformer(modules),
        norm_cfg=traits.norm_cfg(candidate.takes, candidate.config),
        macs=shown.macs,
        class_counts=traits.class_counts(modules),
        training_norms=traits.training_norms(seen.model),  # the last: some classes freeze in `train()` alone
    )


def look(candidate: Candidate) -> Look:
    """All that a backbone can output, with the cures it needs taken up in `candidate`.

    Raises:
        Refused: it cannot be built, or refuses every image.
    """
    offered = candidate.cure(cures.ALWAYS)
    try:
        seen = see(candidate)
    except Refused:
        if not offered:
            raise
        candidate.give_up(offered)
        seen = see(candidate)
    if seen.layout == "NHWC":
        seen = better(candidate, cures.WHEN_CHANNELS_LAST, seen, lambda new: new.layout == "NCHW")
    return seen


def better(candidate: Candidate, offered: Sequence[Sequence[Cure]], seen: Look, helped: Callable[[Look], bool]) -> Look:
    """What is seen with the `offered` cures where they help; else `seen`, and they are given up."""
    taken = candidate.cure(offered)
    if not taken:
        return seen
    try:
        new = see(candidate)
    except Refused:
        new = seen
    if helped(new):
        return new
    candidate.give_up(taken)
    return seen


def see(candidate: Candidate) -> Look:
    """All that a backbone outputs as `candidate` stands."""
    found = selection(candidate)
    return Look(found.model, found.select, found.indices, found.answer, layout(found.model, found.answer))


def stages(seen: Look, shapes: Sequence[Any]) -> List[Stage]:
    """The outputs that are maps, with the strides they answered with and the sizes of `shapes`."""
    found = []
    for index, answered, shape in zip(seen.indices, seen.answer.shapes, shapes):
        if is_map(answered) and is_map(shape):
            here = measured(shape, seen.layout)
            step = stride(seen.answer.size, measured(answered, seen.layout))
            found.append(Stage(index, here.channels, step, here.height, here.width))
    return found


def fixed_input(candidate: Candidate, seen: Look) -> Optional[List[int]]:
    """The one size it accepts, where it refuses `forward.PROBE_SIZE` and also twice that one size."""
    if not seen.answer.refusal:
        return None
    height, width = seen.answer.size
    try:
        candidate.show(seen.model, (2 * height, 2 * width))
    except Refused:
        return [height, width]
    return None


def refusal_in_words(seen: Look, fixed: Optional[List[int]]) -> str:
    """Why it cannot take images of every size; empty where it can."""
    if fixed:
        return "it only accepts {} images".format(size_in_words(fixed))
    if seen.answer.refusal:
        words = "it takes {} images, but refuses {}: {}"
        return words.format(size_in_words(seen.answer.size), size_in_words(forward.PROBE_SIZE), seen.answer.refusal)
    return ""


def flaw(seen: Look) -> str:
    """Why its outputs are no maps that a detector can use; empty where they are."""
    found = stages(seen, seen.answer.shapes)
    if not found:
        return "it outputs vectors, not feature maps"
    if any(skew((stage.height, stage.width), seen.answer.size) > CROOKED for stage in found):
        return "its maps do not keep the image's proportions: it resizes every image to one size"
    if seen.layout == "NHWC":
        return "its maps leave channels last (NHWC), and nothing it takes changes that"
    return ""


def flatness(seen: Look) -> str:
    """Why sound maps are no feature pyramid; empty where they are one."""
    found = stages(seen, seen.answer.shapes)
    strides = sorted({stage.stride for stage in found})
    if len(strides) > 1:
        return ""
    return ("it outputs one map only, at stride {}" if len(found) == 1 else "all its maps are at stride {}").format(
        strides[0]
    )
