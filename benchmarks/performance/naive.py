"""Run by a training environment's Python: a probe of bbwizard's beside the script that people write without it.

    python naive.py < entries.json

The script builds the backbone through mmdet's registry, initialisation and all, and shows it a 640x640 image; both run
in this process, with the libraries imported and warm. Prints one JSON object a line: a name with the seconds of both,
or with the words in which one was refused.
"""

import gc
import json
import sys
import time

import torch

from bbprobe import isolation, stages
from bbprobe.protocol import Refused

SIZE = (640, 640)
WARM = 2
"""Entries that are done once before anything is timed."""


class Task:
    """A request that nobody cancels or watches."""

    def pause(self):
        """Go on."""

    def progress(self, text, done=0, total=0):
        """Say nothing."""


def script(entry):
    """What people run to see shapes: build, then one image."""
    from mmdet.models.builder import build_backbone

    model = build_backbone(dict(entry["config"], type=entry["type"]))
    model.eval()  # a statement: mmcls backbones return None from it
    with torch.no_grad():
        return model(torch.zeros(1, 3, *SIZE))


def probe(entry):
    """What bbwizard asks for the same."""
    return stages.probe(Task(), entry["name"], entry["type"], entry["config"], SIZE, "auto")


def timed(function, entry):
    """Seconds that a call took, or why it gave nothing."""
    began = time.perf_counter()
    try:
        function(entry)
    except Refused as refusal:
        return str(refusal)
    except Exception as error:  # whatever a library raises about an entry
        return f"{type(error).__name__}: {error}"
    return time.perf_counter() - began


def main():
    """Both, entry by entry."""
    torch.set_num_threads(1)
    entries = json.load(sys.stdin)
    out = sys.stdout
    sys.stdout = sys.stderr
    with isolation.quiet():
        for number, entry in enumerate(entries[:WARM] + entries):
            if number == WARM:
                gc.collect()
                gc.freeze()  # as the probing half does once its libraries are there
            pair = {"name": entry["name"], "probe": timed(probe, entry), "script": timed(script, entry)}
            if number >= WARM:
                out.write(json.dumps(pair) + "\n")
                out.flush()


if __name__ == "__main__":
    main()
