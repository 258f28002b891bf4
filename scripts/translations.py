"""Gathers what bbwizard says, and keeps its translations in step: `python scripts/translations.py`.

Writes `tui/bbwizard/locale/*/LC_MESSAGES/bbwizard.po`, in which what is new stands without a translation and what is
gone is left out, and compiles each to the `.mo` beside it, which is what the wheel carries.

Two kinds of text are gathered. The words of the interface are marked where they stand, with `_`, `N_` or `ngettext`.
Sentences are not marked: errors, findings and reasons are made in English, as they go into files and JSON and come
through the pipe too, and are put into the reader's language where they are shown (`bbwizard.language.told`). So every
literal outside the interface that reads like a sentence is one, an f-string with its values as `{0}`, `{1}`; where a
part of it stands under a condition, it is gathered with and without.
"""

from __future__ import annotations

import ast
import itertools
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Final

import polib

ROOT: Final = Path(__file__).resolve().parents[1]
TUI: Final = ROOT / "tui"
LOCALES: Final = TUI / "bbwizard" / "locale"

INTERFACE: Final = ("app.py", "arguments.py", "cli.py", "keys.py", "manual.py", "options.py", "screens/", "widgets/")
"""What of bbwizard marks its words; all else makes sentences."""
SILENT: Final = (
    "config.py",
    "issue_report.py",
    "schemas.py",
    "scripts.py",
    "sources.py",
    "yaml_text.py",
)
"""What of bbwizard writes text that is for programs, or for those who mend bbwizard, and stays English."""
PROSE: Final = re.compile(r"[A-Za-z][a-z]*('s)?,? ([a-z]+|\{|[\w/.-]+ [a-z]+)")
"""What a sentence has in it: a word, and another or a value behind it."""
CODE: Final = re.compile(r"^\n|\\|\(\?|^import [a-z]+[,.;]|\{\{k|^\^|\w\|\w")
"""What only code and patterns have in them."""
FIELD: Final = re.compile(r"\{[a-z_]*(![rs])?(:[^{}]*)?\}")
"""A field of a text that `str.format` fills."""
MARKS: Final = {"_": 1, "N_": 1, "ngettext": 2}
"""The functions that mark a text, with the number of texts they take."""
ALTERNATIVES: Final = 16
"""Readings of one text that are gathered at most."""
PLURAL: Final = "\0"
"""What stands between the two texts of an `ngettext`, as in a catalog."""
ARGPARSE: Final = (
    "usage: ",
    "options",
    "positional arguments",
    "subcommands",
    "%(heading)s:",
    " (default: %(default)s)",
    "show this help message and exit",
    "%(prog)s: error: %(message)s\n",
    "%(prog)s: warning: %(message)s\n",
    "argument %(argument_name)s: %(message)s",
    "expected one argument",
    "expected at most one argument",
    "expected at least one argument",
    "expected %s argument\0expected %s arguments",
    "invalid %(type)s value: %(value)r",
    "invalid choice: %(value)r (choose from %(choices)s)",
    "unknown parser %(parser_name)r (choices: %(choices)s)",
    "unrecognized arguments: %s",
    "unexpected option string: %s",
    "ambiguous option: %(option)s could match %(matches)s",
    "ignored explicit argument %r",
    "not allowed with argument %s",
    "one of the arguments %s is required",
    "the following arguments are required: %s",
    "can't open '%(filename)s': %(error)s",
    'argument "-" with mode %r',
    "command '%(parser_name)s' is deprecated",
    "option '%(option)s' is deprecated",
    "argument '%(argument_name)s' is deprecated",
)
"""What argparse says to who calls a program, in Python 3.10 to 3.13; it looks it up in the catalog by itself."""


def modules() -> Iterator[Path]:
    """Every module of both halves."""
    yield from sorted(TUI.rglob("*.py"))


def is_interface(path: Path) -> bool:
    """Whether a module marks its words."""
    return path.is_relative_to(TUI / "bbwizard") and path.relative_to(TUI / "bbwizard").as_posix().startswith(INTERFACE)


def is_silent(path: Path) -> bool:
    """Whether a module says nothing to a reader."""
    return path.name in SILENT and path.is_relative_to(TUI / "bbwizard")


def marked(tree: ast.AST) -> Iterator[tuple[ast.Call, list[str]]]:
    """The calls that mark a text, with their texts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            texts = node.args[: MARKS[node.func.id]]
            yield node, [text.value for text in texts if isinstance(text, ast.Constant) and isinstance(text.value, str)]


def readings(node: ast.AST) -> list[list[str | None]]:
    """What an expression may read: for each way through its conditions its literal parts, None for a value."""
    if isinstance(node, ast.Constant):
        if not isinstance(node.value, str):
            return [[None]]
        return [fields(node.value)] if FIELD.search(node.value) else [[node.value]]
    if isinstance(node, ast.IfExp):
        ways = [*readings(node.body), *readings(node.orelse)]
        return ways if any(part is not None for way in ways for part in way) else [[None]]
    if isinstance(node, ast.BoolOp):
        ways = [way for value in node.values for way in readings(value)]
        return ways if any(part is not None for way in ways for part in way) else [[None]]
    if isinstance(node, ast.FormattedValue):
        return readings(node.value) if node.conversion == -1 and node.format_spec is None else [[None]]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        return readings(node.func.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        parts: list[ast.AST] = [node.left, node.right]
    elif isinstance(node, ast.JoinedStr):
        parts = list(node.values)
    else:
        return [[None]]
    ways = [sum(way, []) for way in itertools.islice(itertools.product(*map(readings, parts)), ALTERNATIVES)]
    return ways if any(part is not None for way in ways for part in way) else [[None]]


def fields(text: str) -> list[str | None]:
    """A text that `str.format` fills, in its parts, None for each field."""
    return [part for words, name, *_ in Formatter().parse(text) for part in (words, *([] if name is None else [None]))]


def template(parts: list[str | None]) -> str:
    """One reading as a message: its values as `{0}`, `{1}`, those side by side as one; braces of its own doubled."""
    numbers = itertools.count()
    found = ""
    for is_value, alike in itertools.groupby(filter(lambda part: part != "", parts), lambda part: part is None):
        words = "".join(filter(None, alike)).replace("{", "{{").replace("}", "}}")
        found += f"{{{next(numbers)}}}" if is_value else words
    return found.strip(" ").removeprefix("; ").removeprefix(", ").removeprefix(": ")


def prose(text: str) -> bool:
    """Whether a message reads like a sentence, or a part of one."""
    return PROSE.search(text) is not None and CODE.search(text) is None


def unmarked(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Every text of a module that reads like a sentence and is not marked, with its line."""
    passed: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            for statement in node.body:
                if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                    passed.add(id(statement.value))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            passed.update(id(inner) for decorator in node.decorator_list for inner in ast.walk(decorator))
        if isinstance(node, ast.keyword) and node.arg == "classes":
            passed.update(id(inner) for inner in ast.walk(node.value))
    for call, _ in marked(tree):
        passed.update(id(inner) for argument in call.args for inner in ast.walk(argument))
    for node in ast.walk(tree):
        if id(node) in passed:
            continue
        if isinstance(node, ast.JoinedStr | ast.BinOp | ast.IfExp | ast.BoolOp | ast.Call) or (
            isinstance(node, ast.Constant) and isinstance(node.value, str)
        ):
            ways = readings(node)
            if ways == [[None]]:
                continue
            passed.update(id(inner) for inner in ast.walk(node))
            for text in map(template, ways):
                if prose(text):
                    yield node.lineno, text


def counted(tree: ast.Module) -> Iterator[str]:
    """What `counted(number, "image")` says: `{0} image` and `{0} images`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "counted":
            for thing in node.args[1:]:
                if isinstance(thing, ast.Constant):
                    yield f"{{0}} {thing.value}"
                    yield f"{{0}} {thing.value}s"


def messages() -> dict[str, list[str]]:
    """Every message, with the modules it stands in; the two texts of an `ngettext` are one."""
    found: dict[str, list[str]] = {text: ["argparse"] for text in ARGPARSE}

    def add(text: str, path: Path) -> None:
        places = found.setdefault(text, [])
        if (place := path.relative_to(TUI).as_posix()) not in places:
            places.append(place)

    for path in modules():
        if is_silent(path):
            continue
        tree = ast.parse(path.read_text("utf-8"), str(path))
        for _, texts in marked(tree):
            if texts:
                add(PLURAL.join(texts), path)
        for text in counted(tree):
            add(text, path)
        if not is_interface(path):
            for _, text in unmarked(tree):
                add(text, path)
    return found


def renewed(known: polib.POFile, gathered: dict[str, list[str]]) -> polib.POFile:
    """A catalog with the translations of `known` for all that was gathered, by module."""
    renewed = polib.POFile(wrapwidth=120)
    renewed.metadata = known.metadata
    had = {(entry.msgid, entry.msgid_plural): entry for entry in known}
    found = re.search(r"nplurals=(\d+)", known.metadata.get("Plural-Forms", ""))
    none = dict.fromkeys(range(int(found[1]) if found else 2), "")
    for text, places in gathered.items():
        one, _, many = text.partition(PLURAL)
        old = had.get((one, many))
        entry = polib.POEntry(msgid=one, msgid_plural=many, occurrences=[(place, "") for place in places])
        if many:
            entry.msgstr_plural = old.msgstr_plural if old else none
        else:
            entry.msgstr = old.msgstr if old else ""
        if "{" in text:
            entry.flags.append("python-brace-format")
        renewed.append(entry)
    return renewed


def main() -> int:
    """Renew every catalog; how many of its messages lack a translation."""
    gathered = messages()
    lacking = 0
    for path in sorted(LOCALES.glob("*/LC_MESSAGES/bbwizard.po")):
        catalog = renewed(polib.pofile(str(path)), gathered)
        catalog.save(str(path))
        catalog.save_as_mofile(str(path.with_suffix(".mo")))
        lacking += len(catalog.untranslated_entries())
        print(
            f"{path.relative_to(ROOT)}: {len(catalog)} messages, {len(catalog.untranslated_entries())} not translated"
        )
    return min(lacking, 1)


if __name__ == "__main__":
    sys.exit(main())
