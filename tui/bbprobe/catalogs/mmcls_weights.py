"""The checkpoints that the installed mmcls publishes in its metafiles, by the backbone they were trained with."""

import glob
import os
import re
from typing import Any, Dict, List, Optional

import mmcls
import yaml

from bbprobe.catalogs.archs import SELECTING_KEYWORDS, selecting
from bbprobe.catalogs.variations import Variation, Variations, plainly
from bbprobe.config_files import ConfigFiles
from bbprobe.protocol import Weights

PREFIX = "backbone."
"""Where a classifier's checkpoint keeps its backbone."""


def published(task: Any, classes: Dict[str, type]) -> Dict[str, List[Variation]]:
    """Class name to the variations of it that weights exist for."""
    root = os.path.join(os.path.dirname(mmcls.__file__), ".mim")
    files = ConfigFiles(["model", "data"])
    found = {}  # type: Dict[str, Variations]
    for metafile in sorted(glob.glob(os.path.join(root, "configs", "**", "metafile.yml"), recursive=True)):
        task.pause()
        with open(metafile, encoding="utf-8") as file:
            listed = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)) or {}
        models = [model for model in listed.get("Models") or [] if model.get("Weights") and of_use(model)]
        configs = {model["Name"]: files.read(os.path.join(root, model.get("Config", ""))) for model in models}
        for model in models:
            config = configs[model["Name"]] or like(model["Name"], configs)
            name = config and config["model"]["backbone"]["type"]
            if name in classes:
                known = found.setdefault(name, Variations(classes[name], selecting, SELECTING_KEYWORDS))
                known.add(config["model"]["backbone"], weights(model, config), stem(model["Name"]))
    return {name: variations.all() for name, variations in found.items()}


def of_use(model: Dict[str, Any]) -> bool:
    """Whether a detector can start from it: sets of small images or of few kinds (CIFAR, CUB) make poor starts."""
    named = dataset(model)
    return not named or named.startswith("ImageNet")


def dataset(model: Dict[str, Any]) -> str:
    """What a model was trained on, as its results say, else its name."""
    for result in model.get("Results") or []:
        if result.get("Dataset"):
            return str(result["Dataset"])
    return "ImageNet-21k" if re.search(r"in2[12]k", model["Name"]) else ""


def stem(name: str) -> str:
    """A published model's name as far as it says which network it is: "resnet50" of "resnet50_8xb32_in1k"."""
    return name.split("_")[0]


def like(name: str, configs: Dict[str, Optional[Dict[str, Any]]]) -> Optional[Dict[str, Any]]:
    """The config of a model that has none of its own, where all of the same stem name agree on the backbone."""
    alike = [config for other, config in configs.items() if config and stem(other) == stem(name)]
    backbones = {plainly(config["model"]["backbone"]) for config in alike}
    return alike[0] if len(backbones) == 1 else None


def weights(model: Dict[str, Any], config: Dict[str, Any]) -> Weights:
    """One checkpoint, with the normalisation and the image size that its own config tests with."""
    steps = config.get("data", {}).get("test", {}).get("pipeline") or []
    norm = next((step for step in steps if step.get("type") == "Normalize"), {})
    sizes = [step.get("crop_size", step.get("size")) for step in steps if step.get("type") in ("Resize", "CenterCrop")]
    return Weights(
        name=model["Name"],
        checkpoint=model["Weights"],
        library="mmcls",
        prefix=PREFIX,
        dataset=dataset(model),
        mean=norm.get("mean"),
        std=norm.get("std"),
        to_rgb=norm.get("to_rgb", True) if norm else None,
        input=square(sizes[-1]) if sizes else None,
    )


def square(size: Any) -> List[int]:
    """A pipeline's size as (height, width): `224`, `(224, 224)`, or `(256, -1)` for the shorter side."""
    sides = [size] if isinstance(size, int) else [side for side in size if side > 0]
    return [int(sides[0]), int(sides[-1])]
