"""Atomic writes: over what was seen and nothing else, and every way in which a file cannot be written, in words."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from bbwizard import atomic
from bbwizard.atomic import NOTHING, STALE, look
from bbwizard.errors import ChangedMeanwhile, WriteRefused
from bbwizard.refusals import REASONS


def test_writes_makes_folders_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "x.py"
    atomic.write_text(path, "é\r\n")
    assert path.read_bytes() == b"\xc3\xa9\r\n"
    path.chmod(0o640)
    atomic.write_text(path, "2")
    assert path.read_text() == "2"
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.listdir(path.parent) == ["x.py"]


def test_a_new_file_has_the_permissions_that_the_umask_leaves(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        atomic.write_text(tmp_path / "x.py", "1")
    finally:
        os.umask(mask)
    assert (tmp_path / "x.py").stat().st_mode & 0o777 == 0o640


def test_a_name_outlasts_a_loss_of_power(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced, sync, held = [], os.fsync, os.listdir

    def noted(handle: int) -> None:
        sync(handle)
        synced.append(sorted(held(handle)) if stat.S_ISDIR(os.fstat(handle).st_mode) else "a file")

    monkeypatch.setattr(os, "fsync", noted)
    for over in (NOTHING, atomic.ANYTHING):
        atomic.write_text(tmp_path / "x.py", "1", over=over)
        assert synced[0] == "a file"
        assert "x.py" in synced.pop()
        synced.clear()
    atomic.move(tmp_path / "x.py", tmp_path / "y.py")
    assert synced == [["y.py"]]


def test_a_disk_that_promises_nothing_of_its_folders_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sync = os.fsync

    def refuse(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        sync(handle)

    monkeypatch.setattr(os, "fsync", refuse)
    atomic.write_text(tmp_path / "x.py", "1")
    assert (tmp_path / "x.py").read_text() == "1"


# Over what was seen


def test_nothing_is_replaced_where_nothing_was_seen(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    assert look(path) == NOTHING
    written = atomic.write_text(path, "1", over=NOTHING)
    assert written == look(path)
    with pytest.raises(ChangedMeanwhile, match="is there already"):
        atomic.write_text(path, "2", over=NOTHING)
    assert path.read_text() == "1"
    atomic.write_text(path, "3", over=written)
    assert path.read_text() == "3"
    assert os.listdir(tmp_path) == ["x.py"]


def test_a_file_that_another_wrote_or_removed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    seen = atomic.write_text(path, "1")
    path.write_text("another's")
    with pytest.raises(ChangedMeanwhile, match="changed by something else"):
        atomic.write_text(path, "2", over=seen)
    assert path.read_text() == "another's"
    path.unlink()
    with pytest.raises(ChangedMeanwhile, match="removed by something else"):
        atomic.write_text(path, "2", over=seen)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("links", [True, False], ids=["links", "a disk without second names"])
def test_a_file_that_appears_in_the_last_moment_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    path, link = tmp_path / "x.py", os.link

    def late(new: Path, target: Path) -> None:
        target.write_text("another's")
        if not links:
            raise PermissionError(errno.EPERM, "no second names")
        link(new, target)

    monkeypatch.setattr(os, "link", late)
    with pytest.raises(ChangedMeanwhile, match="is there already"):
        atomic.write_text(path, "2", over=NOTHING)
    assert path.read_text() == "another's"
    assert os.listdir(tmp_path) == ["x.py"]


def test_a_disk_without_second_names_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(new: Path, target: Path) -> None:
        raise PermissionError(errno.EPERM, "no second names")

    monkeypatch.setattr(os, "link", refuse)
    atomic.write_text(tmp_path / "x.py", "1", over=NOTHING)
    atomic.move(tmp_path / "x.py", tmp_path / "y.py")
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("y.py", "1")]


def test_a_file_gets_no_name_that_another_has(tmp_path: Path) -> None:
    (tmp_path / "old").write_text("mine")
    (tmp_path / "taken").write_text("yours")
    with pytest.raises(ChangedMeanwhile, match="taken is there already"):
        atomic.move(tmp_path / "old", tmp_path / "taken")
    atomic.move(tmp_path / "old", tmp_path / "new")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"new": "mine", "taken": "yours"}
    with pytest.raises(WriteRefused, match="or its folder, is not there"):
        atomic.move(tmp_path / "old", tmp_path / "newer")


# Links


def test_a_link_stays_a_link_and_its_file_is_written(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "target")
    atomic.write_text(tmp_path / "link", "1")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "1"
    with pytest.raises(ChangedMeanwhile):
        atomic.write_text(tmp_path / "link", "2", over=NOTHING)


@pytest.mark.parametrize("path", ["link", "link/x.py"])
def test_no_folder_is_made_where_a_link_leads_to_none(tmp_path: Path, path: str) -> None:
    away = tmp_path / "unmounted" / "mine"
    (tmp_path / "link").symlink_to(away)
    with pytest.raises(WriteRefused, match=rf"{tmp_path}/link is a link to {away}, which is not there") as refused:
        atomic.write_text(tmp_path / path, "1")
    assert "mount its disk" in refused.value.hint
    assert os.listdir(tmp_path) == ["link"]


# What cannot be written

OBSTACLES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a folder": (lambda folder: folder, "it is a folder"),
    "up from nowhere": (lambda folder: folder / "nosuch" / ".." / "x.py", "nosuch is not there"),
    "below a file": (lambda folder: folder / "file" / "x.py", "a part of its path is no folder"),
    "links in a circle": (lambda folder: folder / "round", "its links lead in a circle"),
    "below links in a circle": (lambda folder: folder / "round" / "x.py", "its links lead in a circle"),
    "too long a name": (lambda folder: folder / ("x" * 256), "its name is too long"),
    "a NUL": (lambda folder: folder / "a\0b", "is no name for a file"),
    "half a sign": (lambda folder: folder / "\ud800", "is no name for a file"),
    "a pipe": (lambda folder: folder / "pipe", "it is a device or a pipe"),
    "a device": (lambda folder: Path(os.devnull), "it is a device or a pipe"),
    "without a home": (lambda folder: Path(os.devnull, "bbwizard", "x.json"), "there is no home folder"),
}


@pytest.mark.parametrize("name", OBSTACLES)
def test_what_stands_in_the_way_is_named_and_left_alone(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "round").symlink_to(tmp_path / "round")
    os.mkfifo(tmp_path / "pipe")
    place, words = OBSTACLES[name]
    with pytest.raises(WriteRefused, match=words) as refused:
        atomic.write_text(place(tmp_path), "1")
    assert refused.value.hint
    assert "\n" not in refused.value.text
    assert not atomic.holds(place(tmp_path), "1")
    assert (tmp_path / "file").read_text() == "mine"
    assert sorted(os.listdir(tmp_path)) == ["file", "pipe", "round"]


@pytest.mark.parametrize("code", [*REASONS, errno.EAGAIN], ids=errno.errorcode.get)
def test_whatever_the_system_says_the_old_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    path = tmp_path / "x.py"
    path.write_text("old")

    def fail(handle: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    words = REASONS[code][0] if code in REASONS else os.strerror(code).lower()
    with pytest.raises(WriteRefused, match=f"x.py cannot be written: {words}") as refused:
        atomic.write_text(path, "new")
    assert refused.value.hint
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["x.py"]


def test_a_sign_that_utf_8_has_not_is_named(tmp_path: Path) -> None:
    with pytest.raises(WriteRefused, match=r"UTF-8 has no '\\udcff'"):
        atomic.write_text(tmp_path / "x.sh", "train \udcff.py")
    assert os.listdir(tmp_path) == []


AS_SOMEBODY = """
import os, sys
from pathlib import Path
from bbwizard import atomic
from bbwizard.errors import WriteRefused
if os.geteuid() == 0:
    os.setuid(65534)
for name in sys.argv[1:]:
    try:
        atomic.write_text(Path(name), "new")
    except WriteRefused as error:
        print(error.text)
"""


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that every user can look into, which those of tests are not."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


def test_what_the_user_may_not_write_is_left_alone(public: Path) -> None:
    shut, guarded = public / "shut", public / "open" / "guarded.py"
    for made in (shut, guarded.parent):
        made.mkdir()
    guarded.write_text("old")
    guarded.chmod(0o444)
    guarded.parent.chmod(0o777)
    shut.chmod(0o555)
    said = ran(AS_SOMEBODY, str(shut / "x.py"), str(guarded)).stdout.splitlines()
    assert said == [f"{path} cannot be written: permission is denied" for path in (shut / "x.py", guarded)]
    assert guarded.read_text() == "old"


LIMITED = """
import resource, sys
from pathlib import Path
from bbwizard import atomic
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
atomic.write_text(Path(sys.argv[1]), "x" * 5000)
"""


def test_a_file_larger_than_allowed_is_said_and_the_old_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text("old")
    assert "WriteRefused: " in ran(LIMITED, str(path)).stderr
    assert "larger than this shell lets a file be" in ran(LIMITED, str(path)).stderr
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["x.py"]


ON_A_DISK_OF_ITS_OWN = """
import os, subprocess, sys
from pathlib import Path
from bbwizard import atomic
from bbwizard.errors import WriteRefused
path = Path(sys.argv[1]) / "x.py"
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", path.parent], check=True)
atomic.write_text(path, "old")
def refused(text):
    try:
        atomic.write_text(path, text)
    except WriteRefused as error:
        print(error.text.partition(": ")[2], path.read_text(), os.listdir(path.parent))
refused("x" * 200_000)
subprocess.run(["mount", "-o", "remount,ro", path.parent], check=True)
refused("new")
"""


def test_a_full_and_a_read_only_disk_are_named_and_the_old_file_stays(tmp_path: Path) -> None:
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip("nothing may be mounted here; the system's errors are tested all the same")
    found = ran(ON_A_DISK_OF_ITS_OWN, str(tmp_path), before=["unshare", "-rm"])
    assert found.stdout.splitlines() == ["its disk is full old ['x.py']", "its disk is read-only old ['x.py']"]


KILLED = """
import os, signal, sys
from pathlib import Path
from bbwizard import atomic
os.fsync = lambda handle: os.kill(os.getpid(), signal.SIGKILL)
atomic.write_text(Path(sys.argv[1]), "new")
"""


def test_what_a_killed_process_left_goes_with_a_later_write(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_text("old")
    assert ran(KILLED, str(path)).returncode == -signal.SIGKILL
    assert path.read_text() == "old"
    [left] = tmp_path.glob(".bbwizard-*.new")
    atomic.write_text(path, "newer")
    assert left.exists(), "it may be another's that is just being written"
    long_ago = path.stat().st_mtime - STALE - 1
    os.utime(left, (long_ago, long_ago))
    atomic.write_text(tmp_path / "y.py", "1")
    assert sorted(os.listdir(tmp_path)) == ["x.py", "y.py"]


def ran(code: str, *words: str, before: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """A process of its own, with bbwizard at hand, started by the words `before` it."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([*before, sys.executable, "-c", code, *words], env=environ, capture_output=True, text=True)
