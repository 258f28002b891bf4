"""Several backbones through the command line, on the real stacks: beside each other, and written together."""

from __future__ import annotations

import csv
import subprocess

from stacks.command_line import bbwizard

YOLOX = "yolox/yolox_s_8x8_300e_coco.py"
FLAT = "timm/vit_base_patch16_224"
PAIR = ("mmcls/ShuffleNetV2", "timm/mobilenetv2_100")


def test_backbones_are_compared_and_written_together(stack, tmp_path):
    python = ["--python", stack.python]
    table = tmp_path / "table.csv"
    rows = bbwizard("compare", *python, *PAIR, FLAT, "--base", YOLOX, "--sort", "params", "-o", table, "--json").data
    assert [row["backbone"] for row in rows] == [*PAIR, FLAT]
    assert [row["fits"] for row in rows] == [True, True, False]
    assert rows[0]["channels"] == [116, 232, 1024]
    assert rows[1]["params"] > 1e6
    assert [row["backbone"] for row in csv.DictReader(table.read_text().splitlines())] == [*PAIR, FLAT]
    timed = ["--measure", "--batch", "2", "--device", "cpu", "--input", "224x224", "--sort", "latency"]
    rows = bbwizard("compare", *python, *timed, *PAIR, "--json").data
    assert {row["batch"] for row in rows} == {2}
    assert 0 < rows[0]["fp32_latency_ms"] <= rows[1]["fp32_latency_ms"]
    assert all(row["macs"] > 1e8 and row["fp32_images_per_s"] > 0 for row in rows)
    again = bbwizard("compare", *python, *PAIR, "-o", table)
    assert again.status == 1
    assert "there already" in again.err

    folder = tmp_path / "my candidates"
    words = ("candidates", *python, "--base", YOLOX, *PAIR, FLAT, "--gpus", "2", "-o", folder)
    said = bbwizard(*words, folder=tmp_path)
    assert said.status == 1  # one of them is refused, and told of
    assert f"refused: {FLAT}" in said.err
    configs = said.out.split("\n")[:-1]
    assert [line.rpartition("/")[2] for line in configs] == [
        "yolox_s_8x8_300e_coco_shufflenetv2.py",
        "yolox_s_8x8_300e_coco_mobilenetv2_100.py",
    ]
    for name in ("train_all.sh", "train_array.sbatch"):
        assert subprocess.run(["bash", "-n", folder / name], check=False).returncode == 0
    assert "--work-dir 'my candidates/work_dirs/" in (folder / "train_all.sh").read_text()
    assert bbwizard(*words, folder=tmp_path).status == 1
    check = bbwizard("check", *python, configs[1], "--json").data
    assert check["ok"], check["error"]
    assert check["backbone_strides"] == [8, 16, 32]
