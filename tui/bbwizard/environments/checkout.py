"""The mmdetection checkout that the user works in, where there is one."""

from __future__ import annotations

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
        if (root / "mmdet" / "__init__.py").is_file() and found.configs.is_dir() and found.train_script.is_file():
            return found
    return None
