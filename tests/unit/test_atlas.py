"""The shipped atlas, and what follows from it for other sizes of image."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from facts import SHUFFLENET, probe
from hypothesis import given
from hypothesis import strategies as st

from bbprobe.protocol import Probe
from bbwizard.atlas import Atlas, AtlasHalf, shelf, sizes
from bbwizard.atlas.book import unpacked
from bbwizard.errors import ProbeRefused
from bbwizard.grammar import SOURCES, STACKS

SIDES = st.integers(1, 2000)


@given(SIDES, SIDES)
def test_maps_of_another_size_are_exactly_their_strides_part_of_it_or_unknown(height: int, width: int) -> None:
    found = sizes.at(SHUFFLENET, (height, width))
    if height % 32 or width % 32:
        assert found is None or (height, width) == (640, 640)
        return
    assert found is not None
    assert found.input == [height, width]
    assert all(stage.height * stage.stride == height for stage in found.stages)
    assert all(stage.width * stage.stride == width for stage in found.stages)
    assert [(stage.index, stage.channels) for stage in found.stages] == [
        (stage.index, stage.channels) for stage in SHUFFLENET.stages
    ]


def test_maps_that_are_not_their_strides_part_of_the_image_say_nothing_of_another() -> None:
    odd = replace(SHUFFLENET, stages=[replace(SHUFFLENET.stages[0], height=78)])
    assert sizes.at(odd, (320, 320)) is None
    assert sizes.at(odd, (640, 640)) is odd


def test_a_backbone_of_one_size_answers_so_for_every_size() -> None:
    fixed = probe((0, 384, 16), fixed_input=[224, 224], input=[224, 224])
    assert sizes.at(fixed, (640, 640)) is fixed


@pytest.fixture(params=STACKS)
def atlas(request: pytest.FixtureRequest) -> Atlas:
    """Each shipped atlas."""
    found: Atlas = shelf()[f"atlas {request.param}"]
    return found


def test_every_entry_has_its_stages_or_the_reason_why_not(atlas: Atlas) -> None:
    assert {entry.source for entry in atlas.entries} == set(SOURCES)
    for entry in atlas.entries:
        found = atlas.probe(entry.name)
        if found is None:
            assert atlas.refused[entry.name], entry.name
            continue
        assert (found.backbone, found.origin) == (entry.name, "atlas")
        assert found.stages or found.reason, entry.name


async def test_what_rounds_its_maps_inside_is_known_at_one_size_alone(atlas: Atlas, tmp_path: Path) -> None:
    name = "timm/mobilevitv2_050"
    known = atlas.probe(name)
    assert known is not None and atlas.probe_at(name, (640, 640)) == known
    assert sizes.at(known, (608, 352)) is not None and atlas.probe_at(name, (608, 352)) is None
    half = AtlasHalf(atlas, "/there", log=tmp_path / "log")
    with pytest.raises(ProbeRefused, match="do not follow from its strides"):
        await half.request("probe", {"name": name, "input": [608, 352]}, Probe)
    assert atlas.irregular <= atlas.by_name.keys()


def test_base_configs_lie_where_they_are_said_to(atlas: Atlas) -> None:
    assert len(atlas.base_names) > 500
    for name in atlas.base_names[::40]:
        base = atlas.base(name, '/there/my "mmdet"/configs')
        assert base.name == name
        assert base.path == f'/there/my "mmdet"/configs/{name}'
        assert base.supported or base.reason


def test_no_place_of_the_machine_that_made_it_is_in_it(atlas: Atlas) -> None:
    for kind in ("backbones", "bases"):
        assert not re.search(rb"site-packages|/home/|/root/|/tmp/", unpacked(f"{atlas.stack}-{kind}.json.gz"))
