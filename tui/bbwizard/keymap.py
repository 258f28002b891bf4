"""The user's own keys: a TOML file of `wizard.undo = "z,ctrl+u"` lines; each counts, or is named with what is wrong."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import permutations
from pathlib import Path
from typing import Any, Final

from bbwizard import keys, paths
from bbwizard.errors import KeysFileError
from bbwizard.key_names import name_of, types, unsendable, written

LINES: Final = ("filter", "entry")
"""Groups whose place is a line, into which letters are typed."""


@dataclass(frozen=True)
class Keymap:
    """The keys that differ from the registry's, names apart by commas, by the id of their action; and what is wrong."""

    keys: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    @property
    def error(self) -> KeysFileError | None:
        """Everything that is wrong with the file; None where nothing is."""
        if not self.faults:
            return None
        return KeysFileError("\n".join((f"{file()} counts but for this:", *self.faults)), HINT)


HINT: Final = "bbwizard keys prints every action with the keys that it has by itself, as such a file"


def file() -> Path:
    """Where the user's keys stand."""
    return paths.config() / "keys.toml"


def read() -> Keymap:
    """The user's keys; a file that is not there is none, one that cannot be read says so."""
    try:
        return parse(paths.regular(file()).read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return Keymap()
    except (OSError, UnicodeDecodeError) as error:
        return Keymap(faults=(f"it cannot be read: {error}",))


def parse(text: str) -> Keymap:
    """The keys that a file's text gives, without the lines that cannot count."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    try:
        found = list(leaves(tomllib.loads(text)))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Keymap(faults=(f"it is no TOML: {error}",))
    told = {action: line(action, value) for action, value in found}
    given = {action: names for action, (names, fault) in told.items() if not fault}
    unfit = clashing(given)
    kept = {action: names for action, names in given.items() if action not in unfit}
    faults = (fault or unfit.get(action, "") for action, (_, fault) in told.items())
    return Keymap(kept, tuple(filter(None, faults)))


def leaves(table: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Each value of a table with its whole name, whether the name was written with dots, in quotes or as tables."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from leaves(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def line(action: str, value: Any) -> tuple[str, str]:
    """The keys that one line gives its action, names apart by commas; and what is wrong with it."""
    if action not in keys.BY_ID:
        near = difflib.get_close_matches(action, keys.BY_ID, 1)
        return "", f"{action}: there is no such action" + (f"; perhaps {near[0]}" if near else "")
    words = [word.strip() for word in value.split(",")] if isinstance(value, str) else []
    names = [name_of(word) for word in words if word]
    if not names:
        return "", f"{action}: no key is given: write them like {json.dumps(keys.BY_ID[action].keys)}, apart by commas"
    for name in names:
        if reason := unsendable(name):
            return "", f"{action}: {reason}"
        if types(name) and action.partition(".")[0] in LINES:
            return "", f"{action}: {written(name)} types something there"
    return ",".join(dict.fromkeys(names)), ""


def clashing(given: Mapping[str, str]) -> dict[str, str]:
    """The lines whose keys are taken already where their actions are, each with what takes them."""
    found: dict[str, str] = {}
    while more := clashes({action: names for action, names in given.items() if action not in found}):
        found |= more
    return found


def clashes(given: Mapping[str, str]) -> dict[str, str]:
    """Lines that clash with one another, or with the registry's keys, as long as all of them count."""
    found: dict[str, str] = {}
    for place in keys.PLACES:
        does: dict[str, list[keys.Key]] = {}
        for key in (key for group in place for key in keys.GROUPS[group].keys):
            for name in pressed(key, given):
                does.setdefault(name, []).append(key)
        for name, there in does.items():
            for mine, yours in permutations(there, 2):
                intended = name in pressed(mine, {}) & pressed(yours, {})
                if mine.id in given and not intended:
                    found[mine.id] = f"{mine.id}: {written(name)} is {yours.id} where both work ({yours.label})"
    return found


def pressed(key: keys.Key, given: Mapping[str, str]) -> set[str]:
    """The names of the keys that do an action."""
    return set(given.get(key.id, key.keys).split(","))


def example() -> Iterator[str]:
    """The lines of a file that changes nothing: every action with the keys that it has by itself."""
    yield f"# The keys of bbwizard's wizard. What stands in {file()} counts in place of these;"
    yield "# several keys for one action stand apart by commas. Leave out what is to stay as it is."
    for group in keys.GROUPS.values():
        yield ""
        yield f"# {group.title}"
        for key in group.keys:
            names = ",".join(name if name == "comma" else written(name) for name in key.keys.split(","))
            yield f"{key.id} = {json.dumps(names)}  # {key.tooltip}"
