"""What `--json` prints, command by command: shapes that only grow, so that a script goes on working.

The facts that a command prints as they came from the probing half are the dataclasses of `bbprobe.protocol`.
"""

from __future__ import annotations

from typing import Any, TypedDict

from bbprobe.protocol import Check, Split, Stride


class BaseAnswer(TypedDict):
    """A base config: `levels` are the strides of the maps that it reads of its backbone, `origin` "atlas" or "live"."""

    name: str
    path: str
    detector: str
    neck: str
    backbone: str
    levels: list[Stride]
    supported: bool
    reason: str
    origin: str


class WeightsName(TypedDict):
    """A checkpoint that a library knows for a backbone."""

    name: str
    checkpoint: str
    licence: str


class EntryAnswer(TypedDict):
    """A backbone of a catalog: `macs` for the input size, `strides` and `origin` where it was itself asked.

    `fits` says whether the base config of `--fits` takes it, `fits_as` by whose answer; null: not asked.
    """

    name: str
    source: str
    type: str
    config: dict[str, Any]
    weights: list[WeightsName]
    pyramid: bool | None
    reason: str
    params: int | None
    macs: int | None
    strides: list[Stride] | None
    origin: str | None
    fits: bool | None
    fits_as: str | None


class FixAnswer(TypedDict):
    """What mends a finding, whether that is certain, and whether the written config holds it."""

    label: str
    certain: bool
    taken: bool


class ProblemAnswer(TypedDict):
    """What is wrong; `code` for programs, `text` for people."""

    code: str
    text: str


class WarningAnswer(ProblemAnswer, total=False):
    """What the user should know, with its fix where there is one."""

    fix: FixAnswer


class LinkAnswer(TypedDict):
    """A stage that is output, and the index of the level it feeds; null where the base has none for it."""

    index: int
    channels: int
    stride: Stride
    level: int | None


class StartName(TypedDict):
    """What a backbone starts from; the licence where it is no free one."""

    name: str
    licence: str


class StartAnswer(StartName, total=False):
    """What a backbone starts from, and what loading it showed, where it was looked into."""

    found: bool
    checkpoint: str
    config: dict[str, Any]
    place: str | None
    loaded: int
    total: int
    missing: list[str]
    mismatched: list[str]
    error: str
    remedy: str
    download: str
    destination: str
    note: str


class PlanAnswer(TypedDict):
    """A swap: `changes` are the keys below `model` that take the new channels, dotted, and their values."""

    backbone: str
    out_indices: list[int]
    wiring: list[LinkAnswer]
    changes: dict[str, list[int] | int]
    weights: StartAnswer
    warnings: list[WarningAnswer]


class ConfigAnswer(PlanAnswer):
    """A written config."""

    config: str


class CommandAnswer(ConfigAnswer):
    """A written config, and the command that trains it."""

    command: str


class WriteAnswer(CommandAnswer, total=False):
    """What `write` did; `preset` with `--save`, where it lies; `check` with `--check`."""

    preset: str
    check: Check


class RefusedAnswer(TypedDict):
    """A backbone that no config was written for."""

    backbone: str
    reason: str


class CandidatesAnswer(TypedDict):
    """What `candidates` wrote; `commands` train them all."""

    folder: str
    configs: list[ConfigAnswer]
    refused: list[RefusedAnswer]
    commands: list[str]


class ComparedAnswer(TypedDict):
    """One backbone beside others; null is not known. `origin` is whose answer it is: "atlas" or "live";
    `licences_unknown` of its weights are under a licence that is not told."""

    backbone: str
    fits: bool | None
    reason: str
    origin: str | None
    params: int | None
    macs: int | None
    strides: list[Stride]
    channels: list[int | None]
    weights: int
    licences: list[str]
    licences_unknown: int
    device: str | None
    input: list[int] | None
    batch: int | None
    fp32_latency_ms: float | None
    fp32_latency_low_ms: float | None
    fp32_latency_high_ms: float | None
    fp32_images_per_s: float | None
    fp32_forward_mib: float | None
    fp32_train_mib: float | None
    fp32_note: str | None
    mixed_latency_ms: float | None
    mixed_latency_low_ms: float | None
    mixed_latency_high_ms: float | None
    mixed_images_per_s: float | None
    mixed_forward_mib: float | None
    mixed_train_mib: float | None
    mixed_note: str | None


class ResultAnswer(TypedDict):
    """A training: `at` of `planned` in `unit`s, the best value of `metric` and where that was, seconds `left`."""

    name: str
    folder: str
    state: str
    unit: str
    at: int
    planned: int | None
    metric: str
    best: float | None
    best_at: int | None
    metrics: dict[str, float] | None
    checkpoint: str | None
    left: float | None
    words: str


class KeyAnswer(TypedDict):
    """An action of the wizard, and the keys that it has by itself."""

    id: str
    keys: list[str]
    what: str


class DatasetAnswer(TypedDict):
    """A data set: the classes to train, its splits, why training would stop on it, what else is worth knowing."""

    classes: list[str]
    splits: list[Split]
    problems: list[ProblemAnswer]
    warnings: list[WarningAnswer]


class PresetAnswer(TypedDict):
    """A preset in a list; `error` says why it cannot be opened."""

    name: str
    origin: str
    path: str
    summary: str
    error: str
    tags: list[str]
    note: str


class DifferenceAnswer(TypedDict):
    """One thing that two presets do not say alike."""

    what: str
    first: str
    second: str


class LostAnswer(TypedDict):
    """A key of an adopted config that its recipe does not bring back; null: it is not there."""

    key: str
    there: str | None
    written: str | None


class AdoptAnswer(TypedDict):
    """A recipe that was found in a config; `preset` is its text, `saved` where that was put."""

    config: str
    base: str
    backbone: str
    out_indices: list[int]
    weights: str
    input: list[int]
    fixes: list[str]
    leave: list[str]
    lost: list[LostAnswer]
    notes: list[str]
    preset: str
    saved: str | None
