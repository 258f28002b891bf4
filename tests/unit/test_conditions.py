"""What conditions in a filter ask of a backbone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from facts import ENTRY, SHUFFLENET
from hypothesis import given
from hypothesis import strategies as st

from bbwizard.conditions import WORTH, Known, completions, known, mistaken, place, sized, split, untold, verdict
from bbwizard.fits import Answer
from bbwizard.grammar import ORDERS

NET = Known(
    params=25_600_000,
    macs=33_400_000_000,
    strides=(4, 8, 16, 32),
    weights=2,
    licences=("apache-2.0", "cc-by-nc-4.0"),
    fits=True,
)
SIZE = (640, 640)
COUNTED = replace(SHUFFLENET, macs=1_468_000_000)
UNKNOWN = Known(params=None, macs=None, strides=None, weights=0, licences=())


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        ("params<30M", True),
        ("params<25.6M", False),
        ("params<=25.6M", True),
        ("params>25600k", False),
        ("PARAMS>=.01b", True),
        ("params=25600000", True),
        ("!params<30M", False),
        ("macs<34G", True),
        ("MACS>.03t", True),
        ("!macs<33.4G", True),
        ("flops<34G", True),
        ("FLOPS<5G", False),
        ("fits:yes", True),
        ("fits:no", False),
        ("!fits:no", True),
        ("weights>1", True),
        ("weights=0", False),
        ("stride:4", True),
        ("stride:/8,32", True),
        ("stride:8,64", False),
        ("!stride:2", True),
        ("licence:apache", True),
        ("license:mit,NC", True),
        ("licence:mit", False),
        ("params<30M stride:2", False),
    ],
)
def test_a_condition_holds_or_not(condition, held):
    plain, conditions = split(condition)
    assert plain == ""
    assert verdict(conditions, NET) is held


@pytest.mark.parametrize(
    "typing",
    ["params", "params<", "params<30", "macs<", "stride:", "licence:", "!stride:", "weights>", "!fits:n"],
)
def test_what_is_not_typed_to_its_end_excludes_nothing(typing):
    plain, conditions = split(typing)
    assert plain in ("", "params")
    assert verdict(conditions, replace(NET, params=1)) is True


def test_what_is_not_known_is_neither_kept_nor_excluded():
    assert verdict(split("params<30M")[1], UNKNOWN) is None
    assert verdict(split("macs<5G")[1], UNKNOWN) is None
    assert verdict(split("!stride:4")[1], UNKNOWN) is None
    assert verdict(split("params<30M weights>0")[1], UNKNOWN) is False


def test_a_licence_that_is_not_told_is_not_known():
    some = replace(NET, licences=("mit", ""))
    assert verdict(split("licence:mit")[1], some) is True
    for query in ("licence:apache", "!licence:nc"):
        assert verdict(split(query)[1], some) is None
        assert verdict(split(query)[1], replace(NET, licences=("unknown",))) is None
        assert untold(split(f"{query} weights>0")[1], some) == {"licence"}
    assert verdict(split("licence:mit")[1], UNKNOWN) is False  # it has no weights


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("param<30M", "param is no condition: params, macs, weights, stride, licence, fits"),
        ("timm/* !strides:4", "strides is no condition: params, macs, weights, stride, licence, fits"),
        ("params<30X", "params<30X cannot be read (number of parameters: params<30M, params>=1.5M)"),
        ("stride:four", "stride:four cannot be read (has maps at these strides: stride:4 or stride:8,16,32)"),
        ("params:30M", "params:30M cannot be read (number of parameters: params<30M, params>=1.5M)"),
        ("fits:maybe", "fits:maybe cannot be read (whether the base config can take it: fits:yes or fits:no)"),
        ("timm/resnet* !vit params<30M flops<5G stride:4,/8 license:x fits:yes", ""),
        ("<4 50%", ""),
        ("!!params<30M", "!!params<30M cannot be read (number of parameters: params<30M, params>=1.5M)"),
        ("params < 30X", "params<30X cannot be read (number of parameters: params<30M, params>=1.5M)"),
    ],
)
def test_what_was_meant_for_a_condition_and_is_none_is_said(query, said):
    assert mistaken(query) == said


@pytest.mark.parametrize("whole", ["params<30M", "!macs>=5G", "stride:4,8", "licence:apache", "fits:yes", "fits:no"])
def test_what_is_being_typed_is_no_mistake(whole):
    assert not [whole[:end] for end in range(len(whole) + 1) if mistaken(whole[:end])]


def test_words_and_conditions_stand_beside_each_other():
    plain, conditions = split("timm/*  params<30M !vit stride:4")
    assert (plain, len(conditions)) == ("timm/* !vit", 2)
    assert split("params<30X foo:3 <4")[0] == "params<30X foo:3 <4"


def test_spaces_around_a_sign_are_not_the_end_of_a_word():
    plain, conditions = split("timm/* !params < 30M vit macs >= 5G weights >0")
    assert (plain, [one.name for one in conditions]) == ("timm/* vit", ["params", "macs", "weights"])
    assert split("vit < 3")[0] == "vit < 3"


@pytest.mark.parametrize("number", ["4", "4.0", "04", "/4"])
def test_a_stride_is_a_number_however_it_is_written(number):
    assert verdict(split(f"stride:{number}")[1], replace(NET, strides=(4, 8))) is True
    assert verdict(split(f"stride:{number}")[1], replace(NET, strides=(8, 16))) is False


def test_licences_that_are_not_told_can_be_asked_for():
    for held, licences in ((True, ("mit", "")), (True, ("unknown",)), (False, ("mit",)), (False, ())):
        assert verdict(split("licence:unknown")[1], replace(NET, licences=licences)) is held
        assert verdict(split("!licence:unknown")[1], replace(NET, licences=licences)) is not held
    assert verdict(split("licence:no")[1], replace(NET, licences=("unknown",))) is None


@given(st.text())
def test_any_text_is_a_filter(text):
    plain, conditions = split(text)
    assert len(plain.split()) <= len(text.split())
    assert verdict(conditions, NET) in (True, False)


def test_another_of_the_family_answers_for_strides_alone():
    strides = tuple(sorted({stage.stride for stage in SHUFFLENET.stages}))
    lent = known(ENTRY, Answer("another", COUNTED), None, SIZE)
    assert (lent.params, lent.macs, lent.strides) == (None, None, strides)
    own = known(ENTRY, Answer(ENTRY.name, COUNTED), COUNTED, SIZE)
    assert (own.params, own.macs) == (COUNTED.params, COUNTED.macs)
    assert known(ENTRY, None, None, SIZE).strides is None


def test_a_backbone_without_any_map_has_parameters():
    told = replace(COUNTED, stages=[], pyramid=False)
    assert known(ENTRY, Answer(ENTRY.name, told), told, SIZE).params == COUNTED.params


def test_multiply_adds_count_at_the_sittings_input_size_alone():
    elsewhere = replace(COUNTED, input=[256, 320])
    surveyed = known(ENTRY, Answer(ENTRY.name, elsewhere), None, SIZE)
    assert (surveyed.params, surveyed.macs) == (COUNTED.params, None)
    told = known(ENTRY, Answer(ENTRY.name, elsewhere), COUNTED, SIZE)
    assert told.macs == COUNTED.macs
    for none_here in (elsewhere, replace(COUNTED, macs=None)):
        asked = known(ENTRY, Answer(ENTRY.name, none_here), none_here, SIZE)
        assert verdict(split("macs<1T")[1], asked) is verdict(split("macs>0")[1], asked) is False
        assert place("macs", asked) == place("macs", UNKNOWN) > place("macs", told)


def test_what_is_asked_of_the_input_size_is_told_apart():
    assert sized(split("macs<5G params<30M")[1], "match") and sized((), "macs")
    assert not sized(split("params<30M stride:4 weights>0")[1], "params")


def test_what_is_unknown_comes_last_and_many_weights_first():
    assert sorted([UNKNOWN, NET], key=lambda item: place("params", item)) == [NET, UNKNOWN]
    assert sorted([UNKNOWN, NET], key=lambda item: place("macs", item)) == [NET, UNKNOWN]
    assert sorted([UNKNOWN, NET], key=lambda item: place("weights", item)) == [NET, UNKNOWN]
    assert sorted([UNKNOWN, NET], key=lambda item: place("stages", item)) == [NET, UNKNOWN]
    assert place("stages", NET) < place("stages", replace(NET, strides=(16,)))
    assert place("match", NET) == place("match", UNKNOWN)


def test_licences_go_by_name_and_what_fits_before_what_may():
    free, named, both = (replace(NET, licences=told) for told in (("apache-2.0",), ("", "mit"), ("mit", "apache-2.0")))
    assert place("licence", free) == place("licence", both) < place("licence", named) < place("licence", UNKNOWN)
    fits, may, unfit = (replace(NET, fits=taken) for taken in (True, None, False))
    assert place("fits", fits) < place("fits", may) < place("fits", unfit)
    assert set(WORTH) == set(ORDERS)


def test_the_last_word_is_completed():
    assert completions("timm/* pa") == ["timm/* params<"]
    assert completions("!st") == ["!stride:"]
    assert completions("ma") == ["macs<"]
    assert completions("fi") == ["fits:yes"]
    assert completions("flo") == ["flops<"]
    assert completions("lic") == ["licence:", "license:"]
    assert completions("params<30M St") == ["params<30M Stride:"]
    assert completions("vit") == completions("p") == completions("") == completions("stride:") == []
