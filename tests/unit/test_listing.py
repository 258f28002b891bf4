"""What the commands that list print out of the atlas: whose answers they are, and what was left out and why."""

from __future__ import annotations

import json

import pytest

from bbwizard.cli import run
from bbwizard.errors import WRONG_USAGE

RETINANET = "retinanet_r50_fpn_1x_coco"


@pytest.mark.parametrize(
    "words",
    [
        ["backbones", "convnext_ti*"],
        ["backbones", "convnext_ti*", "--fits", RETINANET],
        ["bases", "retinanet_r50"],
        ["probe", "--all", "timm/convnext_t*"],
        ["probe", "--all", "mmcls/LeNet5"],
        ["compare", "timm/resnet50", "timm/vit_base_patch16_224", "--base", RETINANET],
        ["compare", "timm/eca_halonext26ts", "--input", "500x500"],
    ],
    ids=" ".join,
)
def test_every_line_with_an_answer_of_the_atlas_says_so(words, capsys):
    run([*words, "--atlas"])
    printed = capsys.readouterr()
    lines = printed.out.splitlines()[1 if words[0] == "compare" else 0 :]
    assert lines and all("atlas" in line for line in lines)
    assert "probing" not in printed.err and "seconds each" not in printed.err


def test_programs_are_told_whose_answers_they_are(capsys):
    for words in (["bases", "retinanet_r50"], ["compare", "timm/resnet50"], ["probe", "--all", "mmcls/Le*"]):
        run([*words, "--atlas", "--json"])
        assert {row["origin"] for row in json.loads(capsys.readouterr().out)} == {"atlas"}


def test_parameters_are_the_same_at_a_size_that_the_atlas_does_not_know(capsys):
    run(["compare", "timm/eca_halonext26ts", "--atlas", "--input", "500x500", "--base", RETINANET, "--json"])
    [row] = json.loads(capsys.readouterr().out)
    assert row["params"] > 1e6
    assert (row["macs"], row["fits"], row["channels"]) == (None, None, [])
    assert "at 640x640 alone" in row["reason"]


def test_a_table_goes_into_a_file_beside_the_data_for_programs(tmp_path, capsys):
    table = str(tmp_path / "table.txt")
    assert run(["compare", "timm/resnet50", "--atlas", "--format", "csv", "--json", "-o", table]) == 0
    assert [row["backbone"] for row in json.loads(capsys.readouterr().out)] == ["timm/resnet50"]
    assert (tmp_path / "table.txt").read_text("utf-8").startswith("backbone,")


def left_out(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[list[str], str]:
    """The names that `backbones` lists out of the atlas, and what it says beside them."""
    run(["backbones", *words, "--atlas"])
    printed = capsys.readouterr()
    return [line.split()[0] for line in printed.out.splitlines()], printed.err


def test_what_the_atlas_does_not_know_is_not_offered_to_be_asked(capsys):
    for more in ([], ["--ask-each"]):
        names, said = left_out(capsys, "eca_* flops<50G", *more)
        assert names and "timm/eca_halonext26ts" not in names
        assert said == "1 of which the atlas does not know that at 640x640, and left out\n"


def test_a_licence_that_no_library_tells_is_counted(capsys):
    names, said = left_out(capsys, "mobilenetv2_1* licence:apache")
    assert "timm/mobilenetv2_100" in names and not said
    names, said = left_out(capsys, "mmcls/ResNet/50 licence:apache")
    assert not names and "under a licence that is not known, and left out" in said


@pytest.mark.parametrize(
    ("condition", "wrong"),
    [
        ("param<30M", "param is no condition: params, macs, weights, stride, licence, fits"),
        ("bogus:3", "bogus is no condition"),
        ("params<30Q", "params<30Q cannot be read (number of parameters: "),
        ("!params<30Q", "!params<30Q cannot be read"),
        *((word, f"{word} cannot be read") for word in ("params<", "weights:0", "stride:x", "stride:", "stride:,")),
        *((word, f"{word} cannot be read") for word in ("licence:", "fits:maybe", "fits:y", "fits:n,yes")),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused(condition, wrong, capsys):
    for more in ([], ["--fits", RETINANET]):
        assert run(["backbones", f"{condition} resnet50", "--atlas", *more]) == WRONG_USAGE
        printed = capsys.readouterr()
        assert printed.out == "" and wrong in printed.err


def test_what_fits_can_be_filtered_for(capsys):
    taken, _ = left_out(capsys, "resnet18 fits:yes", "--fits", RETINANET)
    assert "timm/resnet18" in taken
    others, _ = left_out(capsys, "resnet18 fits:no", "--fits", RETINANET)
    assert not set(taken) & set(others)
    vits, _ = left_out(capsys, "vit_base_patch16_224 fits:no", "--fits", RETINANET)
    assert "timm/vit_base_patch16_224" in vits
    assert run(["backbones", "fits:yes", "--atlas"]) == WRONG_USAGE


def test_backbones_are_ordered_by_how_many_strides_they_have_maps_at(capsys):
    run(["backbones", "timm/res*", "--sort", "stages", "--atlas", "--json"])
    counts = [len(row["strides"]) for row in json.loads(capsys.readouterr().out) if row["strides"]]
    assert counts == sorted(counts, reverse=True) and len(set(counts)) > 1


def test_what_gives_no_map_says_so_and_unusual_images_that_the_atlas_does_not_know_too(capsys):
    run(["backbones", "!fits:yes mmcls/Conformer/base", "--fits", RETINANET, "--atlas"])
    assert "no maps; no pyramid" in capsys.readouterr().out
    run(["backbones", "mmcls/HRNet/w18", "--fits", "yolact_r50_1x8_coco", "--atlas"])
    assert "1 of these may refuse images of its size, at which the atlas knows none" in capsys.readouterr().err


def test_all_is_narrowed_by_conditions(capsys):
    run(["probe", "--all", "timm/mobilenet* params<3M weights>0", "--atlas", "--json"])
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert found and all(row["params"] < 3e6 for row in found)
    assert f"{len(found)} backbones: " in printed.err
    assert run(["probe", "--all", "params<", "--atlas"]) == WRONG_USAGE
    assert run(["probe", "--all", "fits:yes", "--atlas"]) == WRONG_USAGE
