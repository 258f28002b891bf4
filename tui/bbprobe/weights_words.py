"""Why a checkpoint does nothing for a backbone, in one sentence, and what would help."""

import os
import re
import shlex
import sys
from typing import Any, Dict, Tuple

from bbprobe.building import build
from bbprobe.forward import no_initialisation
from bbprobe.protocol import Refused
from bbprobe.weights_files import Contents, contents, prefixes
from bbprobe.weights_forms import named
from bbprobe.weights_loading import Count
from bbprobe.words import in_words

SHOWN = 3
"""How many names a sentence holds."""

ANOTHER = 0.1
"""The share of tensors in another shape that makes a file another network's. What a loader may rightly leave out for
its shape are position biases, one for a block of a dozen tensors; of ResNet-50 in ResNet-18 a quarter differs."""

LONGEST = 300
"""Characters of a library's own words; torch names every tensor."""

Said = Tuple[str, str]
"""What is wrong, and what to do."""


def refusal(kind: str, config: Dict[str, Any], count: Count) -> Said:
    """What is wrong with a checkpoint that is here, and what to do; both empty where it loads.

    A network's file loads into its sisters here and there; that is no start.
    """
    strange = len(count.mismatched) > ANOTHER * count.total or count.mismatched and 2 * count.loaded < count.total
    if count.error is None and count.loaded and not strange:
        return "", ""
    file, by_timm = count.place.path, "init_cfg" not in config and "model_name" in config
    if file.endswith(".safetensors") and not reads_safetensors(by_timm):
        code = "import torch, safetensors.torch; torch.save(safetensors.torch.load_file({!r}), {!r})"
        return (
            "{} is in the format of safetensors, which {} here does not read".format(file, loader(by_timm)),
            written_anew(file, code.format(file, plain(file))),
        )
    try:
        held = contents(file)
    except Refused as refused:
        return str(refused), "fetch it again, or name another file"
    if count.mismatched:
        would = " and {} of {} tensors would load".format(count.loaded, count.total) if count.total else ""
        text = "{} is of another network: {} tensors have another shape there{} ({})"
        return text.format(file, len(count.mismatched), would, count.mismatched[0]), made_for(kind, config)
    wanted = timm_names(config) if by_timm else named(build(kind, config))
    if by_timm:
        flat = named(build(kind, config))
        for one in held:
            if any(prefix for prefix in prefixes(one.tensors, flat)):
                return (
                    "{} is of a detector with this backbone: its names are not those that timm reads".format(file),
                    "start from none, and set load_from={!r} in the config".format(file),
                )
    elif "model_name" in config and any("" in prefixes(one.tensors, timm_names(config)) for one in held):
        return (
            "{} is timm's own, whose names are not those of the stages that init_cfg loads into".format(file),
            "write pretrained=True, pretrained_cfg=dict(file={!r}) in place of init_cfg".format(file),
        )
    for one in held:
        for prefix in prefixes(one.tensors, wanted)[:1]:
            return beside(file, config, count, one, prefix, by_timm)
    if isinstance(count.error, (OSError, EOFError, ImportError, TypeError)):
        return own_words(file, count), made_for(kind, config)
    largest = max(held, key=lambda one: len(one.tensors))
    text = "{} would load nothing: its names start with {}, the backbone's with {}"
    return text.format(file, beginnings(largest.tensors), beginnings(wanted)), made_for(kind, config)


def beside(file: str, config: Dict[str, Any], count: Count, held: Contents, prefix: str, by_timm: bool) -> Said:
    """A file that holds the backbone's tensors, where its loader does not look for them."""
    if held.holder not in ("", "state_dict") or prefix and by_timm:
        where = "under {!r}".format(held.holder) if not prefix else "behind {!r}".format(prefix)
        source = "torch.load({!r}, map_location='cpu')".format(file)
        source += "[{!r}]".format(held.holder) if held.holder else ""
        if prefix:
            source = "{{k[{}:]: v for k, v in {}.items() if k.startswith({!r})}}".format(len(prefix), source, prefix)
        return (
            "{} has its tensors {}, where {} does not look".format(file, where, loader(by_timm)),
            written_anew(file, "import torch; torch.save({}, {!r})".format(source, plain(file))),
        )
    told = (config.get("init_cfg") or {}).get("prefix") or ""
    told = told if not told or told.endswith(".") else told + "."  # as mmcv's loader has it
    if told != prefix:
        return (
            "{} has its tensors {}, and the config looks for them {}".format(file, behind(prefix), behind(told)),
            "write init_cfg with prefix={!r}".format(prefix) if prefix else "write init_cfg without a prefix",
        )
    if by_timm and config.get("checkpoint_path") and config.get("features_only"):
        return (
            "{} is of the whole model, and checkpoint_path is read into what features_only leaves of it".format(file),
            "write pretrained=True, pretrained_cfg=dict(file={!r}) in its place".format(file),
        )
    return own_words(file, count), "name another file"


def behind(prefix: str) -> str:
    return "behind {!r}".format(prefix) if prefix else "without a prefix"


def own_words(file: str, count: Count) -> str:
    """What the library said."""
    words = in_words(count.error) if count.error is not None else "nothing in it loads"
    return "{} cannot be loaded: {}".format(file, words if len(words) <= LONGEST else words[:LONGEST] + "...")


def loader(by_timm: bool) -> str:
    return "timm's loader" if by_timm else "mmcv's loader"


def reads_safetensors(by_timm: bool) -> bool:
    """Whether the loader reads safetensors: mmcv's never does, timm's since 0.8 where their library is there."""
    return by_timm and bool(getattr(sys.modules.get("timm.models._helpers"), "_has_safetensors", False))


def timm_names(config: Dict[str, Any]) -> Dict[str, Tuple[int, ...]]:
    """The names that timm's loader looks for: those of the whole model, before its stages are taken out of it."""
    import timm

    with no_initialisation():
        return named(timm.create_model(config["model_name"]))


def made_for(kind: str, config: Dict[str, Any]) -> str:
    """Which weights to take instead."""
    if "model_name" in config:
        return "take a checkpoint of timm's {}".format(config["model_name"])
    words = ["{}={!r}".format(key, config[key]) for key in ("arch", "depth") if isinstance(config.get(key), (str, int))]
    return "take a checkpoint of {}".format("{} ({})".format(kind, ", ".join(words)) if words else kind)


def beginnings(names: Dict[str, Any]) -> str:
    """The first parts of names, the most frequent first."""
    counted = {}  # type: Dict[str, int]
    for name in names:
        first = re.split(r"(?<=\.)", name)[0]
        counted[first] = counted.get(first, 0) + 1
    first = sorted(counted, key=lambda part: -counted[part])
    return ", ".join(repr(part) for part in first[:SHOWN]) + (", ..." if len(first) > SHOWN else "")


def plain(file: str) -> str:
    """Where a file's tensors may be written anew."""
    return os.path.splitext(file)[0] + "-plain.pth"


def written_anew(file: str, code: str) -> str:
    """The line that writes a file's tensors as its loader reads them."""
    quoted = shlex.quote(code) if re.search(r'["$`\\!]', code) else '"{}"'.format(code)
    return "write them anew with python -c {} and name {}".format(quoted, plain(file))
