"""Run by a training environment's Python: the multiply-adds of backbones, and by somebody else's count.

    python counted_otherwise.py < entries.json

Takes a list of {"type", "config"}. Prints one JSON list of {"shapes", "run", "modules", "torch"}: what is counted
without arithmetic, what with it, what the modules make that hold a filter or a matrix, and half of what torch's own
counter of floating point operations says, which is there from torch 2 on (else None).
"""

import contextlib
import json
import sys

import torch

from bbprobe import building, forward
from bbprobe.protocol import SHAPES

SIZE = (224, 224)
"""What every network takes as it is."""


def counts(entry):
    """All counts of one entry."""
    model = building.build(entry["type"], entry["config"])
    alone, run = (forward.show(model, SIZE, device).macs for device in (SHAPES, "cpu"))
    with by_modules(model) as made, by_torch() as counter, torch.no_grad():
        model(torch.zeros(1, 3, *SIZE))
    operations = counter.get_total_flops() if counter is not None else None
    return {"shapes": alone, "run": run, "modules": sum(made), "torch": operations and operations / 2}


@contextlib.contextmanager
def by_modules(model):
    """Outputs of each module that holds a filter or a matrix, times the size of one."""
    made = []

    def hook(module, inputs, output):
        made.append(output.numel() * module._parameters["weight"][0].numel())

    holding = [module for module in model.modules() if module._parameters.get("weight", torch.zeros(1)).dim() > 1]
    hooks = [module.register_forward_hook(hook) for module in holding]
    yield made
    for handle in hooks:
        handle.remove()


@contextlib.contextmanager
def by_torch():
    """Torch's counter of multiplications and additions, where there is one.

    It knows neither the CPU's kernel of attention nor that of recurrent layers: both are had in products of matrices.
    """
    try:
        from torch.nn.attention import SDPBackend, sdpa_kernel
        from torch.utils.flop_counter import FlopCounterMode
    except ImportError:
        yield None
        return
    counter = FlopCounterMode(display=False)
    with torch.backends.mkldnn.flags(enabled=False), sdpa_kernel(SDPBackend.MATH), counter:
        yield counter


torch.set_num_threads(1)
print(json.dumps([counts(entry) for entry in json.load(sys.stdin)]))
