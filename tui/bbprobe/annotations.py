"""A COCO-format annotation file as mmdet's CocoDataset will take it: classes, counts, and what is wrong with it.

A file may hold millions of outlines: while it is parsed, every annotation is cut down to what is counted here.
"""

import collections
import dataclasses
import json
import os
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence

from bbprobe import splits
from bbprobe.entries import ANNOTATION, IDS, IMAGE, Annotation, Image, annotation, image, lacking, unscorable
from bbprobe.protocol import Category, Dataset, Refused, Split

SHORTEST = 32
"""Pixels; mmdet leaves images with a shorter side out of training (`CocoDataset._filter_imgs(min_size=32)`)."""
EVERY = 20000
"""Entries parsed between two words to the asker."""


class Parsed(NamedTuple):
    """A file's whole entries, how many it lists, and in `incomplete`, in words, what the others lack."""

    images: List[Image]
    annotations: List[Annotation]
    categories: List[Dict[str, Any]]
    listed: Dict[str, int]
    incomplete: Dict[str, int]


def dataset(task: Any, path: Optional[str] = None, given: Optional[Dict[str, List[Optional[str]]]] = None) -> Dataset:
    """What a folder or an annotation file holds; `given` names file and image folder for a split, before all else.

    Raises:
        Refused: no annotation file is there, or one cannot be read as COCO's, or has no categories.
    """
    found = splits.find(path, given or {})
    counted = {}  # type: Dict[splits.Place, Split]
    for role in splits.ROLES:
        place = found[role]
        if place not in counted:
            parsed = parse(task, place.file)
            names = [item.name for item in parsed.images]
            folder = place.folder or splits.images_at(path, place.file, role, names)
            counted[place] = count(task, role, place.file, folder, parsed)
    return Dataset([dataclasses.replace(counted[found[role]], role=role) for role in splits.ROLES])


def parse(task: Any, file: str) -> Parsed:
    """Read one file.

    Raises:
        Refused: it is not there, not JSON, not in COCO's format, or has no categories.
    """
    seen = [0]
    name = os.path.basename(file)

    def slim(entry: Dict[str, Any]) -> Any:
        """Called by the parser for every JSON object as soon as it is read."""
        seen[0] += 1
        if seen[0] % EVERY == 0:
            task.pause()
            task.progress("reading {}: {:,} entries".format(name, seen[0]), seen[0], 0)
        made = annotation(entry) if "image_id" in entry else entry
        return image(entry) if made is entry and "file_name" in entry else made

    task.progress("reading {}".format(name), 0, 0)
    try:
        with open(file, encoding="utf-8") as opened:
            held = json.load(opened, object_hook=slim)
    except (OSError, ValueError, RecursionError) as error:
        raise Refused("{} cannot be read as JSON: {}".format(file, error)) from error
    task.pause()
    if not isinstance(held, dict) or not isinstance(held.get("images"), list):
        raise Refused("{} is not in COCO's format: it has no list of images".format(file))
    lists = {key: held.get(key) if isinstance(held.get(key), list) else [] for key in ("annotations", "categories")}
    if not lists["categories"]:
        counts = "{:,} images and {:,} annotations".format(len(held["images"]), len(lists["annotations"]))
        raise Refused("{} has {}, but no categories".format(file, counts))
    return sifted(held["images"], lists["annotations"], lists["categories"])


def sifted(images: Sequence[Any], annotations: Sequence[Any], categories: Sequence[Any]) -> Parsed:
    """The entries that are whole; the others are counted by what they lack."""
    incomplete = collections.Counter()  # type: collections.Counter[str]

    def whole(entries: Sequence[Any], kind: type, what: str, needed: Dict[str, Callable[[Any], bool]]) -> List[Any]:
        kept = []
        for entry in entries:
            if isinstance(entry, kind):
                kept.append(entry)
            else:
                incomplete["{} without {}".format(what, lacking(entry, needed))] += 1
        return kept

    named = [
        entry
        for entry in categories
        if isinstance(entry, dict) and isinstance(entry.get("name"), str) and isinstance(entry.get("id"), IDS)
    ]
    if len(named) < len(categories):
        incomplete["categories without an id and a name"] = len(categories) - len(named)
    return Parsed(
        whole(images, Image, "images", IMAGE),
        whole(annotations, Annotation, "annotations", ANNOTATION),
        named,
        {"images": len(images), "annotations": len(annotations)},
        dict(incomplete),
    )


def count(task: Any, role: str, file: str, folder: str, parsed: Parsed) -> Split:
    """What mmdet makes of one file whose images lie in `folder`."""
    images = {item.id: item for item in parsed.images}
    ids = [item["id"] for item in parsed.categories]
    boxes = collections.Counter()  # type: collections.Counter[Any]
    masks = collections.Counter()  # type: collections.Counter[str]
    astray = collections.Counter()  # type: collections.Counter[str]
    labelled = set()
    known = set(ids)
    unscored = collections.Counter(mixed(images=list(images), categories=ids))
    empty = ignored = undrawn = 0
    for number, item in enumerate(parsed.annotations):
        if number % EVERY == 0:
            task.pause()
        if item.image not in images:
            astray["images"] += 1
        else:
            for field in unscorable(item):
                unscored[field] += 1
        if item.category not in known:
            astray["categories"] += 1
        if item.image not in images or item.category not in known:
            continue
        labelled.add(item.image)
        if not item.ignored and inside(item, images[item.image]):
            boxes[item.category] += 1
            masks[item.mask] += 1
            continue
        undrawn += not item.mask
        if item.ignored:
            ignored += 1
        else:
            empty += 1
    missing = absent(task, folder, parsed.images)
    small = {item.id for item in images.values() if min(item.width, item.height) < SHORTEST}
    return Split(
        role=role,
        ann_file=file,
        folder=folder,
        images=parsed.listed["images"],
        annotations=parsed.listed["annotations"],
        categories=[
            Category(item["name"], str(item.get("supercategory") or ""), boxes[item["id"]])
            for item in parsed.categories
        ],
        boxes=sum(boxes.values()),
        polygons=masks["polygons"],
        encoded=masks["rle"],
        trained=len(labelled - small),
        unlabelled=len(images) - len(labelled),
        small=len(small),
        empty=empty,
        ignored=ignored,
        missing=len(missing),
        missing_example=missing[0] if missing else "",
        astray=dict(astray),
        repeated=repeats(
            images=[item.id for item in parsed.images],
            annotations=[item.id for item in parsed.annotations],
            categories=ids,
        ),
        incomplete=parsed.incomplete,
        unscored=dict(unscored),
        undrawn=undrawn,
    )


def mixed(**ids: List[Any]) -> Dict[str, int]:
    """For each kind, how many ids are text among numbers or a number among texts: `COCOeval.__init__` sorts them."""
    texts = {kind: sum(isinstance(one, str) for one in listed) for kind, listed in ids.items()}
    fewer = {kind: min(number, len(ids[kind]) - number) for kind, number in texts.items()}
    return {kind: number for kind, number in fewer.items() if number}


def inside(item: Annotation, image: Image) -> bool:
    """Whether mmdet keeps the box (`CocoDataset._parse_ann_info`): a pixel wide and high, and not all outside."""
    across = min(item.left + item.width, image.width) - max(item.left, 0)
    down = min(item.top + item.height, image.height) - max(item.top, 0)
    return item.area > 0 and item.width >= 1 and item.height >= 1 and across > 0 and down > 0


def repeats(**ids: List[Any]) -> Dict[str, int]:
    """For each kind, how many entries have an id that another has already; kinds without any are left out."""
    surplus = {kind: len(listed) - len(set(listed)) for kind, listed in ids.items()}
    return {kind: number for kind, number in surplus.items() if number}


def absent(task: Any, folder: str, images: Sequence[Image]) -> List[str]:
    """The paths of the images that are not there; each folder is listed once, which is faster on a network disk."""
    listed = {}  # type: Dict[str, Any]
    missing = []
    for item in images:
        path = os.path.join(folder, item.name)
        place, name = os.path.split(path)
        if place not in listed:
            task.pause()
            task.progress("listing {}".format(place), 0, 0)
            listed[place] = splits.names_in(place)
        if name not in listed[place]:
            missing.append(path)
    return missing
