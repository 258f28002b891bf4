"""Loading a checkpoint through the library's own door, and counting the tensors that came out of it.

Before the door opens, every tensor that training would move, and every running statistic, is filled with NaN; what is
NaN throughout afterwards was not loaded. Other buffers are made by the class itself and stay as they are.
"""

import contextlib
import logging
import re
import sys
import warnings
from collections import namedtuple
from typing import Any, Dict, Iterator, List

import torch
from torch import nn

from bbprobe import isolation
from bbprobe.building import class_of
from bbprobe.forward import no_initialisation
from bbprobe.protocol import Refused
from bbprobe.weights_places import Place, of_file, of_hub, of_mmcv, of_url

Count = namedtuple("Count", ["place", "loaded", "total", "missing", "mismatched", "error", "licence"])
"""What came of one try: `error` is the exception that would end training; numbers are 0 where the file is not here."""

SHAPES = re.compile(
    r"size mismatch for ([^:\s]+): copying a param with shape (?:torch\.Size\()?([\[(][^\])]*[\])])\)? "
    r"from checkpoint, the shape in current model is (?:torch\.Size\()?([\[(][^\])]*[\])])"
)
"""torch's own words about a tensor of another shape (`Module._load_from_state_dict`), which mmcv logs."""

TIMM_LOADERS = ("load_pretrained", "load_custom_pretrained", "load_checkpoint")
"""timm's own load steps, each with the model first (timm/models/_builder.py, helpers.py before 0.8)."""


class NotHere(Exception):
    """The checkpoint is not on this machine; mmcv's registry raises it anew with a text alone."""


class Log(logging.Handler):
    """The warnings that libraries log about a checkpoint."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines = []  # type: List[str]

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def count(kind: str, config: Dict[str, Any]) -> Count:
    """Build a backbone of type `kind` as training does, load what `config` starts it from, and count.

    Raises:
        Refused: the class is not there, or what is named is neither a file nor anything that mmcv knows.
        Exception: whatever the class raises about its other arguments.
    """
    from mmcv import ConfigDict
    from mmdet.models.builder import build_backbone

    class_of(kind)
    log = Log()
    seen = {}  # type: Dict[str, Any]
    with isolation.quiet(), isolation.offline(), hub_offline(), heard(log), timm_watched(seen):
        try:
            with no_initialisation():
                model = build_backbone(ConfigDict(config, type=kind))
            if not seen:
                seen["place"] = of_mmcv(named_by(model))
                if seen["place"].path is None:
                    raise NotHere()
                empty(model)
                model.init_weights()
        except NotHere:
            return Count(seen["place"], 0, 0, [], [], None, seen.get("licence", ""))
        except Exception as error:
            if "refusal" in seen:
                raise seen["refusal"] from error
            if "place" not in seen:
                raise
            return Count(seen["place"], 0, 0, [], mismatches([str(error)]), error, seen.get("licence", ""))
    tensors = counted(model)
    missing = [name for name, tensor in tensors.items() if bool(torch.isnan(tensor).all())]
    return Count(
        seen["place"],
        len(tensors) - len(missing),
        len(tensors),
        missing,
        mismatches(log.lines),
        None,
        seen.get("licence", ""),
    )


def counted(model: nn.Module) -> Dict[str, torch.Tensor]:
    """The tensors that a checkpoint is there for: parameters and running statistics, by name."""
    parameters = {name for name, _ in model.named_parameters()}
    return {
        name: tensor
        for name, tensor in model.state_dict().items()
        if tensor.is_floating_point()
        and tensor.numel()
        and (name in parameters or name.rpartition(".")[2] in ("running_mean", "running_var"))
    }


def empty(model: nn.Module) -> None:
    """Fill what a checkpoint is there for with NaN."""
    for tensor in counted(model).values():
        tensor.fill_(float("nan"))


def named_by(model: nn.Module) -> str:
    """The checkpoint that a built backbone's `init_cfg` names.

    Raises:
        Refused: it names none.
    """
    checkpoint = (getattr(model, "init_cfg", None) or {}).get("checkpoint")
    if not isinstance(checkpoint, str):
        raise Refused("{} has no checkpoint to start from".format(type(model).__name__))
    return checkpoint


@contextlib.contextmanager
def timm_watched(seen: Dict[str, Any]) -> Iterator[None]:
    """Within, timm's load step tells `seen` the place and the licence, and finds the model filled with NaN."""

    def watched(load: Any) -> Any:
        def step(model: nn.Module, *args: Any, **kwargs: Any) -> Any:
            facts = kwargs.get("pretrained_cfg") or getattr(model, "pretrained_cfg", None) or {}
            seen["licence"] = "" if facts.get("file") else facts.get("license") or ""
            try:
                seen["place"] = of_file(args[0]) if load.__name__ == "load_checkpoint" else timm_place(facts)
            except Refused as refusal:
                seen["refusal"] = refusal
                raise
            if seen["place"].path is None:
                raise NotHere()
            empty(model)
            return load(model, *args, **kwargs)

        return step

    modules = [module for key, module in sys.modules.items() if key.startswith("timm.models.")]
    kept = [(module, name, vars(module)[name]) for module in modules for name in TIMM_LOADERS if name in vars(module)]
    try:
        for module, name, load in kept:
            setattr(module, name, watched(load))
        yield
    finally:
        for module, name, load in kept:
            setattr(module, name, load)


def timm_place(facts: Dict[str, Any]) -> Place:
    """Where timm takes a pretrained config's checkpoint from, by its own order of preference.

    Raises:
        Refused: there is no such file, or timm has no weights for this model.
    """
    builder = sys.modules.get("timm.models._builder") or sys.modules["timm.models.helpers"]
    source, where = builder._resolve_pretrained_source(facts)
    if source in ("file", "local-dir"):
        return of_file(where)
    if source == "url":
        return of_url(where)
    if source == "hf-hub":
        return timm_hub_place(where)
    raise Refused("the installed timm has no weights for {}".format(facts.get("architecture", "this model")))


def timm_hub_place(where: Any) -> Place:
    """Where timm finds a repository of the hub, by the file names that it tries, one after the other."""
    hub = sys.modules.get("timm.models._hub") or sys.modules["timm.models.hub"]
    identity, filename = where if isinstance(where, (list, tuple)) else (where, "pytorch_model.bin")
    names = [filename]
    if getattr(hub, "_has_safetensors", False):
        names = list(hub._get_safe_alternatives(filename)) + names
    repository, revision = hub.hf_split(identity)
    return of_hub(repository, names, revision)


@contextlib.contextmanager
def hub_offline() -> Iterator[None]:
    """Within, the hub's library looks into its cache alone, where it is installed."""
    try:
        from huggingface_hub import constants
    except ImportError:
        yield
        return
    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


@contextlib.contextmanager
def heard(log: Log) -> Iterator[None]:
    """Within, `log` hears what is logged as a warning, wherever."""
    logging.root.addHandler(log)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.root.removeHandler(log)


def mismatches(lines: List[str]) -> List[str]:
    """The tensors of another shape that a library's words name, with the file's shape and the backbone's."""
    return [
        "{}: {} in the file, {} in the backbone".format(name, theirs, ours)
        for line in lines
        for name, theirs, ours in SHAPES.findall(" ".join(line.split()))
    ]
