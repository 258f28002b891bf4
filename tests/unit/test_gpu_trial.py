"""What the GPU test makes of what it saw."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest
from benchmarks.gpu.__main__ import main
from benchmarks.gpu.trial import Row, Seen, failures, lines, too_many

from bbprobe.protocol import Check, Measurement, Strides, Timing

GIB = 2**30
FP32 = Timing("fp32", 0.012, 0.011, 0.013, 80.0, 2 * GIB, 6 * GIB)
MIXED = Timing("mixed", 0.007, 0.006, 0.008, 160.0, GIB, 3 * GIB)
FITS = Measurement("timm/resnet50", "cuda:0", "NVIDIA T4", [640, 640], 8, [FP32, MIXED])
NOTE = "a forward needs more than 14.1 GiB at batch 1000"
STARVED = replace(FITS, batch=1000, timings=[Timing("fp32", 0.012, None, None, None, None, None, NOTE)] * 2)
MAPS = [[256, 160, 160], [512, 80, 80]]
ROW = Row("timm/resnet50", MAPS, MAPS, FITS)
CHECK = Check(
    config="new.py",
    ok=True,
    error="",
    stage="",
    loss=2.5,
    losses={},
    seconds=3.0,
    device="cuda:0",
    peak_memory=3 * GIB,
    unused_parameters=[],
    strides=Strides([], []),
    backbone_strides=[],
    inputs=[],
)
SOUND = Seen([ROW], STARVED, FITS, CHECK)


def changed(**fields: Any) -> Measurement:
    return replace(FITS, timings=[replace(FP32, **fields), MIXED])


def test_a_sound_gpu_passes_with_its_numbers():
    assert failures(SOUND) == []
    said = lines(SOUND)
    assert said[-1] == "verdict: passed"
    assert said[2].split() == ["timm/resnet50", "fp32", "12.0", "80.0", "2.00", "6.00", "as", "run"]
    assert any("1000 images" in line and NOTE in line for line in said)


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (replace(SOUND, rows=[replace(ROW, ran=MAPS[:1])]), "its shapes are said to be"),
        (replace(SOUND, rows=[replace(ROW, measurement=changed(train_peak=None))]), "a number is missing"),
        (replace(SOUND, rows=[replace(ROW, measurement=changed(train_peak=GIB))]), "no more memory than a forward"),
        (replace(SOUND, rows=[replace(ROW, measurement=changed(low=0.5))]), "not between the percentiles"),
        (replace(SOUND, rows=[replace(ROW, measurement=replace(FITS, timings=[FP32]))]), "1 precisions, not two"),
        (replace(SOUND, starved=FITS), "did not run out of memory: they fit"),
        (replace(SOUND, after=changed(note="a forward does not run")), "after that, fp32: a forward does not run"),
        (replace(SOUND, after=changed(forward_peak=3 * GIB)), "a forward's peak is 3.00 GiB, which was 2.00 GiB"),
        (replace(SOUND, check=replace(CHECK, ok=False, error="no kernel image")), "no kernel image"),
        (replace(SOUND, check=replace(CHECK, device="cpu")), "the check ran on cpu"),
    ],
)
def test_what_is_not_as_it_must_be_fails_with_its_reason(seen, words):
    [fault] = failures(seen)
    assert words in fault
    assert lines(seen)[-1] == f"verdict: failed ({fault})"


def test_too_many_images_fit_by_themselves_but_not_with_what_a_network_makes_of_them():
    total, size = 16 * GIB, (640, 640)
    images = too_many(total, size) * 3 * 640 * 640 * 4
    first_maps = images * 16 // 3  # 64 channels at stride 2, as a ResNet's
    assert images < total < images + first_maps


def test_without_the_gpu_it_says_so_and_fails(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["gpu", "--python", sys.executable, "--device", "cuda:99"])
    assert main() == 1
    assert capsys.readouterr().out.startswith("verdict: failed (no cuda:99: ")


def test_a_device_is_named_by_its_number(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["gpu", "--python", sys.executable, "--device", "cpu"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 2
    assert "it is cuda:N" in capsys.readouterr().err
