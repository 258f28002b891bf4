"""The text of a config that swaps the backbone: short, inheriting, only what must change. Pure."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from bbprobe.protocol import Base, Probe
from bbwizard.literals import assignment
from bbwizard.weights import Start
from bbwizard.wiring import Change, Wiring

IMPORTS = {"mmcls": "mmcls.models"}
"""What registers the classes of a scope that mmdet's own registries do not hold."""


def render(base: Base, probe: Probe, wiring: Wiring, start: Start, *, base_reference: str, probed_on: str) -> str:
    """The config's text, the same for the same decision.

    `base_reference` is what `_base_` says; `probed_on` names versions and device, for the head.
    """
    statements = [assignment("_base_", base_reference)]
    imports = custom_imports(base, probe.type)
    if imports is not None:
        statements.append(assignment("custom_imports", imports))
    statements.append(assignment("model", model(base, probe, wiring, start)))
    statements += [assignment(path[0], None) for path in base.neutralise if len(path) == 1]
    return "\n".join([*head(base, probe, wiring, probed_on), *statements]) + "\n"


def head(base: Base, probe: Probe, wiring: Wiring, probed_on: str) -> list[str]:
    """Two comment lines that say what was swapped, with what, probed on what; and the warnings that were overridden."""
    stages = ", ".join(f"{link.stage.index} (/{link.stage.stride})" for link in wiring.links)
    lines = [
        f"{base.detector} with {probe.backbone} in place of {base.backbone}; stages {stages}",
        f"Written by bbwizard, probed at {probe.input[0]}x{probe.input[1]} on {probed_on}",
    ]
    lines += [f"WARNING: written against advice: {problem.text}" for problem in wiring.problems]
    return ["# " + " ".join(line.split()) for line in lines]


def custom_imports(base: Base, kind: str) -> dict[str, Any] | None:
    """`custom_imports` united with the base's, since mmcv replaces lists whole; None where the base's will do."""
    needed = IMPORTS.get(kind.partition(".")[0]) if "." in kind else None
    if needed is None or needed in base.custom_imports:
        return None
    return {"imports": [*base.custom_imports, needed], "allow_failed_imports": False}


def model(base: Base, probe: Probe, wiring: Wiring, start: Start) -> dict[str, Any]:
    """The `model` of the child config."""
    tree: dict[str, Any] = {path[1]: None for path in base.neutralise if len(path) == 2 and path[0] == "model"}
    tree["backbone"] = backbone(probe, wiring, start)
    for key, whole in base.model_lists.items():
        if any(change.path[0] == key for change in wiring.changes):
            tree[key] = copy.deepcopy(whole)
    for change in wiring.changes:
        put(tree, change)
    return tree


def backbone(probe: Probe, wiring: Wiring, start: Start) -> dict[str, Any]:
    """The new backbone; `_delete_` keeps the old one's keys from leaking in."""
    config: dict[str, Any] = {"_delete_": True, "type": probe.type, **probe.config}
    if probe.select is not None:
        config[probe.select] = tuple(link.stage.index for link in wiring.links)
    return {**config, **start.config}


def put(tree: Any, change: Change) -> None:
    """Set one changed value, making the dicts on the way."""
    way, last = change.path[:-1], change.path[-1]
    for key in way:
        tree = tree.setdefault(key, {}) if isinstance(tree, dict) else tree[key]
    value = change.value
    tree[last] = list(value) if isinstance(value, tuple) and change.container == "list" else value


def changes_as_json(changes: Sequence[Change]) -> Mapping[str, list[int] | int]:
    """Dotted path to new value."""
    return {change.name: change.plain for change in changes}
