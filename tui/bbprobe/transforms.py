"""The data pipelines of a config, their transforms built as training builds them, without any data."""

import copy
import re
import sys
from typing import Any, Iterator, List, Tuple

from bbprobe import loading
from bbprobe.data_files import ROLES
from bbprobe.installed import MODULES, version_of
from bbprobe.mending import Mends
from bbprobe.protocol import Refused
from bbprobe.words import in_words

WANTED = (
    re.compile(r"pip install ([^\s\"'`]+)"),
    re.compile(r"([\w-]+) is not installed"),
    re.compile(r"No module named '(\w+)"),
)
"""How a transform says which library it lacks, the surest first."""


class Unbuilt(Refused):
    """Transforms that cannot be built; `words` say which and why, wherever in a config they stand."""

    def __init__(self, broken: List[Tuple[str, str]]) -> None:
        first = {words: place for place, words in reversed(broken)}
        told = ["{}: {}; {}".format(place, words, remedy(words)) for words, place in reversed(list(first.items()))]
        super().__init__("; and ".join(told))
        self.words = "; ".join(sorted(first))


def build(config: Any) -> None:
    """Build every transform of the data sets of `config`, wrapped ones and their wrappers' included.

    Raises:
        Unbuilt: some cannot be.
    """
    from mmcv.utils import build_from_cfg
    from mmdet.datasets import PIPELINES

    broken = []
    for place, step in transforms(config):
        try:
            build_from_cfg(copy.deepcopy(step), PIPELINES)
        except Exception as error:
            broken.append((place, in_words(error)))
    if broken:
        raise Unbuilt(broken)


def transforms(config: Any) -> Iterator[Tuple[str, Any]]:
    """Every transform of every pipeline with the place of its pipeline, such as "data.train.dataset.pipeline"."""
    for role in ROLES:
        for path, found in loading.dicts((config.get("data") or {}).get(role), ("data", role)):
            if isinstance(found.get("pipeline"), (list, tuple)):
                for step in found["pipeline"]:
                    if not callable(step):
                        yield ".".join(map(str, path + ("pipeline",))), step


def remedy(words: str) -> str:
    """What to do about a transform that failed with `words`: the line that installs what it lacks, where it says so."""
    for pattern in WANTED:
        lacking = pattern.search(words)
        if lacking:
            mends = Mends(sys.executable, sys.version_info[:2], {name: version_of(name) for name in MODULES})
            return mends.pip([lacking.group(1).rstrip(".,")])
    return "mend that transform, or leave it out of the pipeline"
