"""The presets there are: the user's own, those of other folders, those that come with bbwizard, and files."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bbwizard import atomic, paths, presets, yaml_text
from bbwizard.atomic import ANYTHING, NOTHING, Seen
from bbwizard.errors import ChangedMeanwhile, PresetError, Unknown, UsageError, WriteRefused
from bbwizard.filtering import Names
from bbwizard.refusals import reason
from bbwizard.rewriting import rewritten

VARIABLE: Final = "BBWIZARD_PRESETS"
"""Names folders of presets that come before the user's own, a team's under version control; the first is saved to."""
STDIN: Final = "-"

FOLDER, YOURS, SHIPPED = "folder", "yours", "shipped"


@dataclass(frozen=True)
class Page:
    """One preset in a list; `error` says why it cannot be opened, where it cannot."""

    name: str
    origin: str
    path: Path
    summary: str
    error: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""

    @property
    def hashed(self) -> str:
        """Its tags as people write and search them."""
        return " ".join(f"#{tag}" for tag in self.tags)


def shipped_folder() -> Path:
    """The folder of the shipped presets: inside an installed wheel, else at the top of the checkout."""
    installed = Path(__file__).with_name("shipped_presets")
    return installed if installed.is_dir() else Path(__file__).parents[2] / "presets"


def named_folders() -> list[Path]:
    """The folders that the environment names."""
    return [Path(named).expanduser() for named in os.environ.get(VARIABLE, "").split(os.pathsep) if named]


def own_folder() -> Path:
    """The folder that presets are saved to."""
    return next(iter(named_folders()), paths.presets())


def pages() -> list[Page]:
    """Every preset, in the order in which a name is looked for: named folders, the user's own, shipped ones."""
    folders = [(FOLDER, folder) for folder in named_folders()] + [(YOURS, paths.presets()), (SHIPPED, shipped_folder())]
    return [page(path, origin) for origin, folder in folders for path in files(folder)]


def files(folder: Path) -> list[Path]:
    """The preset files of a folder, by name; none of one that cannot be read."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix == ".yaml" and not path.name.startswith("."))
    except OSError:
        return []


def missing_folders() -> list[Path]:
    """The folders that the environment names and that are not there."""
    return [folder for folder in named_folders() if not folder.is_dir()]


def page(path: Path, origin: str) -> Page:
    """One preset as a list shows it."""
    try:
        preset = read(path)
    except PresetError as error:
        return Page(path.stem, origin, path, "", error.text)
    summary = f"{preset.recipe.base} + {preset.recipe.backbone}"
    return Page(path.stem, origin, path, summary, tags=preset.tags, note=preset.note)


def kept(found: Sequence[Page], pattern: str, tags: Sequence[str] = ()) -> list[Page]:
    """The pages that a filter's words keep, out of name, recipe, #tags and note, and that have all of these tags."""
    having = [page for page in found if set(tags) <= set(page.tags)]
    names = Names([f"{page.name} {page.summary} {page.hashed} {page.note}" for page in having])
    places = sorted(names.find(pattern))
    return [having[place] for place in places]


def find(name: str) -> Page:
    """The preset of that name, the user's own before a shipped one.

    Raises:
        Unknown: there is none.
        UsageError: it is a path in the home of nobody.
    """
    known = pages()
    for found in known:
        if found.name == name:
            return found
    names = ", ".join(dict.fromkeys(found.name for found in known))
    raise Unknown(f"there is no preset {name!r}", f"known: {names}; or give a file" if names else "give a file")


def text_of(name: str) -> tuple[str, str]:
    """The text of the preset of that name, of the file at that path, or of standard input for `-`; and what it is
    called in the words of a fault. What can be read once only, as a shell's `<(...)`, is read once.

    Raises:
        Unknown: there is none.
        PresetError: it cannot be read.
    """
    if name == STDIN:
        return content(sys.stdin.fileno(), "standard input"), "standard input"
    path = Path(name).expanduser()
    kept = not path.exists() or path.is_dir() or name in {found.name for found in pages()}
    if kept:
        path = find(name).path
    if path.suffix == ".py":
        raise PresetError(f"{path} is a config, no preset", "bbwizard adopt finds the recipe that it holds")
    return content(path, str(path), piped=not kept), str(path)


def opened(name: str) -> presets.Preset:
    """The preset of that name, in that file, or on standard input for `-`.

    Raises:
        Unknown: there is none.
        PresetError: it cannot be read as one.
    """
    return presets.parse(*text_of(name))


def read(path: Path) -> presets.Preset:
    """The preset in a file.

    Raises:
        PresetError: it cannot be read as one.
    """
    return presets.parse(content(path, str(path)), str(path))


def content(place: Path | int, name: str, *, piped: bool = False) -> str:
    """The text of a preset's file, or of an open file by its number; `piped` waits for what a pipe will hold.

    Raises:
        PresetError: it cannot be read.
    """
    try:
        whole = place if piped or isinstance(place, int) else paths.regular(place)
        with open(whole, encoding="utf-8", closefd=not isinstance(place, int)) as file:
            return file.read(yaml_text.MOST + 1)
    except (OSError, UnicodeDecodeError) as error:
        why = reason(error) if isinstance(error, OSError) else "not UTF-8 text"
        raise PresetError(f"{name}: {why}") from error


def place(name: str) -> Path:
    """Where a preset of the user's own lies.

    Raises:
        UsageError: the name would not make a file name.
    """
    if not re.fullmatch(r"[\w][\w .+-]{0,80}", name) or name != name.strip():
        raise UsageError(f"{name!r} is no name for a preset", "letters, digits, spaces and . + - _ will do")
    return own_folder() / f"{name}.yaml"


def save(name: str, text: str, *, force: bool = False) -> Path:
    """Keep a preset's text under a name; a preset that is this very text already is left as it is.

    Raises:
        WriteRefused: there is one of that name (and `force` is not given), or it cannot be written.
    """
    path = place(name)
    if atomic.holds(path, text):
        return path
    try:
        put(path, text, ANYTHING if force else NOTHING)
    except ChangedMeanwhile as error:
        raise WriteRefused(
            f"there is a preset {name!r} already", "choose another name, or say --force to replace it"
        ) from error
    return path


def put(path: Path, text: str, over: Seen | None) -> None:
    """Write a preset's text to a file, over what may be replaced there.

    Raises:
        ChangedMeanwhile: there is another file.
        WriteRefused: it cannot be written.
    """
    if path.parent == paths.presets():
        paths.made(path.parent)
    atomic.write_text(path, text, over=over)


def rename(old: Page, name: str) -> Path:
    """Give one of the user's own presets another name.

    Raises:
        WriteRefused: it is not the user's own, the name is taken, or the file cannot be moved.
    """
    own(old)
    path = old.path.with_name(place(name).name)
    try:
        atomic.move(old.path, path)
    except ChangedMeanwhile as error:
        raise WriteRefused(f"there is a preset {name!r} already", "choose another name") from error
    return path


def annotate(old: Page, key: str, value: str | Sequence[str]) -> None:
    """Give one of the user's own presets other `tags`, or another `note`; its comments stay.

    Raises:
        WriteRefused: it is not the user's own, or cannot be written.
        PresetError: it cannot be read.
    """
    own(old)
    said = value if isinstance(value, str) else list(value)
    atomic.write_text(old.path, rewritten(content(old.path, str(old.path)), str(old.path), key, said))


def delete(old: Page) -> None:
    """Delete one of the user's own presets.

    Raises:
        WriteRefused: it is not the user's own, or cannot be deleted.
    """
    own(old)
    try:
        old.path.unlink()
    except OSError as error:
        raise WriteRefused(f"{old.path} cannot be deleted: {reason(error)}", "its folder must be writable") from error


def own(preset: Page) -> None:
    """Refuse to touch what is not the user's."""
    if preset.origin == SHIPPED:
        raise WriteRefused(f"{preset.name} came with bbwizard", "open it and save it under a name of your own")
