"""`docs/coverage.md`, out of the results of every stack that was run."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from benchmarks.coverage import about, exact, tally
from benchmarks.coverage.backbones import WIRED
from benchmarks.coverage.bases import TRIO
from benchmarks.coverage.store import BASE, CHECKED, FAILED, REFUSED, UNFIT, Result, Store
from benchmarks.coverage.tally import DATA, NOT_RUN, Backbone, Verdict

HEAD = """# Coverage

What bbwizard makes of every base config and every backbone of the two stacks it is tested with. This page is made by
`python -m benchmarks.coverage report` from what this run leaves, and is never edited by hand:

    python -m benchmarks.coverage all --python PYTHON_OF_2.28 --python PYTHON_OF_2.24

It takes hours; stopped, it goes on where it was. `bases`, `backbones`, `learning`, `exact` or `report` in place of
`all` does a part of it; each section says what it was run with.

A **base config** is swapped to a backbone, written, and put through bbwizard's check: build, one training step, one
test, strides, data pipelines. Configs with the same model and the same types of data sets and transforms are run once
and counted each. *Base fails too*: the untouched config fails the same check on this machine, and the swap is proved as
far as backbone, neck and strides. *Base's data fail too*: the swap went through all of it but its data pipelines, which
need what is not installed, as those of the untouched config. A **backbone** is wired to RetinaNet or YOLOX and written;
the backbone built from that file must give the shapes that bbwizard shows. The smallest of each family and a random
tenth of the others go through the whole check.
"""

SHOWN = 8
"""Names of configs or backbones that share a sentence: so many are listed, the others counted."""

INTERPRETER: Final = re.compile(r"/\S+/bin/python[\d.]*")
"""Where the run's own environment lies, which is nothing to the reader."""


def write(results: Path, target: Path) -> None:
    """Write the report of the stacks whose results lie in folders of `results`.

    A section that stands in `target` stays there until its part was run whole.
    """
    found = sections(target.read_text("utf-8")) if target.is_file() else {}
    for file in results.glob("*/about-*.json"):
        stack, title = file.parent.name, TITLES[file.stem.partition("-")[2]]
        stands = json.loads(file.read_text("utf-8"))
        if (stands["whole"] or (stack, title) not in found) and (lines := SECTIONS[title](file.parent)):
            found[stack, title] = "\n\n".join([f"### {title}", *lines, f"*Run with {about.stood(stands)}.*"])
    parts = [HEAD]
    for stack in sorted({stack for stack, _ in found}, reverse=True):
        parts += [f"## Stack {stack}", *(found[stack, title] for title in SECTIONS if (stack, title) in found)]
    target.write_text("\n\n".join(part.strip() for part in parts) + "\n", "utf-8")


def sections(page: str) -> dict[tuple[str, str], str]:
    """The sections of a report by stack and title."""
    found = {}
    for stack in page.split("\n## Stack ")[1:]:
        name, _, text = stack.partition("\n")
        for section in text.split("\n### ")[1:]:
            found[name, section.partition("\n")[0]] = f"### {section.strip()}"
    return found


def bases(folder: Path) -> list[str]:
    """The base configs of one stack."""
    found = tally.verdicts(Store(folder, "facts").results, Store(folder, "bases").results)
    if not found:
        return []
    counts = tally.counted(found)
    total = sum(counts.values())
    proved = sum(counts[kind] for kind in tally.PROVED)
    parts = [
        f"{total} base configs of {len(found)} kinds. **{percent(proved, total)} written and checked** "
        f"({counts[CHECKED]} checked, {counts[DATA]} whose base's data fail too, {counts[BASE]} whose base fails too), "
        f"{counts[REFUSED]} refused, {counts[FAILED]} failed, {counts[NOT_RUN]} not run.",
        table(["detector", "configs", "kinds", *counts], by_detector(found)),
        "How a detector takes its backbone's channels, and what came of one config of each form with each backbone:",
        table(["form", "configs", *TRIO], by_form(found)),
    ]
    titles = {FAILED: "Failed", DATA: "The base's data fail too", BASE: "The base fails too", REFUSED: "Refused"}
    for kind, title in titles.items():
        of_kind = [verdict for verdict in found if verdict.kind == kind]
        if of_kind:
            named = [(verdict.said, name) for verdict in of_kind for name in verdict.group.names]
            parts += [f"#### {title}", sentences(named, shown=None)]
    return parts


def by_detector(found: Sequence[Verdict]) -> list[list[str]]:
    """A row for each detector class."""
    kinds: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in found:
        kinds[verdict.detector].append(verdict)
    rows = []
    for detector, verdicts in sorted(kinds.items()):
        counts = tally.counted(verdicts)
        cells = [str(count or "") for count in counts.values()]
        rows.append([detector, str(sum(counts.values())), str(len(verdicts)), *cells])
    return rows


def by_form(found: Sequence[Verdict]) -> list[list[str]]:
    """A row for each form that is understood."""
    forms: dict[str, list[Verdict]] = defaultdict(list)
    for verdict in found:
        if verdict.group.supported:
            forms[verdict.group.form].append(verdict)
    rows = []
    for form, verdicts in sorted(forms.items()):
        configs = sum(len(verdict.group.names) for verdict in verdicts)
        most = max(verdicts, key=lambda verdict: len(verdict.swaps))
        cells = [tally.kind_of(most.swaps[name]) if name in most.swaps else NOT_RUN for name in TRIO]
        rows.append([f"`{form}`", str(configs), *cells])
    return rows


def backbones(folder: Path) -> list[str]:
    """The backbones of one stack."""
    shapes, checks = Store(folder, "backbones").results, Store(folder, "checks").results
    found = tally.backbones(shapes, checks)
    if not found:
        return []
    kinds: dict[str, Callable[[Backbone], bool]] = {
        "entries": lambda one: True,
        "wired": lambda one: one.kind in (WIRED, CHECKED, BASE),
        "of these by shape alone": lambda one: one.kind in (WIRED, CHECKED, BASE) and one.by_shape_alone,
        "of these checked whole": lambda one: one.kind in (CHECKED, BASE),
        "no pyramid": lambda one: one.kind == REFUSED,
        "lacks strides": lambda one: one.kind == UNFIT,
        "failed": lambda one: one.kind == FAILED,
    }
    rows = []
    for source in sorted({one.source for one in found}):
        rows.append([source, *(str(sum(map(holds, of(found, source)))) for holds in kinds.values())])
    parts = [table(["catalog", *kinds], rows)]
    failed = [(one.said, one.name) for one in found if one.kind == FAILED]
    if failed:
        parts += ["#### Failed", sentences(failed, shown=None)]
    refused = [(without_numbers(one), one.name) for one in tally.lacking(found)]
    if refused:
        parts += ["#### Refused", sentences(refused, shown=SHOWN)]
    return parts


def of(found: Sequence[Backbone], source: str) -> list[Backbone]:
    """Those of one catalog."""
    return [one for one in found if one.source == source]


def without_numbers(one: Backbone) -> str:
    """A reason as others share it: without the backbone's own name."""
    if one.kind == UNFIT:
        strides = re.search(r"against ([\d, .]+)", one.said)
        return f"lacks strides that detectors need ({strides[1].strip(' ,')})" if strides else one.said
    return one.said.replace(one.name, "it").replace(one.name.partition("/")[2], "it")


def exactness(folder: Path) -> list[str]:
    """Whether shapes without arithmetic are those of the networks."""
    results = Store(folder, "exact").results
    if not results:
        return []
    sizes = " and ".join(f"{height}x{width}" for height, width in exact.SIZES)
    kinds = (exact.SAME, exact.RUN, exact.TOO_BIG, FAILED)
    rows = []
    for source in sorted({key.partition("/")[0] for key in results}):
        of_source = [result.kind for key, result in results.items() if key.startswith(source + "/")]
        known = [str(of_source.count(kind)) for kind in kinds[:-1]]
        rows.append([source, str(len(of_source)), *known, str(len(of_source) - sum(map(int, known)))])
    differing = [(result.said, key) for key, result in results.items() if result.kind not in kinds[:-1]]
    parts = [
        f"What shapes alone say of every backbone at {sizes}, against the network itself run at the same sizes: "
        "stages, strides, layout, refusals. *Run for real*: shapes alone do not tell, and the probe runs it too.",
        table(["catalog", "entries", *kinds[:-1], "differing"], rows),
    ]
    return parts + ([sentences(differing, shown=None)] if differing else [])


def losses(folder: Path) -> list[str]:
    """Which detectors' losses fell."""
    results = Store(folder, "learning").results
    if not results:
        return []
    rows = [row_of(detector, result) for detector, result in sorted(results.items()) if "first" in result.facts]
    others = [(result.said, detector) for detector, result in results.items() if "first" not in result.facts]
    parts = [
        "One config of each detector class, swapped with its strides kept, from random weights, on four fixed images "
        "with three drawn boxes each, batches of two, on the CPU. The mean loss of the first and of the last steps, "
        "over the same images:",
        table(["detector", "config", "backbone", "optimizer, lr", "steps", "first", "last", "last / first"], rows),
    ]
    return parts + ([sentences(others, shown=None)] if others else [])


def row_of(detector: str, result: Result) -> list[str]:
    """A detector's training in numbers."""
    facts: Mapping[str, Any] = result.facts
    ratio = facts["last"] / facts["first"]
    return [
        detector,
        facts["config"],
        facts["backbone"],
        f"{facts['optimizer']}, {facts['lr']:g}",
        str(facts["steps"]),
        f"{facts['first']:.3g}",
        f"{facts['last']:.3g}",
        f"{ratio:.2f}" + ("" if result.kind == "falls" else f" ({result.kind})"),
    ]


TITLES: Final = {
    "bases": "Base configs",
    "backbones": "Backbones",
    "exact": "Shapes without arithmetic",
    "learning": "Does it learn?",
}
"""Of each part's section, in their order."""
SECTIONS: Final[Mapping[str, Callable[[Path], list[str]]]] = dict(
    zip(TITLES.values(), (bases, backbones, exactness, losses), strict=True)
)
"""What makes them, out of a stack's results; nothing where there are none."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in row) + " |" for row in lines
    )


def sentences(named: Sequence[tuple[str, str]], *, shown: int | None) -> str:
    """A list of sentences, the most frequent first, each with whom it is said of."""
    groups: dict[str, list[str]] = defaultdict(list)
    for said, name in named:
        groups[INTERPRETER.sub("PYTHON", " ".join(said.split())) or "no reason was given"].append(name)
    lines = []
    for said, names in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        listed = ", ".join(f"`{name}`" for name in names[:shown])
        more = f" and {len(names) - shown} more" if shown is not None and len(names) > shown else ""
        lines.append(f"- {said} ({len(names)}): {listed}{more}")
    return "\n".join(lines)


def percent(part: int, whole: int) -> str:
    """Rounded down: 100 % means all."""
    return f"{int(1000 * part / whole) / 10:g} %" if whole else "none"
