"""The sizes of the images that pipelines make, what a backbone is asked about them, and what follows for a config."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from facts import ENTRY, RETINANET, SHUFFLENET

from bbwizard.findings import Steps
from bbwizard.image_sizes import Images, Shown, Size, made, shown, uneven
from bbwizard.plan import Plan, make
from bbwizard.recipe import Recipe
from bbwizard.resolved import resolved

NORMALIZE = {"type": "Normalize", "mean": [0, 0, 0], "std": [1, 1, 1]}
FORMAT = {"type": "DefaultFormatBundle"}


def resize(*scale: int, keep_ratio: bool = True) -> dict[str, Any]:
    return {"type": "Resize", "img_scale": scale, "keep_ratio": keep_ratio}


def pad(divisor: int) -> dict[str, Any]:
    return {"type": "Pad", "size_divisor": divisor}


def within(*steps: dict[str, Any], scale: Any) -> dict[str, Any]:
    return {"type": "MultiScaleFlipAug", "img_scale": scale, "flip": False, "transforms": list(steps)}


CROP = {"type": "RandomCenterCropPad", "crop_size": [512, 512], "test_mode": False}
CENTERNET = {**CROP, "test_mode": True, "test_pad_mode": ["logical_or", 31], "test_pad_add_pix": 1}
SQUARE = {"type": "Pad", "pad_to_square": True}


@pytest.mark.parametrize(
    ("steps", "left"),
    [
        ([resize(1333, 800)], Images()),
        ([resize(1333, 800), pad(32)], Images(divisor=32)),
        ([resize(500, 300, keep_ratio=False)], Images(size=(300, 500))),
        ([resize(550, 550, keep_ratio=False), pad(32)], Images(size=(576, 576))),
        ([{"type": "Resize", "img_scale": [[480, 1333], [512, 1333]]}], Images()),
        ([within({"type": "Resize", "keep_ratio": False}, scale=[300, 300])], Images(size=(300, 300))),
        ([within({"type": "Resize"}, pad(1), scale=[1333, 800])], Images()),
        ([resize(640, 640), SQUARE], Images(size=(640, 640))),
        ([resize(1333, 800), SQUARE], Images()),
        ([resize(320, 320, keep_ratio=False), {"type": "RandomCrop", "crop_size": [256, 256]}], Images()),
        (
            [{"type": "RandomCrop", "crop_size": [1024, 1024]}, {"type": "Pad", "size": [1024, 1024]}],
            Images((1024, 1024)),
        ),
        ([{**resize(512, 512, keep_ratio=False), "ratio_range": [0.1, 2.0]}], Images()),
        ([resize(300, 300, keep_ratio=False), {"type": "Albu", "transforms": [resize(9, 9)]}], Images((300, 300))),
        ([CROP, resize(512, 512)], Images(size=(512, 512), longest=512)),
        ([CENTERNET], Images(divisor=32)),
        ([{"type": "AutoAugment", "policies": [[resize(640, 640)], [resize(1333, 800)]]}], Images()),
        ([resize(300, 300, keep_ratio=False), {"type": "AutoAugment", "policies": [[NORMALIZE]]}], Images((300, 300))),
    ],
)
def test_what_transforms_make_of_an_images_size(steps: Steps, left: Images) -> None:
    assert made(steps) == left


def test_uneven_images_are_multiples_of_one_number_alone() -> None:
    for divisor in (1, 2, 4, 8, 16, 32, 64, 128):
        assert [math.gcd(side, divisor * 2 * 3 * 5 * 7) for side in uneven(divisor)] == [divisor, divisor]


def base(*steps: dict[str, Any]) -> Any:
    """RetinaNet with this pipeline, which makes tensors at its end."""
    return replace(RETINANET, resolved=repr({"data": {"train": {"pipeline": [*steps, FORMAT]}}}))


def planned(config: Any, said: Shown, **recipe: Any) -> Plan:
    return make(Recipe(base=config.name, backbone=ENTRY.name, **recipe), config, ENTRY, SHUFFLENET, shown=said)


def asked(config: Any, taken: int) -> tuple[list[Size], Shown]:
    """The sizes that a backbone is asked for which takes multiples of `taken`, and what is known of it then."""
    told: dict[Size, str] = {}
    while not isinstance(found := shown(resolved(config.resolved), told.get), Shown):
        told[found] = f"it refuses {found[0]}x{found[1]} images" if any(side % taken for side in found) else ""
    return list(told), found


def test_nobody_is_asked_about_the_images_that_most_detectors_make() -> None:
    for steps in ([resize(1333, 800), pad(32)], [resize(512, 512, keep_ratio=False)]):
        assert asked(base(*steps), 32) == ([], Shown())


def test_the_least_sides_that_it_takes_are_found_by_doubling() -> None:
    assert asked(base(resize(1333, 800), pad(1)), 1) == ([(251, 337)], Shown())
    sizes, found = asked(base(resize(1333, 800)), 8)
    assert sizes == [uneven(1), uneven(2), uneven(4), uneven(8)]
    assert (found.divisor, found.refusal) == (8, "it refuses 251x337 images")
    assert asked(base(resize(1333, 800)), 48)[1].divisor == 0


def test_images_of_one_size_are_asked_about_at_that_size_alone() -> None:
    assert asked(base(resize(300, 300, keep_ratio=False)), 4) == ([(300, 300)], Shown())
    sizes, found = asked(base(resize(300, 300, keep_ratio=False)), 32)
    assert (sizes, found.refused) == ([(300, 300)], ("it refuses 300x300 images",))


@pytest.mark.parametrize(
    ("steps", "new"),
    [
        ([resize(1333, 800), NORMALIZE, pad(1)], [resize(1333, 800), NORMALIZE, pad(32), FORMAT]),
        ([resize(1333, 800), NORMALIZE], [resize(1333, 800), NORMALIZE, pad(32), FORMAT]),
        ([resize(1333, 800), NORMALIZE, pad(20)], [resize(1333, 800), NORMALIZE, pad(160), FORMAT]),
        ([resize(1333, 800), NORMALIZE, pad(64)], None),
        ([resize(512, 512, keep_ratio=False), NORMALIZE], None),
    ],
)
def test_images_are_padded_to_what_the_backbone_takes(steps: Steps, new: Steps | None) -> None:
    plan = planned(base(*steps), Shown(32, "it refuses 251x337 images"))
    found = [finding for finding in plan.findings if finding.code == "pad-sides"]
    assert bool(found) == (new is not None) and all(finding.taken for finding in found)
    assert plan.settings.get("train_pipeline") == new
    left = planned(base(*steps), Shown(32, "it refuses 251x337 images"), leave=("pad-sides",))
    assert "train_pipeline" not in left.settings


def test_what_refuses_images_of_one_size_is_not_written_unless_the_user_says_so() -> None:
    config = base(resize(300, 300, keep_ratio=False))
    plan = planned(config, Shown(refused=("it refuses 300x300 images",)))
    assert not plan.wired
    assert [problem.code for problem in plan.wiring.problems] == ["image-size"]
    assert config.name in plan.wiring.problems[0].text
    assert planned(config, Shown(refused=("no",)), override=True).writable
    assert not planned(config, Shown(0, "it refuses 251x337 images")).wired
