"""The train command as it is printed, started on a tiny dataset: iterations, a checkpoint, exit 0."""

from __future__ import annotations

import subprocess
from pathlib import Path

from stacks.command_line import bbwizard


def run_as_printed(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The line in a shell, as a user pastes it."""
    return subprocess.run(
        command, shell=True, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def write(stack, base: Path, folder: Path, *words: object) -> str:
    """Writes `swapped.py` and gives the command for it."""
    asked = ["--base", base, "--backbone", "mmcls/ShuffleNetV2", "--weights", "none", "-o", "swapped.py", *words]
    command: str = bbwizard("write", "--python", stack.python, *asked, "--json", folder=folder).data["command"]
    return command


def test_the_printed_command_trains(stack, tiny_base, tmp_path):
    ran = run_as_printed(write(stack, tiny_base, tmp_path), tmp_path)
    assert ran.returncode == 0, ran.stderr[-3000:]
    assert "Epoch [1][2/2]" in ran.stdout + ran.stderr
    assert (tmp_path / "work_dirs" / "swapped" / "epoch_1.pth").is_file()


def test_the_command_for_several_gpus_gets_as_far_as_the_gpus(stack, tiny_base, tmp_path):
    """mmdet 2.x gives every process a GPU of its own, so that here, without any, is where it must end."""
    command = write(stack, tiny_base, tmp_path, "--gpus", 2)
    assert "--nproc_per_node=2" in command
    ran = run_as_printed(command, tmp_path)
    assert "unrecognized arguments" not in ran.stderr
    assert "init_dist" in ran.stderr
    assert "torch.cuda" in ran.stderr
