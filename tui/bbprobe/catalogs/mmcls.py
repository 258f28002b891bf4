"""The mmcls catalog: every backbone class of the installed mmcls, by the archs that the class itself knows."""

import inspect
from typing import Any, List

from mmcls.models import BACKBONES
from mmcls.models.backbones.base_backbone import BaseBackbone

from bbprobe.building import SELECTING, keywords
from bbprobe.catalogs.archs import archs
from bbprobe.catalogs.mmcls_weights import published
from bbprobe.catalogs.variations import Variation, labelled
from bbprobe.protocol import Entry

WRAPPERS = ("TIMMBackbone",)
"""No backbone of its own: the timm catalog writes it."""


def entries(task: Any) -> List[Entry]:
    """Every class with each of its archs, and those variations of them that weights were published for."""
    found = []
    registered = {name: cls for name, cls in sorted(BACKBONES.module_dict.items()) if is_backbone(cls)}
    trained = published(task, registered)
    for name, cls in registered.items():
        task.pause()
        if name not in WRAPPERS:
            found += entries_of(name, cls, trained.get(name, []))
    return found


def is_backbone(cls: Any) -> bool:
    """Whether a registered class is a backbone; heads and losses stand in the same registry."""
    if not inspect.isclass(cls) or inspect.isabstract(cls):
        return False
    return (
        issubclass(cls, BaseBackbone)
        or cls.__module__.startswith("mmcls.models.backbones.")
        or any(SELECTING.match(key) for key in keywords(cls))
    )


def entries_of(name: str, cls: type, trained: List[Variation]) -> List[Entry]:
    """One class: each arch as the class has it by default, and as weights were published for it.

    Where all of an arch's weights agree on other arguments than the defaults, these are the arch: it is how it was
    published, and the defaults would load nothing.
    """
    found = []
    for label, selecting in archs(cls):
        of_arch = [variation for variation in trained if variation.selecting == selecting]
        if len(of_arch) != 1 and not any(not variation.rest for variation in of_arch):
            of_arch.insert(0, Variation(selecting, {}, [], []))
        for suffix, variation in labelled(label, of_arch):
            found.append(
                Entry(
                    name="/".join(part for part in ("mmcls", name, suffix) if part),
                    source="mmcls",
                    type="mmcls." + name,
                    config=dict(variation.selecting, **variation.rest),
                    family="mmcls." + name,
                    weights=variation.weights,
                )
            )
    return found
