"""What may hurt a training that starts: each rule looks at one situation and yields what it finds. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from bbwizard.findings import Finding
from bbwizard.rules import swap
from bbwizard.rules.situation import Situation

Rule = Callable[[Situation], Iterable[Finding]]

RULES: Final[tuple[Rule, ...]] = (swap.overridden, swap.lost, swap.from_scratch, swap.cured)
"""In the order in which a user reads their findings."""
