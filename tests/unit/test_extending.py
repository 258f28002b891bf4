"""docs/extending.md and CONTRIBUTING.md name files and tests: they must be there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NEW = {"tui/bbprobe/catalogs/mmpretrain.py"}
"""What the reader is about to write."""


@pytest.mark.parametrize("page", ["docs/extending.md", "CONTRIBUTING.md"])
def test_what_is_named_is_there(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    files = set(re.findall(r"`((?:tui|tests|docs|benchmarks|scripts)/[\w/.]+)`", text)) - NEW
    missing = [name for name in files if not (ROOT / name).exists()]
    assert not missing
    assert not [link for link in re.findall(r"\]\((docs/[\w./]+)\)", text) if not (ROOT / link).is_file()]
    named = re.findall(r"`(tests/[\w/.]+)::(\w+)`", text)
    assert page == "CONTRIBUTING.md" or len(named) > 5
    for file, test in named:
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert test in defined, (file, test)
