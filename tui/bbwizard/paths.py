"""The folders that bbwizard keeps its own files in, by the XDG rules; each is made for its user alone."""

from __future__ import annotations

from pathlib import Path

import platformdirs

NAME = "bbwizard"


def config() -> Path:
    """Settings that a person edits."""
    return Path(platformdirs.user_config_dir(NAME))


def presets() -> Path:
    """The user's own presets."""
    return Path(platformdirs.user_data_dir(NAME)) / "presets"


def state() -> Path:
    """What bbwizard remembers from one sitting to the next: choices, drafts."""
    return Path(platformdirs.user_state_dir(NAME))


def logs() -> Path:
    """What the probing half and `env create` had to say."""
    return state() / "logs"


def cache() -> Path:
    """What may be deleted at any time."""
    return Path(platformdirs.user_cache_dir(NAME))


def made(folder: Path) -> Path | None:
    """`folder`, made with mode 0o700 where it was missing; None where it cannot be (a read-only home)."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return None
    return folder if folder.is_dir() else None
