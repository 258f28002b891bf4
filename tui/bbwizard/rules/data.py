"""Files that the base's data sets read and that are not there."""

from __future__ import annotations

from collections.abc import Iterator

from bbwizard.findings import Finding
from bbwizard.rules.situation import Situation
from bbwizard.wording import listed


def data_missing(situation: Situation) -> Iterator[Finding]:
    """Annotation files and image folders that training would not find."""
    if situation.recipe.data:
        return
    missing = [file for file in situation.files if not file.there]
    if missing:
        paths = ", ".join(f"{file.path} ({listed(file.roles)})" for file in missing)
        many = f"{len(missing)} of the {len(situation.files)} files and folders"
        yield Finding("data-missing", f"{many} that the base trains on and tests with are not here: {paths}")
