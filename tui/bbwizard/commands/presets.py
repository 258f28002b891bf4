"""The command about presets: which there are, what is in one, what differs between two, what changed since."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict

from bbwizard import differing, preset_book
from bbwizard.answers import PresetAnswer
from bbwizard.commands.common import put, put_json, session
from bbwizard.errors import DONE, UsageError
from bbwizard.inert import put_text, say
from bbwizard.preset_book import Page


async def presets(options: argparse.Namespace) -> int:
    """The presets there are, or what is asked of one or two."""
    asked = [name for name in ("show", "diff", "changed") if getattr(options, name)]
    if len(asked) > 1 or asked and (options.pattern or options.tag):
        raise UsageError("--show, --diff, --changed and a PATTERN or --tag ask for different things", "one at a time")
    if options.show:
        if options.json:
            raise UsageError("--show prints the preset's own text, which is YAML", "leave --json out")
        put_text(preset_book.text_of(options.show)[0])
    elif options.diff:
        show_differences(*options.diff, as_json=options.json)
    elif options.changed:
        await show_changes(options)
    else:
        show_list(options)
    return DONE


def show_list(options: argparse.Namespace) -> None:
    """The presets that the filter keeps."""
    for folder in preset_book.missing_folders():
        say(f"{preset_book.VARIABLE} names {folder}, which is not there")
    pages = preset_book.kept(preset_book.pages(), options.pattern, options.tag)
    if options.json:
        put_json([as_json(page) for page in pages])
    else:
        put(line for page in pages for line in lines(page))


def lines(page: Page) -> Iterator[str]:
    """A preset for people; its note on a line of its own."""
    yield f"{page.name:<32} {page.origin:<8} {page.error or page.summary}  {page.hashed}".rstrip()
    if page.note:
        yield f"    {' '.join(page.note.split())}"


def as_json(page: Page) -> PresetAnswer:
    """A preset for programs."""
    return {
        "name": page.name,
        "origin": page.origin,
        "path": str(page.path),
        "summary": page.summary,
        "error": page.error,
        "tags": list(page.tags),
        "note": page.note,
    }


def show_differences(first: str, second: str, *, as_json: bool) -> None:
    """What two presets do not say alike."""
    if preset_book.STDIN == first == second:
        raise UsageError("standard input can be read once only", "name a file, or a preset, in place of one `-`")
    found = differing.differences(preset_book.opened(first), preset_book.opened(second))
    if as_json:
        put_json([asdict(difference) for difference in found])
    else:
        put(difference.text for difference in found)
    if not found:
        say(f"{first} and {second} say the same")


async def show_changes(options: argparse.Namespace) -> None:
    """What is not here as it was when a preset was saved."""
    preset = preset_book.opened(options.changed)
    async with session(options) as sitting:
        found = [*await sitting.changes(preset)]
    if options.json:
        put_json(found)
    else:
        put(found)
    if not found:
        say(f"nothing changed since {options.changed} was saved")
