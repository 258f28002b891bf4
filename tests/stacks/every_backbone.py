"""Run by a training environment's Python: probes many backbones, then builds each as a config would, with some stages.

    python every_backbone.py mmcls | mmdet | timm NAME... | mmcls --but TYPE...

The first arch of every class of mmcls and mmdet, the models named of timm. Prints one JSON object: name to {"pyramid",
"reason", "stages", "wrong"}; `wrong` lists the selections of a pyramid that gave other maps than the probe said.
"""

import json
import sys

import torch
from mmdet.models.builder import build_backbone

from bbprobe import forward
from bbprobe.catalogs import catalog
from bbprobe.protocol import Refused
from bbprobe.stages import probe


class Task:
    """A request that nobody cancels."""

    def pause(self):
        pass

    def progress(self, text: str) -> None:
        pass


def examine(entry):
    """What the probe says of one entry, and where building it says otherwise."""
    config = json.loads(json.dumps(entry.config))  # as it comes through the pipe
    try:
        probed = probe(Task(), entry.name, entry.type, config, forward.PROBE_SIZE, "auto")
    except Refused as refusal:
        return {"pyramid": False, "reason": str(refusal), "stages": [], "wrong": []}
    indices = [stage.index for stage in probed.stages]
    chosen = [indices[-1:], indices[1::2]] if probed.select else [indices]
    wrong = [some for some in chosen if probed.pyramid and maps(probed, some) != told(probed, some)]
    told_stages = [[stage.index, stage.channels, stage.stride] for stage in probed.stages]
    return {"pyramid": probed.pyramid, "reason": probed.reason, "stages": told_stages, "wrong": wrong}


def told(probed, indices):
    """The maps that the probe promised for `indices`."""
    stages = [stage for stage in probed.stages if stage.index in indices]
    if probed.layout == "NHWC":
        return [(1, stage.height, stage.width, stage.channels) for stage in stages]
    return [(1, stage.channels, stage.height, stage.width) for stage in stages]


def maps(probed, indices):
    """The maps that leave the backbone when a config selects `indices`."""
    config = dict(probed.config, type=probed.type)
    if probed.select:
        config[probed.select] = tuple(indices)
    with forward.no_initialisation():
        model = build_backbone(config)
    model.eval()
    return forward.maps(model, probed.input, "cpu")


torch.set_num_threads(1)
entries = catalog(Task(), sys.argv[1])
if sys.argv[2:3] == ["--but"]:
    entries = [entry for entry in entries if entry.type not in sys.argv[3:]]
if sys.argv[1] == "timm":
    known = {entry.name: entry for entry in entries}
    entries = [known["timm/" + name] for name in sys.argv[2:] if "timm/" + name in known]
else:
    entries = list({entry.type: entry for entry in reversed(entries)}.values())
print(json.dumps({entry.name: examine(entry) for entry in entries}))
