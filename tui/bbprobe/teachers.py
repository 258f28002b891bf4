"""Second detectors inside a `model` config: teachers, which a swap leaves alone, and backbones that it cannot."""

import os
from typing import Any, Dict

from bbprobe import loading
from bbprobe.protocol import Refused


def is_teachers(key: Any) -> bool:
    """Whether a top-level key of `model` describes the teacher: LD's `teacher_config`, LAD's `teacher_backbone`."""
    return str(key).startswith("teacher")


def teacher(model: Dict[str, Any]) -> str:
    """The key of `model` that describes the teacher's network; empty where there is no teacher."""
    keys = [key for key in model if is_teachers(key) and key != "teacher_ckpt" and model[key]]
    return next((key for key in keys if "backbone" in key), keys[0] if keys else "")


def misplaced(model: Dict[str, Any], file: str) -> Dict[str, str]:
    """Config files that `model` names by a path that leads nowhere from here, and where they are.

    mmdet's LD configs say `configs/gfl/...`: right in the folder of a checkout alone. It is looked for in the folders
    above the config `file`.
    """
    found = {}
    for key, value in model.items():
        if not isinstance(value, str) or not value.endswith(".py") or os.path.isabs(value) or os.path.exists(value):
            continue
        folder = os.path.dirname(os.path.abspath(file))
        while os.path.dirname(folder) != folder:
            folder = os.path.dirname(folder)
            if os.path.isfile(os.path.join(folder, value)):
                found[key] = os.path.join(folder, value)
                break
    return found


def refuse_second_backbone(model: Dict[str, Any]) -> None:
    """A recursive neck has a backbone of its own that one swap would leave behind.

    Raises:
        Refused: there is one.
    """
    for path, found in loading.dicts({key: value for key, value in model.items() if not is_teachers(key)}):
        for key, value in found.items():
            place = path + (key,)
            if not ("backbone" in str(key) and isinstance(value, dict)) or place[0] == "backbone":
                continue
            name, kind = ".".join(map(str, place)), value.get("type", "a backbone")
            if place[0] == "neck":
                raise Refused(
                    "its neck {} runs a second backbone of its own on what comes out of it (model.{}, {}), which other "
                    "backbones cannot be: a config with an FPN neck takes any backbone".format(
                        found.get("type"), name, kind
                    )
                )
            text = "model.{} brings a second backbone ({}): a detector with one backbone can be swapped"
            raise Refused(text.format(name, kind))
