"""Whose turn it is, who is to blame where a process ends, and that nothing waits for ever."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import bbwizard.pipe as pipe
import bbwizard.probe as client
from bbwizard.errors import ProbeCancelled, ProbeCrashed, ProbeError, ProbeGarbled, ProbeTimeout
from bbwizard.pipe import Pipe
from bbwizard.probe import ProbingHalf

PLANTED = """
import os, signal, sys, threading, time

def echo(task, value):
    return value

def complain(task):
    sys.stderr.write("an old complaint\\n")
    sys.stderr.flush()

def pid(task):
    task.progress("under way")
    return os.getpid()

def segfault(task):
    task.progress("under way")
    threading.Event().wait(0.3)
    os.kill(os.getpid(), signal.SIGSEGV)

def hang(task):
    task.progress("under way")
    threading.Event().wait()

def flood(task, lines):
    with task._server._write_lock:
        for number in range(lines):
            task._server.writer.write(
                b'{"method": "$/progress", "params": {"id": %d, "text": "", "done": %d}}\\n' % (task._id, number))
            task._server.writer.write(
                b'{"method": "$/partial", "params": {"id": %d, "result": %d}}\\n' % (task._id, number))
        task._server.writer.flush()

def nap(task, seconds):
    time.sleep(seconds)
    return "awake"

def suspend(task):
    os.kill(os.getpid(), signal.SIGSTOP)

def quit(task):
    sys.exit(3)

def not_json(task):
    return {"loss": float("nan")}

def long_line(task):
    task._server.put(b"x" * 20_000_000)
    threading.Event().wait()

def orphan(task, holder):
    if os.fork() == 0:
        os.setsid()
        with open(holder, "w") as file:
            file.write(str(os.getpid()))
        time.sleep(60)
        os._exit(0)
    while not os.path.exists(holder) or not os.path.getsize(holder):
        time.sleep(0.01)
    os._exit(5)
"""
NAMES = [line[4 : line.index("(")] for line in PLANTED.splitlines() if line.startswith("def ")]
HELLO = """#!/bin/sh
read sources
read hello
echo '{"jsonrpc": "2.0", "id": 1, "result": {"protocol": 1, "python": "3", "executable": "x", "pid": 1}}'
"""


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sources that travel as always, with methods that misbehave on demand."""
    real = client.sources()
    methods = "\n".join(f'METHODS["{name}"] = "bbprobe.planted:{name}"' for name in NAMES)
    carried = {**real, "bbprobe.planted": PLANTED, "bbprobe.server": f"{real['bbprobe.server']}\n{methods}\n"}
    monkeypatch.setattr(client, "sources", lambda: carried)


@pytest.fixture
async def half(tmp_path: Path) -> AsyncIterator[ProbingHalf]:
    half = ProbingHalf(sys.executable, log=tmp_path / "probe.log")
    yield half
    await half.close()


def talker(tmp_path: Path, script: str) -> ProbingHalf:
    """A half whose interpreter is a shell script."""
    path = tmp_path / "python"
    path.write_text(script)
    path.chmod(0o755)
    return ProbingHalf(str(path), log=tmp_path / "probe.log")


async def ask(half: ProbingHalf, method: str, limit: float = 30, **params: Any) -> Any:
    options = {key: params.pop(key) for key in ("group", "progress") if key in params}
    return await half.request(method, params, object, limit=limit, **options)


async def begun(half: ProbingHalf, method: str, **params: Any) -> asyncio.Task[Any]:
    """A request whose turn has come."""
    started = asyncio.Event()
    asked = asyncio.create_task(ask(half, method, progress=lambda *_: started.set(), **params))
    await started.wait()
    return asked


async def test_a_crash_is_told_to_the_one_whose_turn_it_was_and_the_others_are_asked_again(half):
    dying = await begun(half, "segfault")
    others = [asyncio.create_task(ask(half, "echo", value=number)) for number in range(3)]
    with pytest.raises(ProbeCrashed, match="SIGSEGV"):
        await dying
    assert await asyncio.gather(*others) == [0, 1, 2]


async def test_the_last_words_of_a_crash_are_its_own(half):
    await ask(half, "complain")
    with pytest.raises(ProbeCrashed) as failure:
        await ask(half, "segfault")
    assert "an old complaint" not in failure.value.text


async def test_a_crash_over_what_nobody_wants_any_more_is_told_to_nobody(half):
    dying = await begun(half, "segfault", group="highlight")
    assert await ask(half, "echo", value="the next row", group="highlight") == "the next row"
    with pytest.raises(ProbeCancelled):
        await dying


async def test_what_hangs_for_nobody_is_stopped_once_somebody_waits_behind_it(half, monkeypatch):
    monkeypatch.setattr(pipe, "GIVING_UP", 0.2)
    hanging = await begun(half, "hang", group="highlight", limit=600)
    assert await ask(half, "echo", value="the next row", group="highlight", limit=600) == "the next row"
    with pytest.raises(ProbeCancelled):
        await hanging


async def test_a_requests_time_begins_with_its_turn(half):
    before = await ask(half, "pid")
    napping = asyncio.create_task(ask(half, "nap", seconds=1.2))
    await asyncio.sleep(0)
    assert await ask(half, "echo", value="after the nap", limit=1) == "after the nap"
    assert await napping == "awake"
    assert await ask(half, "pid") == before


@pytest.mark.parametrize("method", ["suspend", "hang"])
async def test_a_suspended_process_ends_at_its_limit(half, method):
    before = await ask(half, "pid")
    with pytest.raises(ProbeTimeout, match=f"{method} did not answer within 0.3 s"):
        await ask(half, method, limit=0.3)
    assert await ask(half, "pid") != before


@pytest.mark.parametrize(("method", "words"), [("quit", "SystemExit: 3"), ("not_json", "not JSON compliant")])
async def test_what_ends_python_or_cannot_travel_is_an_error_and_the_process_goes_on(half, method, words):
    before = await ask(half, "pid")
    with pytest.raises(ProbeError, match=words):
        await ask(half, method)
    assert await ask(half, "pid") == before


async def test_a_line_without_an_end_is_named(half):
    with pytest.raises(ProbeCrashed, match="more than 16 MiB without the end of a line"):
        await ask(half, "long_line")
    assert await ask(half, "echo", value=1) == 1


async def test_another_answer_than_was_asked_is_named(half):
    with pytest.raises(ProbeGarbled, match="echo was answered with something else than was asked: Expected `int`"):
        await half.request("echo", {"value": "three"}, int, limit=30)


async def test_a_file_name_that_is_no_text_travels_both_ways(half):
    name = os.fsdecode(b"caf\xe9.py")
    assert await ask(half, "echo", value=name) == name


async def test_of_a_flood_the_newest_is_handed_on_once_for_whatever_was_read_at_once(half, monkeypatch):
    reads, said, known = [], [], []
    read = Pipe.pipe_data_received

    def reading(of: Pipe, fd: int, data: bytes) -> None:
        reads.append(data)
        read(of, fd, data)

    await ask(half, "pid")
    monkeypatch.setattr(Pipe, "pipe_data_received", reading)
    options = {"progress": lambda *what: said.append(what), "partial": known.append}
    await half.request("flood", {"lines": 20_000}, object, limit=30, **options)
    assert said[-1] == ("", 19_999, 0)
    assert known[-1] == 19_999
    assert len(said) <= len(reads) < 1000
    assert len(known) <= len(reads)


async def test_an_orphan_that_holds_the_pipe_holds_nobody_up(half, tmp_path, monkeypatch):
    monkeypatch.setattr(pipe, "LINGER", 0.2)
    holder = tmp_path / "orphan"
    with pytest.raises(ProbeCrashed, match="status 5"):
        await ask(half, "orphan", holder=str(holder))
    try:
        assert await ask(half, "echo", value=1) == 1
        await half.close()
    finally:
        os.kill(int(holder.read_text()), 9)


async def test_one_that_never_reads_is_given_up(tmp_path, monkeypatch):
    monkeypatch.setattr(client, "START_LIMIT", 0.3)
    half = talker(tmp_path, "#!/bin/sh\nexec sleep 60\n")
    with pytest.raises(ProbeTimeout, match=r"hello did not answer within 0\.3 s"):
        await ask(half, "pid")
    await half.close()


async def test_one_that_always_ends_behind_its_hello_is_not_started_for_ever(tmp_path):
    half = talker(tmp_path, f"{HELLO}echo . >>{tmp_path}/started\nexit 7\n")
    with pytest.raises(ProbeCrashed, match="status 7"):
        await ask(half, "pid")
    assert (tmp_path / "started").read_text().count(".") <= client.TRIES
    await half.close()


@pytest.mark.parametrize("answer", ['"error": {"code": -32603, "message": "no"}', '"result": {"protocol": "x"}'])
async def test_one_that_cannot_say_hello_has_crashed(tmp_path, answer):
    half = talker(
        tmp_path, f'#!/bin/sh\nread sources\nread hello\necho \'{{"jsonrpc": "2.0", "id": 1, {answer}}}\'\nread ask\n'
    )
    with pytest.raises(ProbeCrashed, match="the probing half cannot start: "):
        await ask(half, "pid")
    await half.close()


async def test_one_that_closes_its_pipe_and_lives_on_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(pipe, "LINGER", 0.2)
    half = talker(tmp_path, f"{HELLO}exec 1>&-\nexec sleep 60\n")
    with pytest.raises(ProbeCrashed, match="closed its end of the pipe"):
        await ask(half, "pid")
    await half.close()


async def test_after_its_end_nothing_is_started(half):
    hanging = await begun(half, "hang")
    waiting = asyncio.create_task(ask(half, "echo", value=1))
    await asyncio.sleep(0)
    await half.close()
    with pytest.raises(ProbeCrashed):
        await hanging
    with pytest.raises(ProbeCancelled):
        await waiting


async def test_its_end_waits_for_a_process_that_was_stopped_before(half):
    before = await ask(half, "pid")
    with pytest.raises(ProbeTimeout):
        await ask(half, "hang", limit=0.1)
    await half.close()
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)


async def test_a_start_that_nobody_waits_for_any_more_leaves_nothing_behind(tmp_path):
    os.mkfifo(tmp_path / "pid")
    half = talker(tmp_path, f"#!/bin/sh\necho $$ >{tmp_path}/pid\nexec sleep 60\n")
    asked = asyncio.create_task(ask(half, "pid"))
    started = int(await asyncio.to_thread((tmp_path / "pid").read_text))
    asked.cancel()
    await half.close()
    with pytest.raises(ProcessLookupError):
        os.kill(started, 0)
