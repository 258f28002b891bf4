"""The open training environment, and what was asked of it so far. No Textual here."""

from __future__ import annotations

import contextlib
import json
import os.path
from dataclasses import replace
from pathlib import Path
from typing import Final, cast

from bbprobe.protocol import Adopted, Base, BaseName, Check, DataFile, Dataset, Environment, WeightsReport
from bbwizard import catalog, dataset, environments, fits, paths
from bbwizard.asked.measuring import BATCH, Measured
from bbwizard.atlas import shelf
from bbwizard.errors import ProbeCancelled, ProbeCrashed, ProbeError, ProbeGarbled, ProbeRefused, ProbeTimeout
from bbwizard.plan import Plan
from bbwizard.probe import Progress
from bbwizard.resolved import resolved

__all__ = ["BATCH", "Asked"]

DATASET_LIMIT: Final = 1800.0
"""Seconds for reading annotation files of some hundred MiB and listing their images on a network disk."""


class Asked(Measured):
    """What the probing half of one training environment answered; every method that asks it may raise ProbeError."""

    def _forget(self) -> None:
        super()._forget()
        self._bases: list[BaseName] | None = None
        self._base_facts: dict[str, Base] = {}
        self._files: dict[str, tuple[DataFile, ...]] = {}
        self._seen: dict[str, Check] = {}
        self._reports: dict[str, WeightsReport] = {}
        self._data: dict[tuple[str, ...], Dataset] = {}

    async def bases(self) -> list[BaseName]:
        """The base configs of the installed mmdet and of the checkout around the current folder."""
        if self._bases is None:
            roots = [str(self.checkout.configs)] if self.checkout is not None else []
            self._bases = await self._ask("bases", {"roots": roots}, list[BaseName])
        return self._bases

    async def base(self, name: str) -> Base:
        """What the base config of that name, or at that path, needs from its backbone."""
        if name not in self._base_facts:
            path = self.folder / paths.typed(name)
            # A host that shares no disk has paths of its own.
            own = os.path.isfile(path) or (bool(self.launch_prefix) and os.path.isabs(name))
            named = catalog.find_base(name, await self.bases()) if not own else None
            place = named.path if named else str(path.resolve())
            facts = await self._base_at(name, place)
            asked = {"path": place, "folder": str(self.folder.resolve())}
            self._files[name] = tuple(await self._ask("data_files", asked, list[DataFile], group="base"))
            self._base_facts[name] = replace(facts, name=named.name if named else name)
            if named is not None and named.origin == "mmdet":
                self._verdicts.put_base(self._base_facts[name])
        return self._base_facts[name]

    async def _base_at(self, name: str, place: str) -> Base:
        """What the base config in a file needs; where the process ended over it, that says which file it was."""
        try:
            facts: Base = await self._ask("base", {"path": place}, Base, group="base")
            resolved(facts.resolved)
        except (ProbeCrashed, ProbeTimeout) as error:
            raise type(error)(f"loading {place}: {error.text}", error.hint) from error
        except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
            raise ProbeGarbled(f"the values of {name} cannot be read back: {error}") from error
        return facts

    async def place_mmdet(self, root: str) -> None:
        """Say where mmdet lies on the machine that trains, for a sitting out of the atlas; it is remembered."""
        self._mmdet_root = root
        environments.remember_mmdet_root(root)
        known, self._bases, self._base_facts = list(self._base_facts), None, {}
        self._half = self._started()
        self.environment = await self._ask("environment", {"device": self.device}, Environment)
        for name in known:
            await self.base(name)

    async def detectors(self) -> tuple[Base, ...]:
        """What detectors of unlike needs take from a backbone, each by one of its configs; asked once."""
        for known in await self.bases():
            if known.name in fits.KNOWN_DETECTORS and self._verdicts.base(known.name) is None:
                with contextlib.suppress(ProbeRefused):
                    await self.base(known.name)
        return self.known_detectors

    @property
    def known_detectors(self) -> tuple[Base, ...]:
        """Those of `detectors` that were asked already, in this sitting or an earlier one."""
        asked = map(self._verdicts.base, fits.KNOWN_DETECTORS)
        return tuple(base for base in asked if base is not None)

    def known_base(self, name: str) -> Base | None:
        """What that base config needs, if it was asked already."""
        return self._base_facts.get(name)

    def expected_base(self, named: BaseName) -> Base | None:
        """What the atlas says of a base config of the very mmdet that is installed, until that has been asked."""
        facts = self.facts
        if not self.foresees or named.origin != "mmdet" or facts.configs is None:
            return None
        same = (one for one in shelf().values() if one.about.versions.get("mmdet") == facts.versions.get("mmdet"))
        atlas = next(same, None)
        known = atlas is not None and named.name in atlas.base_names
        return atlas.base(named.name, facts.configs) if atlas is not None and known else None

    async def dataset(self, words: tuple[str, ...], progress: Progress | None = None) -> Dataset:
        """Read the data set that these words name, anew: its files may have been mended since."""
        asked = dataset.question(dataset.named(words, self.folder))
        limit = DATASET_LIMIT
        self._data[words] = await self._ask("dataset", asked, Dataset, limit=limit, group="dataset", progress=progress)
        return self._data[words]

    def known_dataset(self, words: tuple[str, ...]) -> Dataset | None:
        """The data set that these words name, if it was read already."""
        return self._data.get(words)

    async def check(self, config: Path, progress: Progress | None = None) -> Check:
        """Build a config and train it for one step."""
        asked = {"path": str(Path(config).resolve()), "device": self.chosen_device}
        if self.launch_prefix:
            with contextlib.suppress(OSError):
                asked["text"] = paths.regular(Path(config)).read_text("utf-8")  # another host may not see the file
        found: Check = await self._ask("check", asked, Check, progress=progress)
        return found

    async def swap_in(self, config: Path) -> Adopted:
        """What a config's backbone is among those of the catalogs, and which config it was put into."""
        asked = {"path": str((self.folder / config.expanduser()).resolve())}
        found: Adopted = await self._ask("adopt", asked, Adopted)
        return found

    async def outputs(self, config: Path, *, device: str = "cpu") -> list[list[int]]:
        """The shapes that a written config's backbone gives at the recipe's input size; "shapes" computes nothing."""
        asked = {"path": str(Path(config).resolve()), "input": list(self.input), "device": device}
        return cast(list[list[int]], await self._ask("outputs", asked, list[list[int]]))

    async def weights(self, worked_out: Plan) -> WeightsReport | None:
        """Load what a plan starts from, on the training side, and say what it does; None where it starts from nothing.

        Asked anew as long as the file is not there, or is refused: the user may be about to bring another.
        """
        asked = worked_out.to_load
        if asked is None:
            return None
        known = self._reports.get(json.dumps(asked))
        if known is not None and known.place is not None and not known.error:
            return known
        try:
            found: WeightsReport = await self._ask("weights", asked, WeightsReport, group="weights")
        except (ProbeCancelled, ProbeCrashed, ProbeTimeout):
            raise
        except ProbeError as error:
            start = worked_out.start
            found = WeightsReport(start.label, dict(start.config), None, note=f"they could not be loaded: {error.text}")
        self._reports[json.dumps(asked)] = found
        return found
