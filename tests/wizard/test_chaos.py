"""The wizard over probing halves that misbehave in every way there is: each sitting ends with the right config.

`python -m benchmarks.chaos` sits hundreds of times.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from benchmarks.chaos.mischief import KINDS
from benchmarks.chaos.sitting import Choice, Patience, sit

AT_ONCE = 5
"""Kinds of mischief in one sitting."""
FEWEST = 10
"""Requests that every sitting makes."""
SITTINGS = [list(KINDS)[start :: -(-len(KINDS) // AT_ONCE)] for start in range(-(-len(KINDS) // AT_ONCE))]
"""Every kind once, unlike ones together."""


@pytest.fixture(scope="module")
def undisturbed() -> list[str]:
    """The config's text of a sitting without mischief, once there was one."""
    return []


@pytest.mark.parametrize("kinds", SITTINGS, ids="+".join)
async def test_every_kind_of_mischief_is_outlived(tmp_path: Path, undisturbed: list[str], kinds: list[str]) -> None:
    if not undisturbed:
        undisturbed.append((await sit({}, tmp_path / "undisturbed", Choice(), Patience())).text)
    moments = sorted(random.Random(SITTINGS.index(kinds)).sample(range(1, FEWEST + 1), len(kinds)))
    planned = dict(zip(moments, kinds, strict=True))
    sat = await sit(planned, tmp_path / "disturbed", Choice(), Patience())
    assert sat.text == undisturbed[0], planned
    assert list(sat.done) == kinds, planned
