"""The optimizer of a config, built for its detector as training builds it."""

import copy
from typing import Any, List

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
    keys = (optimizer.get("paramwise_cfg") or {}).get("custom_keys") or {}
    names = [".{}".format(name) for name, _ in detector.named_parameters()]
    return [key for key in keys if not any(key in name for name in names)]
