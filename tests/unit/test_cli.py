"""The grammar of the command line, the statuses it leaves with, and where it puts what it makes."""

from __future__ import annotations

import argparse
import re
import shlex
import signal
from pathlib import Path

import pytest

from bbwizard import commands, language, manual, preset_book
from bbwizard.arguments import parser
from bbwizard.cli import run
from bbwizard.errors import DONE, FAILED, WRONG_USAGE, NotWritable
from bbwizard.subcommands import COMMANDS

WRITE = [
    *("write", "--atlas", "--mmdet-root", "/home/me/mmdetection"),
    *("--base", "yolox_s_8x8_300e_coco", "--backbone", "timm/mobilenetv2_100"),
]
CANDIDATES = [
    *("candidates", "timm/mobilenetv2_100", "--atlas", "--mmdet-root", "/home/me/mmdetection"),
    *("--base", "yolox_s_8x8_300e_coco"),
]

CALLS = {
    "doctor": ["doctor"],
    "env": ["env", "create", "there"],
    "bases": ["bases"],
    "backbones": ["backbones"],
    "probe": ["probe", "k"],
    "measure": ["measure", "k"],
    "write": ["write", "--base", "b", "--backbone", "k", "-o", "o.py"],
    "adopt": ["adopt", "o.py"],
    "compare": ["compare", "k"],
    "candidates": ["candidates", "k", "--base", "b"],
    "dataset": ["dataset", "d"],
    "check": ["check", "o.py"],
    "results": ["results", "d"],
    "keys": ["keys"],
    "presets": ["presets"],
    "completion": ["completion", "bash"],
    "schema": ["schema"],
}
"""A right call of each command."""

SEVERAL = ["candidates", "timm/resnet18", "--atlas", "--mmdet-root", "/x", "--base", "retinanet_r50_fpn_1x_coco"]
WRONG = [
    ["nonsense"],
    ["doctor", "--atlas", "--python", "/env"],
    ["env", "create"],
    ["bases", "--sort", "params"],
    ["backbones", "--sort", "age"],
    ["probe"],
    ["measure", "k", "--batch", "none"],
    ["measure", "timm/resnet50", "--atlas"],
    ["measure", "k", "--device", "bogus"],
    ["--device", "cuda:-1", "probe", "k"],
    ["check", "o.py", "--device", ""],
    ["write", "--preset", "p", "-o", "-", "--json"],
    ["write", "--base", "b", "--backbone", "k"],
    ["write", "--atlas", "--base", "b", "--backbone", "k", "--gpus", "99999999999", "-o", "x.py"],
    ["adopt"],
    ["compare"],
    ["compare", "k", "--format", "csv", "--json"],
    ["compare", "k", "--sort", "latency"],
    ["compare", "k", "--batch", "4"],
    ["compare", "k", "--measure", "--atlas"],
    ["compare", "k", "--measure", "--batch", "0"],
    ["compare", "k", "--atlas", "-o", "-", "--json"],
    ["candidates", "k"],
    [*SEVERAL, "-o", "-"],
    [*SEVERAL, "--resume", "epoch_3.pth"],
    ["write", "--atlas", "--mmdet-root", "~/mmdetection", "--base", "b", "--backbone", "k", "-o", "x.py"],
    ["dataset", "train=x"],
    ["check"],
    ["presets", "--show", "a", "--tag", "b"],
    ["presets", "--show", "a", "--json"],
    ["presets", "--diff", "a"],
    ["presets", "--diff", "-", "-"],
    ["completion", "tcsh"],
    ["schema", "completion"],
]


def status(words: list[str]) -> int:
    """What a call leaves with; argparse leaves by itself."""
    try:
        return run(words)
    except SystemExit as left:
        return int(left.code or 0)


@pytest.mark.parametrize(
    ("words", "python"),
    [
        (["doctor"], None),
        (["--python", "/env", "doctor"], "/env"),
        (["doctor", "--python", "/env"], "/env"),
        (["--python", "/other", "doctor", "--python", "/env"], "/env"),
    ],
)
def test_the_environment_may_stand_before_and_behind_the_command(words, python):
    options = parser().parse_args([*words, "--json"])
    assert (options.python, options.launch, options.device) == (python, (), "auto")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_understood_as_if_all_were_there(name, capsys):
    told = []
    for found in (parser(["--device", "cpu", name, "--help"]), parser()):
        with pytest.raises(SystemExit):
            found.parse_args([name, "--help"])
        told.append(capsys.readouterr().out)
    assert told[0] == told[1] != ""


def test_a_command_that_is_none_is_told_which_there_are(capsys):
    with pytest.raises(SystemExit):
        run(["wirte"])
    assert "'write'" in capsys.readouterr().err


def test_a_config_that_no_file_can_take_goes_to_stdout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    assert run([*WRITE, "-o", "file/new.py"]) == FAILED
    assert "a part of its path is no folder\n  name another file; -o - puts it on stdout\n" in capsys.readouterr().err
    assert run([*WRITE, "-o", "-"]) == DONE
    text = capsys.readouterr().out
    assert run([*WRITE, "-o", "new.py"]) == DONE
    assert (tmp_path / "new.py").read_text("utf-8") == text
    assert "in_channels=[32, 96, 320]" in text


@pytest.mark.parametrize("more", ["--check", "--json"])
def test_what_needs_a_file_or_all_of_stdout_does_not_go_with_the_config_on_it(more: str) -> None:
    assert run([*WRITE, "-o", "-", more]) == WRONG_USAGE


def test_a_folder_that_was_removed_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert run(["presets"]) == WRONG_USAGE
    assert "the folder you are in is not there any more\n  cd to another" in capsys.readouterr().err


def test_every_command_is_called_here():
    assert set(CALLS) == set(commands.COMMANDS)


@pytest.mark.parametrize("command", CALLS)
def test_a_command_leaves_with_what_it_gives_what_it_raises_or_interrupted(command, monkeypatch, capsys):
    async def gives(options: argparse.Namespace) -> int:
        return 0

    async def fails(options: argparse.Namespace) -> int:
        raise NotWritable("it would not train", "take another")

    async def is_interrupted(options: argparse.Namespace) -> int:
        signal.raise_signal(signal.SIGINT)
        return 0

    told = []
    for does in (gives, fails, is_interrupted):
        monkeypatch.setattr(commands, "COMMANDS", {command: does})
        told.append((status(CALLS[command]), capsys.readouterr().err))
    assert told == [
        (0, ""),
        (1, "bbwizard: it would not train\n  take another\n"),
        (130, "bbwizard: interrupted\n"),
    ]


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_words_are_wrong_usage(words, capsys):
    assert status(words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err


@pytest.mark.parametrize(
    "words",
    [
        ["adopt", "nowhere.py"],
        ["check", "nowhere.py"],
        ["probe", "timm/nothing", "--atlas"],
        ["write", "--preset", "nothing", "-o", "x.py"],
        [
            "write",
            "--base",
            "yolox_s_8x8_300e_coco",
            "--backbone",
            "timm/vit_base_patch16_224",
            "-o",
            "x.py",
            "--atlas",
        ],
        ["presets", "--show", "nothing"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_fails_with_the_reason(words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert status(words) == 1
    assert capsys.readouterr().err.startswith("bbwizard: ")
    assert list(tmp_path.glob("*.py")) == []


SWIN = ["write", "--atlas", "--mmdet-root", "/x", "--preset", "mine", "-o", "-"]
PRESET = """\
bbwizard: 1
base: yolo/yolov3_d53_mstrain-608_273e_coco.py
backbone: mmcls/SwinTransformer/tiny
stages:
- {index: 0, channels: 192, stride: 8}
- {index: 1, channels: 384, stride: 16}
- {index: 2, channels: 768, stride: 32}
weights: none
input: 608x608
gpus: 2
leave: [adamw]
"""


@pytest.mark.parametrize(
    ("more", "kept", "moved"),
    [
        ([], {"stages", "weights", "leave"}, True),
        (["--backbone", "MMCLS/swintransformer/tiny"], {"stages", "weights", "leave"}, True),
        (["--base", "yolov3_d53_mstrain-608_273e_coco"], {"stages", "weights", "leave"}, True),
        (["--base", "yolov3_d53_mstrain-416_273e_coco"], {"weights"}, False),
        (["--backbone", "timm/convnext_tiny"], set(), False),
    ],
    ids=["nothing", "backbone in other case", "base by short name", "other base", "other backbone"],
)
def test_another_backbone_than_the_presets_drops_what_was_decided_about_that_one(
    more, kept, moved, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    preset_book.save("mine", PRESET)
    assert status([*SWIN, *more, "--save", "next"]) == DONE
    out, err = capsys.readouterr()
    found = preset_book.read(preset_book.own_folder() / "next.yaml").recipe
    assert ("changed since the preset was saved" in err) == moved
    assert (found.gpus, found.input) == (2, (608, 608))
    assert (found.weights == "none") == ("weights" in kept)
    assert (found.leave == ("adamw",)) == ("leave" in kept)
    assert found.backbone == ("timm/convnext_tiny" if "timm/convnext_tiny" in more else "mmcls/SwinTransformer/tiny")


@pytest.mark.parametrize("name", ["a'b\"c.py", "two\nlines.py", "a\\.py", "a\rb.py", "\udcff.py"])
def test_a_name_that_a_training_could_not_print_is_refused(name, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my 'own'").mkdir()
    assert status([*WRITE, "-o", name]) == FAILED
    assert "training prints it in its config, which mmcv cannot\n  name it otherwise" in capsys.readouterr().err
    assert status([*CANDIDATES, "-o", name.removesuffix(".py")]) == FAILED
    assert "which mmcv cannot" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir() if path.name != "xdg"] == ["my 'own'"]


def test_only_what_a_training_prints_has_to_be_printable(capsys, tmp_path, monkeypatch):
    (tmp_path / "my 'own'").mkdir()
    monkeypatch.chdir(tmp_path / "my 'own'")
    assert status([*WRITE, "-o", 'ü "b" {c}.py']) == DONE
    assert status([*CANDIDATES, "-o", "runs"]) == DONE


def test_a_config_is_told_of_where_its_recipe_cannot_be_saved(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    preset_book.own_folder().parent.mkdir(parents=True)
    preset_book.own_folder().write_text("a file in its place: permissions do not stop root")
    assert status([*WRITE, "-o", "x.py", "--save", "mine"]) == 1
    out, err = capsys.readouterr()
    assert out == f"{tmp_path / 'x.py'}\n"
    assert "train: " in err
    assert err.splitlines()[-2].endswith("mine.yaml cannot be written: a part of its path is no folder")


@pytest.mark.parametrize("name", ["a/b", "", "../x"])
def test_what_is_no_name_for_a_preset_is_refused_before_anything_is_written(name, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.py").touch()
    for words in ([*WRITE, "-o", "x.py"], [*WRITE, "-o", "-"], ["adopt", "old.py"]):
        assert status([*words, "--save", name]) == WRONG_USAGE
        out, err = capsys.readouterr()
        assert out == "" and f"{name!r} is no name for a preset" in err
    assert [path.name for path in tmp_path.glob("*.py")] == ["old.py"]


def test_a_check_that_the_atlas_cannot_make_is_refused_before_anything_is_written(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert status([*WRITE, "-o", "x.py", "--check"]) == WRONG_USAGE
    assert "write --check needs a training environment, which --atlas does without" in capsys.readouterr().err
    assert not (tmp_path / "x.py").exists()


def test_a_comparison_on_stdout_by_name_is_what_it_is_there_anyway(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = []
    for more in ([], ["-o", "-"]):
        assert status(["compare", "timm/resnet18", "--atlas", *more]) == DONE
        told.append(capsys.readouterr().out)
    assert told[0] == told[1] != ""
    assert not (tmp_path / "-").exists()


@pytest.mark.parametrize(("typed", "folder"), [("~/q.csv", "home"), ("q.csv", "here")])
def test_a_comparison_is_written_where_its_path_leads_and_told_by_its_whole_path(
    typed, folder, capsys, tmp_path, monkeypatch
):
    for name in ("home", "here"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path / "here")
    assert status(["compare", "timm/resnet18", "--atlas", "-o", typed]) == DONE
    written = tmp_path / folder / "q.csv"
    assert capsys.readouterr().out == f"{written}\n"
    assert "timm/resnet18" in written.read_text("utf-8")


@pytest.mark.parametrize("command", ["", *CALLS, "env create"])
def test_help_says_how_it_is_called_and_what_it_leaves_with(command, capsys):
    assert status([*command.split(), "--help"]) == 0
    told = capsys.readouterr().out
    assert "examples:" in told
    assert "130  interrupted" in told
    for line in manual.EXAMPLES[command.partition(" ")[0]]:
        assert line in told


EXAMPLES = [
    re.split(r"  | [<>] |#", line)[0]
    for lines in manual.EXAMPLES.values()
    for line in lines
    if line.startswith("bbwizard")
]


@pytest.mark.parametrize("line", EXAMPLES)
def test_an_example_is_understood(line):
    parser().parse_args(shlex.split(line)[1:])


def test_what_is_said_of_a_config_is_said_in_the_readers_language_alone(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    try:
        words = ["--base", "retinanet_r50_fpn_1x_coco", "--backbone", "timm/resnet18", "--lang", "zh", "-o", "new.py"]
        assert status([*WRITE, *words]) == 0
    finally:
        language.use(language.ENGLISH)
    notes = [line.partition("): ")[2] for line in capsys.readouterr().err.splitlines() if line.startswith("note (")]
    assert len(notes) > 2
    english = re.compile(r"\b(the|is|that|which|train|done|looked|images?)\b")
    assert not [note for note in notes if english.search(note)]
