"""What a child config must say so that its base, merged with it, has the values wanted. Pure.

mmcv merges dicts key by key and replaces lists whole (`Config._merge_a_into_b`): a value inside a list is written with
the whole list around it, and a dict that must not be merged carries `_delete_`.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from bbwizard.findings import Edit
from bbwizard.resolved import Resolved


def child(edits: Iterable[Edit], base: Resolved) -> dict[str, Any]:
    """The top-level keys of the child config, each with its value; later edits go before earlier ones."""
    tree: dict[str, Any] = {}
    for edit in edits:
        put(tree, edit, base)
    return tree


def put(tree: dict[str, Any], edit: Edit, base: Resolved) -> None:
    """Set one value, with the dicts and whole lists on the way to it."""
    holder: Any = tree
    inherited = True  # the holder is merged into the base's; inside a copied list it stands for itself
    for depth, key in enumerate(edit.path[:-1]):
        here, following = edit.path[: depth + 1], edit.path[depth + 1]
        if key >= len(holder) if isinstance(key, int) else not inherited and key not in holder:
            return  # an earlier edit has cut the list short, or replaced the dict: there is nothing left to set
        if inherited and key not in holder:
            holder[key] = copy.deepcopy(base.at(here)) if isinstance(following, int) else {}
        inherited = inherited and not isinstance(following, int) and "_delete_" not in holder[key]
        holder = holder[key]
    last, value = edit.path[-1], copy.deepcopy(edit.value)
    if edit.replace and inherited and isinstance(value, dict) and isinstance(base.at(edit.path), dict):
        value = {"_delete_": True, **value}
    held = holder.get(last) if isinstance(holder, dict) else holder[last]
    if isinstance(value, dict) and not edit.replace and isinstance(held, dict):
        held.update(value)
    else:
        holder[last] = value
