"""The backbones that each library of this environment offers."""

import importlib
from typing import Any, List

from bbprobe.protocol import Entry, Refused

SOURCES = ("mmcls", "timm", "mmdet")


def catalog(task: Any, source: str) -> List[Entry]:
    """Every backbone that `source` ("mmcls", "timm" or "mmdet") offers, as it is installed here.

    Raises:
        Refused: there is no such source, or it is not installed.
    """
    if source not in SOURCES:
        raise Refused("no catalog {!r}: it is one of {}".format(source, ", ".join(SOURCES)))
    try:
        importlib.import_module(source)
    except ImportError as error:
        raise Refused("the catalog {} needs {}, which does not import: {}".format(source, source, error)) from error
    return importlib.import_module("bbprobe.catalogs." + source).entries(task)
