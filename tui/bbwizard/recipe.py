"""The user's whole decision, as an immutable value."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from bbwizard.errors import UsageError

DEFAULT_INPUT: Final = (640, 640)
"""Height and width in pixels that stages are shown for until the user says otherwise."""

LAUNCHERS: Final = ("auto", "pytorch", "slurm", "sbatch")


@dataclass(frozen=True)
class Recipe:
    """Which backbone goes into which base config, and how it will be trained.

    `stages` None means the default wiring; `weights` is "auto" (as the base starts), "none", the name of one of the
    backbone's checkpoints, a path or a URL; `input` is (height, width) in pixels; `override` writes what would
    otherwise be refused, with the warning in the file. `fixes` are the codes of findings whose offered fix is taken,
    `leave` those of certain fixes that are not.
    """

    base: str = ""
    backbone: str = ""
    stages: tuple[int, ...] | None = None
    weights: str = "auto"
    input: tuple[int, int] = DEFAULT_INPUT
    gpus: int = 1
    launcher: str = "auto"
    override: bool = False
    fixes: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()


def parse_input(text: str) -> tuple[int, int]:
    """`"800x1333"` (height x width) or `"640"` (a square) in pixels.

    Raises:
        UsageError: the text is neither.
    """
    match = re.fullmatch(r"\s*(\d{1,5})(?:\s*[xX*,]\s*(\d{1,5}))?\s*", text)
    if match is None or not (height := int(match[1])) or not (width := int(match[2] or match[1])):
        raise UsageError(
            f"input size {text!r} is not HxW", "give height x width in pixels, such as 640x640 or 800x1333"
        )
    return height, width


def parse_stages(text: str) -> tuple[int, ...]:
    """`"1,2,3"` as ascending out indices: backbones output in forward order, whatever order is asked for.

    Raises:
        UsageError: something in it is no index, or stands twice.
    """
    try:
        stages = [int(part) for part in text.replace(" ", "").split(",") if part]
    except ValueError:
        stages = []
    if not stages or len(set(stages)) != len(stages) or min(stages) < 0:
        raise UsageError(f"stages {text!r} is not a list of out indices", "give them once each, such as 1,2,3")
    return tuple(sorted(stages))
