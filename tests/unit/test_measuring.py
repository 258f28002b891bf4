"""What measurements are made of, without a device: samples, percentiles, and whether others are using a GPU."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bbprobe import busy, sampling
from bbprobe.protocol import Busy, Cancelled, Measurement, Timing
from bbwizard.printed import measurement_lines

MIB, GIB = 2**20, 2**30


def no_pause() -> None:
    return


def lasting(*seconds: float) -> Iterator[float]:
    yield from seconds


def test_runs_end_when_the_time_is_spent():
    clock = lasting(0.5, 0.75, 0.75, 9.0)
    assert sampling.sampled(lambda: next(clock), no_pause, seconds=2.0, most=100) == [0.5, 0.75, 0.75]


def test_runs_end_when_there_are_enough():
    assert sampling.sampled(lambda: 0.001, no_pause, seconds=2.0, most=4) == [0.001] * 4


def test_what_takes_longer_than_its_time_runs_once():
    assert sampling.sampled(lambda: 7.0, no_pause, seconds=2.0, most=4) == [7.0]


def test_a_run_that_nobody_wants_is_not_made():
    made: list[float] = []

    def run() -> float:
        made.append(0.1)
        return 0.1

    def pause() -> None:
        if len(made) == 2:
            raise Cancelled("no longer wanted")

    with pytest.raises(Cancelled):
        sampling.sampled(run, pause, seconds=2.0, most=100)
    assert len(made) == 2


@pytest.mark.parametrize(
    ("values", "part", "expected"),
    [
        ([3.0], 0.1, 3.0),
        ([1.0, 2.0], 0.5, 1.5),
        ([4.0, 1.0, 3.0, 2.0], 0.5, 2.5),
        (list(range(11)), 0.1, 1.0),
        (list(range(11)), 0.9, 9.0),
        ([1.0, 2.0, 3.0], 1.0, 3.0),
        ([1.0, 2.0, 3.0], 0.0, 1.0),
    ],
)
def test_quantiles_lie_on_the_line_between_neighbours(values, part, expected):
    assert sampling.quantile(values, part) == pytest.approx(expected)


def test_a_spread_is_the_median_between_its_tails():
    assert sampling.spread([float(value) for value in range(101)]) == pytest.approx((50.0, 10.0, 90.0))


def test_few_runs_have_no_tails():
    assert sampling.spread([0.1, 0.3]) == (pytest.approx(0.2), None, None)


def test_a_batch_that_would_take_too_long_is_left_out_with_its_time():
    sampling.refuse_slow(8, 0.5, limit=5.0)
    with pytest.raises(sampling.TooSlow, match="would take about 8 s"):
        sampling.refuse_slow(8, 1.0, limit=5.0)


@pytest.mark.parametrize(
    ("batch", "available", "words"),
    [
        (8, int(10.24 * GIB), "a forward needs more than 10.2 GiB at batch 8"),
        (0, 2 * GIB, "a forward needs more than 2.0 GiB"),
        (8, 0, "a forward at batch 8 does not fit in this host's memory"),
    ],
)
def test_what_does_not_fit_is_said_with_what_there_was(batch, available, words):
    assert sampling.unfit("a forward", batch, available) == words


def test_what_this_process_holds_is_not_others():
    own, context = 3 * GIB, 500 * MIB
    assert busy.others(total=24 * GIB, free=24 * GIB - own - context, reserved=own) == 0
    assert busy.others(total=24 * GIB, free=14 * GIB, reserved=own) == 7 * GIB - busy.CONTEXT


@pytest.mark.parametrize(
    ("memory", "utilisation", "expected"),
    [
        (0, 0, False),
        (0, 99, False),  # nobody else is there: this process itself computed
        (300 * MIB, 3, False),
        (300 * MIB, 90, True),
        (20 * GIB, 0, True),
        (20 * GIB, None, True),
        (300 * MIB, None, False),
    ],
)
def test_a_gpu_is_busy_by_what_others_hold_and_compute(memory, utilisation, expected):
    assert busy.is_busy(busy.Use(memory, utilisation)) is expected


def test_a_busy_gpu_is_refused_with_both_numbers():
    used = busy.Use(21 * GIB, 97)
    with pytest.raises(Busy, match=r"cuda:1 is in use: others hold 21\.0 GiB of it, and it computes 97 % of the time"):
        busy.refuse_busy("cuda:1", lambda: used, pause=lambda seconds: None)


def test_what_was_over_a_second_later_does_not_count():
    looks = iter([busy.Use(300 * MIB, 90), busy.Use(300 * MIB, 0)])
    waited: list[float] = []
    busy.refuse_busy("cuda:0", lambda: next(looks), pause=waited.append)
    assert waited == [busy.SETTLING]


def test_a_measurement_is_printed_with_what_it_could_not_say():
    fp32 = Timing("fp32", 0.0123, 0.0119, 0.0131, 81.52, 2**30, 4 * 2**30)
    mixed = Timing("mixed", 0.1071, None, None, None, None, None, "a forward needs more than 10.2 GiB at batch 8")
    found = Measurement("timm/resnet50", "cuda:0", "NVIDIA T4", [640, 800], 8, [fp32, mixed], [1, 2, 3])
    assert list(measurement_lines(found)) == [
        "timm/resnet50 at 640x800, stages 1, 2, 3, on cuda:0 (NVIDIA T4)",
        "precision  latency ms  p10 to p90 ms    images/s at 8  forward GiB  training GiB",
        "fp32             12.3   11.9 to 13.1             81.5         1.00          4.00",
        "mixed             107              -                -            -             -",
        "mixed: a forward needs more than 10.2 GiB at batch 8",
    ]
