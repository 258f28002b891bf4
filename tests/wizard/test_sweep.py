"""Probing everything: what ends it loses little, what answered is not asked again, what does not answer is."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Literal

import pytest

from bbprobe.protocol import Entry
from bbwizard.commands.sweeping import sweep
from bbwizard.errors import ProbeCrashed, ProbeRefused
from bbwizard.session import Session

from .fake_half import PYTHON, FakeHalf

REFUSED, CRASHING = "timm/zoo_net_3", "timm/zoo_net_4"


async def opened(folder: Path, **options: bool) -> tuple[Session, list[Entry]]:
    session = Session(folder=folder, **options)
    await session.open(PYTHON)
    return session, [entry for entry in await session.entries() if "zoo_net" in entry.name]


def probed(half: type[FakeHalf]) -> list[str]:
    return [params["name"] for method, params in half.asked if method == "probe"]


async def test_a_sweep_that_is_stopped_goes_on_the_next_time(half: type[FakeHalf], tmp_path: Path) -> None:
    half.failing = {f"probe {REFUSED}": ProbeRefused("too small"), f"probe {CRASHING}": ProbeCrashed("killed")}
    session, entries = await opened(tmp_path)
    half.held = {f"probe {entries[20].name}": asyncio.Event()}
    answered: list[str] = []
    others = asyncio.Event()

    def told(entry: Entry) -> None:
        answered.append(entry.name)
        if len(answered) == len(entries) - 1:
            others.set()

    sweep = asyncio.create_task(session.probe_all(entries, 3, told))
    await others.wait()
    sweep.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sweep
    await session.close()
    assert len(answered) == len(set(answered)) == len(entries) - 1

    half.asked, half.held, half.failing = [], {}, {}
    session, entries = await opened(tmp_path)
    assert (await session.probe(entries[0])).stages
    await session.probe_all(entries, 3, told)
    assert sorted(probed(half)) == sorted([entries[20].name, CRASHING])
    refusal = session.swept(REFUSED)
    assert refusal is not None and refusal.reason == "too small"
    assert session.probed(REFUSED) is None


async def test_that_a_stopped_sweep_goes_on_the_next_time_is_said(
    half: type[FakeHalf], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session, entries = await opened(tmp_path)
    reached = asyncio.Event()

    class Held(asyncio.Event):
        async def wait(self) -> Literal[True]:
            reached.set()
            return await super().wait()

    half.held = {f"probe {entries[3].name}": Held()}
    task = asyncio.create_task(sweep(session, entries, 1))
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await session.close()
    said = f"3 answered, which is kept; the next time it goes on with the other {len(entries) - 3}"
    assert said in capsys.readouterr().err


async def test_another_size_or_no_cache_asks_anew(half: type[FakeHalf], tmp_path: Path) -> None:
    session, entries = await opened(tmp_path)
    await session.probe(entries[0])
    await session.probe(entries[0])
    session.change(input=(320, 640))
    await session.probe(entries[0])
    assert len(probed(half)) == 2
    await session.close()
    for cache in (False, True):
        session, entries = await opened(tmp_path, cache=cache)
        assert (session.probed(entries[0].name) is None) == (not cache)
        await session.probe(entries[0])
        await session.close()
    assert len(probed(half)) == 3
