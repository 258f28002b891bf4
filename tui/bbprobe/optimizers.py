"""The optimizer of a config, built for its detector as training builds it."""

import copy
from typing import Any, Dict, List, Set

from bbprobe.protocol import Refused
from bbprobe.words import in_words


def idle_keys(config: Any, detector: Any) -> List[str]:
    """Build the optimizer that `config` names for `detector`; the names in its `custom_keys` that match no parameter.

    Raises:
        Refused: it cannot be built for this detector, with the constructor's own words.
    """
    from mmdet.apis.train import build_optimizer  # mmcv's, or mmdet's own which knows more constructors

    optimizer = config.get("optimizer")
    if not optimizer:
        return []
    try:
        build_optimizer(detector, copy.deepcopy(optimizer))
    except Exception as error:
        how = optimizer.get("constructor") or optimizer.get("type")
        whose = type(getattr(detector, "backbone", detector)).__name__
        raise Refused("{} cannot be made for {}: {}".format(how, whose, in_words(error))) from error
    keys = custom_keys(config)
    names = [".{}".format(name) for name, _ in detector.named_parameters()]
    return [key for key in keys if not any(key in name for name in names)]


def backbone_keys(config: Any, detector: Any) -> Dict[str, int]:
    """The names in `custom_keys` that set tensors of the backbone and of no other part, each with how many it sets.

    The longest name that is part of a parameter's counts (`DefaultOptimizerConstructor.add_params` of mmcv).
    """
    keys = sorted(sorted(custom_keys(config)), key=len, reverse=True)
    sets: Dict[str, int] = {}
    elsewhere: Set[str] = set()
    for name, parameter in detector.named_parameters():
        key = next((key for key in keys if key in name), None) if parameter.requires_grad else None
        if key is None:
            continue
        if name.startswith("backbone."):
            sets[key] = sets.get(key, 0) + 1
        else:
            elsewhere.add(key)
    return {key: sets[key] for key in sets if key not in elsewhere}


def custom_keys(config: Any) -> Dict[str, Any]:
    """What the optimizer of `config` says of parameters by parts of their names."""
    return ((config.get("optimizer") or {}).get("paramwise_cfg") or {}).get("custom_keys") or {}
