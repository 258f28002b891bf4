"""The language that a call asks for, sentences told by their templates, and a command line that speaks."""

from __future__ import annotations

import gettext
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import polib
import pytest
from hostile import quick, texts
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from scripts import translations

from bbwizard import inert, language
from bbwizard.arguments import parser
from bbwizard.cli import run, say_error
from bbwizard.commands import common
from bbwizard.errors import DONE, WRONG_USAGE, NotWritable
from bbwizard.language import ENGLISH, N_, _, ngettext, of_locale, told, wanted

CHINESE = "zh_CN"
SENTENCES = {
    "the wizard needs a terminal": "向导需要终端",
    "reading {0}": "正在读取 {0}",
    "{0} is not in {1}": "{1} 里没有 {0}",
    "{0} is there": "有 {0}",
    "{0} is there already": "已有 {0}",
    "{0} cannot be read: {1}": "无法读取 {0}：{1}",
    "{0} is no set {{}}": "{0} 不是集合 {{}}",
    "{0} of {1}": "{1} 之 {0}",
    "there is nothing": "",
}
"""Of a catalog: what is made, and how it is told."""
WORDS = {
    **{text: f"译{text}" for text in translations.ARGPARSE if translations.PLURAL not in text},
    "data for programs on stdout": "给程序看的数据，写到标准输出。" * 5,
    "list backbones": "列出骨干网络",
    "{what}.": "{what}。",
    "0    done": "0    完成",
    "{what} ({number} of {total})": "{what}（{number}/{total}）",
}
PLURALS = {
    "expected %s argument": ("expected %s arguments", "需要 %s 个参数"),
    "{count} image": ("{count} images", "{count} 张图像"),
}


def catalog(folder: Path) -> Path:
    """A folder of catalogs with a Chinese one."""
    made = polib.POFile()
    made.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": "nplurals=1; plural=0;"}
    for text, translation in {**SENTENCES, **WORDS}.items():
        made.append(polib.POEntry(msgid=text, msgstr=translation))
    for one, (many, translation) in PLURALS.items():
        made.append(polib.POEntry(msgid=one, msgid_plural=many, msgstr_plural={0: translation}))
    path = folder / CHINESE / "LC_MESSAGES" / "bbwizard.mo"
    path.parent.mkdir(parents=True)
    made.save_as_mofile(str(path))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of catalogs."""
    return catalog(tmp_path_factory.mktemp("locale"))


@pytest.fixture(autouse=True)
def english(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test finds English in force, and leaves it so."""
    monkeypatch.setattr(language, "FOLDER", folder)
    for name in (*language.VARIABLES, "LANGUAGE"):
        monkeypatch.setenv(name, "")  # what `language.use` sets is put back
    yield
    language.use(ENGLISH)
    assert (_("list backbones"), gettext.textdomain()) == ("list backbones", "messages")


@pytest.fixture
def chinese() -> None:
    """Chinese is in force."""
    language.use(CHINESE)


@pytest.mark.parametrize(
    ("environ", "spoken"),
    [
        ({}, ENGLISH),
        ({"LANG": "zh_CN.UTF-8"}, CHINESE),
        ({"LANG": "zh_CN.utf8"}, CHINESE),
        ({"LANG": "zh_CN.UTF-8@pinyin"}, CHINESE),
        ({"LANG": "de_DE.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, CHINESE),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, CHINESE),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, ENGLISH),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, ENGLISH),
        ({"LANG": "zh_CN.UTF-8", "LC_CTYPE": "C.UTF-8"}, CHINESE),
        ({"LANG": "zh_CN.GBK"}, ENGLISH),
        ({"LANG": "zh_CN"}, ENGLISH),
        ({"LANG": "zh_TW.UTF-8"}, ENGLISH),
        ({"LANG": "de_DE.UTF-8"}, ENGLISH),
        ({"LANG": "C.UTF-8"}, ENGLISH),
        ({"LANG": "POSIX"}, ENGLISH),
        ({"LANG": "de_DE.UTF-8", "LANGUAGE": "de:zh_CN:en"}, CHINESE),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "zh_CN:en"}, CHINESE),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "en:zh_CN"}, ENGLISH),
        ({"LANG": "C.UTF-8", "LANGUAGE": "zh_CN"}, ENGLISH),
        ({"LANGUAGE": "zh_CN"}, ENGLISH),
        ({"LANG": "en_US.UTF-8"}, ENGLISH),
        ({"LANG": "zh_CN.UTF-8", "LANGUAGE": "en_GB:en"}, ENGLISH),
    ],
    ids=lambda value: " ".join(map("=".join, value.items())) if isinstance(value, Mapping) else value,
)
def test_the_language_is_the_locales(environ: dict[str, str], spoken: str) -> None:
    assert of_locale(environ) == spoken
    assert wanted(["doctor"], environ) == spoken
    language.use(spoken)


@pytest.mark.parametrize(
    ("words", "environ", "spoken"),
    [
        (["--lang", "zh_CN"], {}, CHINESE),
        (["--lang=zh_CN", "bases"], {"LANG": "C"}, CHINESE),
        (["bases", "--lang", "en"], {"LANG": "zh_CN.UTF-8"}, ENGLISH),
        (["--lang=ZH-cn"], {"LANG": "C"}, CHINESE),
        (["--lang", "zh_TW.UTF-8"], {"LANG": "zh_CN.UTF-8"}, ENGLISH),
        (["--ascii", "--lang", "zh"], {"LANG": "zh_CN.UTF-8"}, ENGLISH),
        (["bases", "--lang", "xx"], {"LANG": "zh_CN.UTF-8"}, ENGLISH),
        (["bases", "--lang"], {"LANG": "zh_CN.UTF-8"}, ENGLISH),
        (["bases", "--json"], {"LANG": "zh_CN.UTF-8"}, ENGLISH),
        (["doctor", "--report", "--lang", "zh_CN"], {"LANG": "zh_CN.UTF-8"}, ENGLISH),
        ([], {"LANG": "zh_CN.UTF-8"}, CHINESE),
    ],
    ids=str,
)
def test_the_language_is_the_calls(words: list[str], environ: dict[str, str], spoken: str) -> None:
    assert wanted(words, environ) == spoken


@pytest.mark.parametrize(
    ("made", "shown"),
    [
        ("the wizard needs a terminal", "向导需要终端"),
        ("  the wizard needs a terminal ", "  向导需要终端 "),
        ("reading /a/b.json", "正在读取 /a/b.json"),
        ("reading {1} {x}", "正在读取 {1} {x}"),
        ("a.pth is not in b.json", "b.json 里没有 a.pth"),
        ("x.py is there", "有 x.py"),
        ("x.py is there already", "已有 x.py"),
        ("a is no set {}", "a 不是集合 {}"),
        ("a.json cannot be read: the wizard needs a terminal", "无法读取 a.json：向导需要终端"),
        (
            "a.json cannot be read: b.json cannot be read: it is a folder",
            "无法读取 a.json：无法读取 b.json：it is a folder",
        ),
        ("a.json cannot be read: two\nlines", "无法读取 a.json：two\nlines"),
        ("reading a; the wizard needs a terminal", "正在读取 a；向导需要终端".replace("；", "; ")),
        ("mine: the wizard needs a terminal", "mine: 向导需要终端"),
        ("the wizard needs a terminal\n  x is there already\n", "向导需要终端\n  已有 x\n"),
    ],
)
def test_a_sentence_is_told_by_its_template(made: str, shown: str, chinese: None) -> None:
    assert told(made) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "3 of 4",
        "there is nothing",
        "srun: error: Unable to allocate resources",
        "timm/resnet50        4 stages",
        "READING x",
        "向导需要终端",
        "(1, 2): 3; 4",
        "a:\n\n\tb\r\n",
    ],
)
def test_foreign_text_is_left_alone(text: str, chinese: None) -> None:
    assert told(text) == text


@given(texts)
@quick
def test_english_is_as_it_is_made(text: str) -> None:
    assert told(text) == text


PIECES = [piece for text in SENTENCES for piece in re.split(r"(\{+\d?\}+)", text)]


@given(texts | st.lists(st.sampled_from([*PIECES, *language.JOINTS, "{", "}", "{0}", "%s", "\\"]) | texts).map("".join))
@quick
def test_no_text_is_too_much(text: str) -> None:
    language.use(CHINESE)
    try:
        assert isinstance(told(text), str)
    finally:
        language.use(ENGLISH)


def test_words_are_the_languages_in_force(chinese: None) -> None:
    marked = N_("list backbones")
    assert (marked, _(marked), _("list nothing")) == ("list backbones", "列出骨干网络", "list nothing")
    assert [ngettext("{count} image", "{count} images", count) for count in (1, 2)] == ["{count} 张图像"] * 2
    language.use(ENGLISH)
    assert (_(marked), ngettext("one", "many", 1), ngettext("one", "many", 2)) == (marked, "one", "many")


def test_no_word_is_no_word(chinese: None) -> None:
    assert _("") == ""


def test_the_edge_tells_people_and_not_programs(chinese: None, capsys: pytest.CaptureFixture[str]) -> None:
    inert.say("bbwizard is there already\n  reading x")
    say_error(NotWritable("a is not in b", "the wizard needs a terminal"))
    assert capsys.readouterr().err == "已有 bbwizard\n  正在读取 x\nbbwizard: b 里没有 a\n  向导需要终端\n"
    common.put(["reading x", "x is there\tand there"])
    assert capsys.readouterr().out == "正在读取 x\nx is there  and there\n"
    common.put_json({"text": "reading x"})
    inert.put_text("reading x\n")
    inert.put_path("reading x")
    assert capsys.readouterr().out == '{\n  "text": "reading x"\n}\nreading x\nreading x\n'


def test_what_is_being_done_is_told(
    chinese: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    common.narrate("reading x", 0, 0)
    common.narrate("reading x", 2, 7)
    assert capsys.readouterr().err == "正在读取 x\n正在读取 x（3/7）\n"


def status(words: list[str]) -> int:
    """What a call leaves with; argparse leaves by itself."""
    try:
        return run(words)
    except SystemExit as left:
        return int(left.code or 0)


@pytest.mark.parametrize("words", [["--lang", "zh_CN", "backbones", "--help"], ["backbones", "--lang=zh_CN", "--help"]])
def test_help_speaks_and_keeps_to_its_width(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert status(words) == DONE
    shown = capsys.readouterr().out
    assert shown.startswith("译usage: ")
    assert "列出骨干网络。" in shown
    assert "0    完成" in shown
    for own in ("译options", "译positional arguments", "译show this help message and exit"):
        assert own in shown
    assert "".join(shown.split()).count("给程序看的数据，写到标准输出。" * 5) == 1
    indented = [line for line in shown.splitlines() if line.startswith("     ")]
    assert max(map(cell_len, indented)) <= 80
    assert not any(line.lstrip().startswith(("，", "。")) for line in indented)
    usage = shown.split("\n\n")[0].splitlines()
    assert {cell_len(line) - cell_len(line.lstrip()) for line in usage[1:]} == {
        cell_len("译usage: bbwizard backbones ")
    }


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["nonsense"], "译invalid choice: 'nonsense'"),
        (["bases", "--nonsense"], "译unrecognized arguments: --nonsense"),
        (["write"], "译the following arguments are required: "),
        (["measure", "k", "--batch", "none"], "译invalid int value: 'none'"),
        (["presets", "--show"], "译expected one argument"),
        (["presets", "--diff", "a"], "需要 2 个参数"),
        (["compare"], "译the following arguments are required: "),
    ],
    ids=str,
)
def test_argparse_speaks_too(words: list[str], shown: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["--lang", "zh_CN", *words]) == WRONG_USAGE
    said = capsys.readouterr().err
    assert "译usage: bbwizard" in said
    assert re.search("译bbwizard.*: error: ", said)
    assert shown in said


@pytest.mark.parametrize("named", ["xx", "zh_TW", "zh-Hant", "e", ""])
def test_a_language_that_is_not_there_is_wrong_usage(named: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(["--lang", named, "keys"]) == WRONG_USAGE
    assert f"argument --lang: invalid choice: {named!r}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("named", "spoken"),
    [
        *((name, CHINESE) for name in ("zh", "ZH", "zh-CN", "zh_cn", "zh_CN.UTF-8", "zh_CN.utf8@x", "zh-Hans-CN")),
        *((name, ENGLISH) for name in ("EN", "en_US", "en-GB", "en_US.UTF-8")),
    ],
)
def test_a_language_may_be_named_as_a_locale_is(named: str, spoken: str) -> None:
    assert parser().parse_args(["--lang", named]).lang == spoken
    assert wanted(["--lang", named], {}) == spoken


@pytest.mark.parametrize(
    ("words", "locale", "said"),
    [
        (["--ascii", "--lang", "zh", "keys"], "C", True),
        (["--ascii", "keys"], "zh_CN.UTF-8", True),
        (["--ascii", "--lang", "en", "keys"], "zh_CN.UTF-8", False),
        (["--ascii", "--lang", "zh", "keys", "--json"], "C", False),
        (["--ascii", "keys"], "en_US.UTF-8", False),
        (["--lang", "zh", "keys"], "C", False),
    ],
    ids=str,
)
def test_where_ascii_leaves_no_chinese_that_is_said(
    words: list[str], locale: str, said: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    monkeypatch.delenv("LANGUAGE", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert run(words) == DONE
    told = "bbwizard: in English, since Chinese cannot be drawn with --ascii\n"
    assert capsys.readouterr().err == (told if said else "")


@pytest.mark.parametrize("words", [["doctor"], ["env", "create", "there"], ["keys"], ["schema"], ["results"]], ids=str)
def test_every_command_takes_a_language(words: list[str]) -> None:
    assert parser().parse_args([*words, "--lang", "zh_CN"]).lang == CHINESE
    assert parser().parse_args(["--lang", "zh_CN", *words]).lang == CHINESE


def test_json_is_english_whatever_is_spoken(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--lang", "zh_CN", "keys", "--json"]) == DONE
    assert {row["id"]: row["what"] for row in json.loads(capsys.readouterr().out)}
    assert _("list backbones") == "list backbones"


def test_a_catalog_keeps_what_is_known_and_drops_what_is_gone() -> None:
    known = polib.POFile()
    known.metadata = {"Plural-Forms": "nplurals=1; plural=0;"}
    known.append(polib.POEntry(msgid="old", msgstr="旧"))
    known.append(polib.POEntry(msgid="kept", msgstr="留"))
    known.append(polib.POEntry(msgid="{n} one", msgid_plural="{n} many", msgstr_plural={0: "{n} 个"}))
    renewed = translations.renewed(known, {"kept": ["a.py"], "new {0}": [], "{n} one\0{n} many": [], "a\0b": []})
    assert [(entry.msgid, entry.msgstr, dict(entry.msgstr_plural)) for entry in renewed] == [
        ("kept", "留", {}),
        ("new {0}", "", {}),
        ("{n} one", "", {0: "{n} 个"}),
        ("a", "", {0: ""}),
    ]


def test_the_environment_of_what_is_started_names_the_language(chinese: None) -> None:
    assert os.environ["LANGUAGE"] == CHINESE
