"""`probe --all` on the real libraries: on several processes, once, and with what a single probe says."""

from __future__ import annotations

from typing import Any

from stacks.command_line import bbwizard


def test_every_backbone_that_a_pattern_keeps_is_probed_once(stack: Any) -> None:
    words = ["probe", "--all", "mmcls/*shufflenet*", "--python", stack.python]
    first = bbwizard(*words, "--json", "--jobs", 2)
    told = {probe["backbone"]: probe for probe in first.data}
    assert "on 2 processes" in first.err and "0 refused" in first.err
    single = bbwizard("probe", "mmcls/ShuffleNetV2", "--no-cache", "--python", stack.python, "--json").data
    assert {**told["mmcls/ShuffleNetV2"], "seconds": 0} == {**single, "seconds": 0}
    again = bbwizard(*words)
    assert len(again.out.splitlines()) == len(told) >= 4
    assert again.status == 0 and "processes" not in again.err
    assert f"{len(told)} backbones: {len(told)} with a pyramid" in again.err
    pattern = "mmcls/*shufflenet* params<3M stride:32"
    small = bbwizard("backbones", pattern, "--sort", "params", *words[3:], "--json").data
    params = [entry["params"] for entry in small]
    assert params == sorted(params) == sorted(probe["params"] for probe in told.values() if probe["params"] < 3e6)


def test_what_refuses_one_size_fits_all_the_same(stack: Any) -> None:
    words = ["timm/hrnet_w18_small*", "--python", stack.python, "--json"]
    swept = bbwizard("probe", "--all", *words, "--input", "300x300").data
    assert swept and not any(probe["stages"] for probe in swept)
    fitting = bbwizard("backbones", *words, "--fits", "retinanet_r50_fpn_1x_coco").data
    assert [(row["fits"], row["fits_as"]) for row in fitting] == [(True, row["name"]) for row in fitting]


def test_multiply_adds_are_asked_for_at_an_input_size(stack: Any) -> None:
    def backbones(pattern: str, size: str, *more: str) -> tuple[dict[str, int], str]:
        said = bbwizard("backbones", pattern, "--input", size, "--python", stack.python, "--json", *more)
        return {entry["name"]: entry["macs"] for entry in said.data}, said.err

    pattern = "mmcls/*shufflenetv2* macs<2G"
    large, _ = backbones(pattern, "640x640", "--ask-each", "--sort", "macs")
    assert len(large) >= 2 and list(large.values()) == sorted(large.values())
    nothing, said = backbones(pattern, "320x320")
    assert nothing == {} and "4 not asked yet" in said
    small, _ = backbones(pattern, "320x320", "--ask-each")
    assert {name: 4 * macs for name, macs in small.items() if name in large} == large
    probed = bbwizard("probe", "mmcls/ShuffleNetV2", "--input", "320x320", "--python", stack.python)
    assert f" parameters, {small['mmcls/ShuffleNetV2'] / 1e9:.3g} G multiply-adds, " in probed.out


def test_what_probe_cannot_make_sense_of_is_wrong_usage() -> None:
    assert bbwizard("probe").status == bbwizard("probe", "mmcls/VGG/11", "--jobs", 2).status == 2
    said = bbwizard("probe", "--all", "--jobs", 0)
    assert said.status == 2 and "at least 1" in said.err
