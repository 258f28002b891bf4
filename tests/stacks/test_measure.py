"""Measurements on both stacks, on the CPU: numbers that hang together, answers where there are none, and an end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from stacks.pipe import Failure, Pipe

CANCELLED, REFUSED = -32001, -32000
BEYOND_ANY_ADDRESS = 10**11
"""Images whose bytes no processor of today can number."""


@pytest.fixture(scope="module")
def pipe(stack: Any) -> Iterator[Pipe]:
    with Pipe(stack.python, {"OMP_NUM_THREADS": "1"}) as opened:
        yield opened


def resnet(**other: Any) -> dict[str, Any]:
    asked = {"name": "mmcls/ResNet/18", "type": "mmcls.ResNet", "config": {"depth": 18}, "select": "out_indices"}
    return {**asked, "stages": [1, 2, 3], "input": [32, 64], "device": "cpu", "batch": 2, **other}


def test_a_backbone_is_measured_in_both_precisions(pipe: Pipe) -> None:
    found = pipe.ask("measure", **resnet())
    assert (found["backbone"], found["device"], found["batch"]) == ("mmcls/ResNet/18", "cpu", 2)
    assert (found["input"], found["stages"]) == ([32, 64], [1, 2, 3])
    assert "1 thread" in found["device_name"]
    fp32, mixed = found["timings"]
    assert (fp32["precision"], mixed["precision"]) == ("fp32", "mixed")
    assert fp32["latency"] > 0
    assert fp32["low"] is None or fp32["low"] <= fp32["latency"] <= fp32["high"]
    assert fp32["throughput"] > 0 and not fp32["note"]
    assert mixed["latency"] or mixed["note"]
    assert {timing[key] for timing in found["timings"] for key in ("forward_peak", "train_peak")} == {None}


def test_timm_is_measured_with_the_stages_asked_for(pipe: Pipe) -> None:
    config = {"model_name": "mobilenetv2_100", "features_only": True}
    found = pipe.ask("measure", **resnet(type="mmcls.TIMMBackbone", config=config, stages=[2, 3, 4]))
    assert found["timings"][0]["latency"] > 0


def test_a_batch_that_cannot_be_allocated_is_an_answer_and_the_next_fits(pipe: Pipe) -> None:
    fp32 = pipe.ask("measure", **resnet(batch=BEYOND_ANY_ADDRESS))["timings"][0]
    assert fp32["latency"] > 0
    assert fp32["throughput"] is None
    assert fp32["note"] == f"a forward at batch {BEYOND_ANY_ADDRESS} does not fit in this host's memory"
    assert pipe.ask("measure", **resnet())["timings"][0]["throughput"] > 0


def test_an_image_that_the_backbone_refuses_is_an_answer(pipe: Pipe) -> None:
    config = {"model_name": "vit_tiny_patch16_224", "features_only": False}
    asked = resnet(type="mmcls.TIMMBackbone", config=config, select=None, stages=[])
    found = pipe.ask("measure", **asked)
    assert found["stages"] == []
    assert found["timings"][0]["latency"] is None
    assert "a forward at batch 1 does not run: " in found["timings"][0]["note"]


def test_what_cannot_be_built_is_refused_with_the_librarys_words(pipe: Pipe) -> None:
    with pytest.raises(Failure, match="invalid depth 19") as refusal:
        pipe.ask("measure", **resnet(config={"depth": 19}))
    assert refusal.value.code == REFUSED


def test_nobody_measures_on_a_device_that_is_not_there(pipe: Pipe) -> None:
    with pytest.raises(Failure, match="no cuda:77") as refusal:
        pipe.ask("measure", **resnet(device="cuda:77"))
    assert refusal.value.code == REFUSED


def test_a_measurement_that_is_no_longer_wanted_ends_amid_a_forward(stack: Any) -> None:
    """Cancelled while a network is under way that takes minutes, the next request is answered before those are over."""
    with Pipe(stack.python) as pipe:
        assert pipe.process.stdin and pipe.process.stdout
        send(pipe, {"id": 77, "method": "measure", "params": resnet(config={"depth": 152}, input=[4096, 4096])})
        texts = iter(
            lambda: json.loads(pipe.process.stdout.readline())["params"]["text"], "measuring a forward, batch 1, fp32"
        )
        assert list(texts) == ["building the backbone"]
        send(pipe, {"method": "$/cancel", "params": {"id": 77}})
        assert json.loads(pipe.process.stdout.readline())["error"]["code"] == CANCELLED
        assert pipe.ask("measure", **resnet())["timings"]


def test_numbers_are_told_as_they_are_known(pipe: Pipe) -> None:
    assert pipe.process.stdin and pipe.process.stdout
    send(pipe, {"id": 78, "method": "measure", "params": resnet()})
    lines = iter(lambda: json.loads(pipe.process.stdout.readline()), None)
    parts = []
    for line in lines:
        if line.get("method") == "$/partial":
            assert line["params"]["id"] == 78
            parts.append(line["params"]["result"])
        if "result" in line:
            break
    assert [len(part["timings"]) for part in parts] == [1, 1, *[2] * (len(parts) - 2)]
    assert parts[0]["timings"][0]["latency"] > 0
    assert parts[0]["timings"][0]["throughput"] is None
    assert parts[-1] == line["result"]


def send(pipe: Pipe, message: dict[str, Any]) -> None:
    """One message, without waiting for an answer."""
    assert pipe.process.stdin
    pipe.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}).encode() + b"\n")
    pipe.process.stdin.flush()
