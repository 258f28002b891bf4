"""Keyword arguments that make a backbone of use to a detector, where its class takes them.

A cure is found by its keyword in the signature, never by a model's name.
"""

from typing import Any, Dict, List, Sequence

from bbprobe.building import default, keywords
from bbprobe.protocol import Cure, Refused

ALWAYS = (
    (Cure("gap_before_final_norm", False, "by default it averages every map into one vector"),),
    (Cure("reshape_last_feat", True, "by default its last map leaves flattened"),),
    (Cure("output_cls_token", False, "by default a class token comes with every map"),),
    (Cure("pad_small_map", True, "by default it refuses maps smaller than its window"),),
    (
        Cure("strict_img_size", False, "by default it accepts one image size only"),
        Cure("dynamic_img_size", True, "by default it accepts one image size only"),
    ),
    (Cure("dynamic_img_pad", True, "by default it refuses image sides that its patches do not divide"),),
)
"""What a detector never wants otherwise, alternatives together: mmcls ConvNeXt, HorNet, EfficientFormer, ViT, Swin;
timm Swin and ViT."""

WHEN_CHANNELS_LAST = ((Cure("feature_cls", "getter", "by default its maps leave channels last (NHWC)"),),)
"""What is tried against NHWC maps. timm's `features_only` takes it: its older versions ignore or refuse it."""


WELDED = {
    "trident_dilations": "while training it hands on every image once for each of its branches, "
    "which only TridentNet's own head expects"
}
"""Keywords of classes that only one detector can use, and why: mmdet's `TridentResNet` (`trident_resnet.py`)."""


def applicable(offered: Sequence[Sequence[Cure]], takes: Dict[str, Any], config: Dict[str, Any]) -> List[Cure]:
    """Of each group of alternatives the first whose keyword the class `takes` (with its defaults), where that changes
    anything in `config`."""
    found = []
    for alternatives in offered:
        known = [cure for cure in alternatives if cure.key in takes]
        if known and known[0].key not in config and takes[known[0].key] != known[0].value:
            found.append(known[0])
    return found


def taken(cls: type, config: Dict[str, Any]) -> Dict[str, Any]:
    """Keyword arguments that a backbone of class `cls` takes under `config`, and their defaults.

    `mmcls.TIMMBackbone` hands on what it does not know to timm's own class.

    Raises:
        Refused: the installed timm gives no features of that model.
    """
    found = {key: default(cls, key) for key in keywords(cls)}
    if "model_name" in config and "model_name" in found:
        from bbprobe.catalogs.timm import implementation

        made_by = implementation(config["model_name"])
        if made_by.cls is not None:
            found.update((key, default(made_by.cls, key)) for key in keywords(made_by.cls))
        if config.get("features_only"):
            if made_by.refusal:
                raise Refused(made_by.refusal)
            found.update(out_indices=None, feature_cls=None)
    return found
