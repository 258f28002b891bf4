"""What a test is given of one of the two stacks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Stack:
    """A training environment with one of the two stacks: "2.28" or "2.24", and its Python."""

    name: str
    python: str
