"""Which files and folders the data sets of a config read, and whether they are there, where training runs."""

import os
from typing import Any, Dict, Iterator, List, Tuple

from bbprobe import loading
from bbprobe.protocol import DataFile

ROLES = ("train", "val", "test")

PLACES = ("ann_file", "img_prefix", "seg_prefix", "proposal_file")
"""What `CustomDataset` joins with its `data_root` (`mmdet/datasets/custom.py`)."""


def data_files(task: Any, path: str, folder: str) -> List[DataFile]:
    """What the data sets of the config at `path` read when it is trained in `folder`, each place once.

    Data sets that read from elsewhere than a disk are left out.

    Raises:
        Refused: the config does not load.
    """
    config = loading.load(path)
    elsewhere(config)
    roles: Dict[str, List[str]] = {}
    for role in ROLES:
        for _, found in loading.dicts(loading.plain((config.get("data") or {}).get(role))):
            for place in places(found):
                whole = os.path.normpath(os.path.join(folder, os.path.expanduser(place)))
                kept = whole if os.path.isabs(place) else os.path.relpath(whole, folder)
                if role not in roles.setdefault(kept, []):
                    roles[kept].append(role)
    task.pause()
    return [DataFile(place, users, os.path.exists(os.path.join(folder, place))) for place, users in roles.items()]


def elsewhere(config: Any) -> None:
    """Do as mmdet's `tools/train.py` with `MMDET_DATASETS`, which takes the place of `data_root` in all paths."""
    if "MMDET_DATASETS" in os.environ and config.get("data_root"):
        from mmdet.utils import update_data_root

        update_data_root(config)


def places(dataset: Dict[str, Any]) -> Iterator[str]:
    """The files and folders of one data set's config, joined as the class joins them."""
    if "ann_file" not in dataset or not from_disk(dataset):
        return
    for key in PLACES:
        for place in each(dataset.get(key)):
            yield os.path.join(dataset.get("data_root") or "", place)


def from_disk(dataset: Dict[str, Any]) -> bool:
    """Whether annotations and images are read from the disk."""
    return (dataset.get("file_client_args") or {}).get("backend", "disk") == "disk"


def each(value: Any) -> Tuple[str, ...]:
    """The paths in a value: one, or a list of them."""
    found = value if isinstance(value, (list, tuple)) else [value]
    return tuple(item for item in found if isinstance(item, str) and item)
