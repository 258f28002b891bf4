"""What a test is given of one of the two stacks."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

NOT_TESTED: Final = "was NOT tested"
"""Stands in the reason of every skip that is said aloud at the end."""
REQUIRED: Final = os.environ.get("BBWIZARD_REQUIRE_STACKS", "") not in ("", "0")
"""What cannot be had of what the tests stand on is a failure, not a skip."""


@dataclass(frozen=True)
class Stack:
    """A training environment with one of the two stacks: "2.28" or "2.24", and its Python."""

    name: str
    python: str
