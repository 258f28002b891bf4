"""The train command, in each place and for each launcher."""

from __future__ import annotations

import os
import shlex
import subprocess
from dataclasses import replace

import pytest

from bbwizard.errors import UsageError
from bbwizard.inert import plain
from bbwizard.launch import Launch, placed, port_of, resuming, spread, train_command, typed
from bbwizard.screens.write_options import parse_gpus, parse_nodes

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
        "torchrun --rdzv_backend=c10d --rdzv_endpoint=localhost:0 --nproc_per_node=4 "
        "tools/train.py new.py --launcher pytorch"
    )
    old = replace(CHECKOUT, torchrun=None)
    command = train_command(old, "new.py", gpus=2)
    assert command.startswith("python -m torch.distributed.launch --master_port=2")
    assert command.endswith(" --nproc_per_node=2 tools/train.py new.py --launcher pytorch")


def test_several_nodes_get_one_line_that_names_where_they_meet():
    command = train_command(replace(CHECKOUT, host="gpu07"), "cfg/new.py", gpus=16)
    assert command == (
        f"torchrun --nnodes=2 --rdzv_id=new --rdzv_backend=c10d --rdzv_endpoint=gpu07:{port_of('cfg/new.py')} "
        "--nproc_per_node=8 tools/train.py cfg/new.py --launcher pytorch"
    )
    assert "--rdzv_endpoint=gpu01:29400 " in train_command(CHECKOUT, "new.py", gpus=2, nodes=2, meet="gpu01:29400")
    assert train_command(replace(CHECKOUT, torchrun=None), "new.py", gpus=2, nodes=2).startswith(
        "python -m torch.distributed.run --nnodes=2 "
    )


def test_an_address_of_ipv6_is_given_a_port_of_the_configs_where_it_has_none():
    for meet, endpoint in (("[::1]", f"[::1]:{port_of('new.py')}"), ("[::1]:29400", "[::1]:29400")):
        command = train_command(CHECKOUT, "new.py", gpus=2, nodes=2, meet=meet)
        assert f"--rdzv_endpoint={endpoint}" in shlex.split(command)


def test_a_port_is_the_configs_own_and_given_to_nobody_unasked():
    ports = {port_of(f"{number}.py") for number in range(50)}
    assert len(ports) > 45
    assert all(20000 <= port < 32768 for port in ports)


@pytest.mark.parametrize(
    ("gpus", "nodes", "spreading"),
    [(1, 0, (1, 1)), (8, 0, (1, 8)), (16, 0, (2, 8)), (9, 0, (3, 3)), (16, 1, (1, 16)), (4, 2, (2, 2))],
)
def test_gpus_are_spread_over_nodes(gpus, nodes, spreading):
    assert spread(gpus, nodes) == spreading


@pytest.mark.parametrize(("gpus", "nodes"), [(6, 4), (2, 3), (4, -1)])
def test_gpus_that_cannot_be_spread_evenly_are_refused(gpus, nodes):
    with pytest.raises(UsageError, match=f"{gpus} GPUs cannot be spread evenly"):
        train_command(CHECKOUT, "new.py", gpus=gpus, nodes=nodes)


def test_more_gpus_than_anybody_has_are_refused_at_once():
    assert spread(65536) == (8192, 8)
    with pytest.raises(UsageError, match="99999999999 GPUs are too many"):
        spread(99999999999)
    for parse in (parse_gpus, parse_nodes):
        assert parse(" 65536") == 65536
        for text in ("65537", "9" * 5000, "0", "-1", ""):
            with pytest.raises(UsageError, match="is no number of"):
                parse(text)


def test_going_on_with_an_earlier_training():
    assert resuming("") == ()
    assert resuming("auto") == ("--auto-resume",)
    assert resuming("work_dirs/x/epoch_3.pth") == ("--resume-from", "work_dirs/x/epoch_3.pth")


@pytest.mark.parametrize(
    ("how", "gpus", "launcher"),
    [(CHECKOUT, 1, "auto"), (replace(PACKAGED, mim="mim"), 1, "auto"), (PACKAGED, 4, "auto"), (CHECKOUT, 8, "slurm")],
)
def test_arguments_for_the_script_stand_at_the_end(how, gpus, launcher):
    command = train_command(how, "new.py", gpus=gpus, launcher=launcher, extra=("--auto-scale-lr",))
    assert command == train_command(how, "new.py", gpus=gpus, launcher=launcher) + " --auto-scale-lr"


def test_slurm():
    assert train_command(CHECKOUT, "new.py", gpus=16, launcher="slurm") == (
        "env MASTER_PORT=$((20000 + RANDOM % 12000)) "
        "srun --nodes=2 --gres=gpu:8 --ntasks=16 --ntasks-per-node=8 --cpus-per-task=5 --kill-on-bad-exit=1 "
        "python -u tools/train.py new.py --launcher slurm"
    )
    assert train_command(CHECKOUT, "my new.py", gpus=2, launcher="sbatch") == "sbatch 'my new.sbatch'"


def test_odd_names_are_quoted():
    assert train_command(CHECKOUT, "my cfg's.py") == """python tools/train.py 'my cfg'"'"'s.py'"""


def test_programs_and_files_are_typed_as_short_as_they_work(tmp_path):
    assert typed("/env/bin/python", "python", "/env/bin/python3") == "python"
    assert typed("/env/bin/python", "python", "/usr/bin/python") == "/env/bin/python"
    assert typed("/env/bin/python", "python", None) == "/env/bin/python"
    assert placed("/w/cfg/a.py", "/w") == "cfg/a.py"
    assert placed("/w/cfg/a.py", "/w/other") == "/w/cfg/a.py"


NAMES = ["a\x1b[31m.py", "tab\tand\nline.py", "it's \\x41 \x07.py", "\u202eyp.py", "\udcff.py", "\x1b", ""]


@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_no_terminal_shows_can_be_pasted(shell, name):
    line = train_command(replace(PACKAGED, python="printf", script="%s"), name)
    assert plain(line) == line
    found = subprocess.run([shell, "-c", line], stdout=subprocess.PIPE, check=True)
    assert os.fsdecode(found.stdout) == name
