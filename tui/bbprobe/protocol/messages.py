"""The messages of the pipe: JSON-RPC 2.0, one object a line, UTF-8. Both halves import this module.

The facts that travel are the dataclasses beside this module. The probing half makes them and sends them as plain
data; the terminal half reads them back, checked, with `bbwizard.probe`. Shapes are `(height, width)` in pixels, strides
are input pixels per map pixel, memory is bytes, time is seconds.
"""

import dataclasses
import json
from typing import Any, Dict, Union

VERSION = 1

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
REFUSED = -32000
"""The request was understood and cannot be met; the message says why in one sentence."""
CANCELLED = -32001
"""The asker no longer wants the answer."""
OUT_OF_MEMORY = -32002
"""The device, or the host, has not enough memory for it."""
BUSY = -32003
"""Others are using the device; the message says how much of it."""

CANCEL = "$/cancel"
"""Notification to the probing half: `{"id": request}` is no longer wanted."""
PROGRESS = "$/progress"
"""Notification from the probing half: `{"id": request, "text": ..., "done": n, "total": m}`."""
PARTIAL = "$/partial"
"""Notification from the probing half: `{"id": request, "result": ...}`, the answer as far as it is known."""

Stride = Union[int, float]


class Refused(Exception):
    """The request was understood and cannot be met; the message says why in one sentence."""


class Busy(Refused):
    """Others are using the device; the message says how much of it."""


class Cancelled(Exception):
    """The asker no longer wants the answer."""


def dump(message: Dict[str, Any]) -> bytes:
    """One message as one line; a file name that is no UTF-8 stays what it is, in Python's own escape for it.

    Raises:
        TypeError, ValueError, RecursionError: something in it is no JSON.
    """
    text = json.dumps(message, ensure_ascii=False, allow_nan=False, default=plain)
    return text.encode("utf-8", "surrogatepass") + b"\n"


def load(line: bytes) -> Any:
    """What one line says.

    Raises:
        ValueError: it is no JSON, or nested beyond reason.
    """
    try:
        return json.loads(line.decode("utf-8", "surrogatepass"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def plain(value: Any) -> Any:
    """A fact as plain JSON data, for `json.dumps(default=...)`.

    Raises:
        TypeError: the value is no fact.
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
    raise TypeError("{} is not a fact".format(type(value).__name__))
