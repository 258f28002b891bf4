"""Which numbers of a detector's config a check cuts, and which it leaves."""

from __future__ import annotations

from bbprobe.regions import PROPOSED, SAMPLED, fewer


def test_samplers_and_proposals_are_cut_and_nothing_else() -> None:
    sampler = {"type": "RandomSampler", "num": 512, "pos_fraction": 0.25}
    few, rpn = {**sampler, "num": 16}, {"nms_pre": 2000, "max_per_img": 1000}
    model = {
        "train_cfg": {"rcnn": [{"sampler": sampler}, {"sampler": few}]},
        "test_cfg": {"rpn": rpn, "rcnn": {"max_per_img": 50}},
        "bbox_head": {"num": 5000, "num_query": 300},
    }
    fewer(model)
    assert model == {
        "train_cfg": {"rcnn": [{"sampler": {**sampler, "num": SAMPLED}}, {"sampler": few}]},
        "test_cfg": {"rpn": {"nms_pre": 2000, "max_per_img": PROPOSED}, "rcnn": {"max_per_img": 50}},
        "bbox_head": {"num": 5000, "num_query": 300},
    }
    fewer(None)
