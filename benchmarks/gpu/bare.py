"""Run by the Python of a machine that has torch and timm and no mmdet: the timm part of the GPU test.

    python bare.py DEVICE HEIGHT WIDTH BATCH MANY BUSY

Prints one JSON object with the rows, what happened with MANY images, which do not fit, and what came after that. BUSY
is 1 where a GPU that others are using will do, else 0.
"""

import json
import sys

import timm

from bbprobe import forward
from bbprobe.bench import device_name, use
from bbprobe.busy import refuse_busy
from bbprobe.measure import measured
from bbprobe.protocol import SHAPES, Measurement, plain

MODELS = ("resnet50", "mobilenetv2_100", "efficientnet_b0", "convnext_tiny")


class Task:
    """A request that nobody cancels or watches."""

    def pause(self):
        """Go on."""

    def progress(self, text, done=0, total=0):
        """Say nothing."""

    def partial(self, result):
        """Say nothing."""


def backbone(name):
    """A timm model that gives its maps, without weights."""
    model = timm.create_model(name, features_only=True, pretrained=False)
    model.eval()
    return model


def maps(name, size, device):
    """Channels, height and width of the maps of one image."""
    return [list(shape[1:]) for shape in forward.maps(backbone(name), size, device)]


def measure(name, device, size, batch):
    """As bbwizard measures, without the registry that mmdet brings."""
    about = Measurement("timm/" + name, device, device_name(device), list(size), batch)
    return measured(Task(), lambda: backbone(name), about)


def main():
    """The whole test."""
    device, height, width, batch, many, busy = sys.argv[1], *map(int, sys.argv[2:])
    if device != "cpu" and not busy:
        refuse_busy(device, lambda: use(device))
    size, out = (height, width), sys.stdout
    sys.stdout = sys.stderr
    rows = [
        {
            "backbone": "timm/" + name,
            "shapes": maps(name, size, SHAPES),
            "ran": maps(name, size, device),
            "measurement": measure(name, device, size, batch),
        }
        for name in MODELS
    ]
    starved, after = measure(MODELS[0], device, size, many), measure(MODELS[0], device, size, batch)
    json.dump({"rows": rows, "starved": starved, "after": after}, out, default=plain)


if __name__ == "__main__":
    main()
