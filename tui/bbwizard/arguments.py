"""The grammar of the command line: every screen has a flag. What `--help` does not need is imported by what does."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from bbwizard import __version__, manual
from bbwizard.grammar import STACKS, THEMES
from bbwizard.inert import put_data
from bbwizard.language import _
from bbwizard.options import Help, common, spoken
from bbwizard.subcommands import COMMANDS, Command

if TYPE_CHECKING:
    from _typeshed import SupportsWrite


class Parser(argparse.ArgumentParser):
    """One that tells where its help cannot be written; argparse itself passes over that."""

    def _print_message(self, message: str, file: SupportsWrite[str] | None = None) -> None:
        if file is sys.stdout:
            put_data(message)
        else:
            with suppress(OSError):
                super()._print_message(message, file)


def parser(words: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """The grammar of the command line; with the words of a call, that of the commands which they may name.

    The options of all the others would be a twentieth of the time to the wizard's first paint.
    """
    root: argparse.ArgumentParser = Parser(
        prog="bbwizard",
        parents=[spoken(), common()],
        description=_(
            "Give an MMDetection 2.x detector another backbone, out of mmcls or timm. Without a command: the wizard."
        ),
        epilog=manual.behind(""),
        formatter_class=Help,
    )
    root.set_defaults(python=None, launch=(), device="auto", cache=True, atlas=False, stack=STACKS[0], mmdet_root="")
    root.add_argument(
        "--version",
        action="version",
        version=f"bbwizard {__version__}",
        help=_("show program's version number and exit"),
    )
    root.add_argument(
        "--preset", metavar="NAME|FILE", help=_("open the wizard on this preset, or on a config's recipe")
    )
    root.add_argument("--no-mouse", action="store_true", help=_("leave the mouse to the terminal"))
    root.add_argument(
        "--theme",
        choices=THEMES,
        default="",
        help=_("the wizard's colours, remembered; those of ansi-* are the terminal's own"),
    )
    root.add_argument(
        "--ascii", action="store_true", help=_("draw the wizard in ASCII, as is done where the locale is not UTF-8")
    )
    commands = root.add_subparsers(dest="command", metavar="COMMAND")
    for name, command in COMMANDS.items():
        what = _(command.what)
        if words is not None and name not in words:
            commands.add_parser(name, help=what, add_help=False)
            continue
        found = commands.add_parser(
            name,
            help=what,
            description=manual.about(name, what),
            epilog=manual.behind(name),
            formatter_class=Help,
            parents=_shared(command),
        )
        command.options(found)
    return root


def _shared(command: Command) -> list[argparse.ArgumentParser]:
    """What a command has in common with others."""
    as_json = argparse.ArgumentParser(add_help=False)
    as_json.add_argument("--json", action="store_true", help=_("data for programs on stdout"))
    return [spoken(), *([common()] if command.training else []), *([as_json] if command.as_json else [])]
