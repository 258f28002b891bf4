"""What a base config needs from its backbone, put together from its own backbone, neck and head."""

import inspect
import math
from typing import Any, Dict, List, NamedTuple, Optional

from bbprobe import building, direct, heads, loading, necks, own_backbone, teachers
from bbprobe.protocol import Base, Level, Norms, Refused, Slot, Stride
from bbprobe.strides import Size, agrees

DEFAULT_INPUT = [640, 640]

CHANGED_TRAINING = ("dcn", "stage_with_dcn", "plugins", "sac", "conv_cfg", "norm_cfg")
"""Arguments of mmdet's backbones that change what is trained, not which maps come out."""


class Wired(NamedTuple):
    """The part of a base config that is understood."""

    levels: List[Level]
    slots: List[Slot]
    rule: str
    start_level: int
    end_level: int
    outs: List[Stride]
    start_level_path: Optional[List[Any]]
    end_level_path: Optional[List[Any]]
    head_strides: List[Stride]
    exact: bool


def needs(task: Any, name: str, file: str) -> Base:
    """The facts of one config file.

    Raises:
        Refused: it does not load, or holds no detector.
    """
    config = loading.load(file)
    task.pause()
    model = loading.plain(config.get("model") or {})
    if not isinstance(model.get("backbone"), dict) or "type" not in model:
        raise Refused("{}: it has no `model` with a `backbone`: it is a part of other configs".format(file))
    levels: List[Level] = []
    supported, reason = True, ""
    wired: Optional[Wired] = None
    norms: Optional[Norms] = None
    try:
        own = own_backbone.own(model["backbone"])
        levels, norms = [Level(item.stride, item.channels, True) for item in own.maps], own.norms
        task.pause()
        height, width = test_input(config)
        wired = wire(model, own.maps, (height, width))
    except Refused as refusal:
        supported, reason = False, str(refusal)
    neck = model.get("neck")
    return Base(
        name=name,
        path=file,
        detector=kind_of(model),
        neck=", ".join(kind_of(item) for item in (neck if isinstance(neck, (list, tuple)) else [neck] if neck else [])),
        backbone=kind_of(model["backbone"]),
        levels=wired.levels if wired else levels,
        slots=wired.slots if wired else [],
        rule=wired.rule if wired else "",
        start_level=wired.start_level if wired else 0,
        end_level=wired.end_level if wired else -1,
        outs=wired.outs if wired else [],
        start_level_path=wired.start_level_path if wired else None,
        end_level_path=wired.end_level_path if wired else None,
        head_strides=wired.head_strides if wired else [],
        custom_imports=loading.imports(config),
        neutralise=neutralise(config),
        pretrained=pretrained(config),
        lost=literal(lost(model["backbone"])),
        input=test_input(config),
        supported=supported,
        reason=reason,
        resolved=repr(literal(config._cfg_dict)),
        teacher=teachers.teacher(model),
        misplaced=teachers.misplaced(model, file),
        exact=wired.exact if wired else False,
        norms=norms,
    )


def literal(value: Any) -> Any:
    """A config's value as what Python writes and reads back as a literal.

    What stands on a plain type (an IntEnum, numpy's float64) becomes that type: it would be written otherwise.
    """
    if isinstance(value, dict):
        return {literal(key): literal(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return (list if isinstance(value, list) else tuple)(literal(item) for item in value)
    if value is None or isinstance(value, bool):
        return value
    for kind in (int, float, str):
        if isinstance(value, kind) and not (kind is float and not math.isfinite(value)):
            return getattr(kind, "__{}__".format(kind.__name__))(value)
    return "<opaque {}>".format(type(value).__name__)


def kind_of(config: Dict[str, Any]) -> str:
    """A `type` as a word."""
    kind = config.get("type", "")
    return kind if isinstance(kind, str) else getattr(kind, "__name__", str(kind))


def wire(model: Dict[str, Any], maps: List[own_backbone.Map], size: Size) -> Wired:
    """How the backbone's maps reach the heads of a `model` config whose own images are of `size`.

    Raises:
        Refused: it is not understood.
    """
    refuse_unknown_parts(model)
    teachers.refuse_second_backbone(model)
    made_for = heads.strides(model)
    if not model.get("neck"):
        found = direct.direct(model, maps)
        levels = [Level(item.stride, item.channels, used) for item, used in zip(maps, found.used)]
        outs = [level.stride for level in levels if level.used]
        return Wired(levels, found.slots, found.rule, 0, -1, outs, None, None, made_for, False)
    taken = necks.intake(model["neck"], maps, size)
    made_for = made_for[::-1] if taken.descending else made_for
    return Wired(
        [Level(item.stride, item.channels, used) for item, used in zip(maps, taken.used)],
        taken.slots + heads.fed(model, taken.outs, taken.others, necks.other_channels(maps)),
        taken.rule,
        taken.start_level,
        taken.end_level,
        named(taken, made_for),
        taken.start_level_path,
        taken.end_level_path,
        made_for,
        taken.exact,
    )


def refuse_unknown_parts(model: Dict[str, Any]) -> None:
    """mmdet 2.28.2 carries a Faster R-CNN with a RetinaNet's head (objects365/retinanet_r50_fpn_syncbn_1350k_obj365v1).

    Raises:
        Refused: the detector's class does not take what the config gives it.
    """
    kind = kind_of(model)
    takes = inspect.signature(building.class_of(kind)).parameters
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in takes.values()):
        return
    strange = sorted(key for key in model if key not in takes and key != "type")
    if strange:
        text = "it cannot be built, whatever its backbone: {} takes no {}"
        raise Refused(text.format(kind, " and no ".join(strange)))


def named(taken: necks.Intake, made_for: List[Stride]) -> List[Stride]:
    """The strides of a neck's outputs, called as the heads call them where a map can have that stride.

    A map of 3 pixels of an image of 300 is at stride 100 as well as at 128.
    """
    if len(made_for) == len(taken.outs) and all(
        agrees(taken.image, out.height, out.width, stride) for out, stride in zip(taken.outs, made_for)
    ):
        return made_for
    return [out.stride for out in taken.outs]


def neutralise(config: Any) -> List[List[Any]]:
    """Paths that load weights of the old detector, outside the backbone itself, which is replaced whole.

    A teacher is not the old detector: it keeps what it knows.
    """
    paths = [[key] for key in ("load_from", "resume_from") if config.get(key)]
    for path in loading.weights_in(config["model"]):
        if path[0] != "backbone" and not teachers.is_teachers(path[0]):
            paths.append(["model"] + list(path))
    return paths


def pretrained(config: Any) -> bool:
    """Whether the base's backbone starts from pretrained weights, its own or a whole detector's."""
    model = config["model"]
    return bool(any(loading.weights_in(model["backbone"])) or model.get("pretrained") or config.get("load_from"))


def lost(backbone: Dict[str, Any]) -> Dict[str, Any]:
    """What of the base's backbone will be missed; a plain batch norm is what every backbone has."""
    found = {key: backbone[key] for key in CHANGED_TRAINING if backbone.get(key) is not None}
    if (found.get("norm_cfg") or {}).get("type") == "BN":
        del found["norm_cfg"]
    return found


def test_input(config: Any) -> List[int]:
    """The height and width that the test pipeline scales to; 640x640 where it names none."""
    data = config.get("data") or {}
    for source in ((data.get("test") or {}), (data.get("val") or {}), {"pipeline": config.get("test_pipeline")}):
        for _, found in loading.dicts(loading.plain(source)):
            scale = found.get("img_scale")
            if isinstance(scale, list) and scale and isinstance(scale[0], (list, tuple)):
                scale = scale[0]
            if isinstance(scale, (list, tuple)) and len(scale) == 2:
                return [int(scale[1]), int(scale[0])]
    return list(DEFAULT_INPUT)
