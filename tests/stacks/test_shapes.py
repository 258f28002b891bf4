"""What shapes alone say of a network, against the network itself run, on this stack's torch."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).resolve().parents[2] / "tui"

SCRIPT = '''
import json
import torch
from torch import nn
from bbprobe import forward


class Net(nn.Module):
    """Made for 64x80 maps, which `step` does something with."""

    def __init__(self, step):
        super().__init__()
        self.stem, self.step = nn.Conv2d(3, 8, 4, 4), step
        self.table = nn.Parameter(torch.zeros(1, 8, 64, 80))
        self.pixels = nn.Parameter(torch.zeros(1, 1, 64 * 80, 64 * 80 if step == "mask" else 1))
        self.layer, self.channel = nn.LayerNorm([8, 64, 80]), nn.BatchNorm2d(16)

    def forward(self, image):
        maps = self.stem(image)
        if self.step == "sum":
            return maps + self.table
        if self.step == "sum in place":
            maps += self.table
            return maps
        if self.step == "outgrown in place":
            return maps[:, :1].add_(maps)
        if self.step == "layer norm":
            return self.layer(maps)
        if self.step == "channel norm":
            return self.channel(maps.repeat(1, 2, 1, 1)[:, : 1024 // maps.shape[2]])
        if self.step == "mask":
            rows = maps.flatten(2).transpose(1, 2)[:, None]
            return nn.functional.scaled_dot_product_attention(rows, rows, rows, attn_mask=self.pixels)
        if self.step == "look-up":
            return self.table[0, 0, :, torch.arange(maps.shape[3])].sum() + maps


def told(net, size, device):
    try:
        return forward.asked(net, size, device)[0]
    except Exception as error:
        return type(error).__name__


steps = ["sum", "sum in place", "outgrown in place", "layer norm", "channel norm", "look-up"]
if hasattr(nn.functional, "scaled_dot_product_attention"):
    steps.append("mask")
answers = {}
for step in steps:
    net = Net(step).eval()
    sizes = [(256, 320), (320, 384)] if step != "look-up" else [(256, 320), (256, 640)]
    answers[step] = [[told(net, size, device) for device in ("shapes", "cpu")] for size in sizes]
print(json.dumps(answers))
'''


def test_shapes_alone_refuse_what_the_network_refuses(stack: Any) -> None:
    ran = subprocess.run(
        [stack.python, "-c", SCRIPT],
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    answers = json.loads(ran.stdout)
    assert len(answers) >= 6
    for step, ((alone, run), (alone_larger, run_larger)) in answers.items():
        assert alone == run, step
        assert alone_larger == run_larger, step
        assert isinstance(run_larger, str), step
        assert isinstance(run, str) == (step == "outgrown in place"), step
