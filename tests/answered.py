"""Whether what a command printed with `--json` is what its schema promises, and no more than that."""

from __future__ import annotations

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from bbwizard import schemas


@cache
def strict(command: str) -> Draft202012Validator:
    """The command's schema, and every object in it without any key that it does not name."""
    return Draft202012Validator(closed(schemas.schema(command)))


def closed(part: Any) -> Any:
    """A schema whose objects have the keys that it names, and no others."""
    if isinstance(part, list):
        return [closed(item) for item in part]
    if not isinstance(part, dict):
        return part
    shut = {"additionalProperties": False} if isinstance(part.get("properties"), dict) else {}
    return {**{key: closed(value) for key, value in part.items()}, **shut}


def agrees(command: str, data: Any) -> None:
    """Refuse an answer that is not as its command's schema has it.

    Raises:
        ValidationError: with the place.
    """
    strict(command).validate(data)
