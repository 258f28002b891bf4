"""Nothing that is said lacks its translation, and no text of the interface was forgotten to be marked."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from string import Formatter

import polib
import pytest
from scripts import translations

from bbwizard import language

CATALOGS = sorted(translations.LOCALES.glob("*/LC_MESSAGES/bbwizard.po"))
INTERFACE = [path for path in translations.modules() if translations.is_interface(path)]
GATHERED = translations.messages()

COMMAND = re.compile(r"^\s*((ba|fi)sh  )?bbwizard ")
"""How a command to type begins."""
AS_THEY_ARE = {
    "atlas {0}": "a row's name",
    "GPU {0}": "the same in any language",
    "mmdet {0}": "the same in any language",
    "stage {0}": "a key's label, never drawn",
    "ms fp32/mixed": "a column's name, translated where it is drawn",
    "meet at": "an option's name, translated where it is drawn",
    "no training environment is open": "of the text for an issue",
    "keep the sitting": "a worker's name",
    "probe an opened preset": "a worker's name",
    "adopt a config": "a worker's name",
    "work out": "a worker's name",
    "bold reverse": "a style",
    "bold reverse {0}": "a style",
}
"""Texts of the interface that are not marked, and why."""


def fields(text: str) -> set[str]:
    """The names of the values that a message has, and its old-style placeholders."""
    return {name for _, name, *_ in Formatter().parse(text) if name is not None} | set(
        re.findall(r"%\(\w+\)\w|%s", text)
    )


def spaces(text: str) -> tuple[bool, bool]:
    """Whether a text begins and ends with a space."""
    return text.startswith(" "), text.endswith(" ")


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parent.parent.name)
def test_all_that_is_said_is_translated_and_nothing_else(path: Path) -> None:
    catalog = polib.pofile(str(path))
    hint = "python scripts/translations.py gathers what is new; then translate it"
    texts = {f"{entry.msgid}{translations.PLURAL}{entry.msgid_plural}".rstrip(translations.PLURAL) for entry in catalog}
    assert texts == set(GATHERED), hint
    assert [entry.msgid for entry in catalog if not entry.translated()] == [], hint


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parent.parent.name)
def test_a_translation_has_the_values_of_its_message(path: Path) -> None:
    for entry in polib.pofile(str(path)):
        for told in [entry.msgstr, *entry.msgstr_plural.values()]:
            if told:
                assert fields(told) <= fields(entry.msgid) | fields(entry.msgid_plural), entry.msgid
                assert entry.msgid in language.JOINTS or spaces(told) == spaces(entry.msgid), entry.msgid


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parent.parent.name)
def test_what_is_compiled_is_what_is_written(path: Path) -> None:
    written, compiled = (
        {entry.msgid: (entry.msgstr, entry.msgstr_plural) for entry in catalog if entry.msgid}
        for catalog in (polib.pofile(str(path)), polib.mofile(str(path.with_suffix(".mo"))))
    )
    assert written == compiled, "python scripts/translations.py compiles it"


@pytest.mark.parametrize("path", INTERFACE, ids=lambda path: path.relative_to(translations.TUI).as_posix())
def test_the_interface_marks_its_words(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    found = [(line, text) for line, text in translations.unmarked(tree) if not COMMAND.search(text)]
    assert [one for one in found if one[1] not in AS_THEY_ARE] == [], "mark it with _, or say why not in AS_THEY_ARE"


def test_nothing_is_translated_while_a_module_is_imported() -> None:
    """It would be in the language of that moment, which is none yet."""
    for path in translations.modules():
        for node in outside_of_functions(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("_", "ngettext", "told"), f"{path}:{node.lineno}"


def outside_of_functions(tree: ast.AST) -> list[ast.AST]:
    """What runs when a module is imported: all but the bodies of functions, whose defaults and decorators do run."""
    found: list[ast.AST] = []
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Lambda):
            continue
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            for part in (*child.decorator_list, *child.args.defaults, *filter(None, child.args.kw_defaults)):
                found += [part, *outside_of_functions(part)]
            continue
        found += [child, *outside_of_functions(child)]
    return found


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ('x = f"{path} is no file"', ["{0} is no file"]),
        ('x = "{} is in use: {:.1f} GiB".format(a, b)', ["{0} is in use: {1} GiB"]),
        (
            'x = f\'there is none{" of them" if few else ""} here\'',
            ["there is none of them here", "there is none here"],
        ),
        ('x = "it is gone" + (f", with {n} others" if n else "")', ["it is gone, with {0} others", "it is gone"]),
        ('x = "the {curly} word"', ["the {0} word"]),
        ('"""A docstring of words."""', []),
        ('x = _("marked it is") + name', []),
        ('x = "timm/resnet50"', []),
    ],
)
def test_a_sentence_is_gathered_in_each_of_its_readings(source: str, texts: list[str]) -> None:
    assert [text for _, text in translations.unmarked(ast.parse(source))] == texts
