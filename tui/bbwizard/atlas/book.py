"""The atlas's files: one pair for each stack, read when they are first asked for."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from functools import cache, cached_property
from importlib.abc import Traversable
from importlib.resources import files
from typing import Final

import msgspec

from bbprobe.protocol import Base, Entry, Probe
from bbwizard.atlas import sizes
from bbwizard.grammar import STACKS

FOLDER: Traversable = files("bbwizard.atlas")
CONFIGS: Final = "{configs}"
"""Stands in the atlas for the folder with mmdet's configs."""


class About(msgspec.Struct, frozen=True):
    """Where an atlas comes from."""

    stack: str
    made: str
    """The day, as 2026-11-23."""
    maker: str
    """The version of bbwizard that made it."""
    python: str
    versions: dict[str, str | None]
    input: tuple[int, int]
    """Height and width in pixels of the images that the stages are of."""


class Backbones(msgspec.Struct, frozen=True):
    """The file of the catalogs; a probe is read when it is asked for."""

    about: About
    entries: list[Entry]
    probes: dict[str, msgspec.Raw]
    refused: dict[str, str]
    """Why a library would not build an entry, or show it an image."""
    irregular: list[str] = []
    """Entries whose maps of other images are not what their strides make of those."""


class Bases(msgspec.Struct, frozen=True):
    """The file of the base configs, each read when it is asked for."""

    bases: dict[str, msgspec.Raw]
    refused: dict[str, str]
    """Why a config could not be read at all."""


class Atlas:
    """What one stack's libraries answered."""

    def __init__(self, stack: str) -> None:
        self.stack = stack

    @property
    def about(self) -> About:
        """Where its answers come from."""
        return self._backbones.about

    @property
    def entries(self) -> list[Entry]:
        """The entries of the three catalogs, in the catalogs' order."""
        return self._backbones.entries

    @cached_property
    def by_name(self) -> Mapping[str, Entry]:
        """The entries by their names."""
        return {entry.name: entry for entry in self.entries}

    @property
    def refused(self) -> Mapping[str, str]:
        """Why there is no probe, by the entry's name."""
        return self._backbones.refused

    @cache  # noqa: B019  atlases live as long as the process
    def probe(self, name: str) -> Probe | None:
        """The stages of an entry at the atlas's input size; None where it refused, or there is no such entry."""
        raw = self._backbones.probes.get(name)
        return None if raw is None else msgspec.json.decode(raw, type=Probe)

    def probe_at(self, name: str, size: tuple[int, int]) -> Probe | None:
        """As `probe`, for images of `size` (height, width in pixels); None also where that must be asked."""
        found = self.probe(name)
        other = found is not None and tuple(found.input) != size
        return None if found is None or (other and name in self.irregular) else sizes.at(found, size)

    @cached_property
    def irregular(self) -> frozenset[str]:
        """The entries whose maps of other images are not what their strides make of those."""
        return frozenset(self._backbones.irregular)

    @property
    def base_names(self) -> list[str]:
        """The base configs that could be read, as "retinanet/retinanet_r50_fpn_1x_coco.py"."""
        return list(self._bases.bases)

    @property
    def unread(self) -> Mapping[str, str]:
        """Why a base config could not be read, by its name."""
        return self._bases.refused

    def base(self, name: str, configs: str) -> Base:
        """What a base config needs, its paths below `configs`, the folder with mmdet's configs."""
        raw = bytes(self._bases.bases[name]).decode()
        folder = msgspec.json.encode(configs).decode()[1:-1]
        return msgspec.json.decode(raw.replace(CONFIGS, folder), type=Base)

    @cached_property
    def _backbones(self) -> Backbones:
        return msgspec.json.decode(unpacked(f"{self.stack}-backbones.json.gz"), type=Backbones)

    @cached_property
    def _bases(self) -> Bases:
        return msgspec.json.decode(unpacked(f"{self.stack}-bases.json.gz"), type=Bases)


def unpacked(name: str) -> bytes:
    """A file of the atlas."""
    return gzip.decompress(FOLDER.joinpath(name).read_bytes())


@cache
def shelf() -> Mapping[str, Atlas]:
    """The atlases that were made, the newest stack first, by the name that stands for each."""
    made = [stack for stack in STACKS if FOLDER.joinpath(f"{stack}-backbones.json.gz").is_file()]
    return {f"atlas {stack}": Atlas(stack) for stack in made}
