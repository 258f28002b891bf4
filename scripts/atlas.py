"""Makes the atlas out of training environments: `python scripts/atlas.py --python PYTHON`, of stack 2.28 or 2.24.

Probes every backbone and asks every base config; stopped, it goes on where it was the next time.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import gzip
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from bbprobe.protocol import Base, Entry, Probe
from bbwizard import __version__
from bbwizard.atlas import sizes
from bbwizard.atlas.book import CONFIGS, About
from bbwizard.commands.sweeping import sweep
from bbwizard.errors import ProbeRefused
from bbwizard.grammar import LIBRARIES, STACKS
from bbwizard.session import Session
from bbwizard.verdicts import is_refusal

FOLDER = Path(__file__).parents[1] / "tui" / "bbwizard" / "atlas"
OTHERS = ((19, 11), (3, 5))
"""Other images that entries are shown: height and width in multiples of their deepest stride. Odd, since maps that are
halved and doubled inside show it there, of no window's size, no divisors of the first image, and some of them small."""


async def make(python: str, jobs: int, to: Path) -> None:
    """Write both files of the atlas for the stack of this environment."""
    session = Session(folder=to)
    try:
        await session.open(python)
        about = provenance(session)
        await backbones(session, about, jobs, to)
        await bases(session, about.stack, to)
    finally:
        await session.close()


def provenance(session: Session) -> About:
    """Where this atlas comes from."""
    versions = {name: session.facts.versions.get(name) for name in LIBRARIES}
    stack = next(stack for stack in STACKS if str(versions["mmdet"]).startswith(stack + "."))
    today = datetime.date.today().isoformat()
    return About(stack, today, __version__, session.facts.python, versions, session.input)


async def backbones(session: Session, about: About, jobs: int, to: Path) -> None:
    """Probe every entry of the three catalogs."""
    entries = await session.entries()
    await sweep(session, entries, jobs)
    probes, refused = {}, {}
    for entry in entries:
        found = session.swept(entry.name)
        if found is None:
            sys.exit(f"{entry.name} did not answer: run this again")
        if is_refusal(found):
            refused[entry.name] = found.reason
        else:
            probes[entry.name] = asdict(replace(found, seconds=0.0, origin="atlas"))
    odd = await irregular(session, [entry for entry in entries if entry.name in probes], jobs)
    plain = [asdict(replace(entry, pyramid=None, reason="")) for entry in entries]  # the probes tell
    said = {name: getattr(about, name) for name in about.__struct_fields__}
    pack(
        to / f"{about.stack}-backbones.json.gz",
        {"about": said, "entries": plain, "probes": probes, "refused": refused, "irregular": odd},
    )


async def irregular(session: Session, entries: Sequence[Entry], jobs: int) -> list[str]:
    """The entries whose maps of other images are not what `sizes.at` makes of those that they gave."""
    usual, found = session.input, set()
    probes = {entry.name: probe for entry in entries if (probe := session.probed(entry.name)) is not None}
    for size, names in others(probes).items():
        session.change(input=size)
        foretold = {name: sizes.at(probes[name], size) for name in names}
        asked = [entry for entry in entries if foretold.get(entry.name) is not None]
        await sweep(session, asked, jobs)
        for entry in asked:
            live, told = session.swept(entry.name), foretold[entry.name]
            if live is None or told is None:
                sys.exit(f"{entry.name} did not answer: run this again")
            if live.stages != told.stages:
                print(f"irregular at {size}: {entry.name} {live.reason}", file=sys.stderr)
                found.add(entry.name)
    session.change(input=usual)
    return sorted(found)


def others(probes: Mapping[str, Probe]) -> dict[tuple[int, int], list[str]]:
    """The other images (height, width) that entries are shown, each with the names of those that it is for."""
    found: dict[tuple[int, int], list[str]] = {}
    for name, probe in probes.items():
        if probe.stages and probe.fixed_input is None:
            deepest = max(stage.stride for stage in probe.stages)
            for rows, columns in OTHERS:
                found.setdefault((int(rows * deepest), int(columns * deepest)), []).append(name)
    return found


async def bases(session: Session, stack: str, to: Path) -> None:
    """Ask every packaged base config what it needs."""
    found: dict[str, Any] = {}
    refused = {}
    names = await session.bases()
    for number, name in enumerate(names, 1):
        print(f"\r\033[Kbase config {number} of {len(names)}: {name.name}", end="", file=sys.stderr)
        try:
            found[name.name] = placeless(await session.base(name.name), str(session.facts.configs))
        except ProbeRefused as refusal:
            refused[name.name] = refusal.text
    print(file=sys.stderr)
    pack(to / f"{stack}-bases.json.gz", {"bases": found, "refused": refused})


def placeless(base: Base, configs: str) -> Any:
    """A base config's facts, the same wherever mmdet lies."""
    text = json.dumps(asdict(base)).replace(configs, CONFIGS)
    if os.path.dirname(configs) in text:
        sys.exit(f"{base.name} holds a path of this machine")
    return json.loads(text)


def pack(file: Path, data: Any) -> None:
    """Write a file of the atlas, the same bytes for the same data."""
    file.write_bytes(gzip.compress(json.dumps(data, separators=(",", ":")).encode(), mtime=0))
    print(f"{file}: {file.stat().st_size / 2**20:.2f} MB", file=sys.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", required=True, action="append", help="of a training environment (repeatable)")
    parser.add_argument("--jobs", type=int, default=None, help="processes for the probes (default: one a core)")
    parser.add_argument("--to", type=Path, default=FOLDER, help="(%(default)s)")
    options = parser.parse_args()
    for each in options.python:
        asyncio.run(make(each, options.jobs, options.to.resolve()))
