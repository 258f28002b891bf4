"""What may hurt a training that starts: each rule looks at one situation and yields what it finds. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from bbwizard.findings import Finding
from bbwizard.rules import (
    batch_size,
    data,
    freezing,
    gradient,
    hooks,
    loading,
    normalisation,
    optimizer,
    own_data,
    padding,
    sides,
    swap,
    sync_bn,
    teacher,
)
from bbwizard.rules.situation import Situation

Rule = Callable[[Situation], Iterable[Finding]]

RULES: Final[tuple[Rule, ...]] = (
    swap.overridden,
    own_data.own_data,
    teacher.misplaced,
    loading.loaded,
    normalisation.normalisation,
    gradient.gradient,
    sync_bn.sync_bn,
    optimizer.layer_decay,
    padding.padding,
    sides.sides,
    hooks.rf_next,
    hooks.class_check,
    freezing.freezing,
    freezing.frozen_random,
    freezing.eval_random,
    freezing.tiny_batch,
    optimizer.adamw,
    optimizer.custom_keys,
    batch_size.batch_size,
    data.data_missing,
    swap.lost,
    swap.from_scratch,
    teacher.teacher,
    swap.cured,
)
"""In the order in which a user reads their findings."""
