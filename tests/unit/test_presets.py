"""Presets as text: what is written is read back, faults are named with their line, moved stages are said."""

from __future__ import annotations

import contextlib
import json

import pytest
from facts import SHUFFLENET, probe
from hypothesis import given
from hypothesis import strategies as st

from bbwizard import preset_book
from bbwizard.cli import run
from bbwizard.errors import WRONG_USAGE, BbwizardError, PresetError, Unknown, UsageError, WriteRefused
from bbwizard.grammar import LAUNCHERS
from bbwizard.presets import TAG, dump, opened, parse
from bbwizard.recipe import ALL, FIXES, Recipe
from bbwizard.screens.write_options import parse_meet

RECIPE = Recipe(base="yolox/yolox_s_8x8_300e_coco.py", backbone="mmcls/ShuffleNetV2", stages=(0, 1, 3), weights="none")

names = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40).filter(
    str.strip
)
codes = st.sampled_from([*FIXES, ALL])
recipes = st.builds(
    Recipe,
    base=names,
    backbone=names,
    stages=st.none() | st.sets(st.integers(0, 60), min_size=1, max_size=6).map(lambda found: tuple(sorted(found))),
    weights=names,
    input=st.tuples(st.integers(1, 9999), st.integers(1, 9999)),
    gpus=st.integers(1, 64),
    launcher=st.sampled_from(LAUNCHERS),
    nodes=st.sampled_from([0, 1]),
    meet=st.sampled_from(["", "gpu07", "gpu07:29400"]),
    resume=st.sampled_from(["", "auto", "work_dirs/x/epoch_3.pth"]),
    override=st.booleans(),
    data=st.sampled_from([(), ("/my/data",), ("/my/data", "val=/my/v.json:/my/images")]),
    fixes=st.sets(codes).map(lambda found: tuple(sorted(found))),
    leave=st.sets(codes).map(lambda found: tuple(sorted(found))),
)


tags = st.lists(st.from_regex(TAG, fullmatch=True).filter(lambda tag: len(tag) < 20), max_size=3, unique=True)


@given(recipe=recipes, note=st.text(max_size=80), tags=tags)
def test_what_is_saved_is_opened(recipe, note, tags):
    text = dump(recipe, note=note, tags=tags)
    found = parse(text, "p.yaml")
    assert (found.recipe, found.tags) == (recipe, tuple(tags))
    assert dump(found.recipe, note=found.note, tags=found.tags) == text, "the same decision is the same text"


def test_an_unknown_fix_is_named_with_its_line():
    with pytest.raises(PresetError, match=r"p\.yaml, line 4: no fix has the code 'adam'"):
        parse("bbwizard: 1\nbase: b\nbackbone: k\nfixes: [adamw, adam]\n", "p.yaml")


def test_gpus_that_cannot_be_spread_over_the_nodes_are_named_with_the_line():
    with pytest.raises(PresetError, match=r"p\.yaml, line 5: 4 GPUs cannot be spread evenly over 3 nodes"):
        parse("bbwizard: 1\nbase: b\nbackbone: k\ngpus: 4\nnodes: 3\n", "p.yaml")


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        *((f"gpu01:{port}", f"'{port}' in 'gpu01:{port}' is no port") for port in ("0", "65536", "", "x", "٣", "-1")),
        *(
            (place, f"{place!r} names no host")
            for place in (":29400", "a b", "gpu01\n", " gpu01", "a\nb:1", "[gpu01]:1")
        ),
        *((place, f"{place!r} names no host") for place in ("tcp://gpu01:1", "[::1", "[fe80::1%a b]", "-x", "a:1:2")),
        *((place, f"{place!r} has no brackets") for place in ("::1", "fe80::1:29400", "::1:29400")),
    ],
)
def test_no_place_to_meet_is_refused_by_preset_option_and_wizard_alike(place, wrong, capsys):
    with pytest.raises(PresetError) as fault:
        parse(GOOD + f"nodes: 1\nmeet: {json.dumps(place)}\n", "p.yaml")
    assert fault.value.text == f"p.yaml, line 5: {fault.value.text.partition(': ')[2]}" and wrong in fault.value.text
    with pytest.raises(UsageError) as refused:
        parse_meet(place)
    assert wrong in refused.value.text
    with pytest.raises(SystemExit) as left:
        run(["write", "--atlas", f"--meet={place}", "-o", "x.py"])
    assert left.value.code == WRONG_USAGE and wrong.splitlines()[0] in capsys.readouterr().err


@pytest.mark.parametrize(
    "place", ["gpu01", "gpu01:29400", "10.0.0.1:1", "node_1.cluster", "[::1]", "[fe80::1%eth0]:65535"]
)
def test_a_host_with_or_without_a_port_is_a_place_to_meet(place):
    assert parse(GOOD + f"meet: {json.dumps(place)}\n", "p.yaml").recipe.meet == parse_meet(place) == place


def test_this_host_is_no_place_to_type():
    assert parse(GOOD + "meet: ''\n", "p.yaml").recipe.meet == parse_meet("this host") == ""
    with pytest.raises(SystemExit):
        run(["write", "--atlas", "--meet", "", "-o", "x.py"])


def test_a_person_can_read_it():
    assert dump(RECIPE, SHUFFLENET, versions={"mmcls": "0.25.0"}) == (
        "bbwizard: 1\n"
        "base: yolox/yolox_s_8x8_300e_coco.py\n"
        "backbone: mmcls/ShuffleNetV2\n"
        "stages:\n"
        "- {index: 0, channels: 116, stride: 8}\n"
        "- {index: 1, channels: 232, stride: 16}\n"
        "- {index: 3, channels: 1024, stride: 32}\n"
        "weights: none\n"
        "input: 640x640\n"
        "made_with:\n"
        "  mmcls: 0.25.0\n"
    )


GOOD = "bbwizard: 1\nbase: b.py\nbackbone: mmcls/ResNet/50\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (GOOD + "colour: red\n", 4, "unknown field `colour`"),
        (GOOD + "gpus: many\n", 4, "expected `int`, got `str`"),
        (GOOD + "gpus: 0\n", 4, "expected 1 to 65536"),
        (GOOD + "gpus: 99999999999\n", 4, "expected 1 to 65536"),
        (GOOD + "stages:\n- {index: 0}\n- {index: one}\n", 6, "expected `int`"),
        (GOOD + "stages:\n- {index: 0}\n- {index: 0}\n", 5, "each out index once"),
        (GOOD + "stages: []\n", 4, "each out index once"),
        (GOOD + "input: wide\n", 4, "input size 'wide' is not HxW"),
        (GOOD + "input: '0x0'\n", 4, "input size '0x0' has a side of 0 pixels"),
        (GOOD + "input: 640x0\n", 4, "input size '640x0' has a side of 0 pixels"),
        (GOOD + "input: 123456\n", 4, "input size '123456' has a side of more than 5 digits"),
        (GOOD + "launcher: rocket\n", 4, "expected one of"),
        (GOOD + "tags: [small, two words]\n", 4, "'two words' is no tag"),
        ("bbwizard: 2\nbase: b.py\nbackbone: k\n", 1, "format 2"),
        ("bbwizard: 1\nbase: b.py\n", 1, "missing required field `backbone`"),
        ("bbwizard: 1\nbase: ''\nbackbone: k\n", 2, "expected a name"),
        ("bbwizard: 1\nbase: [a, b\n", 3, "expected ',' or ']'"),
        ("- a list\n", 1, "expected `object`"),
        ("", 1, "expected `object`"),
        (GOOD + "note: !!python/object/apply:os.system ['touch /tmp/pwned']\n", 4, "could not determine a constructor"),
    ],
)
def test_faults_are_named_with_their_line(text, line, words):
    with pytest.raises(PresetError) as fault:
        parse(text, "mine.yaml")
    assert fault.value.text.startswith(f"mine.yaml, line {line}: ")
    assert words in fault.value.text


@given(text=st.text(max_size=200) | st.binary(max_size=100).map(lambda data: data.decode("latin-1")))
def test_no_text_crashes_it(text):
    with contextlib.suppress(PresetError):
        assert parse(text, "p.yaml").recipe.base


def test_half_a_sign_for_a_key_is_named():
    with pytest.raises(PresetError, match=r"p\.yaml: '\\ud800' is no sign"):
        parse(GOOD + '"\\ud800": 1\n', "p.yaml")


def test_a_stage_that_moved_is_followed_and_said():
    swin = dump(
        RECIPE.__class__(base="b", backbone="k", stages=(0, 1, 2)), probe((0, 192, 8), (1, 384, 16), (2, 768, 32))
    )
    now = probe((0, 96, 4), (1, 192, 8), (2, 384, 16), (3, 768, 32))
    found = opened(parse(swin, "p.yaml"), now)
    assert found.recipe.stages == (1, 2, 3)
    assert found.notes[0] == (
        "stage 0 was 192 channels at stride 8, is 96 channels at stride 4 here; stage 1 takes its place"
    )
    assert len(found.notes) == 3


def test_a_stage_that_is_gone_is_said():
    saved = dump(RECIPE, SHUFFLENET)
    found = opened(parse(saved, "p.yaml"), probe((0, 116, 8), (1, 232, 16)))
    assert found.recipe.stages == (0, 1)
    assert found.notes == ("stage 3 was 1024 channels at stride 32, is not there any more; no stage has its stride",)


def test_nothing_is_said_where_nothing_moved():
    assert opened(parse(dump(RECIPE, SHUFFLENET), "p.yaml"), SHUFFLENET).notes == ()


def test_the_book_keeps_renames_and_deletes():
    preset_book.save("mine [/x]".replace("[/x]", "1.0"), dump(RECIPE))
    mine = preset_book.find("mine 1.0")
    assert mine.origin == preset_book.YOURS
    assert preset_book.read(mine.path).recipe == RECIPE
    before = mine.path.stat()
    assert preset_book.save("mine 1.0", dump(RECIPE)) == mine.path
    assert mine.path.stat() == before, "the same text is left as it is, with its time"
    with pytest.raises(WriteRefused, match="already") as refused:
        preset_book.save("mine 1.0", dump(RECIPE, note="another"))
    assert "--force" in refused.value.hint
    preset_book.rename(mine, "other")
    preset_book.delete(preset_book.find("other"))
    with pytest.raises(Unknown):
        preset_book.find("other")


@pytest.mark.parametrize("name", ["", "../evil", "a/b", " x", ".hidden", "x" * 200, "a\nb"])
def test_names_that_are_no_file_names_are_refused(name):
    with pytest.raises(UsageError):
        preset_book.place(name)


def test_shipped_presets_open_and_stay():
    shipped = [page for page in preset_book.pages() if page.origin == preset_book.SHIPPED]
    assert {page.name for page in shipped} == {
        "yolox-s-shufflenetv2", "yolox-s-mobilenetv2", "yolov3-mobilenetv3-small", "yolov3-swin-tiny"
    }  # fmt: skip
    for page in shipped:
        assert page.error == ""
        with pytest.raises(BbwizardError, match="came with bbwizard"):
            preset_book.delete(page)


def test_a_broken_preset_is_listed_with_its_fault(tmp_path):
    preset_book.save("broken", "bbwizard: [")
    [page] = [page for page in preset_book.pages() if page.name == "broken"]
    assert "line" in page.error
