"""What a typed filter keeps, and in what order."""

from __future__ import annotations

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bbwizard.filtering import Names, natural

NAMES = [
    "mmcls/ResNet/18",
    "mmcls/ResNet/101",
    "mmcls/ResNet/50",
    "timm/resnet50",
    "timm/resnet50d",
    "timm/wide_resnet50_2",
    "timm/seresnet50",
    "timm/vit_base_patch16_224",
    "timm/[/x]",
]


def found(query: str) -> list[str]:
    return [NAMES[index] for index in Names(NAMES).find(query)]


def test_exact_names_come_first_then_prefixes_then_starts_of_words_then_the_rest() -> None:
    assert found("resnet50") == ["timm/resnet50", "timm/resnet50d", "timm/wide_resnet50_2", "timm/seresnet50"]


def test_numbers_are_sorted_as_numbers() -> None:
    assert found("mmcls") == ["mmcls/ResNet/18", "mmcls/ResNet/50", "mmcls/ResNet/101"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("RESNET 50 !wide !se", ["mmcls/ResNet/50", "timm/resnet50", "timm/resnet50d"]),
        ("resnet*d", ["timm/resnet50d"]),
        ("*resnet50", ["timm/resnet50", "timm/seresnet50"]),
        ("resnet5?", ["timm/resnet50"]),
        ("!*resnet*", ["timm/[/x]", "timm/vit_base_patch16_224"]),
        ("[/x]", ["timm/[/x]"]),
        ("nothing like it", []),
    ],
)
def test_words_wildcards_and_exclusions(query: str, expected: list[str]) -> None:
    assert found(query) == expected


def test_a_plain_config_comes_before_its_variants_and_is_exact_without_its_ending() -> None:
    configs = [
        "carafe/faster_rcnn_r50_fpn_carafe_1x_coco.py",
        "faster_rcnn/faster_rcnn_r50_fpn_1x_coco.py",
        "faster_rcnn/faster_rcnn_r50_fpn_mstrain_3x_coco.py",
        "legacy_1.x/faster_rcnn_r50_fpn_1x_coco_v1.py",
    ]
    names = Names(configs, shortest_first=True)
    assert names.find("faster r50 fpn 1x") == [1, 3, 0]
    assert names.find("faster_rcnn_r50_fpn_1x_coco") == [1, 3]
    assert names.find("*_coco !carafe") == [1, 2]
    assert names.find("") == names.find("!v1 ") + [3] == [0, 1, 2, 3]


def test_a_lone_exclamation_mark_excludes_nothing_yet() -> None:
    assert found("!") == found("")
    assert len(found("")) == len(NAMES)


name = st.text(st.sampled_from("abRn05_-./[]*?é鐵"), max_size=12)
names = st.lists(name, max_size=12)
word = st.text(st.sampled_from("abn05_/[]!*?"), min_size=1, max_size=4)


@given(names, st.lists(word, max_size=3))
def test_every_word_is_needed_and_none_excluded_stays(all_names: list[str], words: list[str]) -> None:
    kept = {all_names[index] for index in Names(all_names).find(" ".join(words))}
    for one in all_names:
        assert (one in kept) == all(holds(one.lower(), each.lower()) for each in words)


def holds(one: str, typed: str) -> bool:
    """The rule for one word, said as simply as it can be."""
    excludes, text = typed.startswith("!"), typed.removeprefix("!")
    if not text:
        return True
    if "*" in text or "?" in text:
        hit = fnmatch.fnmatchcase(one, text) or fnmatch.fnmatchcase(one.partition("/")[2] or one, text)
    else:
        hit = text in one
    return hit != excludes


@given(names, st.lists(word, max_size=3))
def test_each_name_comes_once_and_the_same_question_has_the_same_answer(all_names: list[str], words: list[str]) -> None:
    filtered = Names(all_names)
    answer = filtered.find(" ".join(words))
    assert len(set(answer)) == len(answer)
    assert filtered.find("  ".join(words) + " ") == answer == Names(all_names).find(" ".join(words))


def test_a_config_comes_before_its_numbered_copies() -> None:
    files = ["/mine/broken2.py", "/mine/broken.py", "/mine/broken10.py", "/mine/broken_too.py"]
    kept = [files[index] for index in Names(files).find("")]
    assert kept == ["/mine/broken.py", "/mine/broken2.py", "/mine/broken10.py", "/mine/broken_too.py"]


@given(names)
def test_no_filter_keeps_all_in_natural_order(all_names: list[str]) -> None:
    kept = [all_names[index] for index in Names(all_names).find("")]
    assert sorted(kept) == sorted(all_names)
    assert kept == sorted(all_names, key=lambda one: (natural(one), one))
