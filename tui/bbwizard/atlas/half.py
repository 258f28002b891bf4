"""Answers in place of a probing half, out of the atlas: for a machine that bbwizard cannot ask."""

from __future__ import annotations

import posixpath
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bbprobe.protocol import Base, BaseName, DataFile, Entry, Environment, Probe, WeightsReport
from bbwizard.atlas.book import Atlas
from bbwizard.errors import ProbeRefused
from bbwizard.probe import ProbingHalf
from bbwizard.weights import UNSEEN, checkpoint_of

LIVE: Final = "make one with `bbwizard env create DIR`, or name one with --python"
NEEDED: Final[Mapping[str, str]] = {
    "adopt": "adopting a config",
    "check": "a check",
    "measure": "a measurement",
    "outputs": "building a written config",
    "survey": "surveying a backbone",
}
"""What needs a training environment, by the request."""


class AtlasHalf:
    """One atlas, for a machine on which mmdet lies in `root`: a checkout, or an installed package's `.mim` folder."""

    def __init__(self, atlas: Atlas, root: str, *, log: Path) -> None:
        self.atlas = atlas
        self.root = root
        self._here = ProbingHalf(sys.executable, log=log)
        self._answers: Mapping[str, Callable[..., Any]] = {
            "environment": self._environment,
            "catalog": self._catalog,
            "probe": self._probe,
            "bases": self._bases,
            "base": self._base,
            "data_files": self._data_files,
            "weights": self._weights,
        }

    async def request(self, method: str, params: Mapping[str, Any], answer: Any, **options: Any) -> Any:
        """Answer as `ProbingHalf.request` does; a data set lies on this machine and is read with this Python.

        Raises:
            ProbeRefused: the atlas cannot know it.
        """
        if method == "dataset":
            return await self._here.request(method, params, answer, **options)
        if method not in self._answers:
            raise ProbeRefused(f"{NEEDED.get(method, method)} needs a training environment; this is the atlas", LIVE)
        return self._answers[method](**params)

    async def close(self) -> None:
        """End what reads data sets."""
        await self._here.close()

    @property
    def configs(self) -> str:
        """The folder with mmdet's configs on the other machine."""
        return posixpath.join(self.root, "configs")

    def _environment(self, device: str) -> Environment:
        about = self.atlas.about
        return Environment(
            python=about.python,
            executable="python",
            versions=about.versions,
            cuda=None,
            gpus=[],
            device="atlas",
            device_reason=f"made on {about.made}; nothing is run",
            ops=True,
            ops_error="",
            configs=self.configs,
            train_script=posixpath.join(self.root, "tools", "train.py"),
            mim=None,
        )

    def _catalog(self, source: str) -> list[Entry]:
        return [entry for entry in self.atlas.entries if entry.source == source]

    def _probe(self, name: str, input: list[int], **entry: Any) -> Probe:  # noqa: A002  the request's own word
        if self.atlas.probe(name) is None:
            raise ProbeRefused(self.atlas.refused.get(name, f"{name} is not in the atlas"))
        height, width = input
        if (fitting := self.atlas.probe_at(name, (height, width))) is None:
            known = "x".join(map(str, self.atlas.about.input))
            why = f"the atlas knows {name} at {known} alone, and {height}x{width} is no multiple of all its strides"
            if name in self.atlas.irregular:
                why = f"the atlas knows {name} at {known} alone: other images do not follow from its strides"
            raise ProbeRefused(why, LIVE)
        return fitting

    def _bases(self, roots: list[str]) -> list[BaseName]:
        return [BaseName(name, posixpath.join(self.configs, name), "mmdet") for name in self.atlas.base_names]

    def _base(self, path: str) -> Base:
        name = posixpath.relpath(path, self.configs)
        if name in self.atlas.unread:
            raise ProbeRefused(self.atlas.unread[name])
        if name not in self.atlas.base_names:
            raise ProbeRefused(f"{path} is not in the atlas: a config of your own is read by mmcv", LIVE)
        return replace(self.atlas.base(name, self.configs), path=path)

    def _data_files(self, path: str, folder: str) -> list[DataFile]:
        return []  # they lie on the other machine

    def _weights(self, start: dict[str, Any], **asked: Any) -> WeightsReport:
        return WeightsReport(checkpoint_of(start), start, None, note=UNSEEN)
