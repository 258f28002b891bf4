"""The client against real processes: the real server with planted methods, and processes that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

import bbwizard.probe as client
from bbprobe.protocol import Hello
from bbwizard.errors import (
    NoEnvironment,
    ProbeBusy,
    ProbeCancelled,
    ProbeCrashed,
    ProbeError,
    ProbeOutOfMemory,
    ProbeRefused,
    ProbeTimeout,
)
from bbwizard.payload import full_command
from bbwizard.pipe import Pipe
from bbwizard.probe import ProbingHalf

PLANTED = """
import ctypes, os, signal, sys, threading
from bbprobe.protocol import Busy, Refused

def echo(task, value):
    return value

def noisy(task):
    os.write(1, b"a library prints on fd 1\\n")
    print("and on stdout")
    return "clean"

def refuse(task):
    raise Refused("it only accepts 224x224")

def grow(task):
    for known in ([1], [1, 2]):
        task.partial(known)
    return [1, 2, 3]

def misfit(task):
    task.partial("no list")
    return [1]

def crowd(task):
    raise Busy("cuda:0 is in use")

def burst(task):
    raise ValueError("odd [/x] value")

def starve(task):
    raise RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB")

def die(task):
    sys.stderr.write("last words\\n")
    sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGSEGV)

def die_over_something(task):
    task.progress("doing something")
    sys.stderr.write("/lib/x.py:3: UserWarning: something is old\\n  warnings.warn(\\n")
    sys.stderr.flush()
    os.kill(os.getpid(), signal.SIGSEGV)

def leave(task):
    os._exit(3)

def hang(task):
    threading.Event().wait()

def until_cancelled(task):
    task.progress("under way", 1, 2)
    while True:
        task.pause()

def pid(task):
    return os.getpid()

def path(task):
    return sys.path

def loader(task):
    return type(sys.modules["bbprobe.server"].__spec__.loader).__name__

def variable(task, name):
    return os.environ.get(name)
"""
NAMES = [line[4 : line.index("(")] for line in PLANTED.splitlines() if line.startswith("def ")]


@pytest.fixture(autouse=True)
def planted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sources that travel as always, with methods that misbehave on demand."""
    real = client.sources()
    methods = "\n".join(f'METHODS["{name}"] = "bbprobe.planted:{name}"' for name in NAMES)
    carried = {**real, "bbprobe.planted": PLANTED, "bbprobe.server": f"{real['bbprobe.server']}\n{methods}\n"}
    monkeypatch.setattr(client, "sources", lambda: carried)


@pytest.fixture
async def half(tmp_path: Path):
    half = ProbingHalf(sys.executable, log=tmp_path / "probe.log")
    yield half
    await half.close()


async def ask(half: ProbingHalf, method: str, limit: float = 30, **params: Any) -> Any:
    options = {key: params.pop(key) for key in ("group", "overtakes", "progress", "partial") if key in params}
    return await half.request(method, params, object, limit=limit, **options)


async def test_hello_comes_without_torch(half):
    hello = await half.request("hello", {}, Hello, limit=30)
    assert hello.executable == sys.executable
    assert hello.pid != os.getpid()


async def test_unicode_and_large_answers_come_back_whole(half):
    value = "骨干[/x]" * 100_000
    assert await ask(half, "echo", value=value) == value


async def test_what_libraries_print_does_not_reach_the_pipe(half):
    assert await ask(half, "noisy") == "clean"
    log = half.log.read_text()
    assert "a library prints on fd 1" in log
    assert "and on stdout" in log


@pytest.mark.parametrize(
    ("method", "kind", "words"),
    [
        ("refuse", ProbeRefused, "it only accepts 224x224"),
        ("burst", ProbeError, "ValueError: odd [/x] value"),
        ("starve", ProbeOutOfMemory, "out of memory"),
        ("crowd", ProbeBusy, "cuda:0 is in use"),
        ("nothing_of_the_kind", ProbeError, "no method 'nothing_of_the_kind'"),
    ],
)
async def test_a_failure_is_an_answer_and_the_process_goes_on(half, method, kind, words):
    before = await ask(half, "pid")
    with pytest.raises(kind) as failure:
        await ask(half, method)
    assert words in failure.value.text
    assert await ask(half, "pid") == before


async def test_an_answer_is_told_as_it_grows(half):
    told: list[Any] = []
    assert await half.request("grow", {}, list[int], limit=30, partial=told.append) == [1, 2, 3]
    assert told[-1] == [1, 2]  # of what is read at once the newest alone is told


async def test_a_part_that_is_no_such_answer_is_passed_over(half):
    told: list[Any] = []
    assert await half.request("misfit", {}, list[int], limit=30, partial=told.append) == [1]
    assert told == []


async def test_wrong_parameters_are_named(half):
    with pytest.raises(ProbeError, match="echo: .*valeu"):
        await ask(half, "echo", value=1, valeu=1)


@pytest.mark.parametrize(
    ("method", "words"),
    [("die", "SIGSEGV: last words"), ("leave", "status 3"), ("die_over_something", "SIGSEGV, while doing something")],
)
async def test_a_crash_is_an_answer_and_the_next_request_finds_a_new_process(half, method, words):
    before = await ask(half, "pid")
    with pytest.raises(ProbeCrashed) as failure:
        await ask(half, method)
    assert failure.value.text.endswith(words)
    assert await ask(half, "pid") != before


async def test_one_that_ends_before_anybody_looks_has_its_last_words(half, monkeypatch):
    write = Pipe._write

    def write_and_see_it_end(pipe, line):
        write(pipe, line)
        if b'"die"' in line:
            with contextlib.suppress(ChildProcessError):  # it has been waited for already
                os.waitid(os.P_PID, pipe._transport.get_pid(), os.WEXITED | os.WNOWAIT)

    monkeypatch.setattr(Pipe, "_write", write_and_see_it_end)
    await ask(half, "pid")
    with pytest.raises(ProbeCrashed, match="SIGSEGV: last words"):
        await ask(half, "die")


async def test_a_hang_ends_at_its_limit(half):
    before = await ask(half, "pid")
    with pytest.raises(ProbeTimeout, match="hang did not answer within 0.2 s"):
        await ask(half, "hang", limit=0.2)
    assert await ask(half, "pid") != before


async def test_a_newer_request_of_a_group_overtakes_the_older(half):
    started = asyncio.Event()
    older = asyncio.create_task(ask(half, "until_cancelled", group="highlight", progress=lambda *_: started.set()))
    await started.wait()
    waiting = asyncio.create_task(ask(half, "until_cancelled", group="highlight"))
    await asyncio.sleep(0)
    assert await ask(half, "echo", value="newest", group="highlight") == "newest"
    for overtaken in (older, waiting):
        with pytest.raises(ProbeCancelled):
            await overtaken


async def test_a_request_overtakes_what_matters_less_and_not_the_other_way_round(half):
    started = asyncio.Event()
    survey = asyncio.create_task(ask(half, "until_cancelled", group="survey", progress=lambda *_: started.set()))
    await started.wait()
    assert await ask(half, "echo", value="seen", group="highlight", overtakes=["survey"]) == "seen"
    with pytest.raises(ProbeCancelled):
        await survey
    highlight = asyncio.create_task(ask(half, "echo", value="still wanted", group="highlight"))
    assert await ask(half, "echo", value="asked", group="survey") == "asked"
    assert await highlight == "still wanted"


async def test_a_cancelled_awaiter_gives_its_request_up(half):
    started = asyncio.Event()
    asked = asyncio.create_task(ask(half, "until_cancelled", progress=lambda *_: started.set()))
    await started.wait()
    asked.cancel()
    assert await ask(half, "echo", value=1) == 1


async def test_progress_arrives(half):
    said = []
    heard = asyncio.Event()

    def progress(*what: Any) -> None:
        said.append(what)
        heard.set()

    asked = asyncio.create_task(ask(half, "until_cancelled", progress=progress))
    await heard.wait()
    asked.cancel()
    assert said == [("under way", 1, 2)]


async def test_it_ends_when_its_stdin_closes_even_amid_work(half):
    pid = await ask(half, "pid")
    hanging = asyncio.create_task(ask(half, "hang"))
    await asyncio.sleep(0)
    await half.close()
    with pytest.raises(ProbeCrashed):
        await hanging
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_it_imports_from_the_pipe_and_never_from_the_current_folder(half, monkeypatch, tmp_path):
    (tmp_path / "json.py").write_text("raise RuntimeError('shadowed')")
    monkeypatch.chdir(tmp_path)
    assert "" not in await ask(half, "path")
    assert await ask(half, "loader") == "Carried"


async def test_a_launch_prefix_stands_in_front(tmp_path):
    half = ProbingHalf(sys.executable, launch=("env", "FOO=1"), log=tmp_path / "probe.log")
    assert await ask(half, "variable", name="FOO") == "1"
    await half.close()


async def test_a_slow_launcher_that_prints_first_is_waited_for(tmp_path):
    wrapper = tmp_path / "queue.sh"
    wrapper.write_text(
        '#!/bin/sh\necho "waiting for a node"\nread -t 1 never </dev/zero || true\nsleep 0.3\nexec "$@"\n'
    )
    wrapper.chmod(0o755)
    half = ProbingHalf(sys.executable, launch=(str(wrapper),), log=tmp_path / "probe.log")
    assert await ask(half, "echo", value=2) == 2
    await half.close()


async def test_an_interpreter_that_is_not_there_is_named(tmp_path):
    half = ProbingHalf(str(tmp_path / "python"), log=tmp_path / "probe.log")
    with pytest.raises(NoEnvironment, match="cannot be started"):
        await ask(half, "pid")


async def test_garbage_on_the_pipe_is_passed_over(tmp_path):
    talker = tmp_path / "python"
    answer = json.dumps(
        {"jsonrpc": "2.0", "id": 1, "result": {"protocol": 1, "python": "3", "executable": "x", "pid": 1}}
    )
    talker.write_text(
        "#!/bin/sh\necho '[1'\necho '[]'\necho 'null'\necho '{\"method\": \"$/progress\"}'\n"
        f"read sources\nread hello\necho '{answer}'\nread ask\n"
    )
    talker.chmod(0o755)
    half = ProbingHalf(str(talker), log=tmp_path / "probe.log")
    with pytest.raises(ProbeCrashed):
        await ask(half, "echo", value=1)
    await half.close()


def test_ssh_gets_one_word_for_its_shell():
    command = full_command(("ssh", "gpu07"), "/env/bin/python")
    assert command[:-1] == ["ssh", "-o", "BatchMode=yes", "gpu07"]
    assert command[-1].startswith("/env/bin/python -u -c '")


@pytest.mark.parametrize("launch", [("ssh", "-oBatchMode=no", "gpu07"), ("sshpass", "-e", "ssh", "gpu07")])
def test_an_ssh_that_may_ask_is_left_so(launch):
    assert tuple(full_command(launch, "python")[:-1]) == launch
