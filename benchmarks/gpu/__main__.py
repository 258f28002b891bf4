"""`python -m benchmarks.gpu --python PYTHON`: all that bbwizard does on a GPU, done on this one, with a verdict."""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import msgspec

from bbwizard.asked import BATCH
from bbwizard.errors import DONE, FAILED, BbwizardError
from bbwizard.session import Session
from benchmarks.gpu import stack
from benchmarks.gpu.trial import Seen, failures, lines, too_many

SCRIPT = Path(__file__).with_name("bare.py")
SOURCES = Path(__file__).parents[2] / "tui"
ALONE = "mmdet is missing: timm was tested alone, and no config was written"


def main() -> int:
    """Test, print, and leave with what came out."""
    options = parser().parse_args()
    try:
        seen = asyncio.run(tested(options.python, options.device, busy=options.busy))
    except BbwizardError as error:
        print(f"verdict: failed ({error.text})")
        return FAILED
    print("\n".join(lines(seen)))
    return FAILED if failures(seen) else DONE


async def tested(python: str, device: str, *, busy: bool) -> Seen:
    """The whole test, or of a training environment without mmdet the part that timm alone allows.

    Raises:
        BbwizardError: there is no such device, others use it, or a part of the test gave no answer.
    """
    session = Session(device=device, cache=False)
    try:
        facts = await session.open(python)
        totals = [gpu.total for gpu in facts.gpus if f"cuda:{gpu.index}" == device]
        if not totals:
            raise BbwizardError(f"no {device}: {facts.device_reason}")
        many = too_many(totals[0], session.input)
        if facts.versions.get("mmdet"):
            return await stack.seen(session, many, busy=busy)
    finally:
        await session.close()
    return await asyncio.to_thread(bare, python, device, session.input, many, busy)


def bare(python: str, device: str, size: tuple[int, int], many: int, busy: bool) -> Seen:
    """The timm part of the test.

    Raises:
        BbwizardError: it ended without an answer.
    """
    words = [python, str(SCRIPT), device, *map(str, (*size, BATCH, many, int(busy)))]
    environ = {**os.environ, "PYTHONPATH": str(SOURCES)}
    ran = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or [""])[-1]
        raise BbwizardError(f"the timm part ended with status {ran.returncode}: {last}")
    return replace(msgspec.json.decode(ran.stdout, type=Seen), notes=[ALONE])


def parser() -> argparse.ArgumentParser:
    """The words of the call."""
    found = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    found.add_argument("--python", required=True, help="of a training environment")
    found.add_argument("--device", default="cuda:0", type=cuda, metavar="cuda:N", help="(%(default)s)")
    found.add_argument("--busy", action="store_true", help="also on a GPU that others are using")
    return found


def cuda(text: str) -> str:
    """A CUDA device by its number, as argparse wants it."""
    if not (text.startswith("cuda:") and text[5:].isdigit()):
        raise argparse.ArgumentTypeError(f"{text}: it is cuda:N")
    return text


if __name__ == "__main__":
    sys.exit(main())
