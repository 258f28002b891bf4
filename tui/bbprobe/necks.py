"""How a neck takes the backbone's channels and what it makes of the strides: found by running it.

A neck is understood when the channels of the base's own backbone stand in its config and it also runs with other
channels in the same place; which levels it reads shows in the autograd graph of its outputs.
"""

import inspect
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Set

import torch

from bbprobe import forward, loading
from bbprobe.own_backbone import Map
from bbprobe.protocol import Refused, Slot, Stride
from bbprobe.strides import doubled, stride_of
from bbprobe.words import in_words

IMAGE = (256, 384)
"""Multiples of 128 both ways and 128 apart: strides up to 128 come out exactly."""


class Intake(NamedTuple):
    """What a neck takes and gives."""

    slot: Slot
    rule: str
    used: List[bool]
    outs: List[Stride]
    descending: bool
    """Its outputs come deepest first."""
    start_level: int
    end_level: int
    start_level_path: Optional[List[Any]]
    end_level_path: Optional[List[Any]]


class Ran(NamedTuple):
    """What one run of a neck showed."""

    used: List[bool]
    strides: List[Stride]


_asked: Dict[str, Any] = {}


def intake(neck: Any, maps: Sequence[Map]) -> Intake:
    """What `model.neck`, a dict or a list of them, does with `maps`; asked once for each pair.

    Raises:
        Refused: it is not understood.
    """
    config = loading.without_weights(loading.plain(neck))
    key = repr((config, maps))
    if key not in _asked:
        try:
            _asked[key] = ask(config, list(maps))
        except Refused as refusal:
            _asked[key] = refusal
    answer = _asked[key]
    if isinstance(answer, Refused):
        raise Refused(str(answer))
    return answer


def first(neck: Any) -> Dict[str, Any]:
    """The neck that sees the backbone: of a list, the first."""
    return neck[0] if isinstance(neck, (list, tuple)) else neck


def ask(neck: Any, maps: List[Map]) -> Intake:
    """As `intake`, of a neck config without weights."""
    where: List[Any] = ["neck", 0] if isinstance(neck, (list, tuple)) else ["neck"]
    own = first(neck)
    slots = places(own, where, maps)
    for slot in slots[:-1]:
        try:
            return read(neck, slot, maps)
        except Refused:  # the channels read the same both ways: the last reading's refusal stands
            pass
    return read(neck, slots[-1], maps)


def places(own: Dict[str, Any], where: List[Any], maps: List[Map]) -> List[Slot]:
    """The readings of the neck's channel argument that agree with the backbone's own maps."""
    key = next((name for name in ("in_channels", "in_channel") if name in own), None)
    if key is None:
        raise Refused("its neck {} has no in_channels".format(own.get("type")))
    value, channels = own[key], [item.channels for item in maps]
    path = where + [key]
    found = []
    if isinstance(value, (list, tuple)):
        container = "tuple" if isinstance(value, tuple) else "list"
        if list(value) == channels:
            found.append(Slot(path, "list", container))
        if list(value) == channels[::-1]:
            found.append(Slot(path, "reversed", container))
    elif value == channels[-1]:
        found.append(Slot(path, "deepest", "int"))
    if not found:
        raise Refused(
            "its neck {} has {}={}, but its own backbone gives {}".format(own.get("type"), key, value, channels)
        )
    return found


def read(neck: Any, slot: Slot, maps: List[Map]) -> Intake:
    """What the neck does when its channels are read as `slot` says."""
    own, strides = first(neck), [item.stride for item in maps]
    others = [Map(item.stride, item.channels + 32 * (index + 1)) for index, item in enumerate(maps)]
    try:
        build(neck)
    except Exception as error:
        raise Refused("its neck {} cannot be built: {}".format(own["type"], in_words(error))) from error
    changed = with_channels(neck, slot, others)
    try:
        ran = run(changed, others)
    except Exception as error:
        ran = read_attributes(changed, neck, maps, error)
    start = ran.used.index(True) if True in ran.used else 0
    stop = len(ran.used) - ran.used[::-1].index(True) if True in ran.used else 0
    if not all(ran.used[start:stop]) or start == stop:
        raise Refused("its neck {} reads only levels {}".format(own["type"], indices(ran.used)))
    outs, descending = ran.strides, False
    if outs == sorted(outs, reverse=True) and len(outs) > 1:
        outs, descending = outs[::-1], True
    if slot.form == "deepest":
        if start != len(maps) - 1 or len(outs) != 1:
            raise Refused("its neck {} takes one channel number but {} levels".format(own["type"], stop - start))
        return Intake(slot, "deepest", ran.used, outs, False, start, -1, None, None)
    expected = doubled(strides[start:stop], len(outs))
    if outs != expected:
        raise Refused("its neck {} makes strides {} of {}, by no known rule".format(own["type"], outs, strides))
    end = -1 if stop == len(maps) else stop - 1
    where = slot.path[:-1]
    return Intake(
        slot,
        "pyramid",
        ran.used,
        outs,
        descending,
        start,
        end,
        where + ["start_level"] if takes(own, "start_level") and moves(neck, slot, others, start, outs) else None,
        where + ["end_level"] if takes(own, "end_level") else None,
    )


def indices(flags: Sequence[bool]) -> List[int]:
    """Where `flags` are set."""
    return [index for index, flag in enumerate(flags) if flag]


def with_channels(neck: Any, slot: Slot, maps: Sequence[Map]) -> Any:
    """The neck's config for a backbone that gives `maps`."""
    channels = [item.channels for item in maps]
    value: Any = {"list": channels, "reversed": channels[::-1], "deepest": channels[-1]}[slot.form]
    changed = loading.plain(neck)
    first(changed)[slot.path[-1]] = tuple(value) if slot.container == "tuple" else value
    return changed


def run(neck: Any, maps: Sequence[Map]) -> Ran:
    """Build the neck and run it on zeros of the shapes that `maps` have for an image of `IMAGE`."""
    model = build(neck)
    leaves = [
        torch.zeros(
            1, item.channels, -int(-IMAGE[0] // item.stride), -int(-IMAGE[1] // item.stride), requires_grad=True
        )
        for item in maps
    ]
    outputs = forward.flatten(model(tuple(leaf * 1 for leaf in leaves)))  # necks may work in place, leaves may not
    reached = reachable(outputs)
    strides = [stride_of(IMAGE, tensor.shape[2], tensor.shape[3]) for tensor in outputs]
    return Ran([id(leaf) in reached for leaf in leaves], strides)


def build(neck: Any) -> Any:
    """The neck, without weight initialisation, in inference mode."""
    from mmcv import ConfigDict
    from mmcv.cnn.utils import revert_sync_batchnorm
    from mmdet.models import build_neck

    wrapped = [ConfigDict(item) for item in neck] if isinstance(neck, (list, tuple)) else ConfigDict(neck)
    with forward.no_initialisation():
        model = revert_sync_batchnorm(build_neck(wrapped))
    model.eval()
    return model


def reachable(outputs: Sequence[torch.Tensor]) -> Set[int]:
    """The ids of the leaf tensors that `outputs` were computed from."""
    found: Set[int] = set()
    seen: Set[Any] = set()
    waiting = [tensor.grad_fn for tensor in outputs]
    while waiting:
        node = waiting.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            found.add(id(node.variable))
        waiting.extend(following for following, _ in node.next_functions)
    return found


def read_attributes(changed: Any, neck: Any, maps: Sequence[Map], error: Exception) -> Ran:
    """What a neck says of itself, where an operation that it needs does not run on the CPU (CARAFE).

    `error` is what `changed`, the neck with other channels, raised.

    Raises:
        Refused: it is the other channels that it does not take; or it says nothing.
    """
    kind = first(neck)["type"]
    refusal = Refused("its neck {} does not take other channels: {}".format(kind, in_words(error)))
    try:
        model = build(changed)
    except Exception:
        raise refusal from error
    try:
        run(neck, maps)
    except Exception:
        start, stop = getattr(model, "start_level", None), getattr(model, "backbone_end_level", None)
        count = getattr(model, "num_outs", None)
        if start is None or stop is None or count is None:
            given = ", ".join(str(item.stride) for item in maps)
            text = "its neck {} does not run on maps at strides {}: {}".format(kind, given, in_words(error))
            raise Refused(text) from error
        strides = doubled([item.stride for item in maps][start:stop], count)
        return Ran([start <= index < stop for index in range(len(maps))], strides)
    raise refusal from error


def takes(own: Dict[str, Any], argument: str) -> bool:
    """Whether the neck's class has `argument`."""
    from mmdet.models import NECKS

    kind = own["type"]
    made = NECKS.get(kind) if isinstance(kind, str) else kind
    return argument in inspect.signature(made.__init__).parameters


def moves(neck: Any, slot: Slot, maps: Sequence[Map], start: int, outs: List[Stride]) -> bool:
    """Whether the neck does the same without the levels before `start` and with `start_level=0`.

    NASFCOS_FPN has `start_level` in its signature and fixed levels in its body.
    """
    if start == 0:
        return True
    moved = with_channels(neck, slot, maps[start:])
    first(moved)["start_level"] = 0
    try:
        return run(moved, maps[start:]).strides == outs
    except Exception:
        return False
