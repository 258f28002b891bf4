"""Building a backbone the way training builds it: through mmdet's registry, by the type a config writes."""

import functools
import importlib
import inspect
import logging
import os
import re
import traceback
import warnings
from typing import Any, Dict

import torch
from torch import nn

from bbprobe.forward import as_config, no_initialisation
from bbprobe.protocol import Refused

SELECTING = re.compile(r"out_(\w+_)?(indices|scales|levels|stages)$")
"""Keywords that choose which maps leave a backbone: `out_indices` nearly everywhere, MViT's `out_scales`,
SSDVGG's `out_feature_indices`."""

TORCH = os.path.dirname(torch.__file__) + os.sep

LEFT_OUT = ("init_cfg", "pretrained", "checkpoint_path")
"""Keywords that fetch weights: a probe looks at shapes and must not touch the network."""


def class_of(kind: str) -> type:
    """The class that a config's `type` stands for.

    Raises:
        Refused: nothing of that name is registered, or its library is missing.
    """
    scope = kind.split(".")[0] if "." in kind else "mmdet"
    try:
        registry = importlib.import_module("mmdet.models.builder").MODELS
        importlib.import_module("mmdet.models")
        importlib.import_module(scope + ".models")
    except ImportError as error:
        raise Refused("{} needs {}, which does not import: {}".format(kind, scope, first_line(error))) from error
    found = registry.get(kind)
    if found is None:
        raise Refused("{} is not registered by the installed {}".format(kind, scope))
    return found


def build(kind: str, config: Dict[str, Any]) -> nn.Module:
    """The backbone in evaluation mode, on the CPU, its weights left as allocated.

    Raises:
        Exception: whatever the library raises about `config`.
    """
    class_of(kind)
    from mmdet.models.builder import build_backbone

    kept = {key: value for key, value in config.items() if key not in LEFT_OUT}
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)  # libraries report every build
    try:
        with warnings.catch_warnings(), no_initialisation():
            warnings.simplefilter("ignore")
            model = build_backbone(as_config(kind, kept))
    finally:
        logging.disable(level)
    model.eval()  # a statement: many backbones of mmcls 0.x return None here
    return model


@functools.lru_cache(maxsize=None)
def keywords(cls: type) -> Dict[str, inspect.Parameter]:
    """The keyword arguments that building `cls` takes, those it hands on to its base classes included."""
    found = {}  # type: Dict[str, inspect.Parameter]
    for ancestor in cls.__mro__:
        if "__init__" not in vars(ancestor):
            continue
        parameters = list(inspect.signature(vars(ancestor)["__init__"]).parameters.values())[1:]
        for parameter in parameters:
            if parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
                found.setdefault(parameter.name, parameter)
        if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
            break
    return found


def default(cls: type, key: str) -> Any:
    """What `cls` takes for `key` when nothing is said; None where it must be said or is not taken."""
    parameter = keywords(cls).get(key)
    return None if parameter is None or parameter.default is parameter.empty else parameter.default


def first_line(error: BaseException) -> str:
    """The library's own words, in one line; where it has none, the line of code that refused."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if not lines:
        frames = [frame for frame in traceback.extract_tb(error.__traceback__) if TORCH not in frame.filename]
        return (frames[-1].line if frames else "") or type(error).__name__
    if isinstance(error, (KeyError, IndexError, AttributeError, TypeError)):
        return "{}: {}".format(type(error).__name__, lines[0])
    return lines[0]
