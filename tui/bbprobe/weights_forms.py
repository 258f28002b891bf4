"""The ways to write one checkpoint file into a config, so that the loader finds its tensors by their names in it."""

import inspect
import sys
from typing import Any, Dict, List, Tuple

from bbprobe.building import build, class_of, keywords
from bbprobe.weights_files import Contents, prefixes

NAMED = Dict[str, Tuple[int, ...]]

STRIPPED = ("", "module.")
"""Prefixes that mmcv's loader takes off by itself (`mmcv.runner.load_checkpoint(revise_keys=...)`)."""

REGISTERED = ("input_size", "fixed_input_size", "num_classes", "first_conv", "classifier")
"""What timm's registry says of a model that decides how a file is loaded: without it timm takes the file to be made for
1000 classes and its default image (timm/models/_builder.py)."""


def forms(kind: str, config: Dict[str, Any], start: Dict[str, Any], held: List[Contents]) -> List[Dict[str, Any]]:
    """The starts to try for a file that holds `held`, the likeliest first; `start` itself is one of them."""
    if "pretrained_cfg" in start:
        return timm_forms(config, start)
    return mmcv_forms(kind, config, start, held)


def mmcv_forms(kind: str, config: Dict[str, Any], start: Dict[str, Any], held: List[Contents]) -> List[Dict[str, Any]]:
    """`init_cfg` with each prefix that the backbone's own names stand behind in the file.

    Swin and PVT of mmdet read a file of their own layout or the original authors', by `convert_weights`.
    """
    wanted = named(build(kind, config))
    bare = {key: value for key, value in start["init_cfg"].items() if key != "prefix"}
    found = []
    for tensors in (one.tensors for one in held):
        for prefix in prefixes(tensors, wanted)[:3]:
            init = bare if prefix in STRIPPED else dict(bare, prefix=prefix)
            if dict(start, init_cfg=init) not in found:
                found.append(dict(start, init_cfg=init))
    if start not in found:
        found.append(start)
    if "convert_weights" in keywords(class_of(kind)):
        other = not config.get("convert_weights", False)
        found += [dict(form, convert_weights=other) for form in list(found)]
    return found


def timm_forms(config: Dict[str, Any], start: Dict[str, Any]) -> List[Dict[str, Any]]:
    """The file alone; and the file in the place of the registry's own source, where timm can overlay that, or with what
    the registry says of the model. Models made for one image size need the latter to be the model that was probed."""
    import timm

    file = start["pretrained_cfg"]
    facts = registered(config["model_name"])
    rest = {key: value for key, value in start.items() if key != "pretrained_cfg"}
    if "pretrained_cfg_overlay" in inspect.signature(timm.create_model).parameters:
        whole = dict(rest, pretrained_cfg_overlay=file)
    else:
        known = {key: facts[key] for key in REGISTERED if facts.get(key)}
        whole = dict(rest, pretrained_cfg=dict(file, **known))
    found = [whole, start] if facts.get("fixed_input_size") else [start, whole]
    if str(file.get("file", "")).endswith(".npz"):
        found.append(dict(rest, pretrained_cfg=dict(file, custom_load=True)))
    return found


def registered(name: str) -> Dict[str, Any]:
    """What timm's registry says of a model's weights, by the model's name with or without a tag."""
    import timm  # noqa: F401

    registry = sys.modules.get("timm.models._registry") or sys.modules["timm.models.registry"]
    facts = registry.get_pretrained_cfg(name) or {}
    return facts if isinstance(facts, dict) else vars(facts)


def named(model: Any) -> NAMED:
    """Name to shape of a model's tensors."""
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
