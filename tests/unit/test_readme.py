"""The README's table of keys is the registry's."""

from __future__ import annotations

from pathlib import Path

from bbwizard import keys

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
)


def table() -> str:
    """The table as it must stand between the marks."""
    rows = ["| where | keys | what |", "|---|---|---|"]
    for group in (*(keys.GROUPS[name] for name in SHOWN), keys.GROUPS["presets"]):
        shown = (key for key in group.keys if "row-" not in key.id)
        rows += [f"| {group.title} | `{keys.written(key.keys)}` | {key.tooltip} |" for key in shown]
    return "\n".join(rows)


def test_the_readmes_keys_are_the_registrys():
    written = README.read_text("utf-8").split("<!-- keys -->\n")[1].split("\n<!-- /keys -->")[0]
    assert written == table()
