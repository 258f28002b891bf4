"""The tables of keys in both READMEs are the registry's; `python tests/unit/test_readme.py` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bbwizard import keys, language
from bbwizard.key_names import written
from bbwizard.language import _

README = Path(__file__).resolve().parents[2] / "README.md"
PAGES = {"en": "README.md", "zh_CN": "README_zh-CN.md"}
HEADS = {"en": "| where | keys | what |", "zh_CN": "| 哪里 | 按键 | 做什么 |"}
MARKS = "<!-- keys -->\n", "<!-- /keys -->"
SHOWN = (
    "wizard",
    "app",
    "list",
    "browse",
    "filter",
    "environment",
    "base",
    "backbone",
    "compare",
    "stages",
    "write",
    "findings",
    "options",
    "text",
    "dialog",
)


def table(spoken: str) -> str:
    """The table as it must stand between the marks, in a language that `language.use` was told of."""
    rows = [HEADS[spoken], "|---|---|---|"]
    for group in (*(keys.GROUPS[name] for name in SHOWN), keys.GROUPS["presets"]):
        alike: dict[str, list[str]] = {}
        for key in group.keys:
            if "row-" not in key.id:
                alike.setdefault(key.tooltip, []).append(written(key.keys))
        rows += [f"| {_(group.title)} | `{' '.join(pressed)}` | {_(what)} |" for what, pressed in alike.items()]
    return "\n".join(rows) + "\n"


def around(page: Path) -> tuple[str, str, str]:
    """A page's text before its table, the table, and the text behind it."""
    before, rest = page.read_text("utf-8").split(MARKS[0])
    held, behind = rest.split(MARKS[1])
    return before, held, behind


@pytest.mark.parametrize("spoken", PAGES)
def test_the_readmes_keys_are_the_registrys(spoken):
    language.use(spoken)
    try:
        assert around(README.parent / PAGES[spoken])[1] == table(spoken)
    finally:
        language.use(language.ENGLISH)


def commands(page: str) -> list[str]:
    """The lines of a page's code blocks, without their comments."""
    lines = (README.parent / page).read_text("utf-8").splitlines()
    return [line[4:].split("  #")[0].split(" # ")[0].rstrip() for line in lines if line.startswith("    ")]


def test_the_chinese_readme_has_the_same_commands_pictures_and_sections():
    english, chinese = (README.parent / page for page in ("README.md", "README_zh-CN.md"))
    assert commands(chinese.name) == commands(english.name)
    told, translated = (page.read_text("utf-8") for page in (english, chinese))
    shown = re.findall(r"\]\((docs/[\w./-]+)\)", told)
    own = [name.replace("docs/pictures/", "docs/pictures/zh_CN/") for name in shown]
    assert re.findall(r"\]\((docs/[\w./-]+)\)", translated) == own
    assert all((README.parent / name).is_file() for name in (*shown, *own))
    assert translated.count("\n## ") == told.count("\n## ")


if __name__ == "__main__":
    for spoken, name in PAGES.items():
        language.use(spoken)
        page = README.parent / name
        before, _held, behind = around(page)
        page.write_text(before + MARKS[0] + table(spoken) + MARKS[1] + behind, "utf-8")
