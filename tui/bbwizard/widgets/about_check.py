"""What a check showed, for the pane beside a written config."""

from __future__ import annotations

from textual.content import Content

from bbprobe.protocol import Check
from bbwizard import weights
from bbwizard.language import _, told
from bbwizard.widgets.phrases import BAD, caution, mark, pair
from bbwizard.widgets.text import size
from bbwizard.wording import numbers


def of_check(check: Check) -> list[Content]:
    """What building the config and training it a step showed."""
    if not check.ok:
        lines = [mark(False, _("check failed ({stage}): {error}").format(stage=check.stage, error=told(check.error)))]
    elif check.proved == "strides":
        lines = [mark(True, _("check passed as far as backbone, neck and strides"))]
    else:
        loss = "-" if check.loss is None else f"{check.loss:.4g}"
        lines = [mark(True, _("check passed: it trains a step, loss {loss}").format(loss=loss))]
    if check.ok and check.base_error:
        lines.append(caution(_("the untouched base fails here alike: {error}").format(error=told(check.base_error))))
    took = _("{seconds:.1f} s on {device}, peak {memory}") if check.peak_memory else _("{seconds:.1f} s on {device}")
    words = took.format(seconds=check.seconds, device=check.device, memory=size(check.peak_memory or 0))
    lines.append(pair(f"  {_('took')}", words))
    strides = check.strides
    if strides.expected or strides.found:
        same = not strides.expected or list(strides.expected) == list(strides.found)
        words = "{found}" if same else _("{found}, the head wants {expected}")
        words = words.format(found=numbers(strides.found), expected=numbers(strides.expected))
        lines.append(pair(f"  {_('strides')}", words, "" if same else BAD))
    if check.weights is not None:
        lines.append(pair(f"  {_('weights')}", told(weights.said(check.weights)), BAD if check.weights.error else ""))
    return lines
