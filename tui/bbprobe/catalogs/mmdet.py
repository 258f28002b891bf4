"""The mmdet catalog: the backbones of the installed mmdet, by the archs that its own packaged configs use."""

import glob
import os
import re
from collections import Counter
from typing import Any, Dict, List, Optional, Tuple

import mmdet
from mmdet.models import BACKBONES

from bbprobe.building import default
from bbprobe.catalogs.archs import ARCH_KEYWORDS
from bbprobe.catalogs.variations import Variation, Variations, plainly, told_by
from bbprobe.config_files import ConfigFiles
from bbprobe.protocol import Entry, Weights

DETECTOR_SPECIFIC = ("dcn", "plugins", "stage_with_dcn", "output_img")
"""What a packaged config adds to a backbone for its own method's sake: such a backbone is no catalog entry.

`output_img` hands the image to DetectoRS' neck."""

SIZE_WORD = re.compile(r"(?:^|[_-])(nano|tiny|small|medium|base|large|[smlx]|[bw]\d+)(?=[_.-]|$)")
"""How published names tell one size of a network from another: "pvt_v2_b2.pth", "hrnetv2_w32", "yolox_s_8x8"."""

TOLD = ("groups", "base_width", "style", "norm_cfg", "conv_cfg", "act_cfg")
"""What tells networks of one arch apart by custom; other arguments are told where these do not."""

DEPTH_NAMED = re.compile(r"ne[xs]?t(\d{2,3})(?!\d)")
"""The depth in a checkpoint's name: "resnext101_64x4d"."""


def entries(task: Any) -> List[Entry]:
    """Every network that mmdet's own configs train, with the checkpoints they start it from."""
    used = configs(task)
    norms = normalisations(used)
    found = {}  # type: Dict[str, Variations]
    for path, config in used:
        backbone = config["model"]["backbone"]
        name = backbone["type"]
        if name in BACKBONES.module_dict and not any(key in backbone for key in DETECTOR_SPECIFIC):
            known = found.setdefault(name, Variations(BACKBONES.get(name), selecting, ARCH_KEYWORDS))
            known.add(backbone, weights(config, norms), os.path.basename(path))
    return [entry for name, known in sorted(found.items()) for entry in entries_of(name, known.all())]


def configs(task: Any) -> List[Tuple[str, Dict[str, Any]]]:
    """Every packaged config with a backbone of mmdet's own: path, and its `model` and `data`."""
    root = os.path.join(os.path.dirname(mmdet.__file__), ".mim", "configs")
    files = ConfigFiles(["model", "data"])
    found = []
    for count, path in enumerate(sorted(glob.glob(os.path.join(root, "**", "*.py"), recursive=True))):
        if count % 50 == 0:
            task.pause()
        if os.sep + "_base_" + os.sep in path:
            continue
        config = files.read(path) or {}
        if "type" in (config.get("model", {}).get("backbone") or {}):
            found.append((path, config))
    return found


def selecting(cls: type, backbone: Dict[str, Any]) -> Dict[str, Any]:
    """The part of a backbone's config that selects its arch."""
    return {key: backbone[key] for key in ARCH_KEYWORDS if key in backbone}


def entries_of(name: str, variations: List[Variation]) -> List[Entry]:
    """The variations of one class, each under a label of its own."""
    width = default(BACKBONES.get(name), "base_width")
    labels = [label(variation, width) for variation in variations]
    found = []
    for own, variation in zip(labels, variations):
        if labels.count(own) > 1:
            quiet = {key: value for key, value in variation.rest.items() if key not in TOLD}
            own = "-".join([own] + told_by(quiet))
        found.append(
            Entry(
                name="/".join(part for part in ("mmdet", name, own) if part),
                source="mmdet",
                type=name,
                config=dict(variation.selecting, **variation.rest),
                family="mmdet." + name,
                weights=variation.weights,
            )
        )
    return sorted(found, key=lambda entry: natural(entry.name))


def natural(name: str) -> List[Tuple[int, str]]:
    """A key that sorts "50" before "101"."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name)]


def label(variation: Variation, width: Any) -> str:
    """An arch in few words: "50-caffe", "101-64x4d", "b2"; `width` is the class's own `base_width`."""
    rest = {key: value for key, value in variation.rest.items() if key in TOLD}
    words = [str(value) for value in variation.selecting.values()]
    if not words:
        published = [weights.name for weights in variation.weights] or variation.stems
        sizes = [found.group(1) for found in map(SIZE_WORD.search, published) if found]
        words = sizes[:1]
    if "groups" in rest:
        words.append("{}x{}d".format(rest.pop("groups"), rest.pop("base_width", width)))
    return "-".join(words + told_by(rest))


def checkpoint(config: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    """What a config starts its backbone from, as `init_cfg` writes it; None where nothing, or nothing public."""
    backbone = config["model"]["backbone"]
    init = backbone.get("init_cfg") or {"checkpoint": config["model"].get("pretrained")}
    where = init.get("checkpoint") if isinstance(init, dict) else None
    if not where or "://" not in where:
        return None
    depth = DEPTH_NAMED.search(where)
    if depth and int(depth.group(1)) != backbone.get("depth"):
        return None  # left over from the config's base
    return init


def normalisations(used: List[Tuple[str, Dict[str, Any]]]) -> Dict[str, Dict[str, Any]]:
    """Checkpoint to the normalisation that most of the configs that start from it use."""
    votes = {}  # type: Dict[str, Counter]
    known = {}
    for _, config in used:
        init = checkpoint(config)
        norm = normalisation(config)
        if init and norm:
            known[plainly(norm)] = norm
            votes.setdefault(init["checkpoint"], Counter())[plainly(norm)] += 1
    return {where: known[counted.most_common(1)[0][0]] for where, counted in votes.items()}


def normalisation(config: Dict[str, Any]) -> Optional[Dict[str, Any]]:
    """The `Normalize` step of a config's training pipeline."""
    data = config.get("data", {}).get("train", {})
    data = data.get("dataset", data) if isinstance(data, dict) else {}
    return next((step for step in data.get("pipeline") or [] if step.get("type") == "Normalize"), None)


def weights(config: Dict[str, Any], norms: Dict[str, Dict[str, Any]]) -> Optional[Weights]:
    """The checkpoint that a config starts its backbone from."""
    init = checkpoint(config)
    if init is None:
        return None
    norm = norms.get(init["checkpoint"], {})
    return Weights(
        name=init["checkpoint"].split("/")[-1],
        checkpoint=init["checkpoint"],
        library="mmdet",
        prefix=init.get("prefix"),
        mean=norm.get("mean"),
        std=norm.get("std"),
        to_rgb=norm.get("to_rgb", True) if norm else None,
    )
