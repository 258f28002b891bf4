"""Lets coverage lead a property test: `python scripts/fuzz.py tests/unit/test_presets.py::test_no_text_crashes_it`.

Hypothesis makes values at random; atheris (`pip install atheris`) keeps the bytes that reached new lines of bbwizard
and goes on from those, until a value fails or ctrl+c. What follows the test goes to libFuzzer: `-max_total_time=300`
ends it after so many seconds, and a folder keeps what was found worth going on from. Only tests whose arguments are
all Hypothesis's can be led.
"""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

import atheris  # type: ignore[import-not-found, unused-ignore]

ROOT = Path(__file__).resolve().parents[1]
LED = ["bbwizard", "bbprobe", "yaml"]
"""What counts as reached: our modules, and the library of ours that reads text in Python."""


def main(test: str, options: list[str]) -> None:
    """Run one property test until it fails."""
    file, _, name = test.partition("::")
    path = Path(file).resolve()
    sys.path[:0] = [str(path.parent), str(ROOT / "tests"), str(ROOT)]
    with atheris.instrument_imports(include=LED):
        found = getattr(importlib.import_module(path.stem), name)
    atheris.Setup([sys.argv[0], *options], found.hypothesis.fuzz_one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    if len(sys.argv) < 2 or "::" not in sys.argv[1]:
        sys.exit(__doc__)
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
        os.environ[f"XDG_{kind}_HOME"] = str(ROOT / ".cache" / "fuzz" / kind.lower())
    main(sys.argv[1], sys.argv[2:])
