"""What the backbones of the open training environment answered."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Callable, Container, Sequence
from typing import Any, Final, cast

from bbprobe.protocol import Base, Entry, Probe
from bbwizard import catalog, conditions, fits, image_sizes, verdicts
from bbwizard.asked.opening import LIMITS, MEANWHILE, OpenEnvironment
from bbwizard.atlas import shelf
from bbwizard.errors import (
    ProbeCancelled,
    ProbeCrashed,
    ProbeError,
    ProbeGarbled,
    ProbeOutOfMemory,
    ProbeRefused,
    ProbeTimeout,
)
from bbwizard.grammar import SOURCES
from bbwizard.image_sizes import Shown, Size
from bbwizard.probe import Half, Progress
from bbwizard.resolved import resolved

SAVE_EVERY: Final = 5.0
"""Seconds of answers that a sweep may lose to whatever ends it."""
CHANCES: Final = 2
"""Processes that may end over a catalog before that is said; when it was said once, its library is broken."""
ENDS: Final = (ProbeCrashed, ProbeGarbled, ProbeOutOfMemory)
"""What may have come from outside of a library."""


class Backbones(OpenEnvironment):
    """The catalogs, and what their entries said of themselves, in this sitting or an earlier one."""

    def _forget(self) -> None:
        super()._forget()
        self._catalogs: dict[str, list[Entry]] = {}
        self._listed: dict[str, Entry] = {}
        self._ended_over: set[str] = set()
        """Catalogs over which processes have ended, as was said."""
        self._unsurveyed: dict[str, list[Entry]] | None = None
        """By what they share of a verdict, entries of which it is not known whether any needs to be asked for all."""
        self._known: dict[str, tuple[str, conditions.Known]] = {}
        """What filters ask of every entry on every key, with the question that it was worked out for, by its name."""

    async def entries(self, sources: Sequence[str] = SOURCES, progress: Progress | None = None) -> list[Entry]:
        """The backbones of these catalogs; a library that is missing or broken leaves its catalog empty.

        Raises:
            ProbeError: only one catalog is asked for, and its library is missing or broken; or processes ended over it
                for the first time, or did not come to an end.
        """
        for number, source in enumerate(sources):
            if source in self._catalogs:
                continue
            if progress is not None:
                progress(f"reading the {source} catalog", number, len(sources))
            try:
                found = await self._catalog(source)
            except (ProbeCancelled, ProbeTimeout):
                raise
            except ProbeError as error:
                ended_before = source in self._ended_over
                self._ended_over.add(source)
                if len(sources) == 1 or (isinstance(error, ENDS) and not ended_before):
                    raise
                found = []
            self._catalogs[source] = found
            self._listed.update((entry.name, entry) for entry in found)
            self._unsurveyed = None
            self._known.clear()
        found = [entry for source in sources for entry in self._catalogs[source]]
        if not found and self._ended_over:  # a wizard without one backbone is of no use: the next time may do better
            for source in self._ended_over:
                self._catalogs.pop(source, None)
            self._ended_over.clear()
        return self._verdicts.applied(found)

    async def _catalog(self, source: str) -> list[Entry]:
        """One catalog, asked for again where the process ended over it."""
        for chance in range(CHANCES):
            try:
                return cast(list[Entry], await self._ask("catalog", {"source": source}, list[Entry]))
            except ENDS:
                if chance == CHANCES - 1:
                    raise
        raise AssertionError("the last chance is taken or lost")

    async def entry(self, name: str) -> Entry:
        """The backbone of that name."""
        source = name.partition("/")[0]
        return catalog.find_backbone(name, await self.entries((source,) if source in SOURCES else SOURCES))

    async def survey_next(self, among: Container[str] | None = None) -> list[Entry]:
        """Ask one more family, of those in `among`, whether it gives a pyramid: its entries; none where all were asked.

        A family that cannot be asked stays unmarked: whoever highlights one of it is told why.
        """
        family, entries = self._next_family(among)
        if not entries:
            return []
        unknown = (entry for entry in entries if self._verdicts.answer(entry) is None)
        try:
            await self.survey(min(unknown, key=verdicts.likely_size), for_family=True)
        except ProbeCancelled:
            raise
        except ProbeError:
            pass
        self._families.pop(family, None)
        return self._verdicts.applied(entries)

    def _next_family(self, among: Container[str] | None) -> tuple[str, list[Entry]]:
        """The first family with a member that nothing is known of; those before it are not looked at again."""
        for family, entries in list(self._families.items()):
            if among is None or family in among:
                if any(self._verdicts.answer(entry) is None for entry in entries):
                    return family, entries
                del self._families[family]
        return "", []

    @property
    def _families(self) -> dict[str, list[Entry]]:
        if self._unsurveyed is None:
            self._unsurveyed = {}
            for entry in self._listed.values():
                if entry.pyramid is None:
                    self._unsurveyed.setdefault(verdicts.key(entry), []).append(entry)
        return self._unsurveyed

    async def survey(self, entry: Entry, *, for_family: bool = False, half: Half | None = None) -> None:
        """Ask a backbone itself what it gives, and keep the answer; a library that refuses it has answered too."""
        asked = {"name": entry.name, "type": entry.type, "config": entry.config}
        ask = self._ask if half is None else half.request
        try:
            found = await ask("survey", asked, Probe, limit=LIMITS["survey"], group=MEANWHILE)
        except ProbeRefused as refusal:
            self._verdicts.refuse(entry, refusal.text, for_family=for_family)
        else:
            self._verdicts.put(entry, found, for_family=for_family)
        for one in self._families.get(verdicts.key(entry), ()) if for_family else (entry,):
            self._known.pop(one.name, None)

    def answer(self, entry: Entry) -> fits.Answer | None:
        """What a backbone, or for it another of its family, answered so far, in this sitting or an earlier one.

        None where nobody was asked, and where the library said in its catalog already that it gives nothing.
        """
        listed = self._listed.get(entry.name, entry)
        return self._verdicts.answer(entry) if listed.pyramid is None else None

    def known(self, entry: Entry) -> conditions.Known:
        """What filters and orders can ask of a backbone, as far as it, or for it another of its family, answered."""
        asked, found = self._known.get(entry.name, ("", None))
        if found is None or asked != self._question:
            found = conditions.known(entry, self.answer(entry), self.counted(entry), self.input)
            self._known[entry.name] = self._question, found
        return found

    def counted(self, entry: Entry) -> Probe | None:
        """What a backbone, or for it the atlas, answered at `input`, where that tells its multiply-adds or has none."""
        here, expected = self.swept(entry.name), self.expected(entry)
        return expected if here is None and expected is not None and expected.macs is not None else here

    def was_asked(self, entry: Entry, *, at_input: bool = False) -> bool:
        """Whether a backbone itself has answered (`at_input`: at `input`), or the library has answered for it."""
        answer = self.answer(entry)
        if answer is None:
            return entry.pyramid is not None
        if at_input:
            return self.swept(entry.name) is not None or self.atlas is not None
        return answer.asked == entry.name and (answer.probe.origin == "live" or self.atlas is not None)

    def keep_verdicts(self) -> None:
        """Keep what backbones and base configs answered for the next sitting."""
        self._verdicts.save()

    async def probe(self, entry: Entry, *, highlight: bool = False, ahead: bool = False) -> Probe:
        """The stages of a backbone at `input`.

        A newer highlight overtakes an older one; what is asked `ahead` of need is overtaken by whatever is needed.
        """
        known = self.probed(entry.name)
        if known is not None:
            return known
        group = "highlight" if highlight else MEANWHILE if ahead else None
        found: Probe = await self._ask("probe", self._about(entry), Probe, group=group, overtakes=[MEANWHILE])
        self._verdicts.put(entry, found, self._question)
        self._known.pop(entry.name, None)
        return found

    def probed(self, name: str) -> Probe | None:
        """The probe of a backbone at `input`, if it was asked already, in this sitting or an earlier one."""
        if self.atlas is not None:
            return self.expected(self.atlas.by_name[name]) if name in self.atlas.by_name else None
        found = self._verdicts.probe(name, self._question)
        return None if found is None or verdicts.is_refusal(found) else found

    def shown(self, base: Base, entry: Entry) -> Shown | Size:
        """What a backbone makes of a base's images, or the size that it must be asked for; the atlas does not know."""
        if self.atlas is not None:
            return Shown(unasked=bool(image_sizes.unusual(resolved(base.resolved))))
        return image_sizes.shown(resolved(base.resolved), lambda size: self._refusal(entry, size))

    def _refusal(self, entry: Entry, size: Size) -> str | None:
        """Why a backbone refuses images of a size, empty where it takes them; None where it was not asked."""
        found = self._verdicts.probe(entry.name, self._asked_at(size))
        return None if found is None else found.reason if verdicts.is_refusal(found) else ""

    async def show(self, base: Base, entry: Entry) -> None:
        """Ask what `shown` lacks, and keep the answers, refusals too."""
        while not isinstance(size := self.shown(base, entry), Shown):
            asked = {**self._about(entry), "input": list(size)}
            try:
                found = await self._ask("probe", asked, Probe, overtakes=[MEANWHILE])
            except ProbeRefused as refusal:
                self._verdicts.refuse(entry, refusal.text, self._asked_at(size))
            else:
                self._verdicts.put(entry, found, self._asked_at(size))

    def fit(self, base: Base | None, entry: Entry) -> fits.Fit:
        """Whether a base config can take a backbone, as far as it, or for it another of its family, answered."""
        found = fits.fit(base, entry, self.answer(entry))
        shown = self.shown(base, entry) if base is not None and found.taken else Shown()
        refused = base is not None and isinstance(shown, Shown) and image_sizes.problems(base, shown)
        return fits.Fit(False, entry.name) if refused else found

    def expected_entries(self) -> list[Entry]:
        """The entries that the atlas knows of the very versions that are installed, until the catalogs are read."""
        held, found = self.facts.versions, []
        for source in SOURCES:
            same = (atlas for atlas in shelf().values() if atlas.about.versions.get(source) == held.get(source))
            atlas = next(same, None) if self.cache else None
            found += [entry for entry in atlas.entries if entry.source == source] if atlas is not None else []
        return found

    def expected(self, entry: Entry) -> Probe | None:
        """What the atlas says of a backbone at `input`, until its probe confirms it."""
        atlas = self._atlas_of(entry)
        return None if atlas is None else atlas.probe_at(entry.name, self.input)

    async def probe_all(self, entries: Sequence[Entry], jobs: int, told: Callable[[Entry], None]) -> None:
        """Probe those of these backbones that have not answered yet, on so many probing halves, and keep the answers.

        What a library refuses is an answer too; what ends a probing half is none, and is asked again the next time.
        """
        waiting = deque(entry for entry in entries if self.swept(entry.name) is None)
        saved = time.monotonic()

        async def work(half: Half) -> None:
            nonlocal saved
            while waiting:
                entry = waiting.popleft()
                with contextlib.suppress(ProbeError):
                    await self._sweep(entry, half)
                self._known.pop(entry.name, None)
                told(entry)
                if time.monotonic() - saved > SAVE_EVERY:
                    self.keep_verdicts()
                    saved = time.monotonic()

        async with contextlib.AsyncExitStack() as stack:
            halves = [self._started() for _ in range(min(jobs, len(waiting)))]
            for half in halves:
                stack.push_async_callback(half.close)
            await asyncio.gather(*map(work, halves))

    async def _sweep(self, entry: Entry, half: Half) -> None:
        """Probe a backbone on one of several probing halves; one that refuses this size is surveyed too."""
        try:
            found = await half.request("probe", self._about(entry), Probe, limit=LIMITS["probe"])
        except ProbeRefused as refusal:
            if not self.was_asked(entry):
                await self.survey(entry, half=half)
            self._verdicts.refuse(entry, refusal.text, self._question)
        else:
            self._verdicts.put(entry, found, self._question)

    def swept(self, name: str) -> Probe | None:
        """What `probe_all` was answered for the backbone of that name, a refusal too; None where nothing was."""
        return self._verdicts.probe(name, self._question)

    @property
    def _question(self) -> str:
        return self._asked_at(self.input)

    def _asked_at(self, size: Size) -> str:
        return verdicts.question(size, self.device)

    def _about(self, entry: Entry) -> dict[str, Any]:
        asked = {"name": entry.name, "type": entry.type, "config": entry.config}
        return {**asked, "input": list(self.input), "device": self.device}
