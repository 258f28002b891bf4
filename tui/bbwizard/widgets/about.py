"""Facts in words: what the panes beside the lists say of a base config, a backbone, a wiring."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from bbprobe.protocol import Base, Entry, Probe, Stage
from bbwizard.fits import Fit
from bbwizard.widgets.phrases import BAD, HEAD, QUIET, STRONG, WARN, caution, mark, pair, pending
from bbwizard.widgets.text import amount, numbers, said, stack
from bbwizard.wiring import Wiring, default_stages, wire


def at(stage: Stage) -> str:
    """The size of a stage's map, height first."""
    return f"{stage.height}x{stage.width}"


def stage_table(stages: Sequence[Stage], chosen: Sequence[int]) -> list[Content]:
    """The stages of a backbone, those of the default wiring marked."""
    rows = [said(f"  {'idx':>3} {'chan':>5} {'stride':>6} {'size':>9}", HEAD)]
    for stage in stages:
        taken = stage.index in chosen
        taken_mark = "▸" if taken else " "
        text = f"{taken_mark} {stage.index:>3} {stage.channels:>5} {numbers([stage.stride]):>6} {at(stage):>9}"
        rows.append(said(text, STRONG if taken else ""))
    return rows


def of_base(base: Base, *, told: Base | None = None, confirming: Content | None = None) -> Content:
    """What a base config needs; `told` is what the atlas had said, `confirming` is said while it is being read."""
    lines = [said(base.name, STRONG), confirming or Content("")]
    lines += [
        pair("detector", base.detector),
        pair("neck", base.neck or "none"),
        pair("backbone", base.backbone),
        pair("head at", numbers(base.head_strides) if base.head_strides else "any stride"),
        pair("input", f"{base.input[0]}x{base.input[1]}" if base.input else "-"),
    ]
    if base.levels:
        lines += [Content(""), said(f"  {'level':>5} {'chan':>5} {'stride':>6}", HEAD)]
        for number, level in enumerate(base.levels):
            unread = "  not read" if not level.used else ""
            text = f"  {number:>5} {level.channels:>5} {numbers([level.stride]):>6}{unread}"
            lines.append(said(text, "" if level.used else QUIET))
    lines += [Content(""), mark(base.supported, "its backbone can be swapped" if base.supported else base.reason)]
    if base.lost:
        lost = ", ".join(f"{key}={value!r}" for key, value in base.lost.items())
        lines.append(caution(f"a new backbone will not have {lost}"))
    if told is not None and needs(told) != needs(base):
        was = f"levels at stride {numbers(level.stride for level in told.levels)} into {told.neck or told.detector}"
        lines.append(caution(f"the atlas says otherwise: {was}; what this environment says counts"))
    return stack(*lines)


def needs(base: Base) -> tuple[object, ...]:
    """What of a base config decides how a backbone is wired to it."""
    return base.levels, base.slots, base.rule, base.outs, base.head_strides, base.supported


def of_entry(entry: Entry, fit: Fit, *, seconds: float, error: str = "", chosen: bool = False) -> Content:
    """A backbone before, or without, its stages; `seconds` it has been asked for."""
    lines = [said(entry.name, STRONG), Content("")]
    lines += [pair("class", entry.family), pair("weights", str(len(entry.weights)))]
    if entry.pyramid is False:
        lines += [Content(""), mark(False, entry.reason or "gives no feature pyramid")]
    elif fit.taken is not None:
        whose = f", as {fit.asked} does" if fit.asked != entry.name else ""
        lines += [Content(""), mark(fit.taken, f"{'fits' if fit.taken else 'does not fit'} the base config{whose}")]
    if error:
        lines += [Content(""), mark(False, error)]
    else:
        lines += [Content(""), pending("probing", seconds, chosen)]
    return stack(*lines)


def of_probe(
    entry: Entry,
    probe: Probe,
    base: Base | None,
    measured: Sequence[Content] = (),
    *,
    told: Probe | None = None,
    confirming: Content | None = None,
) -> Content:
    """A backbone with its stages, how it would be wired to the chosen base, and what a device said of it.

    `told` is what the atlas had said; `confirming` stands in the place of how it was probed while that is under way.
    """
    fixed = f"only {probe.fixed_input[0]}x{probe.fixed_input[1]}" if probe.fixed_input else "any size"
    weights = f"{len(entry.weights)} in the catalog" if entry.weights else "none in the catalog"
    chosen = default_stages(base, probe) if base is not None else ()
    lines = [
        Content.assemble(said(entry.name, STRONG), (f"  {probe.origin}", QUIET if probe.origin == "live" else WARN)),
        Content(""),
    ]
    # The verdict comes first: below thirteen stages it would be out of sight on a small screen.
    if not probe.pyramid:
        lines += [mark(False, probe.reason or "gives no feature pyramid"), Content("")]
    elif base is not None:
        lines += [*verdict(base, wire(base, probe, chosen)), Content("")]
    if probe.stages:
        lines += [*stage_table(probe.stages, chosen), Content("")]
    if measured:
        lines += [*measured, Content("")]
    lines += [
        pair("params", amount(probe.params)),
        pair("macs", multiply_adds(probe)),
        pair("weights", weights),
        pair("input", fixed, BAD if probe.fixed_input else ""),
        pair("layout", probe.layout),
        confirming or origin(probe),
    ]
    if told is not None and (told.stages, told.params) != (probe.stages, probe.params):
        was = f"stride {numbers(stage.stride for stage in told.stages)}, {amount(told.params)} parameters"
        lines.append(caution(f"the atlas says otherwise: {was}; what this environment says counts"))
    lines += [caution(f"{cure.key}={cure.value!r}: {cure.reason}") for cure in probe.cures]
    if probe.note:
        lines.append(caution(probe.note))
    return stack(*lines)


def origin(probe: Probe) -> Content:
    """Where a probe comes from."""
    if probe.origin == "atlas":
        return pair("atlas", "probed beforehand, not here")
    return pair("live", f"probed {probe.how} in {probe.seconds:.2f} s")


def multiply_adds(probe: Probe) -> str:
    """The multiply-adds of a forward, with the image size where that is the backbone's own choice."""
    if probe.macs is None:
        return "cannot be counted" if probe.origin == "live" else "not known at this size"
    size = f" at {probe.input[0]}x{probe.input[1]}" if probe.fixed_input else ""
    return f"{amount(probe.macs)} multiply-adds{size}"


def verdict(base: Base, wiring: Wiring) -> list[Content]:
    """Whether a wiring would train, and what it changes."""
    if wiring.problems:
        return [mark(False, problem.text) for problem in wiring.problems]
    strides = numbers(link.stage.stride for link in wiring.links)
    return [mark(True, f"wires to {base.detector} at stride {strides}"), *changed(base, wiring)]


def changed(base: Base, wiring: Wiring) -> list[Content]:
    """The values of the config that the wiring sets, with a word where their order is not the backbone's."""
    lines = []
    reversed_paths = {tuple(slot.path) for slot in base.slots if slot.form == "reversed"}
    for change in wiring.changes:
        lines.append(Content.assemble(said(f"  {change.name} ", QUIET), said(str(change.plain), STRONG)))
        if change.path in reversed_paths:
            lines.append(said("  (deepest first: the neck takes them reversed)", WARN))
    return lines or [said("  the base's channels stay as they are", QUIET)]
