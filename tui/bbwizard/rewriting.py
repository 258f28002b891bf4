"""Says something else under one key of a preset's text; comments, order and all other keys stay as they are. Pure."""

from __future__ import annotations

from typing import Any

import yaml

from bbwizard.presets import Preset, dump, parse
from bbwizard.yaml_text import as_yaml


def rewritten(text: str, name: str, key: str, value: Any) -> str:
    """A preset's text with `value` for one key at its top, without the key where the value is empty.

    Raises:
        PresetError: the text is no preset, or would be none any more.
    """
    before = parse(text, name)
    line = as_yaml({key: value}) if value else ""
    tree = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(tree, yaml.MappingNode) or tree.flow_style:
        return whole(before, key, value)
    start = end = None
    for known, node in tree.value:
        if known.value == key:
            start, end = known.start_mark.index, behind(text, node)
    if start is None or end is None:
        head, separator, rest = text, "" if text.endswith("\n") else "\n", ""
    else:
        head, separator, rest = text[:start], "", text[end:]
    changed = head + separator + line + rest
    parse(changed, name)
    return changed


def behind(text: str, node: yaml.Node) -> int:
    """The index behind the last line of a value; a block's own end lies behind the comments that follow it."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(last, tuple) else last
    end = int(node.end_mark.index)
    if text[end - 1 : end] == "\n":
        return end
    newline = text.find("\n", end)
    return len(text) if newline < 0 else newline + 1


def whole(preset: Preset, key: str, value: Any) -> str:
    """The preset written anew: its text is on one line, where no key has a line of its own."""
    said = {"tags": preset.tags, "note": preset.note, key: value}
    text = dump(preset.recipe, tags=said["tags"] or (), note=said["note"] or "", versions=preset.made_with)
    parse(text, "preset")
    return text
