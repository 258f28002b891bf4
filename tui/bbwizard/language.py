"""The language that the reader wants: English is what the code says, others are gettext catalogs below `locale/`.

Words of the interface are marked where they stand, with `_` (or `N_`, where they are only named and shown later).
Sentences are not: errors, findings and reasons are made in English, because they also go into files, JSON and caches,
lie in the atlas, and come through the pipe of the probing half. `told` puts one into the reader's language where it is
shown, by the template that it was made from. `scripts/translations.py` gathers both.
"""

from __future__ import annotations

import gettext
import os
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

DOMAIN: Final = "bbwizard"
FOLDER: Final = Path(__file__).parent / "locale"
ENGLISH: Final = "en"
CHINESE: Final = "zh_CN"
LANGUAGES: Final = (ENGLISH, CHINESE)
"""What the interface is there in."""
ASCII: Final = "--ascii"
"""The option that leaves English alone, whatever language is wanted."""
VARIABLES: Final = ("LC_ALL", "LC_MESSAGES", "LANG")
"""Where a locale is named, best first."""
VALUE: Final = re.compile(r"\{(\d+)\}")
"""Where a value stands in a template."""
TELLING: Final = 3
"""Letters that a template must have of its own to be known by them."""
PART: Final = 4
"""How many letters a part of it tells as much as, when several templates could have made a sentence."""
DEPTH: Final = 4
"""Sentences within sentences that are looked into."""


class Words:
    """What is in force: the language, its catalog, and what sentences are known by."""

    def __init__(self) -> None:
        self.language = ENGLISH
        self.catalog = gettext.NullTranslations()
        self.templates: list[Template] | None = None


class Template:
    """A sentence with values in it, as it is made and as it is told."""

    def __init__(self, made: str, told: str) -> None:
        self.told = told
        self.literals = [part.replace("{{", "{").replace("}}", "}") for part in VALUE.split(made)[::2]]
        self.letters = sum(map(str.isalpha, "".join(self.literals)))
        self.weight = self.letters + PART * sum(1 for literal in self.literals if literal.strip())
        self.rarest = max(self.literals, key=len)
        """A part that any such sentence has: looking for it is quicker than for all."""

    def values(self, text: str) -> list[str] | None:
        """The values with which it makes a text, each as short as can be; None where it does not make it."""
        first, *inner, last = self.literals
        end = len(text) - len(last)
        if self.rarest not in text or not (text.startswith(first) and text.endswith(last)):
            return None
        found, start = [], len(first)
        for literal in inner:
            place = text.find(literal, start, end)
            if place < 0:
                return None
            found.append(text[start:place])
            start = place + len(literal)
        return [*found, text[start:end]] if start <= end else None

    def runs_over(self, values: Sequence[str]) -> bool:
        """Whether these would be more than one sentence, or a value before the last more than a part of one."""
        inner = values if self.literals[-1] else values[:-1]
        return any(end in value for value in values for end in ENDS) or any(": " in value for value in inner)


_words: Final = Words()


def use(language: str) -> None:
    """Speak one of `LANGUAGES` from now on, argparse too, which has its own few words of gettext's common domain."""
    _words.language, _words.catalog, _words.templates = language, gettext.NullTranslations(), None
    _told.cache_clear()
    if language != ENGLISH:
        _words.catalog = gettext.translation(DOMAIN, FOLDER, [language])
        os.environ["LANGUAGE"] = language
        gettext.bindtextdomain(DOMAIN, FOLDER)
    gettext.textdomain(DOMAIN if language != ENGLISH else "messages")


def wanted(words: Sequence[str], environ: Mapping[str, str]) -> str:
    """The language of a call: `--lang` among its words, else the locale's, where its characters can be shown.

    What programs read is English: `--json`, and the text for an issue; and what is drawn in ASCII.
    """
    if not {"--json", "--report", ASCII}.isdisjoint(words) or environ.get("TERM") == "linux":
        return ENGLISH
    for number, word in enumerate(words):
        option, equals, value = word.partition("=")
        if option == "--lang":
            named = meant(value if equals else next(iter(words[number + 1 :]), ""))
            return named if named in LANGUAGES else ENGLISH
    return of_locale(environ)


def meant(name: str) -> str:
    """The one of `LANGUAGES` that a name of a language or a locale stands for, else the name as it is."""
    language, *others = re.split("[-_]", re.split("[.@]", name)[0].lower())
    if language == ENGLISH:
        return ENGLISH
    return CHINESE if language == "zh" and set(others) <= {"hans", "cn"} else name


def silenced(words: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Whether another language than English was wanted, and is not spoken because ASCII was asked for."""
    return ASCII in words and wanted([word for word in words if word != ASCII], environ) != ENGLISH


def of_locale(environ: Mapping[str, str]) -> str:
    """The language that the environment asks for, as gettext reads it: LANGUAGE counts where there is a locale."""
    locale = next((environ[name] for name in VARIABLES if environ.get(name)), "C")
    if "utf8" not in locale.lower().replace("-", "") or locale.startswith(("C.", "POSIX")):
        return ENGLISH
    asked = [*environ.get("LANGUAGE", "").split(":"), locale]
    return next((name for name in map(meant, asked) if name in LANGUAGES), ENGLISH)


def _(message: str) -> str:
    """A text of the interface in the reader's language."""
    return _words.catalog.gettext(message) if message else ""  # a catalog's head stands under the empty text


def ngettext(one: str, many: str, number: int) -> str:
    """A text of the interface that goes with a number."""
    return _words.catalog.ngettext(one, many, number)


def N_(message: str) -> str:  # noqa: N802
    """Mark a text of the interface that is shown elsewhere, by `_`."""
    return message


ENDS: Final = ("\n", N_("; "))
"""What is between whole sentences."""
BEHIND: Final = N_(": ")
"""What is between a sentence and what stands behind it, which may hold another of these."""
JOINTS: Final = (*ENDS, BEHIND, ", ", N_(" and "))
"""What sentences and their parts are joined with."""


def told(text: str) -> str:
    """A sentence in the reader's language; as it is where it is none that bbwizard makes."""
    return text if _words.language == ENGLISH else _told(text, DEPTH)


@lru_cache(maxsize=4096)
def _told(text: str, depth: int) -> str:
    bare = text.strip(" ")
    if not depth or not any(map(str.isalpha, bare)):
        return text
    if bare != text:
        return text.replace(bare, _told(bare, depth), 1)
    if (" " in text or depth == DEPTH) and (exact := _words.catalog.gettext(text)) != text:
        return exact
    made = [(template, values) for template in _templates() if (values := template.values(text)) is not None]
    made = [one for one in made if not one[0].runs_over(one[1])] or made
    joint = next((joint for joint in JOINTS if joint in text), "")
    if made and not (joint in ENDS and made[0][0].runs_over(made[0][1])):
        template, values = made[0]
        return template.told.format(*(_told(value, depth - 1) for value in values))
    if not joint:
        return text
    return _joined(text.split(joint, 1 if joint == BEHIND else -1), joint, depth)


def _joined(parts: list[str], joint: str, depth: int) -> str:
    """Parts that were joined, each told, joined as the language does it."""
    told = [_told(part, depth - 1) for part in parts]
    return (joint if told == parts else _words.catalog.gettext(joint)).join(told)


def _templates() -> list[Template]:
    """Those of the catalog, the most telling first."""
    if _words.templates is None:
        import polib

        catalog = polib.mofile(str(FOLDER / _words.language / "LC_MESSAGES" / f"{DOMAIN}.mo"))
        entries = [entry for entry in catalog if "{0}" in entry.msgid and entry.msgstr not in ("", entry.msgid)]
        found = [Template(entry.msgid, entry.msgstr) for entry in entries]
        found = [template for template in found if template.letters >= TELLING]
        _words.templates = sorted(found, key=lambda template: -template.weight)
    return _words.templates
