"""What was measured, in Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.coverage import about
from benchmarks.performance import shapes, terminal_tables

HEAD = """# Performance

Made by `python -m benchmarks.performance report` from what `python -m benchmarks.performance shapes --python PYTHON`
and `python -m benchmarks.performance terminal` measured; no time that is said here is asserted by a test. No GPU was at
hand so far: `python -m benchmarks.gpu --python PYTHON` makes the numbers of one.
"""

SHAPES = """## Shapes

Every backbone of the three catalogs probed once, in one process with one thread and without the cache, refusals
included: seconds from asking through the pipe to the answer. *Script*: the same backbone built through mmdet's registry
and shown one 640x640 image, in the same process as the probe, libraries imported and warm; the ratio is the median over
a random hundred, those left out that one side refuses.
"""

TERMINAL = """## Terminal

The wizard in a pseudo-terminal with all colours, seen from outside: medians of several starts, in turn with the
smallest Textual app (one line of text), and keys pressed in the list of backbones. A key's first frame shows that it
was heard; its last byte ends all that it draws. The terminal half alone: what answers it reads no networks.
"""

BUSY = 1.5
"""Processes that want a core, in the mean of a minute, with which a machine does more than this, which wants one."""


def text(folder: Path, before: str) -> str:
    """The report of what lies in a folder; a section of which nothing does stays as it was `before`."""
    kept = {f"## {section.partition(chr(10))[0]}": f"## {section}" for section in before.split("\n## ")[1:]}
    made = ["\n\n".join(part.strip() for part in section) for section in (of_shapes(folder), of_terminal(folder))]
    titles = (SHAPES.splitlines()[0], TERMINAL.splitlines()[0])
    sections = [new or kept.get(title, "") for new, title in zip(made, titles, strict=True)]
    return "\n\n".join(section.strip() for section in (HEAD, *sections) if section) + "\n"


def of_shapes(folder: Path) -> Iterator[str]:
    """The paragraphs about shapes, where they were measured."""
    found = [read(file) for file in sorted(folder.glob("shapes-*.json"), reverse=True)]
    if found:
        yield SHAPES
        yield "\n".join(shapes.lines(found))
        yield "\n".join(f"- {measured['stack']}: {about.stood(measured)}" for measured in found)


def of_terminal(folder: Path) -> Iterator[str]:
    """The paragraphs about the terminal, where it was measured."""
    if (folder / "terminal.json").is_file():
        measured = read(folder / "terminal.json")
        yield TERMINAL
        yield from terminal_tables.paragraphs(measured)
        yield f"- {about.stood(measured)}{loaded(measured['load'])}"


def loaded(load: list[float]) -> str:
    """Whether the machine did other things too, where it did."""
    if max(load) < BUSY:
        return ""
    return f"; the machine was busy (load {load[0]:.1f} before, and up to {load[1]:.1f}): its times are too long"


def read(file: Path) -> dict[str, Any]:
    """One measurement."""
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found
