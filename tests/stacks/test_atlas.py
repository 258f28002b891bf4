"""The shipped atlas says what the libraries say that it was made of."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bbwizard.atlas import Atlas, shelf
from bbwizard.session import Session

from .stack import Stack

OTHER = (352, 416)
"""Another image: 11 by 13 times the stride that most backbones end at."""
BACKBONES, BASES = 12, 8
"""How many are drawn of each; `scripts/atlas.py` makes the whole anew where the probing half has come to say more."""


@pytest.fixture
def atlas(stack: Stack) -> Atlas:
    """The atlas of this stack."""
    return shelf()[f"atlas {stack.name}"]


@pytest.fixture
async def session(stack: Stack, tmp_path: Path) -> AsyncIterator[Session]:
    """A sitting in this stack that takes nothing from the atlas."""
    sitting = Session(cache=False, folder=tmp_path)
    await sitting.open(stack.python)
    yield sitting
    await sitting.close()


async def test_backbones_answer_as_the_atlas_has_it(session: Session, atlas: Atlas) -> None:
    entries = await session.entries()
    assert [entry.name for entry in entries] == [entry.name for entry in atlas.entries]
    for entry in random.Random(0).sample([entry for entry in entries if atlas.probe(entry.name)], BACKBONES):
        live = await session.probe(entry)
        told = atlas.probe(entry.name)
        assert told is not None
        counts = None if told.class_counts is None else live.class_counts
        assert replace(live, seconds=0.0, origin="atlas", class_counts=counts) == told


async def test_what_the_atlas_says_of_other_images_is_so(session: Session, atlas: Atlas) -> None:
    session.change(input=OTHER)
    entries = await session.entries()
    foretold = [entry for entry in entries if atlas.probe_at(entry.name, OTHER)]
    assert len(foretold) > len(entries) / 2
    for entry in random.Random(0).sample(foretold, BACKBONES):
        told = atlas.probe_at(entry.name, OTHER)
        assert told is not None and (await session.probe(entry)).stages == told.stages, entry.name
    rounding = await session.entry("timm/mobilevitv2_050")
    assert {(stage.height, stage.width) for stage in (await session.probe(rounding)).stages} >= {(12, 14)}
    assert atlas.probe_at(rounding.name, OTHER) is None


async def test_base_configs_need_what_the_atlas_has(session: Session, atlas: Atlas) -> None:
    configs = str(session.facts.configs)
    assert [base.name for base in await session.bases()] == atlas.base_names
    for name in random.Random(0).sample(atlas.base_names, BASES):
        assert await session.base(name) == atlas.base(name, configs)
