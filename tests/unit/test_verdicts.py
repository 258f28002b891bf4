"""What one member of a family answered marks the others, in its name, and is kept beside what each said itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from facts import ENTRY, ENVIRONMENT, RETINANET, SHUFFLENET, probe

from bbwizard import paths
from bbwizard.verdicts import MOST_FILES, Verdicts, is_refusal, key, likely_size, question

ASKED = replace(ENTRY, name="timm/vit_tiny", source="timm", family="ViT")
OTHER = replace(ASKED, name="timm/vit_huge")
FLAT = replace(probe(), backbone=ASKED.name, pyramid=False, reason="all its maps are at stride 16")
PYRAMID = replace(SHUFFLENET, backbone=OTHER.name)


def test_an_answer_marks_the_family_and_says_whose_it_is():
    verdicts = Verdicts.of(ENVIRONMENT)
    verdicts.put(ASKED, FLAT, for_family=True)
    verdicts.save()
    kept = Verdicts.of(ENVIRONMENT).applied([ASKED, OTHER, ENTRY])
    assert [entry.pyramid for entry in kept] == [False, False, None]
    assert kept[0].reason == "all its maps are at stride 16"
    assert kept[1].reason == "as timm/vit_tiny: all its maps are at stride 16"
    newer = replace(ENVIRONMENT, versions={**ENVIRONMENT.versions, "timm": "9.9"})
    assert Verdicts.of(newer).applied([ASKED]) == [ASKED]


def test_its_own_answer_goes_before_its_familys():
    verdicts = Verdicts.of(ENVIRONMENT)
    verdicts.put(ASKED, FLAT, for_family=True)
    verdicts.put(OTHER, PYRAMID)
    assert verdicts.applied([OTHER]) == [replace(OTHER, pyramid=True)]
    verdicts.save()
    kept = Verdicts.of(ENVIRONMENT).answer(OTHER)
    assert kept is not None
    assert (kept.asked, kept.probe) == (OTHER.name, PYRAMID)


def test_what_a_highlighted_entry_answers_is_no_verdict_on_its_family():
    verdicts = Verdicts()
    verdicts.put(OTHER, PYRAMID)
    assert verdicts.answer(ASKED) is None


def test_what_refuses_one_size_is_not_refused_for_all():
    awkward, usual = question((300, 300), "auto"), question((640, 640), "auto")
    verdicts = Verdicts()
    verdicts.refuse(OTHER, "it refuses 300x300 images", awkward)
    assert verdicts.answer(OTHER) is None
    verdicts.put(OTHER, PYRAMID, usual)
    assert verdicts.applied([OTHER]) == [replace(OTHER, pyramid=True)]
    verdicts.refuse(OTHER, "no such arch")
    assert verdicts.applied([OTHER]) == [replace(OTHER, pyramid=False, reason="no such arch")]


def test_what_the_library_refuses_is_kept_with_its_words():
    verdicts = Verdicts.of(ENVIRONMENT)
    verdicts.refuse(ASKED, "no such arch", for_family=True)
    verdicts.save()
    kept = Verdicts.of(ENVIRONMENT).applied([OTHER])
    assert (kept[0].pyramid, kept[0].reason) == (False, "as timm/vit_tiny: no such arch")


def test_what_the_library_said_of_an_entry_stays():
    verdicts = Verdicts()
    verdicts.put(ASKED, SHUFFLENET, for_family=True)
    known = replace(OTHER, pyramid=False, reason="features_only not implemented")
    assert verdicts.applied([known]) == [known]


def test_two_sittings_keep_what_both_asked():
    one, two = Verdicts.of(ENVIRONMENT), Verdicts.of(ENVIRONMENT)
    one.put(ASKED, FLAT)
    two.put_base(RETINANET)
    one.save()
    two.save()
    kept = Verdicts.of(ENVIRONMENT)
    assert kept.answer(ASKED) is not None
    assert kept.base(RETINANET.name) == replace(RETINANET, resolved="")
    assert kept.base("no/such.py") is None


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"backbones": 3}', '{"backbones": {"timm/vit_tiny": {"stages": "x"}}}', "null", '{"bases": {}}'],
)
def test_a_broken_cache_counts_for_nothing(text):
    verdicts = Verdicts.of(ENVIRONMENT)
    verdicts.put(ASKED, FLAT, for_family=True)
    verdicts.save()
    [file] = paths.cache().glob("verdicts-*.json")
    file.write_text(text)
    assert Verdicts.of(ENVIRONMENT).applied([OTHER]) == [OTHER]


def test_answers_are_kept_by_question_and_a_fall_back_for_this_sitting_alone():
    large, small = question((640, 640), "auto"), question((320, 640), "auto")
    fallen = replace(PYRAMID, device="cpu", note="cuda:0 has too little free memory: probed on the CPU")
    verdicts = Verdicts.of(ENVIRONMENT)
    verdicts.put(OTHER, PYRAMID, large)
    verdicts.put(OTHER, fallen, small)
    verdicts.refuse(ASKED, "too small", small)
    assert verdicts.probe(OTHER.name, small) == fallen
    verdicts.save()
    kept = Verdicts.of(ENVIRONMENT)
    assert (kept.probe(OTHER.name, large), kept.probe(OTHER.name, small)) == (PYRAMID, None)
    refusal = kept.probe(ASKED.name, small)
    assert refusal is not None and is_refusal(refusal) and refusal.reason == "too small"


def test_a_kept_probe_is_written_into_a_config_as_a_fresh_one():
    fresh = replace(PYRAMID, config={"model_name": "x", "features_only": True, "a": 1})
    verdicts = Verdicts.of(ENVIRONMENT)
    verdicts.put(OTHER, fresh)
    verdicts.save()
    kept = Verdicts.of(ENVIRONMENT).answer(OTHER)
    assert kept is not None
    assert list(kept.probe.config) == list(fresh.config)


def test_a_class_that_is_given_other_strides_is_a_family_of_its_own():
    assert key(ASKED) == key(OTHER)
    assert key(replace(OTHER, config={"strides": [1, 2, 2, 1]})) != key(OTHER)


def test_the_smallest_of_a_family_is_asked():
    names = ["timm/vit_large", "timm/vit_base", "timm/vit_tiny", "timm/vit_small"]
    assert min((replace(ASKED, name=name) for name in names), key=likely_size).name == "timm/vit_tiny"


def test_answers_of_environments_that_are_no_more_do_not_pile_up():
    for number in range(20):
        verdicts = Verdicts.of(replace(ENVIRONMENT, executable=f"/env/{number}/bin/python"))
        verdicts.put(OTHER, PYRAMID)
        verdicts.save()
    assert len(list(paths.cache().glob("verdicts-*.json"))) == MOST_FILES
    assert verdicts.answer(OTHER) is not None
    assert Verdicts.of(replace(ENVIRONMENT, executable="/env/19/bin/python")).answer(OTHER) is not None
