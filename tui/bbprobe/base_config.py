"""Base configs: which there are, and what each needs from its backbone."""

import importlib.util
import os
import re
from typing import Any, Dict, Iterator, List, Tuple

from bbprobe.loading import absolute
from bbprobe.protocol import Base, BaseName, Refused

MODEL = re.compile(r"^model\s*=", re.MULTILINE)
INHERITED = re.compile(r"^_base_\s*=\s*(\[[^\]]*\]|[^\n]*)", re.MULTILINE)
QUOTED = re.compile(r"""['"]([^'"]+\.py)['"]""")


def bases(task: Any, roots: List[str]) -> List[BaseName]:
    """The concrete configs of the installed mmdet and below each folder in `roots`, by name; no config is run.

    Where a root holds one of the same name, that one counts.
    """
    named: Dict[str, BaseName] = {}
    for folder, origin in packaged() + [(absolute(root), "checkout") for root in roots]:
        texts: Dict[str, bool] = {}
        for path in config_files(folder):
            task.pause()
            if has_model(path, texts):
                name = os.path.relpath(path, folder).replace(os.sep, "/")
                named[name] = BaseName(name, path, origin)
    return [named[name] for name in sorted(named)]


def packaged() -> List[Tuple[str, str]]:
    """The folder of configs that the installed mmdet carries, found without importing it."""
    spec = importlib.util.find_spec("mmdet")
    for place in (spec.submodule_search_locations or []) if spec else []:
        carried = os.path.join(place, ".mim", "configs")
        beside = os.path.join(os.path.dirname(place), "configs")  # `pip install -e` of a checkout
        if os.path.isdir(carried):
            return [(carried, "mmdet")]
        if os.path.isdir(os.path.join(beside, "_base_")):
            return [(beside, "mmdet")]
    return []


def config_files(folder: str) -> Iterator[str]:
    """The Python files below `folder` that lie in no `_base_`."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in ("_base_", "__pycache__") and name[0] != ".")
        for name in sorted(files):
            if name.endswith(".py"):
                yield os.path.join(place, name)


def has_model(path: str, known: Dict[str, bool]) -> bool:
    """Whether a config file or one that it inherits from assigns `model`; `configs/common` holds some that do not."""
    path = os.path.normpath(path)
    if path not in known:
        known[path] = False  # a file that inherits from itself ends here
        try:
            with open(path, encoding="utf-8", errors="replace") as file:
                text = file.read()
        except OSError:
            return False
        computed = INHERITED.search(text) is not None and not named_bases(text, path)
        known[path] = bool(MODEL.search(text)) or computed
        known[path] = known[path] or any(has_model(parent, known) for parent in named_bases(text, path))
    return known[path]


def named_bases(text: str, path: str) -> List[str]:
    """The files that the text of the config at `path` names in `_base_`, where it names them as they are."""
    inherited = INHERITED.search(text)
    named = QUOTED.findall(inherited.group(1)) if inherited else []
    return [os.path.normpath(os.path.join(os.path.dirname(path), name)) for name in named]


def base(task: Any, path: str) -> Base:
    """What the config at `path`, a file or the name of a packaged one, needs from its backbone.

    Raises:
        Refused: there is no such config, or it does not load, with file, line and error.
    """
    from bbprobe import needs  # listing configs must not wait for torch

    name, file = find(path)
    return needs.needs(task, name, file)


def find(path: str) -> Tuple[str, str]:
    """The name that users give a config, and its file.

    Raises:
        Refused: there is no such file.
    """
    file = absolute(path)
    if not os.path.isfile(file):
        candidates = [os.path.join(folder, path) for folder, _ in packaged()]
        file = next((candidate for candidate in candidates if os.path.isfile(candidate)), "")
    if not file:
        raise Refused("no config {!r}: it is neither a file nor one of the installed mmdet's configs".format(path))
    folder = os.path.dirname(file)
    while os.path.dirname(folder) != folder:
        if os.path.basename(folder) == "configs" and os.path.isdir(os.path.join(folder, "_base_")):
            return os.path.relpath(file, folder).replace(os.sep, "/"), file
        folder = os.path.dirname(folder)
    return path, file
