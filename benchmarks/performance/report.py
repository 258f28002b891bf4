"""What was measured, in Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.performance import shapes, terminal

HEAD = """# Performance

Made by `python -m benchmarks.performance report` from what `python -m benchmarks.performance shapes --python PYTHON`
and `python -m benchmarks.performance terminal` measured; no time that is said here is asserted by a test.
"""

SHAPES = """## Shapes

Every backbone of the three catalogs probed once, in one process with one thread and without the cache, refusals
included: seconds from asking through the pipe to the answer. *Script*: the same backbone built through mmdet's registry
and shown one 640x640 image, in the same process as the probe, libraries imported and warm; the ratio is the median over
a random hundred, those left out that one side refuses.
"""

TERMINAL = """## Terminal

The wizard in a pseudo-terminal with all colours, seen from outside: medians of many starts, in turn with the smallest
Textual app (one line of text). Keys are pressed in a list of 3,000 backbones. The first frame of a cursor or page key
is the list's, of a filter key the letter's; the frames that follow at once are those of the list and of the pane beside
it, which says that the row's stages are being asked for. Their answer comes later, and is counted apart. The terminal
half alone: the probing half answers from memory.
"""


def text(folder: Path) -> str:
    """The report of what lies in a folder."""
    return "\n\n".join(part.strip() for part in parts(folder)) + "\n"


def parts(folder: Path) -> Iterator[str]:
    """Its paragraphs; what was not measured is left out."""
    yield HEAD
    found = [read(file) for file in sorted(folder.glob("shapes-*.json"), reverse=True)]
    if found:
        yield SHAPES
        yield "\n".join(shapes.lines(found))
        yield "\n".join(f"- {measured['stack']}: {stood(measured)}" for measured in found)
    if (folder / "terminal.json").is_file():
        measured = read(folder / "terminal.json")
        yield TERMINAL
        yield "\n".join(terminal.lines(measured))
        yield f"- {stood(measured)}"


def read(file: Path) -> dict[str, Any]:
    """One measurement."""
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def stood(found: dict[str, Any]) -> str:
    """What a measurement stands on."""
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    return f"Python {found['python']}, {versions}; {found['machine']}; {found['date']}, commit {found['commit']}"
