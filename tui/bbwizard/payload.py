"""What starts a probing half, and the code that travels down its pipe."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import cache
from pathlib import Path


@cache
def sources() -> dict[str, str]:
    """The probing half's modules, name to source text, as they travel down the pipe."""
    import bbprobe

    root = Path(bbprobe.__path__[0])
    found = {}
    for path in sorted(root.rglob("*.py")):
        parts = ("bbprobe", *path.relative_to(root).with_suffix("").parts)
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path.read_text("utf-8")
    return found


def full_command(launch: Sequence[str], python: str) -> list[str]:
    """What is run: the launch prefix, the interpreter, and the few lines that take the rest from the pipe."""
    command = [python, "-u", "-c", sources()["bbprobe.boot"]]
    if any(Path(word).name == "ssh" for word in launch):
        # ssh joins its words with spaces and hands them to a shell at the other end.
        return [*unasking(launch), shlex.join(command)]
    return [*launch, *command]


def unasking(launch: Sequence[str]) -> list[str]:
    """A launch prefix whose ssh asks for nothing: a password dialog on some display would never be answered."""
    first, *rest = launch
    if Path(first).name != "ssh" or any("batchmode" in word.lower() for word in rest):
        return [first, *rest]
    return [first, "-o", "BatchMode=yes", *rest]
