"""The wizard over probing halves that misbehave in every way there is: each sitting ends with the right config.

`python -m benchmarks.chaos` sits hundreds of times.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from benchmarks.chaos.mischief import KINDS, UNASKED
from benchmarks.chaos.sitting import Choice, Patience, Plan, sit

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
        undisturbed.append((await sit(Plan(), tmp_path / "undisturbed", Choice(), Patience())).text)
    moments = sorted(random.Random(SITTINGS.index(kinds)).sample(range(1, FEWEST + 1), len(kinds)))
    planned = Plan(dict(zip(moments, kinds, strict=True)))
    sat = await sit(planned, tmp_path / "disturbed", Choice(), Patience())
    assert sat.text == undisturbed[0], planned
    assert list(sat.done) == kinds, planned


APART = (1, 4, 7)
"""Requests beside which mischief comes by itself: far enough apart that no catalog meets three pieces in a row."""
BY_ITSELF = [UNASKED[start :: -(-len(UNASKED) // len(APART))] for start in range(-(-len(UNASKED) // len(APART)))]


@pytest.mark.parametrize("kinds", BY_ITSELF, ids="+".join)
async def test_mischief_that_no_request_brings_about_is_outlived(
    tmp_path: Path, undisturbed: list[str], kinds: list[str]
) -> None:
    if not undisturbed:
        undisturbed.append((await sit(Plan(), tmp_path / "undisturbed", Choice(), Patience())).text)
    planned = Plan(later={number: (0.0, kind) for number, kind in zip(APART, kinds, strict=False)})
    sat = await sit(planned, tmp_path / "disturbed", Choice(), Patience())
    assert sat.text == undisturbed[0], planned
    assert list(sat.done) == [f"{kind}, unasked" for kind in kinds], planned
