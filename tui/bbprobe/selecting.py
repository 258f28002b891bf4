"""Which indices a backbone's class really accepts, found by asking it, whatever its index base."""

from collections import namedtuple
from typing import Any, List, Optional, Tuple

from torch import nn

from bbprobe.candidate import Answer, Candidate, inner
from bbprobe.protocol import Refused

HIGHEST = 64
"""No backbone is asked for more maps than this."""

FIRST_GUESS = 8
"""Twice the usual number of stages: what is refused at once costs nothing."""

Selection = namedtuple("Selection", ["model", "select", "indices", "answer"])
"""A backbone built to output all it can: `select` is the keyword that takes `indices`, None where it has none."""


def selection(candidate: Candidate) -> Selection:
    """Everything that a backbone can output.

    Raises:
        Refused: it cannot be built, or takes no image.
    """
    for select in candidate.selects:
        found = ruled_by(candidate, select)
        if found is not None:
            return found
    model = candidate.build()
    answer = candidate.answer(model)
    return Selection(model, None, list(range(len(answer.shapes))), answer)


def ruled_by(candidate: Candidate, select: str) -> Optional[Selection]:
    """All that the keyword `select` can select, each index with one output; None where it does not rule the outputs."""
    model, indices, answer = widest(candidate, select)
    while indices:
        try:
            answer = answer or candidate.answer(model)
        except Refused:
            if len(indices) == 1 or not works_by_default(candidate):
                raise
            indices = indices[:-1]  # images are fine: the last index is not
            model = candidate.build(select, indices)
            continue
        if len(answer.shapes) == len(indices):
            return Selection(model, select, indices, answer)
        # Some classes accept indices that yield nothing. Did the others yield, and do they answer to `select` at all?
        indices = indices[: min(len(answer.shapes), len(indices) - 1)]
        fewer = indices[:-1]
        if fewer and len(candidate.answer(candidate.build(select, fewer)).shapes) != len(fewer):
            return None
        model, answer = candidate.build(select, indices), None
    return None


def widest(candidate: Candidate, select: str) -> Tuple[Optional[nn.Module], List[int], Optional[Answer]]:
    """The backbone built with the most indices that its class takes, these, and what it answered where it was asked.

    No model and no indices where the class takes not even index 0.
    """
    if candidate.declares:
        model = candidate.build()
        info = getattr(inner(model), "feature_info", None)
        if hasattr(info, "info") and hasattr(info, "out_indices"):
            return declared(candidate, select, model, info) + (None,)
    best, accepted, refused, guess, answer = None, 0, HIGHEST + 1, FIRST_GUESS, None
    while refused - accepted > 1:
        try:
            best, answer = candidate.build(select, range(guess)), None
            accepted = guess
            if guess >= FIRST_GUESS:  # perhaps it takes any index
                answer = candidate.answer(best)
                if len(answer.shapes) < guess:
                    break
        except Refused:
            if accepted != guess:
                refused = guess
        guess = min(2 * accepted, HIGHEST) if refused > HIGHEST else (accepted + refused) // 2
    return best, list(range(accepted)), answer


def declared(candidate: Candidate, select: str, model: nn.Module, info: Any) -> Tuple[nn.Module, List[int]]:
    """The backbone built with every index of timm's feature info, which `model` has by default in part or whole.

    What comes out is counted afterwards anyway, and models that declare a first map they cannot give leave it out by
    default (TResNet of timm 0.6).
    """
    usual, all_of_them = list(info.out_indices), list(range(len(info.info)))
    if usual != all_of_them:
        try:
            return candidate.build(select, all_of_them), all_of_them
        except Refused:
            pass
    return model, usual


def works_by_default(candidate: Candidate) -> bool:
    """Whether it takes an image at all, its maps not selected."""
    try:
        candidate.answer(candidate.build())
    except Refused:
        return False
    return True
