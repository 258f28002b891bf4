"""The presets there are: the user's own, those that come with bbwizard, and files given by path."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from bbwizard import atomic, paths, presets
from bbwizard.errors import PresetError, Unknown, UsageError, WriteRefused

YOURS, SHIPPED, FILE = "yours", "shipped", "file"


@dataclass(frozen=True)
class Page:
    """One preset in a list; `error` says why it cannot be opened, where it cannot."""

    name: str
    origin: str
    path: Path
    summary: str
    error: str = ""


def shipped_folder() -> Path:
    """The folder of the shipped presets: inside an installed wheel, else at the top of the checkout."""
    installed = Path(__file__).with_name("shipped_presets")
    return installed if installed.is_dir() else Path(__file__).parents[2] / "presets"


def pages() -> list[Page]:
    """Every preset, the user's own first."""
    found = []
    for origin, folder in ((YOURS, paths.presets()), (SHIPPED, shipped_folder())):
        for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else []:
            found.append(page(path, origin))
    return found


def page(path: Path, origin: str) -> Page:
    """One preset as a list shows it."""
    try:
        preset = read(path)
    except PresetError as error:
        return Page(path.stem, origin, path, "", error.text)
    return Page(path.stem, origin, path, f"{preset.recipe.base} + {preset.recipe.backbone}")


def find(name: str) -> Page:
    """The preset of that name, the user's own before a shipped one, or the file at that path.

    Raises:
        Unknown: there is none.
    """
    for known in pages():
        if known.name == name:
            return known
    path = Path(name).expanduser()
    if path.is_file():
        return page(path, FILE)
    names = ", ".join(known.name for known in pages())
    raise Unknown(f"there is no preset {name!r}", f"known: {names}; or give a file" if names else "give a file")


def read(path: Path) -> presets.Preset:
    """The preset in a file.

    Raises:
        PresetError: it cannot be read as one.
    """
    try:
        return presets.parse(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise PresetError(f"{path}: {reason}") from error


def place(name: str) -> Path:
    """Where a preset of the user's own lies.

    Raises:
        UsageError: the name would not make a file name.
    """
    if not re.fullmatch(r"[\w][\w .+-]{0,80}", name) or name != name.strip():
        raise UsageError(f"{name!r} is no name for a preset", "letters, digits, spaces and . + - _ will do")
    return paths.presets() / f"{name}.yaml"


def save(name: str, text: str, *, force: bool = False) -> Path:
    """Keep a preset's text under a name.

    Raises:
        WriteRefused: there is one of that name (and `force` is not given), or it cannot be written.
    """
    path = place(name)
    if path.exists() and not force:
        raise WriteRefused(f"there is a preset {name!r} already", "choose another name, or replace it")
    paths.made(path.parent)
    atomic.write_text(path, text)
    return path


def rename(old: Page, name: str) -> Path:
    """Give one of the user's own presets another name.

    Raises:
        WriteRefused: it is not the user's own, the name is taken, or the file cannot be moved.
    """
    own(old)
    path = place(name)
    if path.exists():
        raise WriteRefused(f"there is a preset {name!r} already", "choose another name")
    try:
        old.path.rename(path)
    except OSError as error:
        raise WriteRefused(f"{old.path} cannot be renamed: {error.strerror}") from error
    return path


def delete(old: Page) -> None:
    """Delete one of the user's own presets.

    Raises:
        WriteRefused: it is not the user's own, or cannot be deleted.
    """
    own(old)
    try:
        old.path.unlink()
    except OSError as error:
        raise WriteRefused(f"{old.path} cannot be deleted: {error.strerror}") from error


def own(preset: Page) -> None:
    """Refuse to touch what is not the user's."""
    if preset.origin != YOURS:
        raise WriteRefused(
            f"{preset.name} came with bbwizard" if preset.origin == SHIPPED else f"{preset.path} is not kept here"
        )
