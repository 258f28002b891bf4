"""Backbones side by side: what fits, in which order, and what a table or a program is told of them."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from functools import partial

import pytest
from facts import ENTRY, RESNET, RETINANET, SHUFFLENET, TIMM_ENTRY, WEIGHTS, YOLOF, YOLOX, probe

from bbprobe.protocol import Measurement, Timing
from bbwizard import comparison
from bbwizard.errors import ProbeCrashed, ProbeRefused
from bbwizard.grammar import COMPARED

compared = partial(comparison.compared, size=(640, 640))
DEEP = replace(ENTRY, name="mmcls/Deep", weights=[])
DEEP_PROBE = probe((0, 64, 16), (1, 128, 32), backbone="mmcls/Deep", params=9_000_000)
FAST = Timing("fp32", 0.0125, 0.012, 0.013, 84.2, None, 3 * 2**30)
MIXED = Timing("mixed", 0.0071, 0.007, 0.0072, 151.3, 2**29, 2**31, note="")


def measurement(name: str, *timings: Timing) -> Measurement:
    return Measurement(name, "cuda:0", "NVIDIA A100", [640, 640], 8, list(timings))


def test_channels_stand_at_the_strides_that_the_base_needs():
    row = compared(ENTRY, SHUFFLENET, YOLOX)
    assert row.channels == ((8, 116), (16, 232), (32, 1024))
    assert (row.fits, row.reason) == (True, "")
    assert [stride for stride, _ in compared(ENTRY, RESNET, RETINANET).channels] == [8, 16, 32]
    assert compared(ENTRY, RESNET, YOLOF).channels == ((32, 512),)
    assert compared(ENTRY, SHUFFLENET, None).channels == ((8, 116), (16, 232), (32, 1024))


def test_a_detector_of_any_stride_is_given_its_own_or_the_last():
    detr = replace(YOLOF, head_strides=[])
    short = probe((0, 64, 8), (1, 128, 16))
    assert compared(ENTRY, short, detr).channels == ((16, 128),)


def test_what_does_not_fit_says_why():
    row = compared(DEEP, DEEP_PROBE, YOLOX)
    assert row.channels == ((8, None), (16, 64), (32, 128))
    assert row.fits is False
    assert row.reason == "mmcls/Deep has strides 16, 32, yolox/yolox_s_8x8_300e_coco.py needs 8, 16, 32"
    flat = replace(DEEP_PROBE, pyramid=False, reason="all its maps are at stride 16")
    assert compared(DEEP, flat, YOLOX).reason == "all its maps are at stride 16"
    refused = replace(YOLOX, supported=False, reason="its neck is its backbone")
    assert "its neck is its backbone" in compared(ENTRY, SHUFFLENET, refused).reason
    halves = replace(SHUFFLENET, stages=[replace(stage, height=stage.height - 1) for stage in SHUFFLENET.stages])
    assert "twice as large" in compared(ENTRY, halves, replace(YOLOX, exact=True)).reason


def test_what_could_not_be_probed_says_why_and_has_no_numbers():
    row = compared(ENTRY, None, YOLOX, error=ProbeCrashed("ended by SIGSEGV"))
    assert (row.fits, row.reason, row.channels) == (None, "ended by SIGSEGV", ())
    told = comparison.facts(row)
    assert (told["params"], told["reason"]) == (None, "ended by SIGSEGV")


def test_what_the_library_refuses_fits_no_base():
    refusal = ProbeRefused("no features_only")
    assert compared(ENTRY, None, YOLOX, error=refusal).fits is False
    assert compared(ENTRY, None, None, error=refusal).fits is None


def rows():
    known = compared(ENTRY, SHUFFLENET, YOLOX, measurement(ENTRY.name, FAST, MIXED))
    slow = replace(FAST, latency=0.5, throughput=2.0, train_peak=None)
    slower = compared(
        TIMM_ENTRY, replace(RESNET, params=2_000_000, macs=9 * 10**9), YOLOX, measurement(TIMM_ENTRY.name, slow)
    )
    return [compared(DEEP, replace(DEEP_PROBE, macs=50_200_000), YOLOX), slower, known]


@pytest.mark.parametrize(
    ("order", "names"),
    [
        ("marked", [DEEP.name, TIMM_ENTRY.name, ENTRY.name]),
        ("name", [DEEP.name, ENTRY.name, TIMM_ENTRY.name]),
        ("params", [ENTRY.name, TIMM_ENTRY.name, DEEP.name]),
        ("macs", [DEEP.name, TIMM_ENTRY.name, ENTRY.name]),
        ("weights", [TIMM_ENTRY.name, ENTRY.name, DEEP.name]),
        ("latency", [ENTRY.name, TIMM_ENTRY.name, DEEP.name]),
        ("throughput", [ENTRY.name, TIMM_ENTRY.name, DEEP.name]),
        ("memory", [ENTRY.name, DEEP.name, TIMM_ENTRY.name]),
    ],
)
def test_the_better_comes_first_and_the_unknown_last(order, names):
    assert [row.name for row in comparison.ordered(rows(), order)] == names


def test_orders_by_what_nobody_measured_are_passed_over():
    bare = [compared(ENTRY, SHUFFLENET, YOLOX), compared(DEEP, DEEP_PROBE, YOLOX)]
    assert comparison.next_order(bare, "weights") == "marked"
    assert comparison.next_order(rows(), "weights") == "latency"
    assert comparison.next_order(rows(), "memory") == "marked"


def test_a_number_of_one_precision_stands_in_for_the_other():
    mixed = compared(ENTRY, SHUFFLENET, YOLOX, measurement(ENTRY.name, replace(FAST, latency=None), MIXED))
    assert mixed.measured("latency") == 0.0071
    assert comparison.words(mixed)["ms fp32/mixed"] == "-/7.1"
    assert comparison.words(rows()[2])["images/s"] == "84.2/151"
    assert comparison.words(rows()[2])["train GiB"] == "3.0/2.0"
    assert comparison.words(rows()[0])["ms fp32/mixed"] == ""


def test_a_large_number_has_no_exponent():
    second = replace(FAST, latency=1.27, throughput=1270.0)
    told = comparison.words(compared(ENTRY, SHUFFLENET, YOLOX, measurement(ENTRY.name, second)))
    assert (told["ms fp32/mixed"], told["images/s"]) == ("1270/-", "1270/-")


def test_parameters_and_multiply_adds_have_the_unit_that_the_list_of_backbones_gives_them():
    def told(params: int, macs: int) -> tuple[str, str]:
        words = comparison.words(compared(ENTRY, replace(SHUFFLENET, params=params, macs=macs), YOLOX))
        return words["params"], words["macs"]

    assert told(1_253_604, 48_400_000) == ("1.3 M", "48.4 M")
    assert told(1_013_000_000, 1_270 * 10**9) == ("1.0 G", "1.3 T")
    assert told(912_345, 4_100_000_000) == ("912 k", "4.1 G")


def test_latency_is_plotted_against_parameters_or_multiply_adds():
    assert comparison.plotted(rows(), "params") == (
        "fp32",
        {TIMM_ENTRY.name: (2e6, 0.5), ENTRY.name: (1_253_604.0, 0.0125)},
    )
    assert comparison.plotted(rows(), "macs") == ("fp32", {TIMM_ENTRY.name: (9e9, 0.5)})
    assert comparison.plotted(rows()[:1], "macs") == ("", {})


def test_multiply_adds_at_another_size_compare_to_none_and_say_theirs():
    usual, small = replace(SHUFFLENET, macs=9 * 10**9), replace(SHUFFLENET, macs=10**9, input=[224, 224])
    told = [compared(ENTRY, small, YOLOX), compared(DEEP, usual, YOLOX)]
    assert [row.macs for row in comparison.ordered(told, "macs")] == [9 * 10**9, None]
    assert [comparison.words(row)["macs"] for row in told] == ["1.0 G at 224x224", "9.0 G"]
    assert [(comparison.facts(row)["macs"], comparison.facts(row)["input"]) for row in told] == [
        (10**9, [224, 224]),
        (9 * 10**9, [640, 640]),
    ]


def test_parameters_do_not_wait_for_an_answer_at_this_size():
    told = replace(SHUFFLENET, origin="atlas")
    row = compared(ENTRY, None, YOLOX, error=ProbeRefused("not at this size"), elsewhere=told)
    assert (row.fits, row.macs, row.reason) == (None, None, "not at this size")
    assert (comparison.words(row)["params"], comparison.words(row)["from"]) == ("1.3 M", "atlas")
    assert comparison.facts(row)["origin"] == "atlas"


def test_csv_has_numbers_with_their_units_and_reads_back():
    odd = replace(ENTRY, name='mmcls/Odd,"[/x]|;é', weights=[replace(WEIGHTS, licence="mit")])
    text = comparison.exported([*rows(), compared(odd, SHUFFLENET, YOLOX)], "csv")
    read = list(csv.DictReader(io.StringIO(text)))
    assert [row["backbone"] for row in read] == [DEEP.name, TIMM_ENTRY.name, ENTRY.name, odd.name]
    assert read[2]["fp32_latency_ms"] == "12.5"
    assert read[2]["mixed_forward_mib"] == "512.0"
    assert (read[2]["device"], read[2]["input"], read[2]["batch"]) == ("NVIDIA A100", "640 640", "8")
    assert (read[0]["channels"], read[0]["fits"]) == ("- 64 128", "false")
    assert (read[3]["licences"], read[3]["params"]) == ("mit", "1253604")


def test_weights_whose_licence_nobody_tells_say_so():
    mixed = replace(ENTRY, weights=[replace(WEIGHTS, licence="mit"), replace(WEIGHTS, licence="")])
    assert comparison.words(compared(mixed, SHUFFLENET, YOLOX))["licences"] == "mit, not known"
    assert comparison.words(compared(DEEP, DEEP_PROBE, YOLOX))["licences"] == ""
    facts = [comparison.facts(compared(entry, None, None)) for entry in (mixed, DEEP)]
    assert [(row["licences"], row["licences_unknown"]) for row in facts] == [(["mit"], 1), ([], 0)]
    text = comparison.exported([compared(mixed, SHUFFLENET, YOLOX)], "csv")
    assert next(csv.DictReader(io.StringIO(text)))["licences_unknown"] == "1"


def test_markdown_shows_odd_names_as_they_are_and_no_empty_column():
    odd = replace(ENTRY, name="mmcls/a|b_c*`[/x]_")
    head, rule, line = comparison.exported([compared(odd, SHUFFLENET, YOLOX)], "markdown").splitlines()
    assert head == "| backbone | params | strides | channels | fits | weights | licences |"
    assert rule.count("---") == 7
    assert line.startswith(r"| mmcls/a\|b_c\*\`\[/x\]\_ | 1.3 M |")


def test_a_terminals_table_stands_in_columns():
    wide = replace(ENTRY, name="mmcls/鐵\n鐵")
    head, *lines = comparison.exported([compared(wide, SHUFFLENET, YOLOX), rows()[0]], "table").splitlines()
    assert lines[0].startswith("mmcls/鐵 鐵  1.3 M")
    assert lines[1].index("9.0 M") == head.index("params")
    assert lines[1].endswith("needs 8, 16, 32")


def test_the_command_line_knows_every_order() -> None:
    assert tuple(comparison.ORDERS) == COMPARED
