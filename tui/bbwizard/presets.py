"""A recipe as YAML that a person can read and edit: text in, text out. Pure.

A preset comes from anywhere. Only plain YAML is read: no tags that make objects, no aliases, by which a page becomes a
gigabyte. Every key and type is checked, and a fault is named with its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from bbprobe.protocol import Probe, Stage, Stride
from bbwizard import yaml_text
from bbwizard.dataset import named
from bbwizard.errors import BbwizardError, PresetError, UsageError
from bbwizard.grammar import LAUNCHERS
from bbwizard.launch import MOST_GPUS, spread
from bbwizard.recipe import Recipe, parse_code, parse_input, parse_meeting

FORMAT: Final = 1
TAG: Final = re.compile(r"\w[\w.+-]*")
NO_NAME: Final = re.compile("[\x00\ud800-\udc7f\udd00-\udfff]")
"""What no name holds and no path: a byte of one that is no UTF-8 is a character of the range left out."""


class SavedStage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A chosen stage as it was seen when the preset was saved; `channels` and `stride` tell if it moved since."""

    index: int
    channels: int | None = None
    stride: int | float | None = None


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of a preset file."""

    bbwizard: int
    base: str
    backbone: str
    stages: list[SavedStage] | None = None
    weights: str = "auto"
    input: str | int = "640x640"
    gpus: int = 1
    launcher: str = "auto"
    nodes: int = 0
    meet: str = ""
    resume: str = ""
    override: bool = False
    data: list[str] = []
    fixes: list[str] = []
    leave: list[str] = []
    tags: list[str] = []
    note: str = ""
    made_with: dict[str, str | None] = {}


@dataclass(frozen=True)
class Preset:
    """A recipe with what was known when it was saved."""

    recipe: Recipe
    stages: tuple[SavedStage, ...] = ()
    tags: tuple[str, ...] = ()
    note: str = ""
    made_with: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Opened:
    """A preset's recipe as it stands here, and what changed since it was saved, a sentence each."""

    recipe: Recipe
    notes: tuple[str, ...]


def dump(
    recipe: Recipe,
    probe: Probe | None = None,
    *,
    tags: Sequence[str] = (),
    note: str = "",
    versions: Mapping[str, str | None] | None = None,
) -> str:
    """The preset's text, the same for the same decision: what lies under version control changes where that does."""
    seen = {stage.index: stage for stage in probe.stages} if probe is not None else {}
    document: dict[str, Any] = {"bbwizard": FORMAT, "base": recipe.base, "backbone": recipe.backbone}
    if recipe.stages is not None:
        document["stages"] = [saved(index, seen.get(index)) for index in recipe.stages]
    document["weights"] = recipe.weights
    document["input"] = f"{recipe.input[0]}x{recipe.input[1]}"
    defaults = Recipe()
    for key in ("gpus", "launcher", "nodes", "meet", "resume", "override"):
        if getattr(recipe, key) != getattr(defaults, key):
            document[key] = getattr(recipe, key)
    for key in ("data", "fixes", "leave"):
        if getattr(recipe, key):
            document[key] = list(getattr(recipe, key))
    if tags:
        document["tags"] = list(tags)
    if note:
        document["note"] = note
    if versions:
        document["made_with"] = dict(versions)
    return yaml_text.as_yaml(document)


def saved(index: int, stage: Stage | None) -> dict[str, Any]:
    """A stage as the file has it."""
    if stage is None:
        return {"index": index}
    return {"index": index, "channels": stage.channels, "stride": stage.stride}


def parse(text: str, name: str) -> Preset:
    """The preset that `text` holds; `name` is the file, for the words of a fault.

    Raises:
        PresetError: it is not YAML, or has a key or a value that a preset does not have; with the line.
    """
    data, tree = yaml_text.read(text, name, KEYS_HINT)
    try:
        document = msgspec.convert(data, Document)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        raise PresetError(
            f"{name}, line {yaml_text.line_of(tree, what, where.strip('`'))}: {lower(what)}", KEYS_HINT
        ) from error
    except UnicodeEncodeError as error:  # YAML may escape half a sign
        raise PresetError(f"{name}: {error.object[error.start]!r} is no sign", "take it out") from error
    return checked(document, name, tree)


KEYS_HINT: Final = f"a preset has the keys {', '.join(Document.__struct_fields__)}"


def checked(document: Document, name: str, tree: yaml.Node | None) -> Preset:
    """What types alone do not say."""

    def wrong(key: str, text: str, hint: str = "") -> PresetError:
        return PresetError(f"{name}, line {yaml_text.line_of(tree, '', '$.' + key)}: {text}", hint)

    for key in ("base", "backbone", "weights", "data"):
        told = getattr(document, key)
        if any(NO_NAME.search(part) for part in ([told] if isinstance(told, str) else told)):
            raise wrong(key, "no name holds such characters", "type it anew")
    if document.bbwizard != FORMAT:
        raise wrong("bbwizard", f"format {document.bbwizard} is not known here", f"this bbwizard reads format {FORMAT}")
    if not document.base.strip() or not document.backbone.strip():
        raise wrong("base" if not document.base.strip() else "backbone", "expected a name, got nothing")
    try:
        size = parse_input(str(document.input))
    except BbwizardError as error:
        raise wrong("input", error.text, error.hint) from error
    if not 1 <= document.gpus <= MOST_GPUS:
        raise wrong("gpus", f"expected 1 to {MOST_GPUS}, got {document.gpus}")
    try:
        spread(document.gpus, document.nodes)
    except BbwizardError as error:
        raise wrong("nodes", error.text, error.hint) from error
    if document.launcher not in LAUNCHERS:
        raise wrong("launcher", f"expected one of {', '.join(LAUNCHERS)}, got {document.launcher!r}")
    try:
        if document.meet:
            parse_meeting(document.meet)
    except BbwizardError as error:
        raise wrong("meet", error.text, error.hint) from error
    for key in ("fixes", "leave"):
        for code in getattr(document, key):
            try:
                parse_code(code)
            except BbwizardError as error:
                raise wrong(key, error.text, error.hint) from error
    try:
        key = "data"
        named(document.data, Path("/"))
        key = "tags"
        known_tags(document.tags)
    except BbwizardError as error:
        raise wrong(key, error.text, error.hint) from error
    stages = sorted(document.stages or [], key=lambda stage: stage.index)
    indices = [stage.index for stage in stages]
    if document.stages is not None and (not stages or len(set(indices)) != len(indices) or indices[0] < 0):
        raise wrong("stages", "expected each out index once, 0 or more", "leave the key out for the default wiring")
    recipe = Recipe(
        base=document.base,
        backbone=document.backbone,
        stages=tuple(indices) if document.stages is not None else None,
        weights=document.weights,
        input=size,
        gpus=document.gpus,
        launcher=document.launcher,
        nodes=document.nodes,
        meet=document.meet,
        resume=document.resume,
        override=document.override,
        data=tuple(document.data),
        fixes=tuple(document.fixes),
        leave=tuple(document.leave),
    )
    return Preset(recipe, tuple(stages), tuple(document.tags), document.note, document.made_with)


def parse_tags(text: str) -> tuple[str, ...]:
    """`"small, coco"`, or `"#small #coco"`, as tags, each once.

    Raises:
        UsageError: something in it is no tag.
    """
    return known_tags(word.removeprefix("#") for word in text.replace(",", " ").split())


def known_tags(words: Iterable[str]) -> tuple[str, ...]:
    """Words as tags, each once; raises as `parse_tags` does."""
    tags = tuple(dict.fromkeys(words))
    for tag in tags:
        if not TAG.fullmatch(tag):
            raise UsageError(f"{tag!r} is no tag", "a tag is one word of letters, digits and . + - _")
    return tags


def lower(text: str) -> str:
    """A sentence's first letter made small, since it stands behind a file and a line."""
    return text[:1].lower() + text[1:]


def opened(preset: Preset, probe: Probe) -> Opened:
    """The recipe for the backbone as it is here, with every stage that moved since the preset was saved said."""
    if preset.recipe.stages is None:
        return Opened(preset.recipe, ())
    here = {stage.index: stage for stage in probe.stages}
    notes, indices = [], []
    for stage in preset.stages:
        now = here.get(stage.index)
        if now is not None and same(stage, now):
            indices.append(stage.index)
            continue
        found = moved_to(stage, probe.stages)
        notes.append(moved_text(stage, now, found))
        if found is not None:
            indices.append(found.index)
    stages = tuple(sorted(set(indices)))
    return Opened(replace(preset.recipe, stages=stages or None), tuple(notes))


def same(saved_stage: SavedStage, now: Stage) -> bool:
    """Whether a stage is what it was."""
    return saved_stage.channels in (None, now.channels) and saved_stage.stride in (None, now.stride)


def moved_to(stage: SavedStage, stages: Sequence[Stage]) -> Stage | None:
    """Where a stage's map is now: the deepest with its stride, with its channels too where there is one."""
    at_stride = [now for now in stages if now.stride == stage.stride]
    alike = [now for now in at_stride if now.channels == stage.channels]
    return alike[-1] if alike else at_stride[-1] if at_stride else None


def moved_text(stage: SavedStage, now: Stage | None, found: Stage | None) -> str:
    """What became of a stage, in a sentence."""
    was = described(stage.channels, stage.stride)
    if now is not None:
        became = f"stage {stage.index} was {was}, is {described(now.channels, now.stride)} here"
    else:
        became = f"stage {stage.index} was {was}, is not there any more"
    instead = f"stage {found.index} takes its place" if found is not None else "no stage has its stride"
    return f"{became}; {instead}"


def described(channels: int | None, stride: Stride | None) -> str:
    """Channels and stride in words."""
    return f"{channels or '?'} channels at stride {stride or '?'}"
