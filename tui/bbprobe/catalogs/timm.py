"""The timm catalog: every model of the installed timm, written as `mmcls.TIMMBackbone` with `features_only`."""

import contextlib
import functools
import re
import sys
import warnings
from collections import namedtuple
from types import ModuleType
from typing import Any, Dict, Iterator, List, Optional, Tuple

import timm
from torch import nn

from bbprobe.building import first_line
from bbprobe.forward import no_initialisation
from bbprobe.protocol import Entry, Weights

TYPE = "mmcls.TIMMBackbone"

Implementation = namedtuple("Implementation", ["cls", "refusal"])
"""The class that implements a timm model, None where unknown; `refusal` says why it gives no features, else empty."""

DATASETS = {"in1k": "ImageNet-1k", "in12k": "ImageNet-12k", "in21k": "ImageNet-21k", "in22k": "ImageNet-22k"}
"""How timm's tags abbreviate what a model was last trained on (timm's docs, "Model naming")."""


NO_FEATURES = "timm {} declares no feature maps for {}"


def entries(task: Any) -> List[Entry]:
    """Every model, with its pretrained tags as weights."""
    found = []
    tags = tagged()
    with not_building() as reached:
        for count, name in enumerate(sorted(timm.list_models())):
            if count % 100 == 0:
                task.pause()
            made_by = ask(name, reached)
            found.append(
                Entry(
                    name="timm/" + name,
                    source="timm",
                    type=TYPE,
                    config={"model_name": name, "features_only": True},
                    family=family(name, made_by.cls),
                    weights=[weights(full, config) for full, config in tags.get(name, [])],
                    pyramid=False if made_by.refusal else None,
                    reason=made_by.refusal,
                )
            )
    return found


def implementation(name: str) -> Implementation:
    """Who implements the model `name`, with or without tag, found without building it."""
    with not_building() as reached:
        return ask(name, reached)


def ask(name: str, reached: List[Any]) -> Implementation:
    """Run a model's entry point up to the point of building; only within `not_building`, which tells `reached`."""
    reached.clear()
    try:
        timm.models.model_entrypoint(name.split(".")[0])(pretrained=False, features_only=True)
    except Exception as error:
        # Some entry points look into what they believe to have built; anything else is their own refusal.
        if not (reached and isinstance(error, AttributeError)):
            return Implementation(None, first_line(error).rstrip("."))
    cls = getattr(reached[-1], "func", reached[-1]) if reached else None
    if not isinstance(cls, type):
        return Implementation(None, "")
    return Implementation(cls, "" if has_feature_info(cls) else NO_FEATURES.format(timm.__version__, cls.__name__))


@contextlib.contextmanager
def not_building() -> Iterator[List[Any]]:
    """Within, timm's entry points build nothing; the list holds the classes that the last was about to build.

    They stand in its order: a part of a hybrid comes before the whole.
    """
    reached = []  # type: List[Any]

    def reach(model_cls: Any, *args: Any, **kwargs: Any) -> nn.Module:
        reached.append(model_cls)
        return nn.Identity()

    kept = [(module, vars(module)[BUILDER]) for module in building_modules()]
    try:
        for module, _ in kept:
            setattr(module, BUILDER, reach)
        with warnings.catch_warnings(), no_initialisation():
            warnings.simplefilter("ignore")
            yield reached
    finally:
        for module, function in kept:
            setattr(module, BUILDER, function)


BUILDER = "build_model_with_cfg"
"""What all of timm's entry points build with."""


@functools.lru_cache(maxsize=None)
def building_modules() -> List[ModuleType]:
    """The modules of timm that know `BUILDER`, all of which are imported with `timm.models`."""
    modules = [module for key, module in sys.modules.items() if key.startswith("timm.models.")]
    return [module for module in modules if BUILDER in vars(module)]


def has_feature_info(cls: type) -> bool:
    """Whether a class ever sets the `feature_info` that all of timm's feature extractors read."""
    methods = (method for ancestor in cls.__mro__ for method in vars(ancestor).values())
    return any("feature_info" in getattr(method, "__code__", has_feature_info.__code__).co_names for method in methods)


def family(name: str, cls: Optional[type]) -> str:
    """The class that implements a model, or its module where the class is not known."""
    module = timm.models.model_entrypoint(name).__module__.split(".")[-1]
    return "timm.{}.{}".format(module, cls.__name__) if cls else "timm." + module


def tagged() -> Dict[str, List[Tuple[str, Any]]]:
    """Each architecture's pretrained configs as (full name, config), the default first; timm before 0.8 has no tags."""
    registry = sys.modules.get("timm.models._registry") or sys.modules["timm.models.registry"]
    configs = registry._model_pretrained_cfgs
    found = {}  # type: Dict[str, List[Tuple[str, Any]]]
    for full in timm.list_models(pretrained=True):
        found.setdefault(full.split(".")[0], []).append((full, configs.get(full)))
    for name, default in getattr(registry, "_model_default_cfgs", {}).items():
        # the registry lists tags in order of preference, `list_models` by name
        order = ["{}.{}".format(name, tag) if tag else name for tag in default.tags]
        found.get(name, []).sort(key=lambda pair: order.index(pair[0]) if pair[0] in order else len(order))
    return found


def weights(full: str, config: Any) -> Weights:
    """One pretrained tag; `checkpoint` is the model name that has timm load it."""
    facts = config if isinstance(config, dict) else vars(config) if config is not None else {}
    size = facts.get("input_size")
    mean, std = facts.get("mean"), facts.get("std")
    return Weights(
        name=full.split(".", 1)[1] if "." in full else "pretrained",
        checkpoint=full,
        library="timm",
        dataset=dataset(full),
        licence=facts.get("license") or licence(facts.get("url") or ""),
        mean=[round(255 * value, 3) for value in mean] if mean else None,
        std=[round(255 * value, 3) for value in std] if std else None,
        to_rgb=True if mean else None,
        input=[int(size[1]), int(size[2])] if size else None,
    )


RELEASES = "https://github.com/rwightman/pytorch-image-models/releases/download/"

LICENCES = (
    ("https://dl.fbaipublicfiles.com/semiweaksupervision/", "cc-by-nc-4.0"),
    ("https://download.pytorch.org/models/ig_resnext101_", "cc-by-nc-4.0"),
    (RELEASES + "v0.1-mvit-weights/mobilevit", "cvnets-license"),
)
"""Where checkpoints lie that are not for any use: timm 1.0 has the licence of each, timm before 0.8 of none."""


def licence(url: str) -> str:
    """The licence of a checkpoint that the installed timm says nothing of, where it is known not to be a free one."""
    return next((licence for place, licence in LICENCES if url.startswith(place)), "")


def dataset(full: str) -> str:
    """What a model was last trained on, as far as its tag says."""
    found = re.findall(r"in1k|in12k|in21k|in22k", full.split(".", 1)[-1]) if "." in full else []
    return DATASETS[found[-1]] if found else ""
