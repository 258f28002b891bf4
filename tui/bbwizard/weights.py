"""Which pretrained weights a backbone starts from, what that is in a config, and what it does. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, cast

from bbprobe.protocol import Base, Entry, Weights, WeightsReport
from bbwizard.answers import StartAnswer
from bbwizard.errors import Unknown
from bbwizard.findings import Finding
from bbwizard.wording import some

AUTO = "auto"
NONE = "none"

UNSEEN: Final = "not looked into: that needs a training environment"
"""What the atlas says of every checkpoint."""

FREE: Final = frozenset(
    ("apache-2.0", "mit", "bsd", "bsd-2-clause", "bsd-3-clause", "isc", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0")
)
"""Licences for any use, by the names that model cards give them (huggingface.co/docs/hub/repositories-licenses)."""


@dataclass(frozen=True)
class Start:
    """What the backbone starts from: `label` for people, `config` for the backbone's keyword arguments.

    `report` is what loading it showed, once that was asked.
    """

    label: str
    config: Mapping[str, Any] = field(default_factory=dict)
    weights: Weights | None = None
    report: WeightsReport | None = None

    @property
    def error(self) -> str:
        """Why training would not start from it; empty where it would, and as long as nobody knows."""
        return self.report.error if self.report is not None else ""

    @property
    def licence(self) -> str:
        """The licence of the weights, where it is told and no free one."""
        told = self.weights.licence if self.weights is not None else self.report.licence if self.report else ""
        return told if told.lower() not in FREE else ""

    @property
    def unlicensed(self) -> bool:
        """Whether these are a library's weights of which it does not tell the licence."""
        return self.weights is not None and not self.weights.licence

    def reported(self, report: WeightsReport) -> Start:
        """This start, written as the file's own names want it."""
        return replace(self, config=report.config, report=report)

    def as_json(self) -> StartAnswer:
        """What `--json` says of it."""
        shown = asdict(self.report) | {"found": self.report.place is not None} if self.report is not None else {}
        return cast(StartAnswer, {"name": self.label, **shown, "licence": self.licence})


def start(wanted: str, entry: Entry, base: Base) -> Start:
    """The start that `wanted` names: "auto", "none", the name of one of the entry's weights, a path or a URL.

    "auto" does as the base does: the entry's first weights where the base starts from pretrained ones, else none.

    Raises:
        Unknown: the entry has no weights of that name, and it is neither a path nor a URL.
    """
    if wanted == AUTO:
        return of_catalog(entry.weights[0]) if base.pretrained and entry.weights else Start("none")
    if wanted == NONE:
        return Start("none")
    for weights in entry.weights:
        if wanted in (weights.name, weights.checkpoint):
            return of_catalog(weights)
    if looks_like_file(wanted):
        return of_file(wanted, entry)
    known = ", ".join(weights.name for weights in entry.weights[:8]) or "none"
    raise Unknown(f"{entry.name} has no weights {wanted!r}", f"known: {known}; or give a file or a URL, or 'none'")


def of_catalog(weights: Weights) -> Start:
    """Weights that the library knows.

    timm loads its own by tag; for the others mmcv's `PretrainedInit` does, with the prefix that the keys carry
    (`mmcv/cnn/utils/weight_init.py`).
    """
    if weights.library == "timm":
        return Start(weights.name, {"model_name": weights.checkpoint, "pretrained": True}, weights)
    return Start(weights.name, {"init_cfg": pretrained(weights.checkpoint, weights.prefix)}, weights)


def of_file(place: str, entry: Entry) -> Start:
    """A checkpoint by path or URL.

    With `features_only` timm renames its modules, so that neither `init_cfg` nor `checkpoint_path` would load
    anything: it takes the file through `pretrained_cfg` (timm/models/_builder.py). Checkpoints of mmcls classifiers
    hold the backbone below "backbone."; aliases such as `mmcls://` are stripped of it by mmcv's loader.
    """
    if entry.source == "timm":
        key = "url" if "://" in place else "file"
        return Start(place, {"pretrained": True, "pretrained_cfg": {key: place}})
    classifier = entry.source == "mmcls" and not place.startswith("mmcls://")
    return Start(place, {"init_cfg": pretrained(place, "backbone." if classifier else None)})


def checkpoint_of(start: Mapping[str, Any]) -> str:
    """What the keyword arguments of a start name: a path, a URL, an alias, or a timm model with its tag."""
    places = {**start, **start.get("init_cfg", {}), **start.get("pretrained_cfg", {})}
    return next((places[key] for key in ("checkpoint", "file", "url", "model_name") if key in places), "")


def pretrained(checkpoint: str, prefix: str | None) -> dict[str, Any]:
    """mmcv's initialiser for a checkpoint."""
    config: dict[str, Any] = {"type": "Pretrained", "checkpoint": checkpoint}
    return {**config, "prefix": prefix} if prefix else config


def said(report: WeightsReport) -> str:
    """What loading the weights showed, in a line."""
    if report.error:
        return report.error
    if report.note == UNSEEN:
        return report.note
    if report.place is None:
        return f"not on this machine: {report.download or report.note or report.checkpoint}"
    return f"{loaded(report)} out of {report.place}"


def brief(report: WeightsReport) -> str:
    """The same in few words, for a list."""
    if report.error:
        return "would not load"
    if report.place is None:
        return "not looked into" if report.note == UNSEEN else "not on this machine"
    return f"loads {report.loaded} of {report.total}"


def loaded(report: WeightsReport) -> str:
    """How much of the backbone the file fills, and what it does not."""
    words = f"{report.loaded} of {report.total} tensors load"
    return f"{words}, missing {some(report.missing)}" if report.missing else words


def findings(start: Start) -> Iterator[Finding]:
    """What the user should know of the weights that the backbone starts from."""
    report = start.report
    if report is not None and report.error:
        yield Finding("weights-refused", f"{report.error}; {report.remedy}" if report.remedy else report.error)
    elif report is not None and report.note == UNSEEN:
        yield Finding("weights-unseen", f"{report.checkpoint} is not looked into: that needs a training environment")
    elif report is not None and report.place is None:
        how = f"; where there is a network: {report.download}; its place here: {report.destination}"
        how = how if report.download else ""
        note = f"; {report.note}" if report.note else ""
        yield Finding("weights-missing", f"{report.checkpoint} is not on this machine{how}{note}")
    elif report is not None and report.missing:
        strange = f"; {len(report.mismatched)} have another shape: {report.mismatched[0]}" if report.mismatched else ""
        yield Finding("weights-partial", f"{loaded(report)} (out of {report.place}){strange}")
    if start.licence:
        yield Finding("licence", f"{start.label} is licensed {start.licence}, which does not allow every use")


def looks_like_file(text: str) -> bool:
    """Whether it names a place rather than one of a catalog's weights."""
    return "/" in text or text.endswith((".pth", ".pt", ".bin", ".safetensors"))
