"""mmdet's own test that a detector has as many classes as its data, put without reading the data."""

from types import SimpleNamespace
from typing import Any, Optional, Sequence

HOOK = "NumClassCheckHook"
"""What makes the test (`mmdet/datasets/utils.py`), at the beginning of every epoch."""


def disagreement(config: Any, detector: Any) -> str:
    """What stops training at its first epoch; empty where the test passes, is not made, or cannot be told."""
    if not is_called(config):
        return ""
    from mmdet.datasets.utils import NumClassCheckHook

    dataset = nominal((config.get("data") or {}).get("train"))
    if dataset is None:
        return ""
    try:
        runner = SimpleNamespace(model=detector, data_loader=SimpleNamespace(dataset=dataset))
        NumClassCheckHook().before_train_epoch(runner)
    except AssertionError as error:
        words = "{} would stop training at its first epoch: {}; leave it out of custom_hooks, or mend the number"
        return words.format(HOOK, error)
    return ""


def is_called(config: Any) -> bool:
    """Whether training with `config` calls the hook: a runner that counts iterations never begins an epoch."""
    from mmcv.runner import RUNNERS, EpochBasedRunner

    hooks = config.get("custom_hooks") or []
    if not any(isinstance(hook, dict) and hook.get("type") == HOOK for hook in hooks):
        return False
    kind = (config.get("runner") or {}).get("type", "EpochBasedRunner")
    runner = RUNNERS.get(kind) if isinstance(kind, str) else kind
    return isinstance(runner, type) and issubclass(runner, EpochBasedRunner)


def nominal(train: Any) -> Optional[Any]:
    """What has the class and the `CLASSES` of the data set that `train` describes, and no data; None where its files
    alone tell them."""
    from mmdet.datasets import DATASETS

    while isinstance(train, (list, tuple)) or (isinstance(train, dict) and inside(train) is not None):
        train = inside(train) if isinstance(train, dict) else next(iter(train), None)
    if not isinstance(train, dict):
        return None
    kind = train.get("type")
    kind = DATASETS.get(kind) if isinstance(kind, str) else kind
    try:
        classes = kind.get_classes(train.get("classes"))
    except Exception:  # a file of names that is not there, or a class that knows them otherwise
        return None
    return None if classes is None else type(kind.__name__, (), {"CLASSES": classes})()


def inside(wrapper: Any) -> Optional[Sequence[Any]]:
    """What a data set wraps, as mmdet's wrappers name it; None where it reads files itself."""
    return wrapper.get("dataset", wrapper.get("datasets"))
