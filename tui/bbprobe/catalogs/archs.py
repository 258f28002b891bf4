"""The archs that a backbone class of mmcls knows, from the class itself."""

import ast
import re
from typing import Any, Dict, List, Tuple

from bbprobe.building import build, default, keywords

ARCH_KEYWORDS = ("arch", "depth")
"""The keywords by which mmcls classes take an arch, from their table `arch_zoo` or `arch_settings`."""

SELECTING_KEYWORDS = ARCH_KEYWORDS + ("widen_factor",)


def selecting(cls: type, config: Dict[str, Any]) -> Dict[str, Any]:
    """The part of a backbone's config that selects its arch, by the arch's longest name; empty for the default."""
    for key in ARCH_KEYWORDS:
        if key in config:
            names = {str(name).lower(): arch for name, arch in arch_names(cls).items()}
            return {key: names.get(str(config[key]).lower(), config[key])}
    width = config.get("widen_factor")
    return {} if width is None or width == default(cls, "widen_factor") else {"widen_factor": width}


def archs(cls: type) -> List[Tuple[str, Dict[str, Any]]]:
    """The archs of a class as (label, the arguments that select it); one without label where it has none."""
    for key in ARCH_KEYWORDS:
        names = arch_names(cls) if key in keywords(cls) else {}
        if names:
            return [(str(arch), {key: arch}) for arch in dict.fromkeys(names.values())]
    return [
        ("" if width is None else str(width), {} if width is None else {"widen_factor": width}) for width in widths(cls)
    ]


def arch_names(cls: type) -> Dict[Any, Any]:
    """Every arch that a class's table knows, to the longest of its names ("t" and "tiny" are one arch)."""
    table = getattr(cls, "arch_zoo", None) or getattr(cls, "arch_settings", None)
    if not isinstance(table, dict):
        return {}
    by_value = {}  # type: Dict[int, Any]
    for arch, settings in table.items():
        known = by_value.get(id(settings), arch)
        by_value[id(settings)] = max(known, arch, key=lambda name: len(str(name)))
    return {arch: by_value[id(settings)] for arch, settings in table.items()}


def widths(cls: type) -> List[Any]:
    """The widen factors that a class accepts where it accepts only some, the default as None and first.

    It is asked with one that no class can mean; those that take any number list none in their answer.
    """
    usual = default(cls, "widen_factor")
    if usual is None:
        return [None]
    try:
        build("mmcls." + cls.__name__, {"widen_factor": -1})
    except Exception as error:
        for listed in re.findall(r"\[[-\d., ]+\]", str(error)):
            values = ast.literal_eval(listed)
            if usual in values:
                return [None] + [value for value in values if value != usual]
    return [None]
