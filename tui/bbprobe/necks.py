"""How a neck takes the backbone's channels and what it makes of the strides: found by running it.

A neck is understood when the channels of the base's own backbone stand in its config and it also runs with other
channels in the same places; which levels it reads shows in the autograd graph of its outputs.
"""

import inspect
from typing import Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from bbprobe import loading, neck_run
from bbprobe.neck_run import Out, Ran
from bbprobe.own_backbone import Map
from bbprobe.protocol import Refused, Slot
from bbprobe.strides import Size
from bbprobe.words import in_words


class Intake(NamedTuple):
    """What a neck takes and gives."""

    slots: List[Slot]
    rule: str
    used: List[bool]
    outs: List[Out]
    """Shallowest first, of an image of size `image`."""
    others: List[Out]
    """The same with other channels in the slots: where these differ, the backbone's channels are handed on."""
    image: Size
    descending: bool
    """It hands them on deepest first."""
    exact: bool
    """It joins maps only where each is exactly twice as large as the next."""
    start_level: int
    end_level: int
    start_level_path: Optional[List[Any]]
    end_level_path: Optional[List[Any]]


_asked: Dict[str, Any] = {}


def intake(neck: Any, maps: Sequence[Map], size: Size) -> Intake:
    """What `model.neck`, a dict or a list of them, does with `maps`; asked once for each.

    `size` is the height and width of the base's own images, for a neck that runs on nothing else.

    Raises:
        Refused: it is not understood.
    """
    config = loading.without_weights(loading.plain(neck))
    key = repr((config, maps, size))
    if key not in _asked:
        try:
            _asked[key] = ask(config, list(maps), size)
        except Refused as refusal:
            _asked[key] = refusal
    answer = _asked[key]
    if isinstance(answer, Refused):
        raise Refused(str(answer))
    return answer


def first(neck: Any) -> Dict[str, Any]:
    """The neck that sees the backbone: of a list, the first."""
    return neck[0] if isinstance(neck, (list, tuple)) else neck


def ask(neck: Any, maps: List[Map], size: Size) -> Intake:
    """As `intake`, of a neck config without weights."""
    where: List[Any] = ["neck", 0] if isinstance(neck, (list, tuple)) else ["neck"]
    own = first(neck)
    readings = places(own, where, maps)
    try:
        neck_run.build(neck)
    except Exception as error:
        raise Refused("its neck {} cannot be built: {}".format(own["type"], in_words(error))) from error
    stock, image = run_stock(neck, maps, size)
    for slots in readings[:-1]:
        try:
            return read(neck, slots, maps, stock, image)
        except Refused:  # the channels read the same both ways, or stand in one place: the last refusal stands
            pass
    return read(neck, readings[-1], maps, stock, image)


def places(own: Dict[str, Any], where: List[Any], maps: List[Map]) -> List[List[Slot]]:
    """The readings of the neck's channel argument that agree with the backbone's own maps.

    Where longer lists of the neck begin with the same channels, each reading comes again with them: SSDNeck's
    `out_channels` are its `in_channels` and those of its extra layers.
    """
    key = next((name for name in ("in_channels", "in_channel") if name in own), None)
    if key is None:
        raise Refused("its neck {} has no in_channels".format(own.get("type")))
    value, channels = own[key], [item.channels for item in maps]
    path = where + [key]
    found = []
    if isinstance(value, (list, tuple)):
        if list(value) == channels:
            found.append(Slot(path, "list", container(value)))
        if list(value) == channels[::-1]:
            found.append(Slot(path, "reversed", container(value)))
    elif value == channels[-1]:
        found.append(Slot(path, "deepest", "int"))
    if not found:
        raise Refused(
            "its neck {} has {}={}, but its own backbone gives {}".format(own.get("type"), key, value, channels)
        )
    longer = [
        (name, other)
        for name, other in own.items()
        if isinstance(value, (list, tuple)) and isinstance(other, (list, tuple))
        if len(other) > len(value) and list(other[: len(value)]) == list(value)
    ]
    count = len(channels)
    joined = [[slot] + [beside(slot, name, other, count) for name, other in longer] for slot in found if longer]
    return [[slot] for slot in found] + joined


def beside(slot: Slot, name: str, value: Sequence[int], count: int) -> Slot:
    """A second place for the channels in `slot`: the first `count` numbers of the longer list `value` called `name`."""
    return Slot(slot.path[:-1] + [name], slot.form, container(value), list(value[count:]))


def container(value: Any) -> str:
    """How a config writes a list of channels."""
    return "tuple" if isinstance(value, tuple) else "list"


def run_stock(neck: Any, maps: Sequence[Map], size: Size) -> Tuple[Ran, Size]:
    """The neck as it is, and the image that it ran on.

    Raises:
        Refused: it runs on none.
    """
    try:
        return neck_run.run(neck, maps, neck_run.IMAGE), neck_run.IMAGE
    except Exception:  # too small for SSD's last layers
        try:
            return neck_run.run(neck, maps, size), size
        except Exception as error:
            given = ", ".join(str(item.stride) for item in maps)
            text = "its neck {} does not run here on maps at strides {}: {}"
            raise Refused(text.format(first(neck)["type"], given, in_words(error))) from error


def read(neck: Any, slots: List[Slot], maps: List[Map], stock: Ran, image: Size) -> Intake:
    """What the neck does when its channels stand in `slots`; `stock` is how it ran as it is."""
    own = first(neck)
    others = other_channels(maps)
    try:
        ran = neck_run.run(with_channels(neck, slots, others), others, image)
    except Exception as error:
        text = "its neck {} does not take other channels: {}"
        raise Refused(text.format(own["type"], in_words(error))) from error
    start = ran.used.index(True) if True in ran.used else 0
    stop = len(ran.used) - ran.used[::-1].index(True) if True in ran.used else 0
    if not all(ran.used[start:stop]) or start == stop:
        raise Refused("its neck {} reads only levels {}".format(own["type"], indices(ran.used)))
    strides = [out.stride for out in stock.outs]
    descending = len(strides) > 1 and strides == sorted(strides, reverse=True)
    if strides != sorted(strides, reverse=descending):
        raise Refused("its neck {} makes maps at strides {}, in no order".format(own["type"], strides))
    order = -1 if descending else 1
    deepest = slots[0].form == "deepest"
    if deepest and (start != len(maps) - 1 or len(strides) != 1):
        raise Refused("its neck {} takes one channel number but {} levels".format(own["type"], stop - start))
    where = slots[0].path[:-1]
    pyramid = not deepest
    return Intake(
        slots=slots,
        rule="pyramid" if pyramid else "deepest",
        used=ran.used,
        outs=stock.outs[::order],
        others=ran.outs[::order],
        image=image,
        descending=descending,
        exact=neck_run.joins_exactly(with_channels(neck, slots, others), others, image),
        start_level=start,
        end_level=-1 if stop == len(maps) else stop - 1,
        start_level_path=where + ["start_level"]
        if pyramid and takes(own, "start_level") and moves(neck, slots, others, start, ran, image)
        else None,
        end_level_path=where + ["end_level"] if pyramid and takes(own, "end_level") else None,
    )


def other_channels(maps: Sequence[Map]) -> List[Map]:
    """Maps at the same strides with channels that stand nowhere in the config but by accident."""
    return [Map(item.stride, item.channels + 32 * (index + 1)) for index, item in enumerate(maps)]


def indices(flags: Sequence[bool]) -> List[int]:
    """Where `flags` are set."""
    return [index for index, flag in enumerate(flags) if flag]


def with_channels(neck: Any, slots: Sequence[Slot], maps: Sequence[Map]) -> Any:
    """The neck's config for a backbone that gives `maps`."""
    changed = loading.plain(neck)
    for slot in slots:
        first(changed)[slot.path[-1]] = filled(slot, maps)
    return changed


def filled(slot: Slot, maps: Sequence[Map]) -> Any:
    """What stands in a slot when a backbone gives `maps`."""
    channels = [item.channels for item in maps]
    if slot.form == "deepest":
        return channels[-1]
    value = channels[:: -1 if slot.form == "reversed" else 1] + slot.tail
    return tuple(value) if slot.container == "tuple" else value


def takes(own: Dict[str, Any], argument: str) -> bool:
    """Whether the neck's class has `argument`."""
    from mmdet.models import NECKS

    kind = own["type"]
    made = NECKS.get(kind) if isinstance(kind, str) else kind
    return argument in inspect.signature(made.__init__).parameters


def moves(neck: Any, slots: Sequence[Slot], maps: Sequence[Map], start: int, ran: Ran, image: Size) -> bool:
    """Whether the neck does the same as `ran` without the levels before `start` and with `start_level=0`.

    NASFCOS_FPN has `start_level` in its signature and fixed levels in its body.
    """
    if start == 0:
        return True
    moved = with_channels(neck, slots, maps[start:])
    first(moved)["start_level"] = 0
    try:
        return neck_run.run(moved, maps[start:], image).outs == ran.outs
    except Exception:
        return False
