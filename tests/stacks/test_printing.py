"""A config is printed under a check as training prints it, on both stacks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stacks.pipe import Pipe


@pytest.fixture(scope="module")
def pipe(stack: Any) -> Iterator[Pipe]:
    with Pipe(stack.python, {"OMP_NUM_THREADS": "1"}) as opened:
        yield opened


@pytest.mark.parametrize(
    ("name", "text", "culprit"),
    [
        ("a.py", 'data = dict(train=dict(ann_file="/it\'s/a.json"))', 'data.train.ann_file="/it\'s/a.json"'),
        ("a.py", "load_from = 'two\\nlines.pth'", r"load_from='two\nlines.pth'"),
        ("o'neil.py", "", 'work_dir="./work_dirs/o\'neil"'),
    ],
)
def test_what_mmcv_cannot_print_fails_the_check(pipe: Pipe, tmp_path: Path, name: str, text: str, culprit: str) -> None:
    file = tmp_path / name
    file.write_text(f"model = dict(type='RetinaNet')\n{text}\n")
    answer = pipe.ask("check", path=str(file), device="cpu")
    assert (answer["ok"], answer["stage"]) == (False, "load")
    assert "training prints its config, and mmcv cannot: YapfError" in answer["error"]
    assert answer["error"].endswith(f"rename it without quotes and line breaks: {culprit}")


def test_a_text_with_a_quote_in_a_list_can_be_printed(pipe: Pipe, tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("model = dict(type='NothingOfTheKind')\nclasses = (\"it's\", 'that')\n")
    assert pipe.ask("check", path=str(file), device="cpu")["stage"] == "build"
