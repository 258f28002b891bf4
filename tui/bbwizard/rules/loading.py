"""What the weights do that the backbone starts from: not here, loaded in part, not free."""

from __future__ import annotations

from collections.abc import Iterator

from bbwizard import weights
from bbwizard.findings import Finding
from bbwizard.rules.situation import Situation


def loaded(situation: Situation) -> Iterator[Finding]:
    """What loading the weights showed, once that was asked."""
    yield from weights.findings(situation.start)
