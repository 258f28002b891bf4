"""The probing half behind real launch prefixes: ssh to a real server, srun of a real Slurm."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import pytest

import bbwizard.probe as client
from bbprobe.protocol import Hello
from bbwizard.errors import NotLaunched, ProbeCancelled, ProbeCrashed, ProbeTimeout
from bbwizard.probe import ProbingHalf
from stacks.command_line import SOURCES, bbwizard

from .daemons import started_with, until
from .slurm import Slurm
from .sshd import Sshd

SRUN = ("srun", "--gres=gpu:1")
NOT_THERE = "/not/there/bin/python"


@asynccontextmanager
async def probing(
    tmp_path: Path, launch: tuple[str, ...], python: str = sys.executable, heard: Callable[[str], None] = print
) -> AsyncIterator[ProbingHalf]:
    half = ProbingHalf(python, launch=launch, log=tmp_path / "probe.log", heard=heard)
    try:
        yield half
    finally:
        await half.close()


async def hello(half: ProbingHalf) -> Hello:
    return await half.request("hello", {}, Hello, limit=60)


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


async def test_ssh_brings_it_up_and_leaves_nothing_behind(server: Sshd, tmp_path: Path):
    async with probing(tmp_path, server.prefix("there")) as half:
        pid = (await hello(half)).pid
    until(lambda: gone(pid), "the far process has ended")


@pytest.mark.parametrize(
    ("host", "python", "words", "hint"),
    [
        ("stranger", sys.executable, "Host key verification failed.", "accept its key in a shell first"),
        ("keyless", sys.executable, "Permission denied (publickey).", "ssh-copy-id keyless"),
        ("nowhere.invalid", sys.executable, "Could not resolve hostname nowhere.invalid", "`ssh nowhere.invalid true`"),
        ("there", NOT_THERE, f"{NOT_THERE}: No such file or directory", "--python PATH"),
    ],
)
async def test_what_ssh_does_not_do_is_said_in_its_own_last_words(server, tmp_path, host, python, words, hint):
    async with probing(tmp_path, server.prefix(host), python) as half:
        with pytest.raises(NotLaunched) as refusal:
            await hello(half)
    assert refusal.value.text.startswith(shlex.join(server.prefix(host)))
    assert words in refusal.value.text
    assert hint in refusal.value.hint


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """What the launch prefix and all that it starts can be counted by."""
    monkeypatch.setenv("ONE_TEST", str(tmp_path))
    return f"ONE_TEST={tmp_path}"


async def test_srun_brings_it_up_and_its_job_ends_with_it(queue: Slurm, tmp_path: Path, mark: str):
    async with probing(tmp_path, SRUN) as half:
        pid = (await hello(half)).pid
        assert queue.jobs == ["RUNNING"]
        assert pid in started_with(mark)
    until(lambda: not started_with(mark), "all that was started has ended")
    queue.empty()


@pytest.mark.parametrize(
    ("words", "python", "said", "hint"),
    [
        (("--partition=nope",), sys.executable, "invalid partition specified: nope", "`sinfo` lists the partitions"),
        (("--gres=gpu:99",), sys.executable, "node configuration is not available", "sinfo -o"),
        ((), NOT_THERE, f"{NOT_THERE}: No such file or directory", "--python PATH"),
    ],
)
async def test_what_srun_does_not_do_is_said_in_its_own_last_words(queue, tmp_path, words, python, said, hint):
    async with probing(tmp_path, (*SRUN, *words), python) as half:
        with pytest.raises(NotLaunched) as refusal:
            await hello(half)
    assert said.lower() in refusal.value.text.lower()
    assert hint in refusal.value.hint


async def test_a_queued_job_says_so_and_comes_up_when_there_is_room(queue: Slurm, tmp_path: Path):
    heard: asyncio.Queue[str] = asyncio.Queue()
    with queue.full() as job:
        async with probing(tmp_path, SRUN, heard=heard.put_nowait) as half:
            asked = asyncio.create_task(hello(half))
            while "queued and waiting for resources" not in await heard.get():
                pass
            assert sorted(queue.jobs) == ["PENDING", "RUNNING"]
            queue.run("scancel", job)
            assert (await asked).pid


async def test_a_queued_job_is_taken_back_when_nobody_waits_for_it(queue: Slurm, tmp_path: Path, mark: str):
    heard: asyncio.Queue[str] = asyncio.Queue()
    with queue.full():
        async with probing(tmp_path, SRUN, heard=heard.put_nowait) as half:
            asked = asyncio.create_task(hello(half))
            while "queued and waiting for resources" not in await heard.get():
                pass
            assert started_with(mark)
        assert queue.jobs == ["RUNNING"]
        assert started_with(mark) == []
        with pytest.raises((asyncio.CancelledError, ProbeCancelled)):
            await asked


def queued(pid: int) -> bool:
    """Whether a process is an srun that waits for its turn.

    One that is told to end after it has said so, but before it waits, takes its job back and waits on, for nobody.
    """
    process = Path("/proc") / str(pid)
    try:
        return (process / "comm").read_text() == "srun\n" and "poll" in (process / "wchan").read_text()
    except OSError:
        return False


PLANTED = """
import threading
def hang(task):
    threading.Event().wait()
"""


@pytest.fixture
def hanging(monkeypatch: pytest.MonkeyPatch) -> None:
    """A method that never answers."""
    real = client.sources()
    server = f'{real["bbprobe.server"]}\nMETHODS["hang"] = "bbprobe.planted:hang"\n'
    monkeypatch.setattr(client, "sources", lambda: {**real, "bbprobe.planted": PLANTED, "bbprobe.server": server})


async def test_a_hang_on_the_node_ends_at_its_limit_and_the_next_request_gets_a_new_job(queue, tmp_path, hanging):
    async with probing(tmp_path, SRUN) as half:
        pid = (await hello(half)).pid
        with pytest.raises(ProbeTimeout):
            await half.request("hang", {}, object, limit=0.1)
        assert (await hello(half)).pid != pid
        until(lambda: gone(pid), "the process that hung has ended")


async def test_a_job_that_is_cancelled_from_outside_is_an_answer(queue, tmp_path, hanging):
    async with probing(tmp_path, SRUN) as half:
        await hello(half)
        asked = asyncio.create_task(half.request("hang", {}, object, limit=60))
        await asyncio.sleep(0)
        queue.run("scancel", "--partition=gpu")
        with pytest.raises(ProbeCrashed, match="(?i)cancelled|terminated"):
            await asked


@pytest.mark.parametrize(("ending", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -signal.SIGKILL)])
def test_the_command_line_says_that_it_waits_and_its_end_takes_the_job_back(queue, mark, ending, status):
    words = ["probe", "mmcls/ShuffleNetV2", "--launch", shlex.join(SRUN), "--python", sys.executable]
    with queue.full():
        with (
            subprocess.Popen(
                [sys.executable, "-m", "bbwizard", *words],
                env={**os.environ, "PYTHONPATH": str(SOURCES)},
                stdin=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            ) as call,
            ExitStack() as ends,
        ):
            ends.callback(call.kill)
            assert call.stderr is not None
            assert "queued and waiting for resources" in call.stderr.readline()
            until(lambda: any(map(queued, started_with(mark))), "srun waits for its job")
            call.send_signal(ending)
            assert call.wait(60) == status
            assert ("interrupted" in call.stderr.read()) == (ending == signal.SIGINT)
        until(lambda: not started_with(mark), "all that was started has ended")
        assert queue.jobs == ["RUNNING"]


@pytest.mark.parametrize("stack", ["2.28"], indirect=True)
def test_a_backbone_is_probed_on_another_node(stack, queue: Slurm):
    words = ["mmcls/ShuffleNetV2", "--launch", shlex.join(SRUN), "--python", stack.python, "--json"]
    found = bbwizard("probe", *words).data
    assert [stage["channels"] for stage in found["stages"]][:3] == [116, 232, 464]


def test_an_environment_without_torch_is_refused_there_too(server: Sshd):
    said = bbwizard("bases", "--launch", shlex.join(server.prefix("there")), "--python", sys.executable)
    assert said.status == 1
    assert "has no torch and no mmdet" in said.err
