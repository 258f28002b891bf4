"""The mmdetection checkout that the user works in, where there is one."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Checkout:
    """A working copy of mmdetection: a source of base configs, and of the train script."""

    root: Path

    @property
    def configs(self) -> Path:
        return self.root / "configs"

    @property
    def train_script(self) -> Path:
        return self.root / "tools" / "train.py"


def checkout(folder: Path) -> Checkout | None:
    """The checkout that `folder` lies in, or is; None outside of any."""
    folder = folder.absolute()
    for root in (folder, *folder.parents):
        found = Checkout(root)
        # `os.path` takes what may not be looked at, such as another user's folder, for something that is not there.
        whole = map(os.path.isfile, (root / "mmdet" / "__init__.py", found.train_script))
        if all(whole) and os.path.isdir(found.configs):
            return found
    return None
