"""Fewer regions for a detector's second stage: they decide how long a step takes, and nothing about what is wired."""

from typing import Any

from bbprobe import loading

SAMPLED = 64
"""How many are sampled of an image to train on, where the config samples more (usual: 512)."""
PROPOSED = 100
"""How many are proposed or found in an image, where the config keeps more (usual: 1000)."""


def fewer(model: Any) -> None:
    """Cut the numbers of regions in the config of a detector, in place.

    The keys are mmdet's: `num` beside `pos_fraction` is a sampler's, `max_per_img` stands in `rpn_proposal`, `rpn` and
    `rcnn` (`mmdet/core/bbox/samplers`, `mmdet/models/dense_heads/rpn_head.py`).
    """
    for _, found in loading.dicts(model):
        for key, most, applies in (("num", SAMPLED, "pos_fraction" in found), ("max_per_img", PROPOSED, True)):
            if applies and isinstance(found.get(key), int) and found[key] > most:
                found[key] = most
