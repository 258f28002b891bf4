"""The files that bbwizard keeps for itself: whatever is in them stops nothing, is said, and is never deleted."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest
from facts import ENTRY, ENVIRONMENT, RETINANET, SHUFFLENET
from hypothesis import given, settings
from hypothesis import strategies as st

from bbwizard import atomic, drafts, environments, kept, keymap, looks, paths, preset_book, presets, verdicts
from bbwizard.drafts import Draft, Left
from bbwizard.env_create import folder as env_folder
from bbwizard.environments import memory
from bbwizard.errors import PresetError
from bbwizard.recipe import Recipe
from bbwizard.screens.resume import summary, when
from bbwizard.verdicts import Verdicts

RECIPE = Recipe(base="yolox/yolox_s_8x8_300e_coco.py", backbone="mmcls/ShuffleNetV2", stages=(0, 1, 3), gpus=2)
DRAFT = Draft("/envs/a/python", 4, RECIPE, output="/new.py", marked=("timm/resnet50",), filters={3: "res"}, pid=1 << 30)
MEMORY = memory.Memory({"gpu01": "/envs/a/bin/python"}, ["/envs/b/bin/python"], "/home/me/mmdetection")


def answers() -> verdicts.Kept:
    """What two backbones and a base config answered."""
    found = Verdicts()
    found.put(ENTRY, SHUFFLENET)
    found.refuse(replace(ENTRY, name="timm/other"), "no such arch")
    found.put_base(RETINANET)
    return found._new


# Every way in which a file is not as it was written

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.integers(10**30, 10**400) | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@st.composite
def spoiled(draw: st.DrawFn, whole: bytes) -> bytes:
    """A file's bytes, cut off, or some of them others, or other values by the same keys, or something else."""
    kind = draw(st.sampled_from(["cut", "flipped", "values", "other", "nested", "raw"]))
    if kind == "cut":
        return whole[: draw(st.integers(0, len(whole) - 1))]
    if kind == "flipped":
        data = bytearray(whole)
        for place in draw(st.lists(st.integers(0, len(whole) - 1), min_size=1, max_size=4)):
            data[place] ^= draw(st.integers(1, 255))
        return bytes(data)
    if kind == "values":
        head, _, body = whole.rpartition(b"\n") if whole.startswith(b'{"bbwizard"') else (b"", b"", whole)
        tree = json.loads(body)
        tree[draw(st.sampled_from(sorted(tree)))] = draw(anything)
        return b"\n".join(filter(None, [head, json.dumps(tree).encode()]))
    if kind == "nested":
        return draw(st.sampled_from([b"[", b'{"a":', b"[[{"])) * draw(st.sampled_from([500, 20_000]))
    return json.dumps(draw(anything)).encode() if kind == "other" else draw(st.binary(max_size=200))


@contextmanager
def home() -> Iterator[None]:
    """Folders of its own for each example of a property; a test's own would be those of them all."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            patch.setenv(f"XDG_{kind}_HOME", str(Path(folder) / kind))
        patch.setattr(kept, "SAID", set())
        patch.setattr(kept.WORDS, "disabled", True)
        yield


def put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def lying(path: Path) -> list[bytes]:
    """What lies by this name, or was set aside from it."""
    return [found.read_bytes() for found in path.parent.glob(f"{path.name}*")]


@given(data=spoiled(msgspec.json.encode(DRAFT)))
@settings(deadline=None)
def test_a_draft_is_whole_or_set_aside(data: bytes) -> None:
    with home():
        path = put(drafts.folder() / "one.json", data)
        for left in drafts.left():
            assert summary(left)
            assert when(left.draft.saved)
            assert 1 <= left.draft.step <= 5
            assert presets.dump(left.draft.recipe)
        assert lying(path) == [data]


@given(data=spoiled(verdicts.sealed(answers()).encode()))
@settings(deadline=None)
def test_what_backbones_answered_is_as_they_answered_or_set_aside(data: bytes) -> None:
    with home():
        path = put(paths.cache() / "verdicts-0.json", data)
        found = Verdicts(path)
        found_all = found._kept == answers()
        assert found_all or found._kept == verdicts.Kept()
        found.put(ENTRY, SHUFFLENET)
        found.save()
        assert Verdicts(path)._kept.backbones.keys() >= {ENTRY.name}
        assert found_all or data in lying(path)


@given(data=spoiled(msgspec.json.encode(MEMORY)))
@settings(deadline=None)
def test_what_is_remembered_of_environments_is_whole_or_set_aside(data: bytes) -> None:
    with home():
        path = put(memory.file(), data)
        assert all(isinstance(python, str) for python in environments.made())
        assert isinstance(environments.mmdet_root(), str)
        environments.remember(sys.executable)
        assert environments.remembered() == sys.executable
        assert data in lying(path) or kept.read(path, memory.decode, "") is not None


@given(data=spoiled(json.dumps({"bbwizard": 1, "base": "b", "backbone": "k", "stages": [{"index": 0}]}).encode()))
@settings(deadline=None, max_examples=25)
def test_a_preset_opens_or_is_listed_with_its_fault(data: bytes) -> None:
    with home():
        path = put(paths.presets() / "mine.yaml", data)
        page = preset_book.page(path, preset_book.YOURS)
        assert page.summary or page.error
        assert lying(path) == [data]


@given(data=spoiled(json.dumps({"stack": "2.28", "done": ["torch"], "ops": "cpu"}).encode()))
@settings(deadline=None)
def test_the_note_of_an_unfinished_environment_is_whole_or_none(data: bytes) -> None:
    with home():
        path = put(paths.state() / env_folder.NOTE, data)
        found = env_folder.read_note(path.parent)
        assert found is None or isinstance(found.done, list)
        assert lying(path) == [data]


# What is said


def test_what_cannot_be_read_is_said_and_keeps_what_was_set_aside_before(caplog: pytest.LogCaptureFixture) -> None:
    path = put(memory.file(), b"{")
    assert environments.made() == []
    put(path, msgspec.json.encode(replaced(MEMORY, version=99)))
    assert environments.made() == []
    name = path.name + kept.UNREADABLE
    assert sorted(found.name for found in path.parent.iterdir()) == [name, f"{name}1"]
    assert caplog.messages == [
        f"what was remembered of environments cannot be read: kept as {path}{kept.UNREADABLE}",
        f"what was remembered of environments cannot be read: kept as {path}{kept.UNREADABLE}1",
    ]


def test_no_pipe_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    preset = paths.presets() / "mine.yaml"
    for place in (memory.file(), drafts.folder() / "one.json", keymap.file(), looks.file(), preset):
        paths.made(place.parent)
        os.mkfifo(place)
    assert environments.made() == []
    assert drafts.left() == []
    assert [message.rpartition(": ")[2] for message in caplog.messages] == ["it is a device or a pipe"] * 2
    assert "it is a device or a pipe" in keymap.read().faults[0]
    assert looks.read() == {}
    assert preset_book.find("mine").error == f"{preset}: it is a device or a pipe"
    with pytest.raises(PresetError, match="it is a device or a pipe"):
        preset_book.opened("mine")


def replaced(memory: memory.Memory, **fields: object) -> memory.Memory:
    return msgspec.structs.replace(memory, **fields)


def test_that_nothing_can_be_kept_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    for folder in (paths.state(), paths.cache()):
        put(folder, b"a file in its place: permissions do not stop root")
    environments.remember("/envs/a/bin/python")
    environments.record_made("/envs/a/bin/python")
    answered = Verdicts.of(ENVIRONMENT)
    answered.put(ENTRY, SHUFFLENET)
    answered.save()
    drafts.Desk().keep(DRAFT)
    [said] = caplog.messages
    assert said.startswith("nothing is kept for the next time: ")
    assert said.endswith("environments.json cannot be written: a part of its path is no folder")


@pytest.fixture
def homeless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without a home folder, whom the system does not know either."""

    def unknown(number: int) -> None:
        raise KeyError(number)

    for name in ("HOME", *(f"XDG_{kind}_HOME" for kind in ("CONFIG", "DATA", "STATE", "CACHE"))):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)


def test_without_a_home_nothing_is_kept_and_nothing_stops(
    homeless: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    environments.remember("/envs/a/bin/python")
    assert environments.remembered() is None
    assert drafts.left() == drafts.left(declined=True) == []
    drafts.Desk().keep(DRAFT)
    assert {page.origin for page in preset_book.pages()} == {preset_book.SHIPPED}
    assert caplog.messages == ["nothing is kept for the next time: there is no home folder (HOME is not set)"]
    assert os.listdir(tmp_path) == []


def test_a_log_goes_among_the_temporary_files_where_there_is_no_home(homeless: None, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path))
        place = kept.log("probe-1.log")
    assert place.parent == tmp_path
    assert os.listdir(tmp_path) == []
    with kept.appended(place) as log:
        log.write(b"said")
    assert place.read_bytes() == b"said"
    assert place.stat().st_mode & 0o777 == 0o600


LOGGED = """
import sys
from bbwizard import kept
if sys.argv[1] == "homeless":
    kept.paths.made = lambda folder: None
place = kept.log("probe-1.log")
kept.appended(place).write(b"said")
if sys.argv[2] == "named":
    kept.outlast(place)
print(place)
"""


@pytest.mark.parametrize(("home", "named", "there"), [("homeless", "", False), ("homeless", "named", True)])
def test_a_temporary_log_goes_with_its_process_unless_the_user_was_told_of_it(
    tmp_path: Path, home: str, named: str, there: bool
) -> None:
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "TMPDIR": str(tmp_path)}
    words = [sys.executable, "-c", LOGGED, home, named]
    place = subprocess.run(words, env=environ, capture_output=True, text=True, check=True).stdout.strip()
    assert Path(place).parent == tmp_path
    assert Path(place).exists() == there


def test_old_logs_and_declined_sittings_go() -> None:
    for number in range(kept.LOGS + 5):
        with kept.appended(kept.log(f"probe-n1-{number}.log")):
            pass
        os.utime(kept.log(f"probe-n1-{number}.log"), (number, number))
    held = {path.name for path in paths.logs().iterdir()}
    assert held == {f"probe-n1-{number}.log" for number in range(4, kept.LOGS + 5)}
    for number in range(drafts.MOST_DECLINED + 2):
        path = put(drafts.folder() / f"{number}.json", msgspec.json.encode(DRAFT))
        os.utime(path, (number, number))
        drafts.decline(Left(path, DRAFT))
    assert {path.stem for path in (drafts.folder() / drafts.DECLINED).iterdir()} == {
        str(number) for number in range(2, drafts.MOST_DECLINED + 2)
    }


def test_a_log_that_cannot_be_written_is_done_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    with kept.appended(tmp_path / "file" / "log") as log:
        log.write(b"lost")
    [said] = caplog.messages
    assert said.startswith("no log is kept: ")


# Several processes at once

HAMMER = """
import sys
from dataclasses import replace
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from facts import ENTRY, SHUFFLENET
from bbwizard import drafts, environments, kept
from bbwizard.verdicts import Verdicts
from test_kept import DRAFT
mine, desk, cache = sys.argv[1], drafts.Desk(), Path("verdicts-0.json").absolute()
desk.path = drafts.folder() / "shared.json"
for turn in range(15):
    environments.record_made(f"/envs/{mine}-{turn}/bin/python")
    desk.keep(replace(DRAFT, filters={3: f"{mine}-{turn}" * 200}))
    answers = Verdicts(cache)
    answers.put(replace(ENTRY, name=f"timm/{mine}-{turn}"), SHUFFLENET)
    answers.save()
"""


def test_every_read_is_whole_while_several_processes_write(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    folders = [str(Path(__file__).parent), *filter(None, sys.path)]
    writers = [
        subprocess.Popen([sys.executable, "-c", HAMMER, str(number), *folders], cwd=tmp_path, env=environ)
        for number in range(3)
    ]
    files: dict[Path, Callable[[bytes], object]] = {
        memory.file(): memory.decode,
        drafts.folder() / "shared.json": drafts.decode,
        tmp_path / "verdicts-0.json": verdicts.opened,
    }
    reads = 0
    while any(writer.poll() is None for writer in writers):
        for path, decode in files.items():
            if path.exists():
                decode(path.read_bytes())
                reads += 1
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert reads > 20
    assert {file.name for path in files for file in path.parent.iterdir() if file.is_file()} == {p.name for p in files}
    made = memory.decode(memory.file().read_bytes()).made
    known = verdicts.opened((tmp_path / "verdicts-0.json").read_bytes()).backbones
    assert any(f"/envs/{number}-14/bin/python" in made for number in range(3))
    assert any(f"timm/{number}-14" in known for number in range(3))


def test_what_another_kept_meanwhile_is_kept_too() -> None:
    turns = iter("abcd")

    def change() -> str:
        mine = next(turns)
        if mine in "ab":
            atomic.write_text(path, f"another's {mine}")
        return f"{mine} after {path.read_text() if path.exists() else None}"

    path = paths.state() / "x.json"
    assert kept.renew(path, change)
    assert path.read_text() == "c after another's b"


def test_a_name_that_is_no_text_is_said_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    desk = drafts.Desk()
    desk.keep(replace(DRAFT, recipe=replace(RECIPE, base="/configs/\udcff.py")))
    found = Verdicts.of(ENVIRONMENT)
    found.put_base(replace(RETINANET, path="/configs/\udcff.py"))
    found.save()
    assert [said.partition(" ")[2] for said in caplog.messages] == ["is not kept: a name in it is no UTF-8"] * 2


def test_words_reach_stderr_as_they_are() -> None:
    code = "from bbwizard import kept; kept.say('50% of [/x]'); kept.say('50% of [/x]')"
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    said = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert (said.stdout, said.stderr) == ("", "50% of [/x]\n")
    assert logging.lastResort is not None
