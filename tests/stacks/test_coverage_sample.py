"""A sample of the coverage run: every form of neck of a stack swapped and checked, and some backbones out of all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]

BACKBONES = 12
"""How many backbones are drawn from the three catalogs."""


def cover(part: str, python: str, out: Path, *words: object) -> None:
    """Run one part of the coverage as a developer does."""
    command = [sys.executable, "-m", "benchmarks.coverage", part, "--python", python, "--out", out, *words]
    path = os.pathsep.join(filter(None, [str(ROOT / "tui"), os.environ.get("PYTHONPATH", "")]))
    ran = subprocess.run(
        list(map(str, command)),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]


def read(out: Path, name: str) -> list[dict[str, Any]]:
    """The results that a run has left."""
    [file] = out.glob(f"*/{name}.jsonl")
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def failures(results: list[dict[str, Any]], *good: str) -> list[str]:
    """What came to anything else than `good`, in words."""
    return [f"{one['key']}: {one['kind']}: {one['said']}" for one in results if one["kind"] not in good]


@pytest.fixture(scope="module")
def bases(stack: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of one config for each form."""
    out = tmp_path_factory.mktemp("bases")
    cover("bases", stack.python, out, "--sample", 0, "--workers", 2)
    return out


def test_every_packaged_base_config_is_understood_or_refused_with_a_reason(bases: Path) -> None:
    facts = read(bases, "facts")
    assert not failures(facts, "understood", "refused")
    assert all(fact["said"] for fact in facts if fact["kind"] == "refused")
    counts = Counter(fact["kind"] for fact in facts)
    assert counts["understood"] >= 0.95 * len(facts), counts


def test_every_form_of_neck_is_written_and_checked(bases: Path) -> None:
    swaps = read(bases, "bases")
    assert not failures(swaps, "checked", "base fails too", "unfit")
    proved = {one["key"].split(" | ")[0] for one in swaps if one["kind"] != "unfit"}
    assert proved == {one["key"].split(" | ")[0] for one in swaps}
    necks = {one["facts"]["neck"] for one in read(bases, "facts") if one["key"] in proved}
    assert {"FPN", "PAFPN", "HRFPN", "YOLOV3Neck", "YOLOXPAFPN", "SSDNeck", "ChannelMapper", "DilatedEncoder"} <= necks


def test_backbones_drawn_from_all_catalogs_give_what_was_shown(stack: Any, tmp_path: Path) -> None:
    cover("backbones", stack.python, tmp_path, "--sample", BACKBONES, "--workers", 2, "--limit", 300)
    shapes = read(tmp_path, "backbones")
    assert len(shapes) == BACKBONES
    assert not failures(shapes, "wired", "refused", "unfit")
    assert any(one["kind"] == "wired" for one in shapes)
    assert not failures(read(tmp_path, "checks"), "checked", "base fails too")
