"""docs/swaps.md promises a test for each way that a swap fails: the tests must be there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ROWS = [
    [cell.strip() for cell in line.strip().strip("|").split("|")]
    for line in (TESTS.parent / "docs" / "swaps.md").read_text("utf-8").splitlines()
    if re.match(r"\| \d+ ", line)
]


def test_every_way_to_fail_is_met_and_shown_by_a_test_that_is_there():
    assert [int(row[0]) for row in ROWS] == list(range(1, 45))
    for number, _, answer, shown in ROWS:
        assert re.match(r"(fixed|refused|said)\b", answer), number
        named = re.findall(r"`(\S+)::(\w+)`", shown)
        assert named, number
        for file, test in named:
            tree = ast.parse((TESTS / file).read_text("utf-8"))
            assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, (number, file, test)
