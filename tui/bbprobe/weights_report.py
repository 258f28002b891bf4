"""What the checkpoint that a backbone starts from does to it on this machine."""

from typing import Any, Dict, List, Optional, Tuple

from bbprobe.building import class_of
from bbprobe.loading import WHOLE_CHECKPOINTS, absolute, dicts
from bbprobe.protocol import Cancelled, Refused, WeightsReport
from bbprobe.weights_files import contents
from bbprobe.weights_forms import forms, registered
from bbprobe.weights_loading import Count, count, timm_place
from bbprobe.weights_places import Place, of_mmcv, of_url
from bbprobe.weights_words import refusal
from bbprobe.words import in_words

STARTS = ("init_cfg", "pretrained", "pretrained_cfg", "pretrained_cfg_overlay", "checkpoint_path")
"""The keyword arguments of a backbone that name a checkpoint."""


def weights(task: Any, type: str, config: Dict[str, Any], start: Dict[str, Any], choose: bool = False) -> WeightsReport:
    """Load what `start` has a backbone of `type` and `config` start from, and count what loads.

    `start` holds the keyword arguments that name the checkpoint. With `choose` its form is found by looking into the
    file, where that is here: which prefix, and what timm must be told of it.
    """
    class_of(type)
    name = checkpoint_of(start) or str(dict(config, **start).get("model_name", ""))
    try:
        start = placed(start)
        place, licence = lies(dict(config, **start))
        if place.path is None:  # not worth building a large backbone for
            return report(name, type, config, start, Count(place, 0, 0, [], [], None, licence))
        tried = candidates(type, config, start, place.path) if choose else [start]
        best, chosen = None, start  # type: Optional[Count], Dict[str, Any]
        for form in tried:
            task.pause()
            found = count(type, dict(config, **form))
            if best is None or found.loaded > best.loaded:
                best, chosen = found, form
            if best.place.path is None or best.total and best.loaded == best.total:
                break
    except Refused as refused:
        return WeightsReport(name, start, None, error=str(refused), remedy="name a file that is there")
    return report(name, type, config, chosen, best)


def report(name: str, kind: str, config: Dict[str, Any], start: Dict[str, Any], found: Any) -> WeightsReport:
    """One count, in words."""
    error, remedy = refusal(kind, dict(config, **start), found) if found.place.path is not None else ("", "")
    return WeightsReport(
        checkpoint=name,
        config=start,
        place=found.place.path,
        loaded=found.loaded,
        total=found.total,
        missing=found.missing,
        mismatched=found.mismatched,
        error=error,
        remedy=remedy,
        download=found.place.download,
        destination=found.place.destination,
        licence=found.licence,
        note=found.place.note,
    )


def checkpoint_of(start: Dict[str, Any]) -> str:
    """The path, URL or alias that a start names; empty where timm's own tag does."""
    init = start.get("init_cfg") or {}
    source = start.get("pretrained_cfg") or start.get("pretrained_cfg_overlay") or {}
    places = [
        init.get("checkpoint") if isinstance(init, dict) else None,
        start.get("pretrained"),
        start.get("checkpoint_path"),
        *((source.get("file"), source.get("url")) if isinstance(source, dict) else ()),
    ]
    return next((place for place in places if isinstance(place, str) and place), "")


def placed(start: Dict[str, Any]) -> Dict[str, Any]:
    """A start whose local file is named in full: training may run in another folder."""
    name = checkpoint_of(start)
    if not name or "://" in name:
        return start
    whole = absolute(name)

    def told(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: told(item) for key, item in value.items()}
        return whole if value == name else value

    return told(start)


def lies(config: Dict[str, Any]) -> Tuple[Place, str]:
    """Where the checkpoint lies that a backbone's keyword arguments name, and its licence where that is told.

    Raises:
        Refused: there is no such file, or the library knows no such weights.
    """
    name = checkpoint_of(config)
    if not name:
        facts = registered(config.get("model_name", ""))
        return timm_place(facts), facts.get("license") or ""
    if "://" in name and "init_cfg" not in config and "model_name" in config:
        return of_url(name), ""
    return of_mmcv(name), ""


def lost_checkpoint(config: Any) -> str:
    """Why a checkpoint of a whole detector that a config names is not found, in a sentence; empty where none is lost.

    A URL is not asked for.
    """
    for path, found in dicts(config):
        for key in WHOLE_CHECKPOINTS:
            name = found.get(key)
            if name and isinstance(name, str):
                try:
                    of_mmcv(name)
                except Refused as refused:
                    return "{}: {}; name a file that is there".format(".".join(map(str, path + (key,))), refused)
    return ""


def candidates(kind: str, config: Dict[str, Any], start: Dict[str, Any], path: str) -> List[Dict[str, Any]]:
    """The forms to try for the file at `path`; `start` alone where it cannot be read."""
    try:
        held = contents(path)
    except Refused:
        return [start]
    return forms(kind, config, start, held)


def of_config(task: Any, config: Any) -> Optional[WeightsReport]:
    """What a whole config's backbone starts from, as its detector hands it on; None where from nothing.

    Detectors pass `model.pretrained` to their backbone (`mmdet/models/detectors/single_stage.py` and the others).
    """
    model = config.get("model") or {}
    backbone = dict(model.get("backbone") or {})
    if model.get("pretrained"):
        backbone["pretrained"] = model["pretrained"]
    kind = backbone.pop("type", "")
    init = backbone.get("init_cfg")
    if isinstance(init, (list, tuple)):  # the others of the list would hide what the checkpoint lacks
        backbone["init_cfg"] = next((one for one in init if one.get("type") == "Pretrained"), None)
    start = {key: backbone.pop(key) for key in STARTS if key in backbone}
    if not kind or not checkpoint_of(start) and start.get("pretrained") is not True:
        return None
    try:
        return weights(task, kind, backbone, start)
    except Cancelled:
        raise
    except Exception as error:  # the check itself says what is wrong with the rest
        return WeightsReport(checkpoint_of(start), start, None, note="not looked into: {}".format(in_words(error)))
