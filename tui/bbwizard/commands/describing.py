"""Commands about bbwizard itself: its completion in shells, its keys, and the shape of its answers."""

from __future__ import annotations

import argparse

from bbwizard import keymap
from bbwizard import keys as registry
from bbwizard.commands.common import put, put_json
from bbwizard.errors import DONE
from bbwizard.grammar import ANSWERING
from bbwizard.inert import put_data


async def completion(options: argparse.Namespace) -> int:
    """The lines that have a shell complete `bbwizard`."""
    from argcomplete.shell_integration import shellcode

    put_data(shellcode(["bbwizard"], shell=options.shell))
    return DONE


async def keys(options: argparse.Namespace) -> int:
    """Every action of the wizard and the keys that it has by itself."""
    if options.json:
        put_json([{"id": key.id, "keys": key.keys.split(","), "what": key.tooltip} for key in registry.BY_ID.values()])
    else:
        put(keymap.example())
    return DONE


async def schema(options: argparse.Namespace) -> int:
    """The JSON Schema of one command's answer, or of all, by command."""
    from bbwizard import schemas

    put_json(schemas.schema(options.about) if options.about else {name: schemas.schema(name) for name in ANSWERING})
    return DONE
