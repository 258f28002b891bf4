"""A detector that learns from another."""

from __future__ import annotations

from collections.abc import Iterator

from bbwizard.findings import Edit, Finding, Fix
from bbwizard.rules.situation import Situation


def teacher(situation: Situation) -> Iterator[Finding]:
    """The teacher keeps its own backbone, and its own normalisation: both see the same images."""
    key = situation.base.teacher
    if key:
        text = f"model.{key} describes the teacher, which keeps its own backbone; only the student gets the new one"
        yield Finding("teacher", text)


def misplaced(situation: Situation) -> Iterator[Finding]:
    """A config file that the detector is built from, named by a path that is right in a checkout's own folder alone."""
    for key, file in situation.base.misplaced.items():
        said = situation.config.at(("model", key))
        yield Finding(
            "misplaced",
            f"model.{key} names {said}, which is not there from this folder: it is {file}",
            Fix("name it by its whole path", (Edit(("model", key), file),)),
            certain=True,
        )
