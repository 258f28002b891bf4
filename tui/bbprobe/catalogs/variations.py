"""Backbone dicts of packaged configs, cut down to what makes the backbone another network."""

import json
import re
from collections import namedtuple
from typing import Any, Callable, Dict, Iterable, List, Optional, Sequence, Tuple

from bbprobe import cures
from bbprobe.building import LEFT_OUT, SELECTING, keywords
from bbprobe.protocol import Weights

BEHAVIOUR = LEFT_OUT + (
    "type",
    "attn_drop_rate",
    "drop_path_rate",
    "drop_rate",
    "frozen_stages",
    "norm_eval",
    "num_classes",
    "with_cp",
    "zero_init_residual",
)
"""Keywords that change how a backbone trains, or its classifier, but neither its weights nor its maps."""

TRAINABLE = ("requires_grad", True)
"""What a norm layer is anyway."""

Variation = namedtuple("Variation", ["selecting", "rest", "weights", "stems"])
"""Arguments that make a backbone what it is: those that select its arch and the `rest` beside the class's defaults,
with the weights made for it and the names under which these were published."""


class Variations:
    """The variations of one class, found one config after the other.

    `selecting` tells the part of a config that selects the arch, by keywords out of `keys`.
    """

    def __init__(
        self, cls: type, selecting: Callable[[type, Dict[str, Any]], Dict[str, Any]], keys: Sequence[str]
    ) -> None:
        self.cls = cls
        self.selecting = selecting
        self.keys = keys
        self._found = {}  # type: Dict[str, Variation]

    def add(self, config: Dict[str, Any], weights: Optional[Weights], stem: str) -> None:
        """Take note of one more config, of the weights made with it, and of the name it goes by."""
        selected = self.selecting(self.cls, config)
        rest = {key: value for key, value in essence(self.cls, config).items() if key not in self.keys}
        here = self._found.setdefault(plainly([selected, rest]), Variation(selected, rest, [], []))
        if weights is not None and all(weights.checkpoint != known.checkpoint for known in here.weights):
            here.weights.append(weights)
        if stem not in here.stems:
            here.stems.append(stem)

    def all(self) -> List[Variation]:
        return list(self._found.values())


def essence(cls: type, config: Dict[str, Any]) -> Dict[str, Any]:
    """The arguments in `config` that make the network another than the class's default."""
    takes = keywords(cls)
    skipped = set(BEHAVIOUR) | {cure.key for alternatives in cures.ALWAYS for cure in alternatives}
    if "interpolate_mode" in takes:
        skipped.add("img_size")  # its position embedding is resized to any image
    found = {}
    for key, value in config.items():
        if key in skipped or SELECTING.match(key) or (key in takes and same(value, takes[key].default)):
            continue
        found[key] = value if not isinstance(value, dict) else {k: v for k, v in value.items() if (k, v) != TRAINABLE}
    return found


def same(value: Any, other: Any) -> bool:
    """Whether two arguments mean the same network."""
    if isinstance(value, dict) and isinstance(other, dict) and "type" in value:
        return plain_norm(value) == plain_norm(other)
    return plainly(value) == plainly(other)


def plain_norm(config: Dict[str, Any]) -> Dict[str, Any]:
    """A layer's config without what leaves its weights as they are: SyncBN is BN on several GPUs."""
    kept = {key: value for key, value in config.items() if key not in ("requires_grad", "eps", "momentum", "inplace")}
    return dict(kept, type="BN" if kept.get("type") == "SyncBN" else kept.get("type"))


def plainly(value: Any) -> str:
    """A value by which equal arguments are equal, tuples and lists alike."""
    return json.dumps(value, sort_keys=True, default=repr)


def labelled(label: str, variations: Sequence[Variation]) -> List[Tuple[str, Variation]]:
    """Each of one arch's `variations` with a label of its own: the arch for the first or the plain one, then the name
    it was published under, or, where that is not its own, what its arguments say."""
    found = []
    plain = next((index for index, variation in enumerate(variations) if not variation.rest), 0)
    for index, variation in enumerate(variations):
        if index == plain:
            found.append((label, variation))
            continue
        own = [stem for stem in variation.stems if not any(stem in other.stems for other in others(variations, index))]
        told = (
            label + "".join("-" + word for word in told_by(variation.rest))
            if label
            else "-".join(told_by(variation.rest))
        )
        found.append((own[0] if own else told, variation))
    return found


def others(variations: Sequence[Variation], index: int) -> Iterable[Variation]:
    return (variation for place, variation in enumerate(variations) if place != index)


def told_by(arguments: Dict[str, Any]) -> List[str]:
    """Arguments as words that make a readable name: ["caffe"], ["window_size12"], ["no_avg_down"]."""
    words = []
    for key, value in arguments.items():
        if isinstance(value, dict):
            words += [value["type"]] if "type" in value else told_by(value)
        elif isinstance(value, bool):
            words.append(key if value else "no_" + key)
        elif isinstance(value, str):
            words.append(value)
        else:
            words.append(key + re.sub(r"[^\w.]+", "_", str(value)).strip("_"))
    return words
