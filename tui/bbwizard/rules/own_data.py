"""What is wrong with the user's own data, and what the base would need of it."""

from __future__ import annotations

import os.path
from collections.abc import Iterator
from typing import Final

from bbprobe.protocol import Dataset, Split
from bbwizard.dataset import RENAME, breaking, classes, distinct, in_order, roots, split, unprintable
from bbwizard.findings import Finding
from bbwizard.resolved import Resolved, dicts
from bbwizard.retarget import SAMPLER, all_masked, leaves, masks_scored, weighted
from bbwizard.rules.situation import Situation
from bbwizard.wiring import Problem
from bbwizard.wording import listed, some

PANOPTIC: Final = (
    "the base learns panoptic segments, which COCO instance files do not hold; "
    "one that learns instances alone takes them, such as mask_rcnn"
)
SEMANTIC: Final = (
    "the base learns semantic maps (with_seg), which COCO instance files do not hold; "
    "one without a semantic head takes them, such as htc_without_semantic or cascade_mask_rcnn"
)
PROPOSALS: Final = (
    "the base trains on proposals (proposal_file) made beforehand for other images; "
    "one that makes its own needs none, such as faster_rcnn or mask_rcnn"
)
TEACHER: Final = (
    "the base's teacher assigns the labels, and its checkpoint knows other classes; "
    "one without a teacher learns yours, such as paa"
)

BY_CLASS: Final = (
    "the base draws its images by class (class_aware_sampler), where mmdet takes categories with ids 0, 1, 2 and so on "
    "alone; yours are drawn as they come"
)


def own_data(situation: Situation) -> Iterator[Finding]:
    """Everything there is to say of the data that the recipe names, a finding for each code."""
    data = situation.data
    told: list[Problem | Finding] = []
    if situation.recipe.data and data is None:
        told += unread(situation.recipe.data)
    if data is not None:
        told += [*problems(data, situation.config), *said(data, situation.config)]
    texts: dict[str, list[str]] = {}
    for item in told:
        texts.setdefault(item.code, []).append(item.text)
    yield from (Finding(code, "; ".join(parts)) for code, parts in texts.items())


def unread(words: tuple[str, ...]) -> tuple[Problem, ...]:
    """Why nothing can be written yet for data that nobody has read."""
    return (Problem("data-unread", f"the data set {' '.join(words)} was not read yet"),)


def problems(data: Dataset, base: Resolved | None) -> tuple[Problem, ...]:
    """Why training on the data would stop, or learn something else; `base` None judges the data alone."""
    own = [problem for found in trained(data) for problem in faults(found)]
    own += unscored(split(data, "val"))
    return (*own, *unprintable_paths(data), *orders(data), *(needs(data, base) if base is not None else ()))


def unprintable_paths(data: Dataset) -> Iterator[Problem]:
    """Paths that were found, not named, and that no config may hold."""
    places = dict.fromkeys(part for found in distinct(data) for part in (found.ann_file, found.folder))
    for place in filter(breaking, places):
        yield Problem("data-path", f"{unprintable(place)}: {RENAME}")


def trained(data: Dataset) -> list[Split]:
    """The splits that training reads; what is only tested with cannot stop it."""
    return [found for found in distinct(data) if found.role != "test"]


def faults(found: Split) -> Iterator[Problem]:
    """What is wrong with one annotation file and its images."""
    file = found.ann_file
    for what, number in found.incomplete.items():
        yield Problem("data-incomplete", f"{file}: {what}: {number:,}; mmdet stops at the first")
    for kind, number in found.repeated.items():
        every = {"images": found.images, "annotations": found.annotations, "categories": len(found.categories)}[kind]
        yield Problem("data-ids", f"{file}: {number:,} of {every:,} {kind} have an id that another has")
    if found.missing:
        many = f"{found.missing:,} of {found.images:,} images are not there"
        yield Problem("data-images-missing", f"{file}: {many}, such as {found.missing_example}")
    if boxless(found):
        yield Problem("data-no-boxes", f"{file}: {none_left(found)}")


def unscored(found: Split) -> Iterator[Problem]:
    """What evaluation stops at in an annotation file that may well be trained on."""
    for what, number in found.unscored.items():
        every = {"images": found.images, "categories": len(found.categories)}.get(what, found.annotations)
        if what == "iscrowd":
            text = (
                f"{found.ann_file}: {number:,} of {every:,} annotations have no iscrowd that is a number, "
                'and evaluation stops at the first: write "iscrowd": 0 into all that mark no crowd'
            )
            yield Problem("data-incomplete", text)
        elif what == "id":
            text = (
                f"{found.ann_file}: {number:,} of {every:,} annotations have an id that is no number, "
                "and evaluation stops at the first that is detected: number them"
            )
            yield Problem("data-ids", text)
        else:
            text = (
                f"{found.ann_file}: {number:,} of {every:,} {what} have an id of another type than the rest, "
                "and evaluation stops: make all numbers, or all text"
            )
            yield Problem("data-ids", text)


def whole(found: Split, *kinds: str) -> bool:
    """Whether no entry of these kinds ("images", "annotations", "categories") lacks anything.

    Those that do are not read, so that what is counted by way of them would be wrong.
    """
    return not any(what.startswith(kinds) for what in found.incomplete)


def boxless(found: Split) -> bool:
    """Whether a file has no box to learn from, for all that can be read of it."""
    return not found.boxes and not found.incomplete


def none_left(found: Split) -> str:
    """Why a file has no box."""
    reasons = [f"{number:,} point at {kind} that it does not list" for kind, number in found.astray.items()]
    reasons += [f"{found.empty:,} have no area or lie outside of their image"] if found.empty else []
    reasons += [f"{found.ignored:,} are marked iscrowd or ignore"] if found.ignored else []
    told = f": {', '.join(reasons)}" if reasons else ""
    return f"none of its {found.annotations:,} annotations is a box to learn from{told}"


def orders(data: Dataset) -> Iterator[Problem]:
    """Splits that would number the classes otherwise than the training split does.

    mmdet numbers the classes of each file by the file's own order, whatever `classes` says
    (`CocoDataset.load_annotations` by way of `COCO.getCatIds`).
    """
    wanted = list(classes(data))
    for found in distinct(data):
        has = in_order(found, wanted)
        if has == wanted:
            continue
        lacking = [name for name in wanted if name not in has]
        why = f"lacks {some(lacking)}" if lacking else "lists its categories in another order"
        text = f"{found.ann_file} {why}: mmdet numbers classes by each file's own order, and every score would be wrong"
        yield Problem("data-classes", text)


def needs(data: Dataset, base: Resolved) -> Iterator[Problem]:
    """What the base config reads that a COCO annotation file does not hold, or this one does not."""
    reads = [config for _, config in dicts(base.at(("data", "train")))]
    loaders = [config for config in reads if config.get("type") == "LoadAnnotations"]
    if not any("ann_file" in config for config in reads):
        yield Problem("data-base", "the base config has no data.train with an annotation file to replace")
    if any("Panoptic" in str(config.get("type")) for config in reads):
        yield Problem("data-panoptic", PANOPTIC)
    elif any(config.get("with_seg") for config in loaders):
        yield Problem("data-semantic", SEMANTIC)
    if any(config.get("proposal_file") for config in reads):
        yield Problem("data-proposals", PROPOSALS)
    if base.at(("model", "teacher_bbox_head")) is not None:
        yield Problem("data-teacher", TEACHER)
    found = split(data, "train")
    masks = found.polygons + found.encoded
    if any(config.get("with_mask") for config in loaders) and masks < found.boxes:
        many = f"{masks:,} of {found.boxes:,} boxes have a mask that can be drawn"
        yield Problem("data-no-masks", f"{found.ann_file}: {many}, and the base learns masks")


def said(data: Dataset, base: Resolved | None) -> Iterator[Finding]:
    """What does not stop the training."""
    train, val = split(data, "train"), split(data, "val")
    if (train.ann_file, train.folder) == (val.ann_file, val.folder):
        text = "there is no validation split: scores are measured on the images that are trained on"
        yield Finding("data-val-is-train", text)
    for found in distinct(data):
        yield from left_out(found, empty=base is not None and trains_on_empty(base))
    yield from about_classes(data)
    yield from about_test(data)
    for path, weights, count in weighted(base) if base is not None else ():
        if len(set(weights[:count])) > 1:
            text = f"{'.'.join(map(str, path))} weighs the base's own {count} classes: yours all weigh 1.0"
            yield Finding("data-class-weights", text)
    if base is not None and base.at(SAMPLER) is not None:
        yield Finding("data-sampler", BY_CLASS)
    metric = base.at(("evaluation", "metric"), "") if base is not None else ""
    if "segm" in metric and val.boxes and all_masked(train) and not masks_scored(val):
        masks = val.polygons + val.encoded
        text = f"{val.ann_file}: {masks:,} of {val.boxes:,} boxes have a mask: masks are not scored (segm)"
        if all_masked(val):
            text = f"{val.ann_file}: {val.undrawn:,} crowds or empty boxes have no mask: masks are not scored (segm)"
        yield Finding("data-no-segm", text)


def trains_on_empty(base: Resolved) -> bool:
    """Whether the base trains on images without annotations (`filter_empty_gt` of mmdet/datasets/custom.py)."""
    return any(not config.get("filter_empty_gt", True) for _, config in leaves(base.at(("data", "train"))))


def left_out(found: Split, *, empty: bool) -> Iterator[Finding]:
    """Images and annotations of a file that mmdet passes over without a word; `none_left` has some where all are.

    `empty`: images without annotations are trained on.
    """
    file = os.path.basename(found.ann_file)
    for kind, number in found.astray.items():
        if boxless(found) or not whole(found, kind):
            continue
        many = f"{number:,} of {found.annotations:,} annotations point at {kind} that the file does not list"
        yield Finding("data-astray", f"{file} ({found.role}): {many}; they are left out")
    if found.empty and not boxless(found):
        many = f"{found.empty:,} of {found.annotations:,} boxes have no area or lie outside of their image"
        yield Finding("data-empty-boxes", f"{file} ({found.role}): {many}; they are left out")
    if found.role != "train":
        return
    if found.small:
        many = f"{found.small:,} of {found.images:,} images have a side under 32 pixels"
        yield Finding("data-small-images", f"{file}: {many}; mmdet does not train on them")
    if found.unlabelled and not empty and whole(found, "images", "annotations", "categories"):
        many = f"{found.unlabelled:,} of {found.images:,} images have no annotation"
        yield Finding("data-unlabelled", f"{file}: {many}; mmdet does not train on them")


def about_classes(data: Dataset) -> Iterator[Finding]:
    """Classes that the files list and that are not learnt, or not told apart by their names."""
    names, over = classes(data), sorted(roots(data))
    if over:
        text = f"{listed(over)} stands over the other categories and has no box: it is no class here"
        yield Finding("data-root", text)
    train = split(data, "train")
    idle = [item.name for item in train.categories if not item.boxes and item.name not in over]
    if idle and len(idle) < len(names) and not train.incomplete:
        yield Finding("data-idle", f"{len(idle)} of {len(names)} classes have no box to learn from: {some(idle)}")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        yield Finding("data-twice", f"several categories are called {some(twice)}: each is a class of its own")


def about_test(data: Dataset) -> Iterator[Finding]:
    """A test split that training does not read: what is wrong with it shows when it is tested with."""
    told = [problem for found in distinct(data) if found.role == "test" for problem in faults(found)]
    test, val = split(data, "test"), split(data, "val")
    if (test.ann_file, test.folder) != (val.ann_file, val.folder):
        told += unscored(test)
    yield from (Finding(problem.code, f"test split: {problem.text}") for problem in told)
