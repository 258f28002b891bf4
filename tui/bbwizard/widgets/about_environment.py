"""Training environments in words, and the atlas, which stands where there is none."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from textual.content import Content

from bbprobe.protocol import Environment, Fault
from bbwizard import keys
from bbwizard.atlas import Atlas, shelf
from bbwizard.environments import Candidate
from bbwizard.language import N_, _, told
from bbwizard.widgets.phrases import BAD, QUIET, STRONG, caution, how, mark, pair
from bbwizard.widgets.text import said, size, stack

SHOWN = ("torch", "torchvision", "mmcv-full", "mmdet", "mmcls", "timm")


def of(found: Candidate, opened: Environment | None, failure: str) -> Content:
    """What is known of a row of the first step; `opened` is what it holds, where it is open."""
    if (atlas := shelf().get(found.python)) is not None:
        return of_atlas(atlas)
    return of_environment(opened) if opened is not None else of_candidate(found, failure)


def books() -> list[Candidate]:
    """The atlases, as rows below the environments."""
    return [
        Candidate(name, N_("shipped"), atlas.about.versions, atlas.about.python, prefix=name)
        for name, atlas in shelf().items()
    ]


def of_atlas(atlas: Atlas) -> Content:
    """What the atlas is, and what it was made with."""
    about = atlas.about
    lines = [said(_("The atlas of stack {stack}").format(stack=about.stack), STRONG), Content("")]
    lines.append(pair(_("made on"), about.made, width=12))
    lines += [pair(name, about.versions.get(name) or "-", width=12) for name in SHOWN if about.versions.get(name)]
    words = _(
        "Probed beforehand: writes a config for another machine. Nothing is checked and no weights are looked into."
    )
    live = _("For live answers, {how}").format(how=how())
    return stack(*lines, Content(""), said(words), Content(""), said(live, QUIET))


def of_candidate(found: Candidate, failure: str) -> Content:
    """What is known of an environment that is not open."""
    lines = [said(found.python, STRONG), Content(""), pair(_("found by"), told(found.origin), width=12)]
    lines += [pair(name, found.versions.get(name) or "-", width=12) for name in SHOWN]
    error = failure or found.problem
    if error:
        lines += [Content(""), mark(False, error), Content(""), said(how(), QUIET)]
    return stack(*lines)


def of_opening(python: str, launch: Sequence[str], doing: str, seconds: float | None) -> Content:
    """An environment that is being opened: what it waits behind, what it does, for how many seconds by now."""
    lines = head(python, launch)
    words = told(doing) or (_("waiting for it") if launch else _("starting it: importing torch, mmdet"))
    elapsed = f" {seconds:.0f} s" if seconds and seconds >= 1 else ""
    lines.append(said(f"{words}…{elapsed}", QUIET))
    if launch:
        stops = keys.key_for("wizard.stop")
        lines += [Content(""), said(_("{key} gives up, and takes the job back").format(key=stops), QUIET)]
    return stack(*lines)


def of_far(python: str, launch: Sequence[str], failure: str) -> Content:
    """An environment behind a launch prefix, which can be asked nothing as long as it is not open."""
    verdict = [mark(False, failure), Content("")] if failure else []
    words = _("{choose} asks for it; {path} names another Python; {log} shows what was said")
    does = {"choose": "list.choose", "path": "environment.path", "log": "wizard.log"}
    words = words.format(**{name: keys.key_for(action) for name, action in does.items()})
    return stack(*head(python, launch), *verdict, said(words, QUIET))


def head(python: str, launch: Sequence[str]) -> list[Content]:
    """What a pane about an environment that is not open begins with."""
    behind = [said(_("behind {launch}").format(launch=shlex.join(launch))), Content("")] if launch else []
    return [said(python, STRONG), Content(""), *behind]


def of_environment(environment: Environment) -> Content:
    """What the open environment holds, and what is wrong with it."""
    blocking = [fault for fault in environment.faults if fault.blocks]
    lines = [said(environment.executable, STRONG), Content("")]
    for fault in blocking:  # first: below what it holds they would be out of sight on a small screen
        lines += [mark(False, fault.text), *mend(fault)]
    if blocking:
        words = _("Nothing can be trained until that is mended. {again} looks again, {goes} goes on all the same.")
        again, goes = keys.key_for("environment.again"), keys.key_for("list.choose")
        lines += [Content(""), said(words.format(again=again, goes=goes)), Content("")]
    lines.append(pair("python", environment.python, width=12))
    lines += [pair(name, environment.versions.get(name) or _("missing"), width=12) for name in SHOWN]
    lines.append(pair("CUDA", environment.cuda or _("not in this torch"), width=12))
    for gpu in environment.gpus:
        memory = _("{name}, {free} of {total} free")
        memory = memory.format(name=gpu.name, free=size(gpu.free), total=size(gpu.total))
        lines.append(pair(f"GPU {gpu.index}", memory, width=12))
    device = f"{environment.device}, {told(environment.device_reason)}"
    lines.append(pair(_("probes on"), device, width=12))
    if environment.ops:
        lines += [Content(""), mark(True, _("mmcv's compiled ops run"))]
    for fault in environment.faults:
        lines += [] if fault.blocks else [caution(fault.text), *mend(fault)]
    return stack(*lines)


def mend(fault: Fault) -> list[Content]:
    """The command that mends a fault."""
    return [Content.assemble((f"  {_('mend:')} ", BAD), said(fault.mend))]
