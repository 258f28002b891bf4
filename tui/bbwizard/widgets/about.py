"""Facts in words: what the panes beside the lists say of a base config, a backbone, a wiring."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from bbprobe.protocol import SHAPES, Base, Entry, Probe, Stage
from bbwizard.fits import Fit
from bbwizard.language import _
from bbwizard.widgets.phrases import BAD, HEAD, QUIET, STRONG, WARN, caution, mark, pair, pending
from bbwizard.widgets.text import padded, said, stack
from bbwizard.wiring import Wiring, default_stages, wire
from bbwizard.wording import amount, numbers


def at(stage: Stage) -> str:
    """The size of a stage's map, height first."""
    return f"{stage.height}x{stage.width}"


def stage_table(stages: Sequence[Stage], chosen: Sequence[int]) -> list[Content]:
    """The stages of a backbone, those of the default wiring marked."""
    titles = (_("idx"), 3), (_("chan"), 5), (_("stride"), 6), (_("size"), 9)
    rows = [said("  " + " ".join(padded(title, width, ">") for title, width in titles), HEAD)]
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
        pair(_("detector"), base.detector),
        pair(_("neck"), base.neck or _("none")),
        pair(_("backbone"), base.backbone),
        pair(_("head at"), numbers(base.head_strides) if base.head_strides else _("any stride")),
        pair(_("input"), f"{base.input[0]}x{base.input[1]}" if base.input else "-"),
    ]
    if base.levels:
        titles = (_("level"), 5), (_("chan"), 5), (_("stride"), 6)
        lines += [Content(""), said("  " + " ".join(padded(title, width, ">") for title, width in titles), HEAD)]
        for number, level in enumerate(base.levels):
            unread = "" if level.used else f"  {_('not read')}"
            text = f"  {number:>5} {level.channels:>5} {numbers([level.stride]):>6}{unread}"
            lines.append(said(text, "" if level.used else QUIET))
    lines += [Content(""), mark(base.supported, _("its backbone can be swapped") if base.supported else base.reason)]
    if base.lost:
        lost = ", ".join(f"{key}={value!r}" for key, value in base.lost.items())
        lines.append(caution(_("a new backbone will not have {lost}").format(lost=lost)))
    if told is not None and needs(told) != needs(base):
        otherwise = _(
            "the atlas says otherwise: levels at stride {strides} into {neck}; what this environment says counts"
        )
        strides = numbers(level.stride for level in told.levels)
        lines.append(caution(otherwise.format(strides=strides, neck=told.neck or told.detector)))
    return stack(*lines)


def needs(base: Base) -> tuple[object, ...]:
    """What of a base config decides how a backbone is wired to it."""
    return base.levels, base.slots, base.rule, base.outs, base.head_strides, base.supported


def of_entry(entry: Entry, fit: Fit, *, seconds: float, error: str = "", chosen: bool = False) -> Content:
    """A backbone before, or without, its stages; `seconds` it has been asked for."""
    lines = [said(entry.name, STRONG), Content("")]
    lines += [pair(_("class"), entry.family), pair(_("weights"), str(len(entry.weights)))]
    if entry.pyramid is False:
        lines += [Content(""), mark(False, entry.reason or _("gives no feature pyramid"))]
    elif fit.taken is not None and not error:
        own = fit.asked == entry.name
        if fit.taken:
            words = _("fits the base config") if own else _("fits the base config, as {name} does")
        else:
            words = _("does not fit the base config") if own else _("does not fit the base config, as {name} does")
        lines += [Content(""), mark(fit.taken, words.format(name=fit.asked))]
    if error:
        lines += [Content(""), mark(False, error)]
    else:
        lines += [Content(""), pending(_("probing"), seconds, chosen)]
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
    live = probe.origin == "live"
    size = f"{probe.fixed_input[0]}x{probe.fixed_input[1]}" if probe.fixed_input else ""
    fixed = _("only {size}").format(size=size) if size else _("any size")
    weights = _("{count} in the catalog") if entry.weights else _("none in the catalog")
    chosen = default_stages(base, probe) if base is not None else ()
    lines = [
        Content.assemble(said(entry.name, STRONG), (f"  {_('live')}", QUIET) if live else (f"  {_('atlas')}", WARN)),
        Content(""),
    ]
    # The verdict comes first: below thirteen stages it would be out of sight on a small screen.
    if not probe.pyramid:
        lines += [mark(False, probe.reason or _("gives no feature pyramid")), Content("")]
    elif base is not None:
        lines += [*verdict(base, wire(base, probe, chosen)), Content("")]
    if told is not None and (told.stages, told.params) != (probe.stages, probe.params):
        lines += [caution(otherwise(told)), Content("")]
    if probe.stages:
        lines += [*stage_table(probe.stages, chosen), Content("")]
    if measured:
        lines += [*measured, Content("")]
    lines += [
        pair(_("params"), amount(probe.params)),
        pair(_("macs"), multiply_adds(probe)),
        pair(_("weights"), weights.format(count=len(entry.weights))),
        pair(_("input"), fixed, BAD if probe.fixed_input else ""),
        pair(_("layout"), probe.layout),
        confirming or origin(probe),
    ]
    lines += [caution(f"{cure.key}={cure.value!r}: {cure.reason}") for cure in probe.cures]
    if probe.note:
        lines.append(caution(probe.note))
    return stack(*lines)


def otherwise(told: Probe) -> str:
    """What the atlas said of a backbone that says something else here."""
    words = _(
        "the atlas says otherwise: {channels} channels at stride {strides}, {params} parameters; "
        "what this environment says counts"
    )
    channels, strides = ([getattr(stage, key) for stage in told.stages] for key in ("channels", "stride"))
    return words.format(channels=numbers(channels), strides=numbers(strides), params=amount(told.params))


def origin(probe: Probe) -> Content:
    """Where a probe comes from."""
    if probe.origin == "atlas":
        return pair(_("atlas"), _("probed beforehand, not here"))
    if probe.device == SHAPES:
        return pair(_("live"), _("probed by shapes alone in {seconds:.2f} s").format(seconds=probe.seconds))
    words = _("probed on {device} in {seconds:.2f} s")
    return pair(_("live"), words.format(device=probe.device, seconds=probe.seconds))


def multiply_adds(probe: Probe) -> str:
    """The multiply-adds of a forward, with the image size where that is the backbone's own choice."""
    if probe.macs is None:
        return _("cannot be counted") if probe.origin == "live" else _("not known at this size")
    words = _("{macs} multiply-adds at {size}") if probe.fixed_input else _("{macs} multiply-adds")
    return words.format(macs=amount(probe.macs), size=f"{probe.input[0]}x{probe.input[1]}")


def verdict(base: Base, wiring: Wiring) -> list[Content]:
    """Whether a wiring would train, and what it changes."""
    if wiring.problems:
        return [mark(False, problem.text) for problem in wiring.problems]
    strides = numbers(link.stage.stride for link in wiring.links)
    words = _("wires to {detector} at stride {strides}").format(detector=base.detector, strides=strides)
    return [mark(True, words), *changed(base, wiring)]


def changed(base: Base, wiring: Wiring) -> list[Content]:
    """The values of the config that the wiring sets, with a word where their order is not the backbone's."""
    lines = []
    reversed_paths = {tuple(slot.path) for slot in base.slots if slot.form == "reversed"}
    for change in wiring.changes:
        lines.append(Content.assemble(said(f"  {change.name} ", QUIET), said(str(change.plain), STRONG)))
        if change.path in reversed_paths:
            lines.append(said(f"  {_('(deepest first: the neck takes them reversed)')}", WARN))
    return lines or [said("  " + _("the base's channels stay as they are"), QUIET)]
