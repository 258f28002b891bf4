"""Presets in folders: tags and notes, what is found by them, what differs, and folders that a team shares."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from pathlib import Path

import pytest
from facts import SHUFFLENET
from hypothesis import given
from hypothesis import strategies as st

from bbwizard import preset_book
from bbwizard.cli import run
from bbwizard.differing import differences, other_versions
from bbwizard.errors import PresetError, Unknown, UsageError, WriteRefused
from bbwizard.presets import dump, parse, parse_tags
from bbwizard.recipe import Recipe
from bbwizard.rewriting import rewritten

RECIPE = Recipe(base="yolox/yolox_s_8x8_300e_coco.py", backbone="mmcls/ShuffleNetV2", stages=(0, 1, 3), weights="none")
BY_HAND = """\
# what we train on the robots
bbwizard: 1
base: b.py   # the small one
backbone: mmcls/ResNet/50
tags:
- small
- robots   # all of them
# the second robot has two
gpus: 2
note: >
  a long
  note
weights: none
"""


def test_tags_may_be_typed_with_commas_and_hashes():
    assert parse_tags("#small, coco  small") == ("small", "coco")
    with pytest.raises(UsageError, match="'a/b' is no tag"):
        parse_tags("a/b")


@pytest.mark.parametrize(
    ("key", "value", "gone", "come"),
    [
        ("tags", ["big"], "- small\n- robots   # all of them\n", "- big\n"),
        ("tags", [], "tags:\n- small\n- robots   # all of them\n", ""),
        ("note", "short", "note: >\n  a long\n  note\n", "note: short\n"),
    ],
)
def test_one_key_is_said_otherwise_and_all_else_stands(key, value, gone, come):
    assert rewritten(BY_HAND, "p.yaml", key, value) == BY_HAND.replace(gone, come)


def test_a_key_that_was_not_there_comes_last():
    text = "bbwizard: 1\nbase: b\nbackbone: k"
    assert rewritten(text, "p.yaml", "note", "why") == f"{text}\nnote: why\n"
    assert parse(rewritten("{bbwizard: 1, base: b, backbone: k}", "p.yaml", "tags", ["a"]), "p.yaml").tags == ("a",)


@given(note=st.text(max_size=60), before=st.text(max_size=60))
def test_any_note_can_be_written_and_taken_away(note, before):
    text = dump(RECIPE, note=before, tags=["a"])
    changed = rewritten(text, "p.yaml", "note", note)
    found = parse(changed, "p.yaml")
    assert (found.recipe, found.tags, found.note) == (RECIPE, ("a",), parse(dump(RECIPE, note=note), "p").note)


def test_a_text_that_is_no_preset_is_not_rewritten():
    with pytest.raises(PresetError):
        rewritten("bbwizard: [", "p.yaml", "note", "x")


def test_presets_are_kept_by_words_tags_and_notes():
    preset_book.save("one", dump(RECIPE, tags=["small", "coco"], note="for the robots"))
    preset_book.save("two", dump(RECIPE, tags=["coco"]))

    def names(pattern: str, *tags: str) -> list[str]:
        return [page.name for page in preset_book.kept(preset_book.pages(), pattern, tags) if page.origin == "yours"]

    assert names("") == ["one", "two"]
    assert names("#small") == names("robots") == names("", "coco", "small") == ["one"]
    assert names("!#small") == ["two"]
    assert names("", "absent") == []


def test_tags_and_note_are_given_and_only_to_presets_of_ones_own():
    preset_book.save("mine", BY_HAND)
    mine = preset_book.find("mine")
    preset_book.annotate(mine, "tags", ("new",))
    preset_book.annotate(mine, "note", "")
    found = preset_book.find("mine")
    assert (found.tags, found.note, found.hashed) == (("new",), "", "#new")
    assert "# the second robot has two\n" in found.path.read_text()
    with pytest.raises(WriteRefused, match="came with bbwizard"):
        preset_book.annotate(preset_book.find("yolov3-swin-tiny"), "note", "x")


def test_named_folders_come_first_and_are_saved_to(tmp_path, monkeypatch, capsys):
    preset_book.save("mine", dump(RECIPE, note="my own"))
    team, other = tmp_path / "team", tmp_path / "other"
    other.mkdir()
    (other / "theirs.yaml").write_text(dump(RECIPE))
    monkeypatch.setenv("BBWIZARD_PRESETS", f"{team}{os.pathsep}{other}")
    assert preset_book.missing_folders() == [team]
    assert run(["presets"]) == 0
    assert f"BBWIZARD_PRESETS names {team}, which is not there" in capsys.readouterr().err
    preset_book.save("mine", dump(RECIPE, note="the team's"))
    assert [path.name for path in team.iterdir()] == ["mine.yaml"]
    assert preset_book.find("mine").note == "the team's"
    theirs = preset_book.find("theirs")
    assert theirs.origin == "folder"
    assert preset_book.rename(theirs, "ours") == other / "ours.yaml"
    preset_book.delete(preset_book.find("mine"))
    assert preset_book.find("mine").note == "my own"


def test_what_differs_is_said_and_nothing_else():
    first = parse(dump(RECIPE, SHUFFLENET, tags=["a"], versions={"mmcls": "0.23.2"}), "p")
    second = parse(
        dump(Recipe(base=RECIPE.base, backbone="timm/resnet50", fixes=("adamw",)), note="n", versions={}), "q"
    )
    assert differences(first, first) == []
    assert [difference.text for difference in differences(first, second)] == [
        "backbone: mmcls/ShuffleNetV2 → timm/resnet50",
        "stages: 0 (116 at /8), 1 (232 at /16), 3 (1024 at /32) → the deepest at each stride",
        "weights: none → auto",
        "fixes taken: none → adamw",
        "tags: a → none",
        "note: none → n",
        "made with: mmcls 0.23.2 → none",
    ]


OTHERWISE = {
    "base": "other.py", "backbone": "timm/resnet50", "stages": (1, 2), "weights": "auto", "input": (640, 800),
    "gpus": 8, "launcher": "pytorch", "override": True, "fixes": ("adamw",), "leave": ("freeze",), "data": ("/d",),
    "nodes": 2, "meet": "gpu07", "resume": "auto",
}  # fmt: skip


@pytest.mark.parametrize("field", [field.name for field in fields(Recipe)])
def test_nothing_that_a_recipe_says_otherwise_is_passed_over(field):
    one = replace(RECIPE, gpus=16)
    first, second = (parse(dump(recipe), "p") for recipe in (one, replace(one, **{field: OTHERWISE[field]})))
    assert differences(first, second)


def test_other_versions_are_said():
    preset = parse(dump(RECIPE, versions={"mmcls": "0.23.2", "timm": "0.6.13", "torch": "1.11.0"}), "p")
    assert other_versions(preset, {"mmcls": "0.25.0", "torch": "1.11.0"}) == (
        "mmcls was 0.23.2, is 0.25.0 here",
        "timm was 0.6.13, is missing here",
    )


def test_what_changed_since_it_was_saved_is_said(capsys):
    assert run(["presets", "--changed", "yolov3-swin-tiny", "--atlas"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "stage 0 was 192 channels at stride 8, is 96 channels at stride 4 here; stage 1 takes its place"
    assert said[-2:] == ["mmdet was 2.24.1, is 2.28.2 here", "mmcls was 0.23.2, is 0.25.0 here"]
    assert run(["presets", "--changed", "yolov3-swin-tiny", "--atlas", "--stack", "2.24"]) == 0
    assert capsys.readouterr().err == "nothing changed since yolov3-swin-tiny was saved\n"


def test_a_preset_may_come_through_a_pipe_once(monkeypatch):
    reader, writer = os.pipe()
    with open(writer, "w") as file:
        file.write(dump(RECIPE))
    assert preset_book.opened(f"/dev/fd/{reader}").recipe == RECIPE
    os.close(reader)


def test_a_name_goes_before_a_file_and_what_is_neither_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("mine").write_text(dump(RECIPE, note="the file"))
    assert preset_book.opened("mine").note == "the file"
    preset_book.save("mine", dump(RECIPE, note="the preset"))
    assert preset_book.opened("mine").note == "the preset"
    with pytest.raises(Unknown, match="there is no preset 'other'"):
        preset_book.opened("other")
    Path("torn").write_bytes(b"\xff\xfe")
    with pytest.raises(PresetError, match="torn: not UTF-8 text"):
        preset_book.opened("torn")
