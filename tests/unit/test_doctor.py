"""What `doctor` prints."""

from __future__ import annotations

from bbprobe.protocol import Environment, Fault, Gpu, Window
from bbwizard import doctor

FACTS = Environment(
    python="3.8.18",
    executable="/envs/a/bin/python",
    versions={"torch": "1.11.0", "torchvision": "0.12.0", "mmcv-full": "1.5.0", "mmdet": "2.24.1", "mmcls": None},
    cuda="10.2",
    gpus=[Gpu(0, "Tesla [V100]", 15 * 1024**3, 16 * 1024**3)],
    device="cuda:0",
    device_reason="the only CUDA device",
    ops=True,
    ops_error="",
    configs="/envs/a/configs",
    train_script=None,
    mim=None,
    windows=[
        Window("mmdet", "mmcv", "1.3.17", "1.6.0", "1.5.0", True),
        Window("mmcls", "mmcv", "1.8", "1.9", "1.5.0", False),
    ],
)
WARNING = Fault("timm-missing", "timm is missing", "/envs/a/bin/python -m pip install timm==0.6.13", blocks=False)
FAULT = Fault("yapf", "yapf 0.43.0 breaks it", "/envs/a/bin/python -m pip install yapf==0.40.1")


def rows(report: doctor.Report) -> dict[str, str]:
    return dict(line.split("  ", 1) for line in report.lines if "  " in line.strip())


def test_a_whole_environment() -> None:
    report = doctor.report(FACTS, "conda", "/home/me/mmdetection")
    said = {name: value.strip() for name, value in rows(report).items()}
    assert said["interpreter"] == "/envs/a/bin/python  (conda)"
    assert said["torch"] == "1.11.0"
    assert said["mmcls"] == said["timm"] == "missing"
    assert "mmcv" not in said
    assert said["gpu 0"] == "Tesla [V100], 15.0 of 16.0 GiB free"
    assert said["device"] == "cuda:0: the only CUDA device"
    assert said["compiled ops"] == "load and run"
    assert said["mmdet needs"] == "mmcv 1.3.17 to 1.6.0: holds"
    assert said["mmcls needs"] == "mmcv 1.8 to 1.9: broken: 1.5.0 is installed"
    assert said["checkout"] == "/home/me/mmdetection"
    assert report.lines[-1] == "no faults: training can start"
    assert report.status == 0


def test_faults_come_with_the_command_that_mends_them() -> None:
    facts = Environment(**{**vars(FACTS), "faults": [WARNING]})
    report = doctor.report(facts)
    assert report.status == 0
    assert report.lines[-1] == "no faults, 1 warning: training can start"
    report = doctor.report(
        Environment(**{**vars(FACTS), "ops": False, "ops_error": "boom", "faults": [WARNING, FAULT]})
    )
    assert report.status == 1
    assert report.lines[-1] == "1 fault, 1 warning: training cannot start until mended"
    assert f"WARNING timm-missing: {WARNING.text}" in report.lines
    at = report.lines.index(f"FAULT yapf: {FAULT.text}")
    assert report.lines[at + 1] == f"  mend: {FAULT.mend}"
    assert rows(report)["compiled ops"].strip() == "do not run: boom"
