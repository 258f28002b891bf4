"""The command that says what became of trainings. It asks no training environment."""

from __future__ import annotations

import argparse
from pathlib import Path

from bbwizard.commands.common import put, put_json
from bbwizard.errors import DONE
from bbwizard.results import results as found_in
from bbwizard.results import rows
from bbwizard.tabular import as_text


async def results(options: argparse.Namespace) -> int:
    """Which trainings finished, which run, which died, and what they came to."""
    found = found_in(options.folders or [Path()], options.metric or "")
    if options.json:
        put_json([result.as_json() for result in found])
    else:
        put(as_text(rows(found)).splitlines())
    return DONE
