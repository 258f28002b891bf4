"""Stages into levels: what is accepted, what is refused and in which words."""

from __future__ import annotations

import dataclasses
from dataclasses import replace

import pytest
from facts import RESNET, RETINANET, SHUFFLENET, YOLOF, YOLOV3, YOLOX, base, probe
from hypothesis import given
from hypothesis import strategies as st

from bbprobe.protocol import Level, Slot
from bbwizard.wiring import default_stages, needed_levels, wire


def written(wiring):
    return {change.name: change.plain for change in wiring.changes}


def codes(wiring):
    return [problem.code for problem in wiring.problems]


def test_the_default_is_the_deepest_stage_at_each_stride():
    assert default_stages(YOLOX, SHUFFLENET) == (0, 1, 3)
    wiring = wire(YOLOX, SHUFFLENET, (0, 1, 3))
    assert wiring.writable
    assert written(wiring) == {"neck.in_channels": [116, 232, 1024]}
    assert wiring.produced == wiring.expected == (8, 16, 32)


def test_the_published_shufflenet_indices_are_refused_on_the_levels_they_miss():
    wiring = wire(YOLOX, SHUFFLENET, (1, 2, 3))
    assert [(problem.code, problem.level) for problem in wiring.problems] == [
        ("stride", 0),
        ("stride", 1),
        ("repeated", 2),
    ]
    assert "level 0 (stride 8) gets stage 1 at stride 16" in wiring.problems[0].text
    assert wiring.produced == (16, 32, 32)
    assert wiring.expected == (8, 16, 32)


def test_reversed_necks_get_reversed_channels_and_the_order_of_choice_does_not_matter():
    small = probe((1, 16, 4), (3, 24, 8), (8, 48, 16), (11, 96, 32), (12, 576, 32))
    assert written(wire(YOLOV3, small, (11, 3, 8))) == {"neck.in_channels": [96, 48, 24]}


def test_a_level_that_the_neck_lists_but_does_not_read_keeps_its_entry():
    wiring = wire(RETINANET, RESNET, default_stages(RETINANET, RESNET))
    assert wiring.writable
    assert written(wiring) == {"neck.in_channels": [64, 128, 256, 512]}
    assert wiring.produced == (8, 16, 32, 64, 128)


def test_without_that_level_start_level_moves():
    assert default_stages(RETINANET, SHUFFLENET) == (0, 1, 3)
    wiring = wire(RETINANET, SHUFFLENET, (0, 1, 3))
    assert wiring.writable
    assert written(wiring) == {"neck.in_channels": [116, 232, 1024], "neck.start_level": 0}
    assert wiring.produced == (8, 16, 32, 64, 128)


def test_a_wrong_number_of_stages_says_every_number_that_would_do():
    [first, *_] = wire(RETINANET, SHUFFLENET, (0, 1)).problems
    assert first.text == ("the base takes 4 levels (stride 4, 8, 16, 32) or the last 3, chosen are 2 (stride 8, 16)")


@pytest.mark.parametrize(
    ("into", "said"),
    [
        (RETINANET, "the base takes 4 levels (stride 4, 8, 16, 32) or the last 3, none is chosen"),
        (YOLOX, "the base takes 3 levels (stride 8, 16, 32), none is chosen"),
        (YOLOF, "the base takes 1 level (stride 32), none is chosen"),
    ],
)
def test_that_no_stage_is_chosen_is_said_once(into, said):
    [problem] = wire(into, SHUFFLENET, ()).problems
    assert (problem.code, problem.text) == ("level-count", said)


def test_without_that_level_a_neck_of_fixed_levels_is_refused():
    fixed = dataclasses.replace(RETINANET, start_level_path=None)  # NASFCOS_FPN reads its inputs 1 to 3
    assert codes(wire(fixed, SHUFFLENET, default_stages(fixed, SHUFFLENET))) == ["level-count"]
    assert [level.stride for level in needed_levels(fixed)] == [4, 8, 16, 32]
    assert [level.stride for level in needed_levels(RETINANET)] == [8, 16, 32]
    assert [level.stride for level in needed_levels(YOLOF)] == [32]


def test_a_shift_by_one_octave_is_refused():
    octave = probe((0, 64, 2), (1, 128, 4), (2, 256, 8), (3, 512, 16))
    wiring = wire(RETINANET, octave, (0, 1, 2, 3))
    assert codes(wiring) == ["stride", "stride", "stride"]
    assert wiring.produced == (4, 8, 16, 32, 64)


def test_necks_that_take_the_last_map_want_one_stage():
    assert default_stages(YOLOF, RESNET) == (3,)
    assert written(wire(YOLOF, RESNET, (3,))) == {"neck.in_channels": 512}
    assert codes(wire(YOLOF, RESNET, (2, 3))) == ["level-count"]
    assert codes(wire(YOLOF, RESNET, (2,))) == ["stride"]


def test_maps_at_one_stride_do_for_a_detector_that_takes_one_map():
    flat = probe((10, 192, 16), (11, 192, 16), pyramid=False, flat=True, reason="all its maps are at stride 16")
    detr = replace(YOLOF, head_strides=[])
    assert default_stages(detr, flat) == (11,)
    assert written(wire(detr, flat, (11,))) == {"neck.in_channels": 192}
    assert codes(wire(detr, flat, (10, 11)))[0] == "level-count"
    assert codes(wire(YOLOF, flat, (11,))) == ["stride"]
    assert codes(wire(RETINANET, flat, (11,)))[0] == "no-pyramid"


def test_missing_and_surplus_stages_are_counted():
    missing = wire(YOLOX, SHUFFLENET, (0, 1))
    assert codes(missing) == ["level-count", "no-stage"]
    assert missing.problems[1].level == 2
    assert codes(wire(YOLOX, SHUFFLENET, (0, 1, 2, 3))) == ["level-count", "repeated"]
    assert codes(wire(YOLOX, SHUFFLENET, ()))[0] == "level-count"


def test_channels_that_stand_there_already_are_not_written_again():
    same = probe((0, 256, 4), (1, 512, 8), (2, 1024, 16), (3, 2048, 32))
    assert wire(RETINANET, same, (0, 1, 2, 3)).changes == ()


def test_a_backbone_without_a_choice_takes_all_or_nothing():
    hrnet = probe((0, 32, 4), (1, 64, 8), (2, 128, 16), (3, 256, 32), select=None, type="mmcls.HRNet")
    assert default_stages(RETINANET, hrnet) == (0, 1, 2, 3)
    assert wire(RETINANET, hrnet, (0, 1, 2, 3)).writable
    assert codes(wire(RETINANET, hrnet, (1, 2, 3))) == ["always-all"]


def test_no_pyramid_is_a_reason_of_its_own():
    flat = probe((0, 384, 16), (1, 384, 16), pyramid=False, reason="all maps are at stride 16", backbone="timm/vit")
    wiring = wire(YOLOX, flat, (0, 1))
    assert wiring.problems[0].text == "timm/vit: all maps are at stride 16"


def test_tuples_stay_tuples():
    tupled = base((8, 1), (16, 2), (32, 3), slots=[Slot(["neck", "in_channels"], "list", "tuple")])
    assert wire(tupled, SHUFFLENET, (0, 1, 3)).changes[0].container == "tuple"


SSD = base(
    (8, 512),
    (16, 1024),
    slots=[
        Slot(["neck", "in_channels"], "list", "tuple"),
        Slot(["neck", "out_channels"], "list", "tuple", [512, 256, 256, 256]),
        Slot(["bbox_head", "in_channels"], "list", "tuple", [512, 256, 256, 256]),
    ],
    outs=[8, 16, 32, 64, 100, 300],
)


def test_numbers_of_the_detectors_own_stay_behind_the_channels():
    wiring = wire(SSD, SHUFFLENET, default_stages(SSD, SHUFFLENET))
    assert wiring.writable
    assert written(wiring) == {
        "neck.in_channels": [116, 232],
        "neck.out_channels": [116, 232, 512, 256, 256, 256],
        "bbox_head.in_channels": [116, 232, 512, 256, 256, 256],
    }
    assert {change.container for change in wiring.changes} == {"tuple"}
    assert wiring.produced == wiring.expected == (8, 16, 32, 64, 100, 300)


def test_strides_of_the_necks_own_making_move_with_the_levels():
    halving = base((4, 18), (8, 36), (16, 72), (32, 144), outs=[8, 16, 32, 64, 128])  # HRFPN with stride=2
    assert wire(halving, RESNET, (0, 1, 2, 3)).produced == (8, 16, 32, 64, 128)
    octave = probe((0, 64, 2), (1, 128, 4), (2, 256, 8), (3, 512, 16))
    assert wire(halving, octave, (0, 1, 2, 3)).produced == (4, 8, 16, 32, 64)
    assert wire(SSD, octave, (2, 3)).produced == (8, 16, 32, 64, 100, 300)
    assert wire(SSD, octave, (1, 2)).produced == (4, 8, 16, 32, 50, 150)


@given(
    strides=st.lists(st.sampled_from([2, 4, 8, 16, 32, 64]), min_size=1, max_size=7).map(sorted),
    wanted=st.sets(st.sampled_from([4, 8, 16, 32, 64]), min_size=1).map(sorted),
    chosen=st.sets(st.integers(0, 6)),
)
def test_what_is_writable_feeds_every_level_its_own_stride(strides, wanted, chosen):
    backbone = probe(*[(index, 8 * (index + 1), stride) for index, stride in enumerate(strides)])
    detector = base(*[(stride, 7) for stride in wanted])
    wiring = wire(detector, backbone, sorted(chosen))
    if wiring.writable:
        assert [link.stage.stride for link in wiring.links] == wanted
        assert wiring.produced == wiring.expected
    else:
        assert all(problem.text for problem in wiring.problems)


@given(strides=st.lists(st.sampled_from([2, 4, 8, 16, 32]), min_size=1, max_size=6).map(sorted))
def test_the_default_is_writable_exactly_where_every_stride_is_there(strides):
    backbone = probe(*[(index, 8 * (index + 1), stride) for index, stride in enumerate(strides)])
    assert wire(YOLOX, backbone, default_stages(YOLOX, backbone)).writable == ({8, 16, 32} <= set(strides))


@pytest.mark.parametrize("unread", [1, 2])
def test_end_level_moves_with_the_levels(unread):
    levels = [Level(stride, 9, index >= unread) for index, stride in enumerate([2, 4, 8, 16, 32][-3 - unread :])]
    detector = base(
        levels=levels,
        end_level=3 + unread,
        start_level_path=["neck", "start_level"],
        end_level_path=["neck", "end_level"],
    )
    assert written(wire(detector, SHUFFLENET, (0, 1, 3)))["neck.end_level"] == 3


def test_maps_that_are_never_twice_the_next_are_refused_where_the_neck_doubles_them():
    unpadded = replace(
        SHUFFLENET, stages=[replace(stage, height=stage.height - 2, width=stage.width) for stage in SHUFFLENET.stages]
    )
    doubling = replace(YOLOX, exact=True)
    assert wire(YOLOX, unpadded, (0, 1, 3)).writable
    assert wire(doubling, SHUFFLENET, (0, 1, 3)).writable
    wiring = wire(doubling, unpadded, (0, 1, 3))
    assert codes(wiring) == ["inexact"]
    assert "stage 0 is 78x80 where stride 8 of 640x640 makes 80x80" in wiring.problems[0].text


@given(st.sampled_from((8, 14, 16, 32)), st.integers(224, 1333))
def test_maps_rounded_up_or_down_are_whole(stride, side):
    doubling = replace(YOLOX, exact=True)
    for rounded in (side // stride, -(-side // stride)):
        stages = [replace(stage, stride=stride, height=rounded, width=rounded) for stage in SHUFFLENET.stages]
        found = replace(SHUFFLENET, stages=stages, input=[side, side])
        assert "inexact" not in codes(wire(doubling, found, (0, 1, 3)))
