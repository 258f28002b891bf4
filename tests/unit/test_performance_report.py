"""The page about performance: what was not measured anew stays as it was."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.coverage.store import Store
from benchmarks.performance import report
from benchmarks.performance.terminal import Pieces

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
ABOUT = {
    "python": "3.11.7",
    "versions": {"torch": "2.4.1"},
    "machine": "a machine",
    "date": "2026-11-23",
    "commit": "c",
}


def test_the_page_is_as_the_report_writes_it(tmp_path):
    assert report.text(tmp_path, PAGE.read_text("utf-8")) == PAGE.read_text("utf-8")


def test_a_section_that_was_measured_is_renewed_and_the_other_stays(tmp_path):
    pair = {"name": "one", "probe": 0.5, "script": 1.0}
    measured = {**ABOUT, "stack": "2.28", "probes": {"one": 0.5, "two": 0.75}, "pairs": [pair]}
    (tmp_path / "shapes-2.28.json").write_text(json.dumps(measured))
    before = PAGE.read_text("utf-8")
    after = report.text(tmp_path, before)
    assert "| 2.28 | 2 | 625 ms |" in after
    assert after.partition("## Terminal")[2] == before.partition("## Terminal")[2]


def test_a_run_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    done: list[str] = []

    def measured(run: str, name: str) -> None:
        Pieces(Store(tmp_path, "terminal"), run).measured(name, lambda: done.append(name))

    for name in ("calls", "keys", "calls"):
        measured("abc, 2 keys", name)
    assert done == ["calls", "keys"]
    measured("abc, 3 keys", "calls")
    measured("abc, changed, 3 keys", "calls")
    measured("abc, changed, 3 keys", "calls")
    assert done == ["calls", "keys", "calls", "calls", "calls"]
