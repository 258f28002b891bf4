"""What a config's backbone is among those of the catalogs, and which config it was put into."""

import os
from typing import Any, Dict, Iterator, List, NamedTuple, Optional

from bbprobe import base_config, loading
from bbprobe.building import SELECTING, class_of, default, keywords
from bbprobe.catalogs.archs import ARCH_KEYWORDS, SELECTING_KEYWORDS, selecting
from bbprobe.catalogs.variations import essence, plainly
from bbprobe.config_files import ConfigFiles
from bbprobe.protocol import Adopted, Refused

TIMM = "mmcls.TIMMBackbone"
PART = os.sep + "_base_" + os.sep
COMPARED = ("model", "data", "optimizer", "lr_config", "runner")
"""The keys by which configs are told to be alike."""
OFFERED = 3
"""Configs that are named where none is inherited from."""


class Identity(NamedTuple):
    """What tells one backbone from another: its type, and the arguments that make it what it is."""

    type: str
    essence: Dict[str, Any]

    @property
    def plain(self) -> str:
        """By which equal ones are equal."""
        return plainly([self.type, self.essence])


def adopt(task: Any, path: str) -> Adopted:
    """The swap that the config at `path` holds.

    Raises:
        Refused: it does not load, holds no backbone, or one whose class is not registered.
    """
    file = base_config.find(path)[1]
    config = loading.load(file)
    model = loading.plain(config.get("model") or {})
    if not isinstance(model.get("backbone"), dict):
        raise Refused("{}: it has no `model` with a `backbone`".format(path))
    own = identity(model["backbone"])
    task.pause()
    inherited = [base for base in swapped(task, file, own) if PART not in base]
    whole = inherited or alike(task, file, config, own)
    return Adopted(
        path=file,
        type=own.type,
        source="timm" if own.type == TIMM else own.type.split(".")[0] if "." in own.type else "mmdet",
        essence=own.essence,
        selected=selected(model["backbone"]),
        bases=whole,
        inherited=bool(inherited),
    )


def identity(backbone: Dict[str, Any]) -> Identity:
    """What a `model.backbone` is, its training behaviour and its choice of stages left out.

    Raises:
        Refused: its class is not registered.
    """
    arguments = {key: value for key, value in backbone.items() if key != "type"}
    kind = str(backbone.get("type"))
    cls = class_of(kind)
    if kind == TIMM:
        name = str(arguments.get("model_name")).split(".")[0]
        return Identity(kind, {"model_name": name, "features_only": bool(arguments.get("features_only", False))})
    if kind.startswith("mmcls."):
        keys, chosen = SELECTING_KEYWORDS, arch(cls, arguments)
    else:
        keys, chosen = ARCH_KEYWORDS, {key: arguments[key] for key in ARCH_KEYWORDS if key in arguments}
    rest = {key: value for key, value in essence(cls, arguments).items() if key not in keys}
    return Identity(kind, dict(chosen, **rest))


def arch(cls: type, arguments: Dict[str, Any]) -> Dict[str, Any]:
    """The part of an mmcls backbone's arguments that selects its arch, the class's default where none is named."""
    chosen = selecting(cls, arguments)
    for key in ARCH_KEYWORDS:
        if not chosen and default(cls, key) is not None:
            chosen = selecting(cls, {key: default(cls, key)})
    return chosen


def selected(backbone: Dict[str, Any]) -> Optional[List[int]]:
    """The out indices that a backbone is given, or has by default; None where negative, or nowhere."""
    cls = class_of(str(backbone["type"]))
    for key in list(backbone) + list(keywords(cls)):
        if SELECTING.match(key):
            value = backbone.get(key, default(cls, key))
            indices = [value] if isinstance(value, int) else list(value) if isinstance(value, (list, tuple)) else []
            return sorted(indices) if indices and all(isinstance(i, int) and i >= 0 for i in indices) else None
    return None


def swapped(task: Any, file: str, own: Identity) -> Iterator[str]:
    """The configs above `file` that have another backbone, of each branch the nearest."""
    for parent in loading.bases_with_model(file):
        task.pause()
        model = loading.plain(loading.load(parent).get("model") or {})
        if differs(model.get("backbone") or {}, own):
            yield parent
        else:
            for found in swapped(task, parent, own):
                yield found


def differs(backbone: Dict[str, Any], own: Identity) -> bool:
    """Whether a config's backbone is another than this one; one that is not registered is."""
    try:
        return identity(backbone).plain != own.plain
    except Refused:
        return True


def alike(task: Any, file: str, config: Any, own: Identity) -> List[str]:
    """The whole configs of the installed mmdet, or of the checkout around `file`, for the same detector with another
    backbone that differ least from what it was made of: the parts that it inherits from, else all of it."""
    files = ConfigFiles(COMPARED)
    wanted = parts(files, file) or {key: loading.plain(config[key]) for key in COMPARED if key in config}
    ranked = []
    for number, path in enumerate(path for root in roots(file) for path in base_config.config_files(root)):
        if number % 50 == 0:
            task.pause()
        other = files.read(path) if os.path.abspath(path) != os.path.abspath(file) else None
        model = (other or {}).get("model") or {}
        if model.get("type") == wanted["model"].get("type") and differs(model.get("backbone") or {}, own):
            ranked.append((distance(other, wanted), len(path), path))
    return [path for _, _, path in sorted(ranked)[:OFFERED]]


def parts(files: ConfigFiles, file: str) -> Dict[str, Any]:
    """What a config inherits, its own lines left out; empty where that has no model."""
    with open(file, encoding="utf-8") as config:
        inherited = base_config.named_bases(config.read(), file)
    if len(inherited) == 1 and PART not in inherited[0]:
        return parts(files, inherited[0])
    merged = {}  # type: Dict[str, Any]
    for path in inherited:
        merged.update(files.read(path) or {})
    return merged if (merged.get("model") or {}).get("backbone") else {}


def roots(file: str) -> List[str]:
    """The folders of whole configs: of the checkout around a file, else of the installed mmdet."""
    folder = os.path.dirname(os.path.abspath(file))
    while os.path.dirname(folder) != folder:
        if os.path.isdir(os.path.join(folder, "_base_")):
            return [folder]
        folder = os.path.dirname(folder)
    return [packaged for packaged, _ in base_config.packaged()]


def distance(one: Any, other: Any) -> int:
    """How many values of two configs are not alike."""
    if isinstance(one, dict) and isinstance(other, dict):
        return sum(distance(one.get(key), other.get(key)) for key in set(one) | set(other))
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)) and len(one) == len(other):
        return sum(distance(mine, theirs) for mine, theirs in zip(one, other))
    return 0 if plainly(one) == plainly(other) else max(size(one), size(other))


def size(value: Any) -> int:
    """How many values there are in a value."""
    if isinstance(value, dict):
        return max(1, sum(map(size, value.values())))
    if isinstance(value, (list, tuple)):
        return max(1, sum(map(size, value)))
    return 1
