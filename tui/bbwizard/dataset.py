"""A user's own data: how it is named, and the classes that its annotation files make. Pure."""

from __future__ import annotations

import os.path
import re
import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from bbprobe.protocol import Dataset, Split
from bbwizard.errors import UsageError
from bbwizard.grammar import DATA

SPLIT: Final = re.compile(r"(train|val|test)=(.+?\.json)(?::(.+))?", re.IGNORECASE)
RENAME: Final = "rename it without, or name a link to it (ln -s)"


def named(words: Iterable[str], folder: Path) -> tuple[str, ...]:
    """The words that name a data set, its paths made absolute from `folder`; empty for the base's own data.

    Raises:
        UsageError: there are two paths, a split twice, something that is neither, or a path that no training prints.
    """
    said: dict[str, str] = {}
    for word in words:
        match = SPLIT.fullmatch(word)
        if match is None and re.match(r"(train|val|test)=", word):
            raise UsageError(f"{word!r} names no .json file", f"a data set is {DATA}")
        role = match[1].lower() if match is not None else ""
        if role in said:
            raise UsageError(f"{word!r} comes after {said[role]!r}: one is needed", f"a data set is {DATA}")
        if match is None:
            said[role] = absolute(word, folder)
        else:
            said[role] = f"{role}={':'.join(absolute(part, folder) for part in match.groups()[1:] if part)}"
    return tuple(said[role] for role in ("", "train", "val", "test") if role in said)


def typed(line: str) -> list[str]:
    """The words of a typed line; quotes keep spaces.

    Raises:
        UsageError: a quote is not closed.
    """
    try:
        return shlex.split(line)
    except ValueError as error:
        raise UsageError(f"{line!r}: {str(error).lower()}", "close the quotes") from error


def absolute(path: str, folder: Path) -> str:
    """A path as it is wherever it is read from.

    Raises:
        UsageError: a config that names it could not be trained.
    """
    whole = os.path.abspath(os.path.join(folder, os.path.expanduser(path)))
    if breaking(whole):
        raise UsageError(unprintable(whole), RENAME)
    return whole


def breaking(path: str) -> bool:
    """Whether mmcv cannot print a config with this path: it puts it between single quotes as it is."""
    return "'" in path or "\n" in path


def unprintable(path: str) -> str:
    """Why no config may name a path that is `breaking`."""
    what = "a line break" if "\n" in path else "an apostrophe"
    return f"{path!r} has {what}: mmcv cannot print a config that names it, and training would stop"


def question(words: Sequence[str]) -> dict[str, Any]:
    """What is asked of the probing half."""
    given = {}
    path = None
    for word in words:
        match = SPLIT.fullmatch(word)
        if match is None:
            path = word
        else:
            given[match[1]] = [match[2], match[3]]
    return {"path": path, "given": given}


def split(data: Dataset, role: str) -> Split:
    """The split for "train", "val" or "test"."""
    return next(found for found in data.splits if found.role == role)


def distinct(data: Dataset) -> list[Split]:
    """The splits with a file, or a folder, of their own."""
    seen: dict[tuple[str, str], Split] = {}
    for found in data.splits:
        seen.setdefault((found.ann_file, found.folder), found)
    return list(seen.values())


def classes(data: Dataset) -> tuple[str, ...]:
    """The classes to train, in the order in which mmdet numbers them, which is that of the file.

    Left out is a category that only stands over the others, as Roboflow's exports have one.
    """
    over = roots(data)
    return tuple(item.name for item in split(data, "train").categories if item.name not in over)


def roots(data: Dataset) -> set[str]:
    """Names of categories that are others' supercategory and have no box: CocoDataset takes classes by name."""
    categories = split(data, "train").categories
    names = [item.name for item in categories]
    boxed = {item.name for found in data.splits for item in found.categories if item.boxes}
    over = {item.supercategory for item in categories if item.supercategory != item.name}
    return {name for name in names if name in over and name not in boxed and names.count(name) == 1}


def in_order(found: Split, wanted: Sequence[str]) -> list[str]:
    """The classes of a split in the order in which mmdet numbers them there: those wanted, as the file lists them."""
    return [item.name for item in found.categories if item.name in wanted]


def root(data: Dataset) -> str:
    """The folder that holds all files and images of a data set; empty where they share none worth a name."""
    places = [part for found in data.splits for part in (os.path.dirname(found.ann_file), found.folder)]
    common = os.path.commonpath(places)
    return common if len(Path(common).parts) > 2 else ""


def summary(data: Dataset) -> str:
    """A data set in a word."""
    count = len(classes(data))
    return f"{count} class{'' if count == 1 else 'es'}"


def shared(data: Dataset) -> list[tuple[Split, list[str]]]:
    """Each distinct split with the roles it stands for."""
    return [
        (own, [found.role for found in data.splits if (found.ann_file, found.folder) == (own.ann_file, own.folder)])
        for own in distinct(data)
    ]


def lines(data: Dataset) -> list[str]:
    """What was found, for people."""
    names = classes(data)
    shown = ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
    told = [f"{summary(data)}: {shown}"]
    for found, roles in shared(data):
        masks = f", {found.polygons + found.encoded:,} with a mask" if found.polygons + found.encoded else ", no masks"
        told.append(f"{', '.join(roles)}: {found.images:,} images, {found.boxes:,} boxes{masks}")
        told.append(f"  {found.ann_file}")
        told.append(f"  images in {found.folder}")
    return told
