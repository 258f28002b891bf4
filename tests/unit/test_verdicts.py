"""What one member of a family answered marks the others, in its name, and is kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from facts import ENTRY, ENVIRONMENT

from bbwizard import paths
from bbwizard.verdicts import Verdicts, likely_size

ASKED = replace(ENTRY, name="timm/vit_tiny", source="timm", family="ViT")
OTHER = replace(ASKED, name="timm/vit_huge")


def test_an_answer_marks_the_family_and_says_whose_it_is():
    verdicts = Verdicts.of(ENVIRONMENT)
    verdicts.put(ASKED, "all its maps are at stride 16")
    verdicts.save()
    kept = Verdicts.of(ENVIRONMENT).applied([ASKED, OTHER, ENTRY])
    assert [entry.pyramid for entry in kept] == [False, False, None]
    assert kept[0].reason == "all its maps are at stride 16"
    assert kept[1].reason == "as timm/vit_tiny: all its maps are at stride 16"
    newer = replace(ENVIRONMENT, versions={**ENVIRONMENT.versions, "timm": "9.9"})
    assert Verdicts.of(newer).applied([ASKED]) == [ASKED]


def test_a_pyramid_is_marked_without_a_reason():
    verdicts = Verdicts()
    verdicts.put(ASKED, "")
    assert verdicts.applied([OTHER]) == [replace(OTHER, pyramid=True)]


def test_what_the_library_said_of_an_entry_stays():
    verdicts = Verdicts()
    verdicts.put(ASKED, "")
    known = replace(OTHER, pyramid=False, reason="features_only not implemented")
    assert verdicts.applied([known]) == [known]


@pytest.mark.parametrize("text", ["", "[]", "{", '{"timm/ViT": 3}', '{"timm/ViT": ["a"]}', "null"])
def test_a_broken_cache_counts_for_nothing(text):
    verdicts = Verdicts.of(ENVIRONMENT)
    verdicts.put(ASKED, "x")
    verdicts.save()
    [file] = paths.cache().glob("verdicts-*.json")
    file.write_text(text)
    assert Verdicts.of(ENVIRONMENT).applied([OTHER]) == [OTHER]


def test_the_smallest_of_a_family_is_asked():
    names = ["timm/vit_large", "timm/vit_base", "timm/vit_tiny", "timm/vit_small"]
    assert min((replace(ASKED, name=name) for name in names), key=likely_size).name == "timm/vit_tiny"
