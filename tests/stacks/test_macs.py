"""Multiply-adds as shapes alone tell them, against other counts of the network itself, run."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stacks.pipe import SOURCES, Pipe

ENVIRON = {**os.environ, "PYTHONPATH": str(SOURCES)}
HERE = Path(__file__).resolve().parent


def ran(python: str, *words: str, told: Any = None) -> Any:
    """What a script printed that a training environment's Python ran."""
    found = subprocess.run(
        [python, "-W", "ignore", *words],
        input=json.dumps(told),
        env=ENVIRON,
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr[-2000:]
    return json.loads(found.stdout.splitlines()[-1])


CONVOLVING: list[tuple[str, dict[str, Any]]] = [
    ("ResNet", {"depth": 50}),
    ("mmcls.RegNet", {"arch": "regnetx_400mf"}),
    ("mmcls.MobileNetV2", {}),
    ("mmcls.EfficientNet", {"arch": "b0"}),
    ("mmcls.HRNet", {"arch": "w18"}),
    ("mmcls.PoolFormer", {"arch": "s12"}),
    ("mmcls.ConvNeXt", {"arch": "tiny"}),
    ("mmcls.TIMMBackbone", {"model_name": "mobilenetv2_100", "features_only": True}),
]
"""All of whose multiply-adds are those of modules that hold a filter or a matrix."""
ATTENDING: list[tuple[str, dict[str, Any]]] = [
    ("mmcls.SwinTransformer", {"arch": "tiny"}),
    ("mmcls.VisionTransformer", {"arch": "deit-tiny"}),
    ("PyramidVisionTransformer", {"num_layers": [1, 1, 1, 1]}),
]
ONLY_IN_NEWER: list[tuple[str, dict[str, Any]]] = [
    ("mmcls.TIMMBackbone", {"model_name": name, "features_only": True})
    for name in ("vit_tiny_patch16_224", "pvt_v2_b0", "sequencer2d_s")
]
DEFORMED: list[tuple[str, dict[str, Any]]] = [
    ("ResNet", {"depth": 50, "dcn": {"type": kind, "deform_groups": 1}, "stage_with_dcn": [False, False, False, True]})
    for kind in ("DCN", "DCNv2")
]
"""By kernels of mmcv's own, which torch's counter does not know."""


def test_backbones_of_unlike_kinds_count_as_torch_and_their_modules_count(stack: Any) -> None:
    newer = stack.name == "2.28"
    asked = [*CONVOLVING, *ATTENDING, *DEFORMED, *(ONLY_IN_NEWER if newer else [])]
    entries = [{"type": kind, "config": config} for kind, config in asked]
    found = ran(stack.python, str(HERE / "counted_otherwise.py"), told=entries)
    for entry, counts in zip(asked, found, strict=True):
        assert counts["shapes"] == counts["run"], entry
        if entry in CONVOLVING or entry in DEFORMED:
            assert counts["run"] == counts["modules"], entry
        else:
            assert counts["run"] > counts["modules"], entry
        if newer and entry not in DEFORMED:
            assert counts["run"] == counts["torch"], entry


CALLS = """
import json
import torch
import torch.nn.functional as F
from bbprobe.counted_tensor import noted
from bbprobe.counting import counted
from bbprobe.shape_tensor import blank

lstm = torch.nn.LSTM(5, 7, num_layers=2, bidirectional=True, batch_first=True)
layer = torch.nn.MultiheadAttention(6, 2, add_zero_attn=True)
calls = {
    "conv1d": (lambda x, w: F.conv1d(x, w, stride=2), [(2, 4, 9), (6, 4, 3)]),
    "grouped conv2d": (lambda x, w: F.conv2d(x, w, padding=1, groups=2), [(1, 4, 5, 6), (8, 2, 3, 3)]),
    "conv3d": (lambda x, w: torch.conv3d(x, w), [(1, 2, 4, 4, 4), (3, 2, 2, 2, 2)]),
    "conv_transpose2d": (lambda x, w: F.conv_transpose2d(x, w, stride=2, groups=2), [(1, 4, 5, 6), (4, 3, 2, 2)]),
    "linear": (lambda x, w: F.linear(x, w), [(2, 3, 5), (7, 5)]),
    "matmul": (lambda x, y: x @ y, [(2, 1, 3, 4), (5, 4, 6)]),
    "vectors": (lambda x, y: torch.matmul(x, y), [(4,), (4,)]),
    "bmm": (lambda x, y: x.bmm(mat2=y), [(2, 3, 4), (2, 4, 5)]),
    "addmm": (lambda b, x, y: torch.addmm(b, x, y), [(5,), (3, 4), (4, 5)]),
    "baddbmm": (lambda b, x, y: b.baddbmm_(x, y), [(2, 3, 5), (2, 3, 4), (2, 4, 5)]),
    "addbmm": (lambda b, x, y: torch.addbmm(b, x, y), [(3, 5), (2, 3, 4), (2, 4, 5)]),
    "einsum": (lambda x, y: torch.einsum("b h i d, b h j d -> b h i j", x, y), [(2, 3, 4, 5), (2, 3, 6, 5)]),
    "einsum ...": (lambda x, y: torch.einsum("...ij,jk->...ik", x, y), [(2, 3, 4), (4, 5)]),
    "einsum sums": (lambda x, y: torch.einsum("ij,jk->i", x, y), [(3, 4), (4, 5)]),
    "einsum elementwise": (lambda x, y: torch.einsum("ij,ij->ij", x, y), [(3, 4), (3, 4)]),
    "elementwise": (lambda x, y: (F.relu(x) + y).sum(), [(3, 4), (3, 4)]),
    "lstm": (lambda x: lstm(x)[0], [(2, 3, 5)]),
    "layer": (lambda x, y: layer(x, y, y)[0], [(4, 2, 6), (5, 2, 6)]),
    "tensordot": (lambda x, y: torch.tensordot(x, y, 1), [(3, 4), (4, 5)]),
    "einsum of three": (lambda x: torch.einsum("ij,jk,kl->il", x, x, x), [(4, 4)]),
}
if hasattr(F, "scaled_dot_product_attention"):
    calls["attention"] = (F.scaled_dot_product_attention, [(2, 3, 4, 5), (2, 3, 6, 5), (2, 3, 6, 7)])


def count(call, tensors):
    with torch.no_grad(), counted() as tally:
        out = call(*tensors)
    return [tuple(out.shape), tally.macs]


print(json.dumps({
    name: [count(call, map(blank, shapes)), count(call, [noted(torch.ones(shape)) for shape in shapes])]
    for name, (call, shapes) in calls.items()
}))
"""

EXPECTED = {
    "conv1d": 2 * 6 * 4 * (4 * 3),
    "grouped conv2d": 8 * 5 * 6 * (2 * 3 * 3),
    "conv3d": 3 * 3 * 3 * 3 * (2 * 2 * 2 * 2),
    "conv_transpose2d": 4 * 5 * 6 * (3 * 2 * 2),
    "linear": 2 * 3 * 7 * 5,
    "matmul": 2 * 5 * 3 * 6 * 4,
    "vectors": 4,
    "bmm": 2 * 3 * 5 * 4,
    "addmm": 3 * 5 * 4,
    "baddbmm": 2 * 3 * 5 * 4,
    "addbmm": 2 * 3 * 5 * 4,
    "einsum": 2 * 3 * 4 * 6 * 5,
    "einsum ...": 2 * 3 * 5 * 4,
    "einsum sums": 3 * 4,
    "einsum elementwise": 0,
    "elementwise": 0,
    "lstm": 2 * 3 * 2 * (28 * 5 + 28 * 7 + 28 * 14 + 28 * 7),
    "layer": 2 * ((4 + 5 + 5 + 4) * 6 * 6 + 2 * 4 * 6 * 6),
    "attention": 2 * 3 * 4 * 6 * (5 + 7),
    "tensordot": None,
    "einsum of three": None,
}
"""What each call multiplies and adds; None where no count was written for it."""


def test_every_function_that_multiplies_matrices_is_counted_or_said_not_to_be(stack: Any) -> None:
    found = ran(stack.python, "-c", CALLS)
    assert set(EXPECTED) - set(found) <= {"attention"}
    for name, (alone, run) in found.items():
        assert alone == run, name
        assert run[1] == EXPECTED[name], name


@pytest.fixture(scope="module")
def pipe(stack: Any) -> Iterator[Pipe]:
    with Pipe(stack.python) as opened:
        yield opened


def test_the_count_is_for_the_input_that_was_asked_for(stack: Any, pipe: Pipe) -> None:
    def macs(method: str, **more: Any) -> Any:
        told = pipe.ask(method, name="x", type="ResNet", config={"depth": 50}, **more)
        return told["input"], told["macs"]

    surveyed = macs("survey")
    assert surveyed == ([256, 320], 6_672_875_520)
    for side, ratio in ((640, 5), (1280, 20)):
        assert macs("probe", input=[side, side], device="auto") == ([side, side], ratio * surveyed[1])


def test_a_backbone_of_one_input_size_is_counted_at_that(stack: Any, pipe: Pipe) -> None:
    kind, arch = {"2.24": ("mmcls.RepMLPNet", "base"), "2.28": ("mmcls.EfficientFormer", "l1")}[stack.name]
    asked = {"name": kind, "type": kind, "config": {"arch": arch}, "device": "auto"}
    large, own = (pipe.ask("probe", input=[side, side], **asked) for side in (640, 224))
    assert (large["input"], large["macs"]) == (own["input"], own["macs"])
    assert own["input"] == [224, 224] and own["macs"] > 0
