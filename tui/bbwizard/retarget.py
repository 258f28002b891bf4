"""What makes a base config train on a user's own data: data sets, classes, heads and evaluation. Pure."""

from __future__ import annotations

import copy
import os.path
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from bbprobe.protocol import Dataset, Split
from bbwizard import dataset, transforms
from bbwizard.findings import Edit, Fix, Path, Pipeline, Steps
from bbwizard.literals import Name
from bbwizard.resolved import ROLES, Resolved, dicts

TAKES: Final = frozenset(
    ("type", "ann_file", "pipeline", "classes", "data_root", "img_prefix", "seg_prefix", "seg_suffix")
) | {"proposal_file", "test_mode", "filter_empty_gt", "file_client_args"}
"""Arguments of CocoDataset (`CustomDataset.__init__` in mmdet/datasets/custom.py); others are for other formats."""

HOOK: Final = frozenset(("interval", "start", "by_epoch", "save_best", "rule", "dynamic_intervals", "out_dir")) | {
    *("tmpdir", "gpu_collect", "less_keys", "greater_keys", "broadcast_bn_buffer", "file_client_args", "priority")
}
"""Keys of `evaluation` that any data set takes (`EvalHook.__init__` in mmcv/runner/hooks/evaluation.py)."""

ROOT: Final = "own_data_root"
"""The variable for the folder that holds the user's data. It is not `data_root`: with `MMDET_DATASETS` set, mmdet puts
another folder in the place of that one in all paths (`update_data_root` in mmdet/utils/misc.py)."""

METRICS: Final = ("bbox", "segm", "proposal", "proposal_fast")
"""What `CocoDataset.evaluate` measures."""

SAMPLER: Final = ("data", "train_dataloader", "class_aware_sampler")
"""Has images drawn by class (`ClassAwareSampler` in mmdet/datasets/samplers): it takes the ids of categories for places
in a row from 0 (`CustomDataset.get_cat2imgs`), which those of COCO's format need not be."""

OTHER_CLASSES: Final = ("backbone", "rpn_head", "semantic_head", "teacher_backbone")
"""Parts of a model whose `num_classes` are not those of the boxes."""


def retargeted(data: Dataset, base: Resolved) -> Fix:
    """The edits for a base config, and what becomes of the loading of annotations."""
    names = dataset.classes(data)
    root = dataset.root(data)
    edits = apart(data, base)
    if root:
        edits.append(Edit((ROOT,), os.path.join(root, "")))
    edits.append(Edit(("classes",), names))
    for role in ROLES:
        found = dataset.split(data, role)
        for path, config in leaves(base.at(("data", role)), ("data", role)):
            edits += first_alone(path, base)
            edits.append(own(path, config, found, root))
    if base.at(SAMPLER) is not None:
        edits.append(Edit(SAMPLER, None))
    edits += evaluation(data, base)
    edits += heads(base, len(names))
    return Fix("train on the given data", tuple(edits), loading(data))


def apart(data: Dataset, base: Resolved) -> list[Edit]:
    """The base's `data_root` in other words where a path of the data holds it, so that mmdet leaves that path alone.

    A doubled slash stands in no path of theirs, and leads to the same folder.
    """
    theirs = base.at(("data_root",))
    mine = [place for found in data.splits for place in (found.ann_file, os.path.join(found.folder, ""))]
    if not isinstance(theirs, str) or not any(theirs in place for place in mine):
        return []
    return [Edit(("data_root",), os.path.join(theirs or os.curdir, "") + os.sep)]


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """The data sets that read files, inside whatever wraps them; of several joined ones the first."""
    if isinstance(value, (list, tuple)):
        if value:
            yield from leaves(value[0], (*path, 0))
    elif isinstance(value, dict):
        if "ann_file" in value:
            yield path, value
        for key in ("dataset", "datasets"):
            if key in value:
                yield from leaves(value[key], (*path, key))


def first_alone(path: Path, base: Resolved) -> list[Edit]:
    """The lists that `path` leads through, cut down to their first data set: one file takes the place of them all."""
    lists = [path[:depth] for depth, key in enumerate(path) if isinstance(key, int)]
    return [Edit(where, copy.deepcopy(base.at(where)[:1])) for where in lists if len(base.at(where)) > 1]


def own(path: Path, config: Mapping[str, Any], found: Split, root: str) -> Edit:
    """One data set made to read a split; whole where it has arguments that CocoDataset does not take."""
    values: dict[str, Any] = {"type": "CocoDataset"} if config.get("type") != "CocoDataset" else {}
    values |= {
        "classes": Name("classes"),
        "ann_file": place(found.ann_file, root),
        "img_prefix": place(os.path.join(found.folder, ""), root),
    }
    if TAKES.issuperset(config):
        return Edit(path, values)
    kept = {key: copy.deepcopy(value) for key, value in config.items() if key in TAKES}
    return Edit(path, {**kept, "type": "CocoDataset", **values}, replace=True)


def place(path: str, root: str) -> str:
    """A path as the config says it: from the root's variable on, where there is one."""
    if not root:
        return path
    rest = path[len(os.path.join(root, "")) :]
    return Name(f"{ROOT} + {rest!r}") if rest else Name(ROOT)


def loading(data: Dataset) -> Callable[[Pipeline], Steps]:
    """What becomes of a pipeline: boxes are in pixels, and run-length encoded masks cannot be kept as polygons."""
    encoded = dataset.split(data, "train").encoded

    def step(one: dict[str, Any]) -> dict[str, Any]:
        if one.get("type") != "LoadAnnotations":
            return one
        other = {"denorm_bbox", "normed_bbox", *(("poly2mask",) if encoded else ())}  # without them: pixels, bitmaps
        return {key: value for key, value in one.items() if key not in other}

    return lambda pipeline: transforms.changed(pipeline.steps, step)


def evaluation(data: Dataset, base: Resolved) -> list[Edit]:
    """The metrics that can be measured on the validation split; others than COCO's become `bbox`."""
    config = base.at(("evaluation",))
    if not isinstance(config, dict):
        return []
    had = config.get("metric", "bbox")
    metrics = [had] if isinstance(had, str) else list(had)
    kept = [name for name in metrics if name in METRICS] or ["bbox"]
    if not masks_scored(dataset.split(data, "val")):
        kept = [name for name in kept if name != "segm"] or ["bbox"]
    if kept == metrics:
        return []
    metric = kept[0] if len(kept) == 1 else kept
    if all(name in METRICS for name in metrics):
        best, dropped = config.get("save_best"), tuple(name for name in metrics if name not in kept)
        gone = isinstance(best, str) and best.startswith(dropped)
        return [Edit(("evaluation", "metric"), metric), *([Edit(("evaluation", "save_best"), "auto")] if gone else [])]
    hook = {key: value for key, value in config.items() if key in HOOK}
    if hook.get("save_best") not in (None, "auto"):
        hook["save_best"] = "auto"
    return [Edit(("evaluation",), {**hook, "metric": metric}, replace=True)]


def all_masked(found: Split) -> bool:
    """Whether every box has a mask."""
    return found.polygons + found.encoded == found.boxes


def masks_scored(found: Split) -> bool:
    """Whether pycocotools can score masks: it draws those of crowds and of empty boxes too (`COCOeval._prepare`)."""
    return all_masked(found) and not found.undrawn


def heads(base: Resolved, count: int) -> list[Edit]:
    """The number of classes, in every part of the model that has it."""
    edits = [Edit(path, count) for path, number in class_counts(base) if number != count]
    for path, had, classes in weighted(base):
        first = had[0] if len(set(had[:classes])) == 1 else 1.0
        edits.append(Edit(path, [first] * count + had[classes:]))
    return edits


def class_counts(base: Resolved) -> Iterator[tuple[Path, int]]:
    """Where the model has the number of the boxes' classes, and the number."""
    for path, part in dicts(base.at(("model",)), ("model",)):
        if not any(key in OTHER_CLASSES for key in path):
            for key in ("num_classes", "num_things_classes"):
                if isinstance(part.get(key), int):
                    yield (*path, key), part[key]


def weighted(base: Resolved) -> Iterator[tuple[Path, list[float], int]]:
    """Where a loss has a weight for each class: the path, the weights, and how many are not of the background."""
    for path, head in dicts(base.at(("model",)), ("model",)):
        things, stuff = head.get("num_things_classes", 0), head.get("num_stuff_classes", 0)
        for key, loss in head.items():
            weights = loss.get("class_weight") if isinstance(loss, dict) else None
            if isinstance(weights, (list, tuple)):
                yield (*path, key, "class_weight"), list(weights), head.get("num_classes", things + stuff)
