"""Data sets as the probing half tells of them, and what is made of them."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

from facts import ENTRY, ENVIRONMENT, SHUFFLENET, YOLOX

from bbprobe.protocol import Category, Dataset, Split
from bbwizard.plan import make
from bbwizard.recipe import Recipe


def split(role, *names, **other):
    """A sound split with ten boxes of each class, all with outlines."""
    fields = {
        "role": role,
        "ann_file": f"/data/pets/annotations/{role}.json",
        "folder": f"/data/pets/{role}",
        "images": 20,
        "annotations": 10 * len(names),
        "categories": [Category(name, "", 10) for name in names],
        "boxes": 10 * len(names),
        "polygons": 10 * len(names),
        "trained": 20,
        **dict.fromkeys(("encoded", "unlabelled", "small", "empty", "ignored", "missing"), 0),
        "missing_example": "",
    }
    return Split(**{**fields, **other})


def data(*names, train=None, val=None, test=None):
    """A sound data set of these classes, with what is said otherwise of a split."""
    others = {"train": train, "val": val, "test": test}
    return Dataset([split(role, *names, **(others[role] or {})) for role in others])


PETS = data("cat", "dog", "Füße")


def codes(problems):
    return [problem.code for problem in problems]


def merged(child, base):
    """What mmcv makes of a child and its base (`Config._merge_a_into_b`)."""
    result = copy.deepcopy(base)
    for key, value in child.items():
        if isinstance(value, dict) and isinstance(result.get(key), dict) and not value.get("_delete_"):
            result[key] = merged(value, result[key])
        else:
            assert not (isinstance(value, dict) and isinstance(result.get(key), list)), "mmcv raises here"
            result[key] = without_marks(value)
    return result


def without_marks(value):
    if isinstance(value, dict):
        return {key: without_marks(item) for key, item in value.items() if key != "_delete_"}
    return [without_marks(item) for item in value] if isinstance(value, list) else value


def written(values, found=PETS, **recipe):
    """The base config `values` with ShuffleNetV2 and this data, as mmcv would read it; and the plan."""
    base = replace(YOLOX, resolved=repr(values))
    plan = make(Recipe(YOLOX.name, ENTRY.name, data=("/data/pets",), **recipe), base, ENTRY, SHUFFLENET, data=found)
    scope = {}
    exec(plan.text(ENVIRONMENT, Path("/work/new.py"), None), {"__builtins__": {"dict": dict}}, scope)
    return merged({key: value for key, value in scope.items() if key != "_base_"}, values), plan
