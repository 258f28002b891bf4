"""What a coverage run does next, what it keeps, and what its results come to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from benchmarks.coverage import about, bases, exact, models, report, tally
from benchmarks.coverage.bases import TRIO
from benchmarks.coverage.options import Options
from benchmarks.coverage.store import BASE, CHECKED, FAILED, REFUSED, UNFIT, Outcome, Result, Store
from facts import SHUFFLENET, base

from bbprobe.protocol import Base

EVERYTHING = Options(python="", out=Path(), workers=1, memory=1, limit=1)
SAMPLE = Options(python="", out=Path(), workers=1, memory=1, limit=1, sample=0)


def look(name: str, alike: str = "", kind: str = bases.UNDERSTOOD, **facts: Any) -> Result:
    told = {"alike": alike or name, "form": "FPN", "detector": "RetinaNet", "size": 1, **facts}
    return Result(name, kind, "why", 0.1, told)


def swap(name: str, backbone: str, kind: str, said: str = "") -> Result:
    return Result(bases.key(name, backbone), kind, said, 1.0, {})


def by_key(*results: Result) -> dict[str, Result]:
    return {result.key: result for result in results}


def test_results_outlive_the_run_and_a_line_cut_off(tmp_path: Path) -> None:
    store = Store(tmp_path, "bases")
    store.add("a", Outcome(FAILED, "no"), 1)
    store.add("a", Outcome(CHECKED), 2)
    store.add("b", Outcome(FAILED, "no"), 1)
    with store.file.open("a") as file:
        file.write('{"key": "c", "kind": "che')
    again = Store(tmp_path, "bases")
    assert {key: result.kind for key, result in again.results.items()} == {"a": CHECKED, "b": FAILED}
    again.add("d", Outcome(CHECKED), 1)
    assert set(Store(tmp_path, "bases").results) == {"a", "b", "d"}
    again.forget([FAILED])
    assert set(again.results) == {"a", "d"}


def test_configs_with_one_model_are_swapped_once() -> None:
    found = bases.groups([look("b", "same"), look("a", "same"), look("c")])
    assert [(group.name, group.names) for group in found] == [("a", ("a", "b")), ("c", ("c",))]


def test_the_cheapest_of_each_form_meets_all_three_and_the_others_take_turns() -> None:
    found = bases.groups([look("a"), look("b", size=0), look("c", kind=REFUSED), look("d")])
    pairs = list(bases.due(bases.chosen(found, EVERYTHING), {}))
    assert [name for name, _ in pairs].count("b") == len(TRIO)
    assert [pair for pair in pairs if pair[0] != "b"] == [("a", TRIO[0]), ("d", TRIO[2])]


def test_what_is_unlike_the_others_comes_first() -> None:
    looks = [look("a"), look("b", size=0), look("c", detector="FCOS", size=5), look("d", form="BFP", size=9)]
    names = [name for name, _ in bases.due(bases.chosen(bases.groups(looks), SAMPLE), {})]
    assert names == ["b", "d"]
    everything = dict.fromkeys(name for name, _ in bases.due(bases.chosen(bases.groups(looks), EVERYTHING), {}))
    assert list(everything) == ["b", "d", "c", "a"]


def test_a_backbone_that_does_not_fit_sends_a_detector_on_to_the_next() -> None:
    wanted = bases.chosen(bases.groups([look("a")]), SAMPLE)
    first, second, third = TRIO
    assert list(bases.due(wanted, {})) == [("a", first)]
    unfit = by_key(swap("a", first, UNFIT))
    assert list(bases.due(wanted, unfit)) == [("a", second)]
    assert not list(bases.due(wanted, unfit | by_key(swap("a", second, CHECKED))))
    assert not list(bases.due(wanted, by_key(*(swap("a", name, UNFIT) for name in TRIO))))


@pytest.mark.parametrize(
    ("kinds", "verdict"),
    [
        ((CHECKED, CHECKED, CHECKED), CHECKED),
        ((UNFIT, CHECKED), CHECKED),
        ((CHECKED, FAILED), FAILED),
        ((CHECKED, "out of time"), FAILED),
        ((BASE,), BASE),
        ((UNFIT, UNFIT, UNFIT), REFUSED),
        ((UNFIT,), "not run"),
        ((), "not run"),
    ],
)
def test_a_config_is_as_good_as_its_worst_swap(kinds: tuple[str, ...], verdict: str) -> None:
    swaps = by_key(*(swap("a", backbone, kind) for backbone, kind in zip(TRIO, kinds, strict=False)))
    [found] = tally.verdicts(by_key(look("a")), swaps)
    assert found.kind == verdict


def test_a_swap_that_was_trained_is_told_apart_where_the_bases_data_fail_too() -> None:
    trained = replace(swap("a", TRIO[0], BASE), facts={"proved": "step"})
    [found] = tally.verdicts(by_key(look("a")), by_key(trained))
    assert found.kind == tally.DATA and found.kind in tally.PROVED


def test_every_config_is_counted_once() -> None:
    facts = by_key(look("a", "same"), look("b", "same"), look("c", kind=REFUSED), look("d", kind=FAILED), look("e"))
    counts = tally.counted(tally.verdicts(facts, by_key(swap("a", TRIO[0], CHECKED))))
    assert counts == {CHECKED: 2, tally.DATA: 0, BASE: 0, REFUSED: 1, FAILED: 1, "not run": 1}


def test_models_are_the_same_whatever_weights_they_start_from() -> None:
    plain = {"type": "RetinaNet", "backbone": {"type": "ResNet", "depth": 50}, "neck": {"in_channels": [1, 2]}}
    loading = {"init_cfg": {"type": "Pretrained", "checkpoint": "torchvision://resnet50"}}
    pretrained = {**plain, "pretrained": "x.pth", "backbone": {"depth": 50, "type": "ResNet", **loading}}
    assert models.digest(models.without_weights(pretrained)) == models.digest(models.without_weights(plain))
    other = {**plain, "neck": {"in_channels": (1, 2)}}
    assert models.digest(other) != models.digest(plain)


def test_configs_with_unlike_transforms_are_not_alike() -> None:
    def with_transforms(*names: str) -> Base:
        data = {"train": {"type": "CocoDataset", "pipeline": [{"type": name} for name in names]}}
        return base(resolved=repr({"model": {"type": "RetinaNet"}, "data": data}))

    plain, twice, cut = with_transforms("Resize"), with_transforms("Resize", "Resize"), with_transforms("InstaBoost")
    assert models.data(plain) == models.data(twice) == ["CocoDataset", "Resize"]
    assert models.data(cut) == ["CocoDataset", "InstaBoost"]


def test_all_means_all() -> None:
    assert report.percent(1000, 1000) == "100 %"
    assert report.percent(9999, 10000) == "99.9 %"


def test_two_probes_differ_in_what_they_say_and_not_in_how_long_they_took() -> None:
    run = replace(SHUFFLENET, seconds=9.0, device="cpu")
    assert exact.differing(SHUFFLENET, run) == exact.differing("no such image", "another word") == ""
    assert "stages" in exact.differing(SHUFFLENET, replace(run, stages=run.stages[1:]))
    assert "the network says no: too small" in exact.differing(SHUFFLENET, "too small")
    assert f"{len(run.stages)} stages" in exact.differing("too small", run)


def test_a_section_stays_until_its_part_was_run_whole(tmp_path: Path) -> None:
    page, results = tmp_path / "coverage.md", tmp_path / "results"
    stack = about.Stack("3.11.7", {"torch": "2.4.1"})

    def run(part: str, ratio: float, *, whole: bool) -> str:
        facts = {
            "first": 1.0,
            "last": ratio,
            "config": "c",
            "backbone": "b",
            "optimizer": "SGD",
            "lr": 0.01,
            "steps": 9,
        }
        Store(results / "2.28", part).add("RetinaNet", Outcome("falls", "", facts), 1)
        about.keep(results / "2.28", part, stack, whole=whole)
        report.write(results, page)
        return page.read_text("utf-8")

    first = run("learning", 0.5, whole=False)
    assert "### Does it learn?" in first and "| 0.50 |" in first and "Python 3.11.7, torch 2.4.1; " in first
    assert run("learning", 0.25, whole=False) == first
    assert "| 0.25 |" in run("learning", 0.25, whole=True)
    for file in (results / "2.28").iterdir():
        file.unlink()
    kept = page.read_text("utf-8")
    report.write(results, page)
    assert page.read_text("utf-8") == kept


def test_where_the_run_kept_its_environments_is_not_in_the_page() -> None:
    said = report.sentences(
        [("Albu is missing; /home/me/.cache/2.28/bin/python3.11 -m pip install it", "a")], shown=None
    )
    assert said == "- Albu is missing; PYTHON -m pip install it (1): `a`"
