"""Finds training environments and remembers which one was chosen."""

from bbwizard.environments.candidates import Candidate, choose, demanded, discover, find, named, told
from bbwizard.environments.checkout import Checkout, checkout
from bbwizard.environments.memory import (
    forget,
    made,
    mmdet_root,
    record_made,
    remember,
    remember_mmdet_root,
    remembered,
)

__all__ = [
    "Candidate",
    "Checkout",
    "checkout",
    "choose",
    "demanded",
    "discover",
    "find",
    "forget",
    "made",
    "mmdet_root",
    "named",
    "record_made",
    "remember",
    "remember_mmdet_root",
    "remembered",
    "told",
]
