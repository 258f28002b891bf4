"""The train command, in each place and for each launcher."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bbwizard.launch import Launch, placed, train_command, typed

PACKAGED = Launch(
    "/env/bin/python", "/env/mmdet/.mim/tools/train.py", in_checkout=False, mim=None, torchrun="/env/bin/torchrun"
)
CHECKOUT = Launch("python", "tools/train.py", in_checkout=True, mim="mim", torchrun="torchrun")


def test_one_gpu():
    assert train_command(CHECKOUT, "configs/new.py") == "python tools/train.py configs/new.py"
    assert train_command(PACKAGED, "new.py") == "/env/bin/python /env/mmdet/.mim/tools/train.py new.py"
    assert train_command(replace(PACKAGED, mim="mim"), "new.py") == "mim train mmdet new.py"


def test_several_gpus_go_through_torchrun():
    assert train_command(CHECKOUT, "new.py", gpus=4) == (
        "torchrun --nproc_per_node=4 tools/train.py new.py --launcher pytorch"
    )
    old = replace(CHECKOUT, torchrun=None)
    assert train_command(old, "new.py", gpus=2).startswith("python -m torch.distributed.launch --nproc_per_node=2 ")


@pytest.mark.parametrize(
    ("how", "gpus", "launcher"),
    [(CHECKOUT, 1, "auto"), (replace(PACKAGED, mim="mim"), 1, "auto"), (PACKAGED, 4, "auto"), (CHECKOUT, 8, "slurm")],
)
def test_arguments_for_the_script_stand_at_the_end(how, gpus, launcher):
    command = train_command(how, "new.py", gpus=gpus, launcher=launcher, extra=("--auto-scale-lr",))
    assert command == train_command(how, "new.py", gpus=gpus, launcher=launcher) + " --auto-scale-lr"


def test_slurm():
    assert train_command(CHECKOUT, "new.py", gpus=16, launcher="slurm") == (
        "srun --gres=gpu:8 --ntasks=16 --ntasks-per-node=8 --kill-on-bad-exit=1 "
        "python -u tools/train.py new.py --launcher slurm"
    )
    queued = train_command(CHECKOUT, "new.py", gpus=2, launcher="sbatch")
    assert queued.startswith(
        "sbatch --gres=gpu:2 --ntasks=2 --ntasks-per-node=2 '--wrap=srun --kill-on-bad-exit=1 python"
    )


def test_odd_names_are_quoted():
    assert train_command(CHECKOUT, "my cfg's.py") == """python tools/train.py 'my cfg'"'"'s.py'"""


def test_programs_and_files_are_typed_as_short_as_they_work(tmp_path):
    assert typed("/env/bin/python", "python", "/env/bin/python3") == "python"
    assert typed("/env/bin/python", "python", "/usr/bin/python") == "/env/bin/python"
    assert typed("/env/bin/python", "python", None) == "/env/bin/python"
    assert placed("/w/cfg/a.py", "/w") == "cfg/a.py"
    assert placed("/w/cfg/a.py", "/w/other") == "/w/cfg/a.py"
