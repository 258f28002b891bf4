"""Real shells complete what real people type, each asked through the lines that bbwizard gives it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from argparse import Namespace
from pathlib import Path

import pytest

from bbwizard import completion, preset_book

SOURCES = Path(__file__).resolve().parents[2] / "tui"

SCRIPTS = {
    "bash": """
        eval "$(bbwizard completion bash)"
        complete -p bbwizard >&2 || exit 1
        for line; do
            echo "> $line"
            COMP_LINE=$line COMP_POINT=${#line} COMP_TYPE=9 COMPREPLY=()
            _python_argcomplete bbwizard
            printf '%s\\n' "${COMPREPLY[@]}"
        done
    """,
    "zsh": """
        autoload -U compinit && compinit -D
        eval "$(bbwizard completion zsh)"
        [[ $_comps[bbwizard] == _python_argcomplete ]] || exit 1
        _describe() { print -rl -- ${${(P)2}%%:*} }
        for line; do
            echo "> $line"
            BUFFER=$line CURSOR=${#line} words=(bbwizard)
            _python_argcomplete
        done
    """,
    "fish": """
        bbwizard completion fish | source
        for line in $argv
            echo "> $line"
            complete -C $line
        end
    """,
}
"""What is run in a shell: it learns to complete, and prints what it would offer for each of its arguments."""

LINES = {
    "bbwizard ba": ({"bases", "backbones"}, {"check"}),
    "bbwizard backbones --so": ({"--sort", "--source"}, {"--fits"}),
    "bbwizard backbones timm/mobilenetv2_1": ({"timm/mobilenetv2_100"}, {"timm/resnet50"}),
    "bbwizard bases yolox_s": ({"yolox_s_8x8_300e_coco"}, {"yolox_m_8x8_300e_coco"}),
    "bbwizard presets yolox-s": ({"yolox-s-mobilenetv2"}, {"yolov3-swin-tiny"}),
    "bbwizard probe ": ({"mmcls/", "timm/", "mmdet/"}, {"timm/resnet50"}),
    "bbwizard probe timm/mobilenetv2_1": ({"timm/mobilenetv2_100", "timm/mobilenetv2_140"}, {"timm/resnet50"}),
    "bbwizard write --base yolox_s": ({"yolox_s_8x8_300e_coco"}, {"yolox_m_8x8_300e_coco"}),
    "bbwizard write --base yolox/yolox_s": ({"yolox/yolox_s_8x8_300e_coco.py"}, {"yolox_s_8x8_300e_coco"}),
    "bbwizard --preset yolox-s": ({"yolox-s-mobilenetv2", "yolox-s-shufflenetv2"}, {"yolov3-swin-tiny"}),
    "bbwizard presets --diff mine yolox-s": ({"yolox-s-mobilenetv2", "yolox-s-shufflenetv2"}, {"mine"}),
    "bbwizard presets --tag ro": ({"robots"}, {"small"}),
    "bbwizard write --backbone timm/resnet18 --weights a1": ({"a1_in1k"}, {"none"}),
    "bbwizard write --fix ada": ({"adamw"}, {"all"}),
    "bbwizard probe --atlas --stack 2.24 timm/ssl_resnet": ({"timm/ssl_resnet18"}, {"timm/resnet18"}),
    "bbwizard --atlas probe timm/ssl_res": (set(), {"timm/ssl_resnet18"}),
    "bbwizard schema pr": ({"probe", "presets"}, {"completion"}),
}
"""What is typed before the tab key: some of what is offered, and some of what is not."""


@pytest.mark.parametrize(
    ("version", "stacks"), [("2.24.1", ["2.24"]), ("2.28.2", ["2.28"]), ("2.19.0", ["2.28", "2.24"])]
)
def test_names_are_those_of_the_environment_that_is_named(version, stacks, tmp_path, monkeypatch):
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.symlink_to(sys.executable)
    (tmp_path / "lib" / "python3.8" / "site-packages" / f"mmdet-{version}.dist-info").mkdir(parents=True)
    for named in (python, tmp_path):
        assert [atlas.stack for atlas in completion.atlases(Namespace(python=str(named)))] == stacks
    monkeypatch.setenv("BBWIZARD_PYTHON", str(python))
    assert [atlas.stack for atlas in completion.atlases(Namespace(python=None))] == stacks


def test_names_come_in_the_order_that_a_reader_looks_for_them():
    names = list(completion.backbones("timm/", Namespace()))
    assert names.index("timm/resnet18") < names.index("timm/resnet50") < names.index("timm/resnet101")
    assert len(names) == len(set(names))


@pytest.fixture
def command(tmp_path: Path) -> dict[str, str]:
    """An environment in which `bbwizard` is a command."""
    script = tmp_path / "bin" / "bbwizard"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m bbwizard "$@"\n')
    script.chmod(0o755)
    environ = {**os.environ, "PYTHONPATH": str(SOURCES), "HOME": str(tmp_path)}
    return {**environ, "PATH": f"{script.parent}{os.pathsep}{environ['PATH']}"}


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_shell_offers_what_may_follow(shell, command):
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} on this machine")
    preset_book.save("mine", "bbwizard: 1\nbase: b\nbackbone: k\ntags: [small, robots]\n")
    plain = {"bash": ["--norc", "-c"], "zsh": ["-f", "-c"], "fish": ["--no-config", "-c"]}[shell]
    arguments = [*([] if shell == "fish" else [shell]), *LINES]
    found = subprocess.run(
        [shell, *plain, SCRIPTS[shell], *arguments], env=command, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    told = found.stdout.split("> bbwizard")[1:]
    assert len(told) == len(LINES)
    for answer, (line, (some, none)) in zip(told, LINES.items(), strict=True):
        offered = {word.split("\t")[0].strip() for word in answer.splitlines()[1:]}
        assert some <= offered, line
        assert not none & offered, line
