"""Printing a config as training does before its first step, which mmcv cannot do with every text."""

import os
from typing import Any, Iterator, Tuple

from bbprobe import loading
from bbprobe.protocol import Refused
from bbprobe.words import in_words

WORK_DIRS = "./work_dirs"
"""Where mmdet's `tools/train.py` has a training's folder, by the name of its config, where none is said."""


def prove(config: Any, path: str) -> None:
    """Print the `mmcv.Config` of the file at `path`, with the folder that its training would have.

    mmcv puts texts between single quotes as they are (`Config.pretty_text`), and then reads what it made as Python.

    Raises:
        Refused: it cannot be printed, with the texts that are in the way.
    """
    from mmcv import Config

    values = loading.plain(config._cfg_dict)
    if values.get("work_dir") is None:
        values["work_dir"] = os.path.join(WORK_DIRS, os.path.splitext(os.path.basename(path))[0])
    try:
        Config(values).pretty_text  # noqa: B018
    except Exception as error:
        culprits = ["{}={!r}".format(".".join(map(str, place)), text) for place, text in breaking(values)]
        remedy = "; rename it without quotes and line breaks: {}".format(", ".join(culprits)) if culprits else ""
        text = "{}: training prints its config, and mmcv cannot: {}{}"
        raise Refused(text.format(path, in_words(error), remedy)) from error


def breaking(values: Any) -> Iterator[Tuple[loading.Path, str]]:
    """Texts that end before their end where they stand between single quotes, and where they are."""
    for path, found in loading.dicts(values):
        for key, value in found.items():
            if isinstance(value, str) and ("'" in value or "\n" in value or value.endswith("\\")):
                yield path + (key,), value
