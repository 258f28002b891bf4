"""The text of a config that swaps the backbone: short, inheriting, only what must change. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bbprobe.protocol import Base, Probe
from bbwizard import pipelines
from bbwizard.edits import child
from bbwizard.findings import Edit, Fix
from bbwizard.inert import line
from bbwizard.literals import Name, assignment
from bbwizard.resolved import resolved
from bbwizard.weights import Start
from bbwizard.wiring import Change, Problem, Wiring

CODING: Final = re.compile("(coding)([:=])")

IMPORTS = {"mmcls": "mmcls.models"}
"""What registers the classes of a scope that mmdet's own registries do not hold."""


def render(
    base: Base,
    probe: Probe,
    wiring: Wiring,
    start: Start,
    fixes: Sequence[Fix],
    *,
    base_reference: str,
    probed_on: str,
    faults: Sequence[Problem] = (),
    override: bool = False,
) -> str:
    """The config's text, the same for the same decision.

    `base_reference` is what `_base_` says; `probed_on` says how it was probed and names versions, for the head;
    `faults` are what is wrong with the user's own data; `override`: the user has said to write it all the same, and
    what else has problems is a text to look at.
    """
    values = settings(base, probe, wiring, start, fixes)
    statements = [assignment("_base_", base_reference)]
    imports = custom_imports(base, probe.type)
    if imports is not None:
        statements.append(assignment("custom_imports", imports))
    statements += [assignment(key, value) for key, value in values.items()]
    comments = [*head(base, probe, wiring, probed_on), *warned((*wiring.problems, *faults), override)]
    return "\n".join([*comments, *statements]) + "\n"


def settings(base: Base, probe: Probe, wiring: Wiring, start: Start, fixes: Sequence[Fix]) -> dict[str, Any]:
    """The top-level keys that the config sets over its base, each with its value."""
    whole = resolved(base.resolved)
    variables, places = pipelines.edits(fixes, whole)
    mended = [edit for fix in fixes for edit in fix.edits]
    return child([*swap(base, probe, wiring, start), *variables, *mended, *places], whole)


def spelled_out(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a config's keys, with what they are in place of the names of others among them."""

    def out(value: Any) -> Any:
        if isinstance(value, Name):
            name, _, rest = value.partition(" + ")  # a variable, or one with a text behind it
            return out(values[name]) + ast.literal_eval(rest) if rest else out(values[name])
        if isinstance(value, Mapping):
            return {key: out(item) for key, item in value.items()}
        return type(value)(map(out, value)) if isinstance(value, list | tuple) else value

    return {key: out(value) for key, value in values.items()}


def head(base: Base, probe: Probe, wiring: Wiring, probed_on: str) -> list[str]:
    """Comment lines: what was swapped, with what, how it was probed."""
    stages = ", ".join(f"{link.stage.index} (/{link.stage.stride})" for link in wiring.links)
    lines = [
        f"{base.detector} with {probe.backbone} in place of {base.backbone}; stages {stages}",
        f"Written by bbwizard, probed at {probe.input[0]}x{probe.input[1]} {probed_on}",
    ]
    return [f"# {commented(text)}" for text in lines]


def warned(problems: Sequence[Problem], override: bool) -> list[str]:
    """Comment lines: the problems that it is written with, or that keep it from being written."""
    what = "WARNING: written against advice" if override else "NOT WRITTEN: it would not train"
    return [f"# {commented(f'{what}: {problem.text}')}" for problem in problems]


def commented(text: str) -> str:
    """A text as a comment on one line, in which neither Python nor mmcv finds a word for itself.

    Python takes `coding:` in the first two lines for the file's encoding, mmcv replaces `{{ fileDirname }}` anywhere.
    """
    return CODING.sub(r"\1 \2", " ".join(line(text).split())).replace("{{", "{ {")


def custom_imports(base: Base, kind: str) -> dict[str, Any] | None:
    """`custom_imports` united with the base's, since mmcv replaces lists whole; None where the base's will do.

    Whether an import may fail stays as the base has it, whose dict this one is merged into.
    """
    needed = IMPORTS.get(kind.partition(".")[0]) if "." in kind else None
    if needed is None or needed in base.custom_imports:
        return None
    own = base.custom_imports or resolved(base.resolved).at(("custom_imports",))
    strict = {} if own else {"allow_failed_imports": False}
    return {"imports": [*base.custom_imports, needed], **strict}


def swap(base: Base, probe: Probe, wiring: Wiring, start: Start) -> list[Edit]:
    """The edits that put the new backbone in the old one's place."""
    weights = [Edit(tuple(path), None) for path in base.neutralise]
    edits = [edit for edit in weights if edit.path[0] == "model"]
    edits.append(Edit(("model", "backbone"), backbone(probe, wiring, start), replace=True))
    edits += [Edit(("model", *change.path), change.contained) for change in wiring.changes]
    return edits + [edit for edit in weights if edit.path[0] != "model"]


def backbone(probe: Probe, wiring: Wiring, start: Start) -> dict[str, Any]:
    """The new backbone's keyword arguments."""
    config: dict[str, Any] = {"type": probe.type, **probe.config}
    if probe.select is not None:
        config[probe.select] = tuple(link.stage.index for link in wiring.links)
    return {**config, **start.config}


def changes_as_json(changes: Sequence[Change]) -> dict[str, list[int] | int]:
    """Dotted path to new value."""
    return {change.name: change.plain for change in changes}
