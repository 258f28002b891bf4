"""The README's table of keys is the registry's."""

from __future__ import annotations

import re
from pathlib import Path

from bbwizard import keys
from bbwizard.key_names import written

README = Path(__file__).resolve().parents[2] / "README.md"
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


def table() -> str:
    """The table as it must stand between the marks."""
    rows = ["| where | keys | what |", "|---|---|---|"]
    for group in (*(keys.GROUPS[name] for name in SHOWN), keys.GROUPS["presets"]):
        alike: dict[str, list[str]] = {}
        for key in group.keys:
            if "row-" not in key.id:
                alike.setdefault(key.tooltip, []).append(written(key.keys))
        rows += [f"| {group.title} | `{' '.join(pressed)}` | {what} |" for what, pressed in alike.items()]
    return "\n".join(rows)


def test_the_readmes_keys_are_the_registrys():
    written = README.read_text("utf-8").split("<!-- keys -->\n")[1].split("\n<!-- /keys -->")[0]
    assert written == table()


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
