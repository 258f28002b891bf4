"""Which backbones a base takes: exactly those whose default wiring may be written."""

from __future__ import annotations

from dataclasses import replace

import pytest
from facts import ENTRY, RESNET, RETINANET, SHUFFLENET, YOLOF, YOLOV3, YOLOX, base, probe
from hypothesis import given
from hypothesis import strategies as st

from bbprobe.protocol import Probe
from bbwizard.cli import say_error
from bbwizard.errors import NotWritable
from bbwizard.fits import Answer, Fit, Instead, against, elsewhere, fit, known_as, strides_of, takers, takes
from bbwizard.plan import make
from bbwizard.recipe import Recipe

BASES = (
    RETINANET,
    YOLOX,
    replace(YOLOV3, name="yolo/yolov3_d53_mstrain-608_273e_coco.py"),
    replace(YOLOF, name="yolof/yolof_r50_c5_8x8_1x_coco.py"),
)
FASTER = base(
    (4, 256),
    (8, 512),
    (16, 1024),
    (32, 2048),
    name="faster_rcnn/faster_rcnn_r50_fpn_1x_coco.py",
    detector="FasterRCNN",
    neck="FPN",
    head_strides=[4, 8, 16, 32, 64],
)
FLAT = replace(probe((0, 192, 16), (1, 192, 16)), pyramid=False, reason="all its maps are at stride 16")


@st.composite
def probes(draw: st.DrawFn) -> Probe:
    """A pyramid that goes down by any steps, with or without a choice of its maps."""
    strides = sorted(draw(st.lists(st.sampled_from([1, 2, 4, 8, 16, 32, 64]), min_size=2, max_size=8)))
    found = probe(*((index, 8 * (index + 1), stride) for index, stride in enumerate(strides)))
    return replace(found, select=draw(st.sampled_from(["out_indices", None])))


@given(probes(), st.sampled_from(BASES))
def test_a_base_takes_exactly_what_may_be_written_into_it(found, target):
    plan = make(Recipe(base=target.name, backbone=ENTRY.name), target, replace(ENTRY, name=found.backbone), found)
    try:
        plan.refuse()
    except NotWritable:
        assert not takes(target, found)
    else:
        assert takes(target, found)


@given(probes(), st.sampled_from(BASES))
def test_what_it_takes_has_every_stride_that_it_reads(found, target):
    if takes(target, found):
        assert {level.stride for level in target.levels if level.used} <= set(strides_of(found))


@given(probes(), st.permutations(BASES))
def test_the_takers_are_those_that_take_it_one_for_each_detector(found, bases):
    told = takers(found, [*bases, *bases])
    assert [other.detector for other in told] == [other.detector for other in bases if takes(other, found)]


def test_what_no_base_supports_fits_nothing():
    assert takes(RETINANET, RESNET)
    assert not takes(replace(RETINANET, supported=False), RESNET)
    assert not takes(RETINANET, FLAT)


def test_a_family_may_answer_and_the_library_may_refuse():
    own, lent = Answer(ENTRY.name, SHUFFLENET), Answer("mmcls/Other", SHUFFLENET)
    assert fit(YOLOX, ENTRY, own) == Fit(True, ENTRY.name)
    assert fit(FASTER, ENTRY, lent) == Fit(False, "mmcls/Other")
    assert fit(YOLOX, ENTRY, None) == Fit(None)
    assert fit(YOLOX, replace(ENTRY, pyramid=False, reason="features_only not implemented"), None) == Fit(False)
    assert fit(None, ENTRY, own) == Fit(None)


def test_a_refusal_says_what_it_has_and_who_would_take_it():
    assert against(FASTER, SHUFFLENET) == (
        "mmcls/ShuffleNetV2 has strides 8, 16, 32, faster_rcnn/faster_rcnn_r50_fpn_1x_coco.py needs 4, 8, 16, 32"
    )
    taken = elsewhere(SHUFFLENET, [FASTER, *BASES])
    assert taken == Instead("RetinaNet, YOLOX, YOLOV3, YOLOF would take it", RETINANET.name)
    assert elsewhere(FLAT, [FASTER, YOLOX]) == Instead("none of FasterRCNN, YOLOX would take it")
    assert elsewhere(FLAT, []) == Instead()


def test_a_detector_goes_by_its_folder_where_its_class_is_one_of_many():
    assert [known_as(other) for other in BASES] == ["RetinaNet", "YOLOX", "YOLOV3", "YOLOF"]
    assert known_as(replace(YOLOX, name="ssd/ssd300_coco.py", detector="SingleStageDetector")) == "ssd"


def test_a_plan_that_is_refused_points_to_another_detector(capsys):
    plan = make(Recipe(base=FASTER.name, backbone=ENTRY.name), FASTER, ENTRY, SHUFFLENET)
    with pytest.raises(NotWritable) as refusal:
        replace(plan, others=BASES).refuse()
    assert "RetinaNet, YOLOX, YOLOV3, YOLOF would take it" in refusal.value.hint
    assert "--base" not in refusal.value.hint, "the wizard shows it too"
    say_error(refusal.value)
    assert f"YOLOF would take it (--base {RETINANET.name})\n" in capsys.readouterr().err
