"""In place of mmdet's tools/train.py, where there is no GPU: the processes find one another as there, and count.

mmcv's own `init_dist` gives each process a GPU and speaks nccl; here it believes in one, and speaks gloo. Of what
torchrun started it does no more than is done here.
"""

import argparse

import torch
from torch import distributed

parser = argparse.ArgumentParser()
parser.add_argument("config")
parser.add_argument("--launcher", required=True)
parser.add_argument("--local_rank")
parser.add_argument("--auto-resume", action="store_true")
options = parser.parse_args()

if options.launcher == "pytorch":
    distributed.init_process_group("gloo")
else:
    torch.cuda.device_count = lambda: 1
    torch.cuda.set_device = lambda device: None
    from mmcv.runner import init_dist

    init_dist(options.launcher, backend="gloo")
count = torch.ones(1)
distributed.all_reduce(count)
print(f"process {distributed.get_rank()} of {int(count)}", flush=True)
