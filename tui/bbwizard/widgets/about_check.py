"""What a check showed, for the pane beside a written config."""

from __future__ import annotations

from textual.content import Content

from bbprobe.protocol import Check
from bbwizard import weights
from bbwizard.widgets.phrases import BAD, caution, mark, pair
from bbwizard.widgets.text import numbers, size


def of_check(check: Check) -> list[Content]:
    """What building the config and training it a step showed."""
    if not check.ok:
        lines = [mark(False, f"check failed ({check.stage}): {check.error}")]
    elif check.proved == "strides":
        lines = [
            mark(True, "check passed as far as backbone, neck and strides"),
            caution(f"the untouched base fails here alike: {check.base_error}"),
        ]
    else:
        loss = "-" if check.loss is None else f"{check.loss:.4g}"
        lines = [mark(True, f"check passed: it trains a step, loss {loss}")]
    memory = f", peak {size(check.peak_memory)}" if check.peak_memory else ""
    lines.append(pair("  took", f"{check.seconds:.1f} s on {check.device}{memory}"))
    strides = check.strides
    if strides.expected or strides.found:
        same = list(strides.expected) == list(strides.found)
        words = numbers(strides.found) + ("" if same else f", the head wants {numbers(strides.expected)}")
        lines.append(pair("  strides", words, "" if same or not strides.expected else BAD))
    if check.weights is not None:
        lines.append(pair("  weights", weights.said(check.weights), BAD if check.weights.error else ""))
    return lines
