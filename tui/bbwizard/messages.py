"""The messages of the pipe as the terminal half writes and reads them: no line, whatever stands on it, raises. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from bbprobe import protocol
from bbwizard.errors import ProbeBusy, ProbeCancelled, ProbeError, ProbeOutOfMemory, ProbeRefused

OPENING: Final = b'{"jsonrpc"'
"""How a message begins, also where something was printed before it on its line."""

ERRORS: Final[Mapping[int, type[ProbeError]]] = {
    protocol.REFUSED: ProbeRefused,
    protocol.CANCELLED: ProbeCancelled,
    protocol.OUT_OF_MEMORY: ProbeOutOfMemory,
    protocol.BUSY: ProbeBusy,
}


@dataclass(frozen=True)
class Answered:
    """The answer to a request, or why there is none."""

    id: int
    result: Any
    error: ProbeError | None = None


class Told(msgspec.Struct, frozen=True):
    """How far a request is, in words and numbers; `partial`: the answer as far as it is known, in `result`."""

    id: int
    text: str = ""
    done: int = 0
    total: int = 0
    result: Any = None
    partial: bool = False


def read(line: bytes) -> Answered | Told | None:
    """What a line of the probing half says; None for what is none of its messages.

    A launch prefix may print words of its own on the pipe (a banner, a module system), on a line of theirs or not.
    """
    try:
        message = protocol.load(line[max(0, line.find(OPENING)) :])
        if isinstance(message, dict) and "method" in message:
            said = msgspec.convert(message.get("params"), Told)
            return msgspec.structs.replace(said, partial=message["method"] == protocol.PARTIAL)
    except (ValueError, RecursionError, msgspec.ValidationError):
        return None
    number = message.get("id") if isinstance(message, dict) else None
    if type(number) is not int:
        return None
    told = message.get("error")
    return Answered(number, message.get("result"), None if told is None else failure(told))


def failure(told: Any) -> ProbeError:
    """The error of an answer, in whatever form it came."""
    error = told if isinstance(told, dict) else {}
    code, data = error.get("code"), error.get("data")
    kind = ERRORS.get(code, ProbeError) if isinstance(code, int) else ProbeError
    trace = data.get("traceback", "") if isinstance(data, dict) else ""
    return kind(str(error.get("message", "the probing half failed and did not say why")), traceback=str(trace))


def encode(message: Mapping[str, Any]) -> bytes:
    """One JSON-RPC message as one line."""
    return protocol.dump({"jsonrpc": "2.0", **message})
