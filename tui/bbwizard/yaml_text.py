"""YAML that a person wrote, or is to read: told apart from what would fill the memory, with the line of every fault."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import yaml

from bbwizard.errors import PresetError

DEEPEST: Final = 8
"""Lists and mappings inside one another; a preset has three."""
BREAKS: Final = frozenset("\x85\u2028\u2029")
"""What YAML takes for the end of a line beside a line feed."""
MOST: Final = 100_000
"""Characters of a preset; one that names everything has a thousand."""


def as_yaml(document: Mapping[str, Any]) -> str:
    """Keys and values as a preset's text has them."""
    return yaml.dump(document, Dumper=Lines, sort_keys=False, allow_unicode=True, width=100)


class Lines(yaml.SafeDumper):
    """Writes innermost mappings and lists on one line, which is how a person would."""


def _flow_innermost(dumper: yaml.SafeDumper, value: Mapping[str, Any]) -> yaml.Node:
    flow = "index" in value
    return dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=flow)


def _quoted(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    # Other signs that YAML takes for an end of line would be folded away by single quotes.
    style = '"' if BREAKS.intersection(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


Lines.add_representer(dict, _flow_innermost)
Lines.add_representer(str, _quoted)


def read(text: str, name: str, hint: str) -> tuple[Any, yaml.Node | None]:
    """What a text holds, and its tree, whose nodes know their lines; `name` and `hint` are for the words of a fault.

    Raises:
        PresetError: it is not plain YAML, or would fill the memory.
    """
    if len(text) > MOST:
        raise PresetError(f"{name}: it is longer than {MOST:,} characters")
    try:
        refuse_bombs(text, name, hint)
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark is not None else 1
        raise PresetError(f"{name}, line {line}: {error.problem or 'not YAML'}", "mend the YAML there") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise PresetError(f"{name}: not YAML: {' '.join(str(error).split())}") from error
    return data, tree


def refuse_bombs(text: str, name: str, hint: str) -> None:
    """Refuse YAML that repeats parts of itself by reference, or is nested: reading it takes memory, or hours.

    Raises:
        PresetError: with the line.
    """
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        where = f"{name}, line {event.start_mark.line + 1 if event.start_mark is not None else 1}"
        if isinstance(event, yaml.AliasEvent):
            raise PresetError(f"{where}: *{event.anchor} is an alias", "write the value itself there")
        if depth > DEEPEST:
            raise PresetError(f"{where}: it is nested too deeply", hint)


def line_of(tree: yaml.Node | None, what: str, where: str) -> int:
    """The line (from 1) of the node at a path such as `$.stages[0].index`, or of the unknown key that `what` names."""
    node = tree
    for key, number in re.findall(r"\.(\w+)|\[(\d+)\]", where):
        inner = child(node, key, number)
        if inner is None:
            break
        node = inner
    unknown = re.search(r"unknown field `(.*)`", what)
    if unknown and isinstance(node, yaml.MappingNode):
        node = next((key for key, _ in node.value if getattr(key, "value", None) == unknown[1]), node)
    return node.start_mark.line + 1 if node is not None else 1


def child(node: yaml.Node | None, key: str, number: str) -> yaml.Node | None:
    """The part of a YAML node that one step of a path names."""
    if isinstance(node, yaml.MappingNode) and key:
        return next((value for name, value in node.value if getattr(name, "value", None) == key), None)
    if isinstance(node, yaml.SequenceNode) and number and int(number) < len(node.value):
        found: yaml.Node = node.value[int(number)]
        return found
    return None
