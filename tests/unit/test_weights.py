"""What is said of the weights that a backbone starts from."""

from __future__ import annotations

from dataclasses import replace

import pytest
from facts import ENTRY, SHUFFLENET, TIMM_ENTRY, YOLOX
from hypothesis import given
from hypothesis import strategies as st

from bbprobe.protocol import Weights, WeightsReport
from bbwizard.errors import NotWritable
from bbwizard.plan import make
from bbwizard.recipe import Recipe
from bbwizard.weights import UNSEEN, Start, brief, checkpoint_of, findings, said, start

RECIPE = Recipe(base=YOLOX.name, backbone=ENTRY.name)
HERE = WeightsReport("w.pth", {}, "/w/w.pth", loaded=3, total=3)
ABSENT = WeightsReport("w.pth", {}, None, download="curl -fL -o w.pth https://x/w.pth", destination="/hub/w.pth")
REFUSED = WeightsReport("w.pth", {}, "/w/w.pth", error="/w/w.pth would load nothing", remedy="take another")


def codes(start: Start) -> list[str]:
    return [finding.code for finding in findings(start)]


def test_whole_weights_of_a_free_licence_are_nothing_to_know_of():
    assert codes(Start("w", {}, Weights("w", "w.pth", "timm", licence="Apache-2.0"), HERE)) == []


@pytest.mark.parametrize("licence", ["cc-by-nc-4.0", "unknown", "dinov3-license"])
def test_a_licence_that_is_not_free_is_told(licence):
    [finding] = findings(Start("w", {}, Weights("w", "w.pth", "timm", licence=licence)))
    assert (finding.code, licence in finding.text) == ("licence", True)


@pytest.mark.parametrize("place", ["my.pth", "https://there/my.pth"])
@pytest.mark.parametrize("entry", [ENTRY, TIMM_ENTRY], ids=["mmcls", "timm"])
def test_of_what_nobody_looked_for_nothing_is_claimed(place, entry):
    begin = start(place, entry, YOLOX)
    report = WeightsReport(checkpoint_of(begin.config), dict(begin.config), None, note=UNSEEN)
    [finding] = findings(begin.reported(report))
    assert (finding.code, finding.text) == ("weights-unseen", f"{place} is {UNSEEN}")
    assert (said(report), brief(report)) == (UNSEEN, "not looked into")


def test_what_is_not_here_comes_with_the_line_and_the_place():
    [finding] = findings(Start("w", report=ABSENT))
    assert finding.code == "weights-missing"
    assert ABSENT.download in finding.text
    assert ABSENT.destination in finding.text
    assert ABSENT.download in said(ABSENT)


@given(missing=st.lists(st.text(min_size=1), min_size=1, max_size=200), more=st.integers(1, 300))
def test_weights_that_load_in_part_say_how_many_and_name_the_first_missing(missing, more):
    report = replace(HERE, loaded=more, total=more + len(missing), missing=missing)
    [finding] = findings(Start("w", report=report))
    assert finding.code == "weights-partial"
    assert f"{more} of {more + len(missing)} tensors load" in finding.text
    assert missing[0] in finding.text
    assert brief(report) == f"loads {more} of {more + len(missing)}"


def test_weights_that_would_not_load_are_refused_unless_overridden():
    plan = make(replace(RECIPE, weights="/w/w.pth"), YOLOX, ENTRY, SHUFFLENET, report=REFUSED)
    assert not plan.writable
    with pytest.raises(NotWritable, match="would load nothing") as refusal:
        plan.refuse()
    assert refusal.value.hint == "take another"
    recipe = replace(RECIPE, weights="/w/w.pth", override=True)
    forced = make(recipe, YOLOX, ENTRY, SHUFFLENET, report=REFUSED)
    assert forced.writable
    assert "weights-refused" in [finding.code for finding in forced.findings]


def test_the_form_that_the_file_wants_is_what_is_written():
    own = replace(HERE, config={"init_cfg": {"type": "Pretrained", "checkpoint": "/w/w.pth"}})
    before = make(replace(RECIPE, weights="w.pth"), YOLOX, ENTRY, SHUFFLENET)
    assert before.to_load is not None
    assert before.to_load["choose"]
    assert before.to_load["start"]["init_cfg"]["prefix"] == "backbone."
    after = make(replace(RECIPE, weights="w.pth"), YOLOX, ENTRY, SHUFFLENET, report=own)
    assert after.start.config == own.config
    assert after.to_load == before.to_load, "what is asked does not follow from its own answer"
    assert after.as_json()["weights"]["found"]


def test_nothing_is_asked_where_it_starts_from_nothing():
    assert make(replace(RECIPE, weights="none"), YOLOX, ENTRY, SHUFFLENET).to_load is None
