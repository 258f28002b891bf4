"""The command that finds the recipe of a config that somebody wrote."""

from __future__ import annotations

import argparse

from bbwizard import adopting, preset_book
from bbwizard.commands.common import put_json, session
from bbwizard.errors import DONE, NotWritable
from bbwizard.inert import put_path, put_text, say

SHOWN = 12
"""Differences that are told to people; programs are told all."""


async def adopt(options: argparse.Namespace) -> int:
    """Print the recipe of a config as a preset, and say what of the config it does not hold."""
    if not options.config.is_file():
        raise NotWritable(f"{options.config} is not there", "give a config file's path")
    if options.save is not None:
        preset_book.place(options.save)
    async with session(options, live=True) as sitting:
        found = await adopting.adopt(sitting, options.config, options.base or "")
        text = sitting.preset_text()
    saved = preset_book.save(options.save, text, force=options.force) if options.save is not None else None
    for note in found.notes:
        say(f"note: {note}")
    for one in found.lost[:SHOWN]:
        say(f"not in the recipe: {one.text}")
    if len(found.lost) > SHOWN:
        say(f"not in the recipe: {len(found.lost) - SHOWN} more (--json tells all)")
    if options.json:
        put_json(found.as_json(text, saved))
    elif saved is None:
        put_text(text)
    else:
        put_path(saved)
    return DONE
