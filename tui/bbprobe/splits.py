"""Which annotation file and which image folder make each split of a data set, by the layouts people use.

COCO's `annotations/instances_train2017.json` and `train2017/`, Roboflow's `train/_annotations.coco.json` between its
images, `annotations/train.json` and `images/train/`, one file for everything: the words in names tell the splits, and
where the images lie is asked of the disk.
"""

import os
import re
from typing import Dict, Iterator, List, NamedTuple, Optional, Sequence, Set

from bbprobe.protocol import Refused

ROLES = ("train", "val", "test")
WORDS = {
    "train": "train",
    "training": "train",
    "trainval": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "minival": "val",
    "test": "test",
    "testing": "test",
}
OTHER_TASKS = ("captions_", "person_keypoints_", "panoptic_", "stuff_", "image_info_")
"""How the other files of COCO's own annotations begin."""
DEEP = 2
"""Folders below the given one that are looked into."""
MANY = 400
"""Folders tried as the place of a file's images."""
SAMPLE = 16
"""Images of a file that are looked for in each folder tried."""


class Place(NamedTuple):
    """An annotation file and the folder of its images, where that was said."""

    file: str
    folder: Optional[str]


def find(path: Optional[str], given: Dict[str, List[Optional[str]]]) -> Dict[str, Place]:
    """A place for each of `ROLES`; without a split for the test it is that of the validation, else of the training.

    Raises:
        Refused: there is no annotation file to train on, or no telling which.
    """
    found = {}  # type: Dict[str, Place]
    if path is not None:
        found = {role: Place(file, None) for role, file in discovered(path).items()}
    for role, (file, folder) in given.items():
        if not file or not os.path.isfile(file):
            raise Refused("{}: there is no such annotation file".format(file))
        if folder is not None and not os.path.isdir(folder):
            raise Refused("{}: there is no such folder of images".format(folder))
        found[role] = Place(file, folder)
    if "train" not in found:
        held = ", ".join(sorted(place.file for place in found.values())) or "nothing"
        raise Refused("nothing says what to train on: found {}; name it with train=FILE".format(held))
    found.setdefault("val", found["train"])
    found.setdefault("test", found["val"])
    return found


def discovered(path: str) -> Dict[str, str]:
    """Role to annotation file, of what lies at `path`.

    Raises:
        Refused: nothing is there, no annotation file is in it, or no telling which of several is meant.
    """
    if os.path.isfile(path):
        return {"train": path}
    if not os.path.isdir(path):
        raise Refused("{}: there is no such file or folder".format(path))
    files = [file for file in annotation_files(path) if not os.path.basename(file).startswith(OTHER_TASKS)]
    if not files:
        raise Refused("{}: no annotation file (*.json, in COCO's format) is in it or two folders below".format(path))
    by_role = {}  # type: Dict[str, List[str]]
    for file in files:
        by_role.setdefault(role_of(os.path.relpath(file, path)), []).append(file)
    if set(by_role) == {""}:
        return {"train": one_of(by_role[""], "train")}
    return {role: one_of(by_role[role], role) for role in ROLES if role in by_role}


def one_of(files: Sequence[str], role: str) -> str:
    """The one file, or the one that is called COCO's instances.

    Raises:
        Refused: there are several.
    """
    instances = [file for file in files if os.path.basename(file).startswith("instances")]
    for kept in (files, instances):
        if len(kept) == 1:
            return kept[0]
    listed = ", ".join(sorted(files)[:4]) + (", ..." if len(files) > 4 else "")
    raise Refused("{} annotation files for {role}: {}; name one with {role}=FILE".format(len(files), listed, role=role))


def role_of(relative: str) -> str:
    """What the words of a path say it is for: the file's own first, then its folders' from the nearest; "" for none."""
    for part in reversed(relative.split(os.sep)):
        for word in re.findall("[a-z]+", part.lower()):
            if word in WORDS:
                return WORDS[word]
    return ""


def annotation_files(root: str) -> List[str]:
    """The `*.json` files in a folder and those below it, in order."""
    found = []
    for folder in folders(root):
        found += [os.path.join(folder, name) for name in sorted(names_in(folder)) if name.lower().endswith(".json")]
    return found


def folders(root: str) -> Iterator[str]:
    """`root` and the folders below it, nearest first; hidden ones are left out."""
    level = [root]
    for depth in range(DEEP + 1):
        following = []  # type: List[str]
        for folder in level:
            yield folder
            if depth < DEEP:
                following += sorted(below(folder))
        level = following


def below(folder: str) -> List[str]:
    """The folders in a folder."""
    try:
        with os.scandir(folder) as entries:
            return [entry.path for entry in entries if not entry.name.startswith(".") and entry.is_dir()]
    except OSError:
        return []


def names_in(folder: str) -> Set[str]:
    """What a folder holds; nothing where it cannot be listed."""
    try:
        return set(os.listdir(folder or "."))
    except OSError:
        return set()


def images_at(path: Optional[str], file: str, role: str, names: Sequence[str]) -> str:
    """The folder that the file's image names are relative to: where most of a sample of them are.

    Raises:
        Refused: none of the sample is in any folder looked at.
    """
    beside = os.path.dirname(file)
    roots = [path] if path is not None and os.path.isdir(path) else [beside, os.path.dirname(beside)]
    sample = list(names)[:: max(len(names) // SAMPLE, 1)][:SAMPLE]
    if not sample:
        return beside
    best = []
    for root in roots:
        for number, folder in enumerate(folders(root)):
            if number == MANY:
                break
            hits = sum(os.path.isfile(os.path.join(folder, name)) for name in sample)
            if hits:
                own = role_of(os.path.relpath(folder, root)) == role
                best.append((hits, own, folder == beside, -number, folder))
        if best:
            return str(max(best)[-1])
    where = "{} or two folders below".format(" or ".join(roots))
    text = "{}: none of its {:,} images is in {}, such as {}; name their folder with {}=FILE:FOLDER"
    raise Refused(text.format(file, len(names), where, sample[0], role))
