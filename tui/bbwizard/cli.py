"""Runs what the command line says. Textual is imported only where a screen is wanted."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from bbwizard.arguments import parser
from bbwizard.errors import DONE, FAILED, INTERRUPTED, WRONG_USAGE, BbwizardError, UsageError

if TYPE_CHECKING:
    from bbwizard.session import Session


def run(words: Sequence[str]) -> int:
    """Do what the command line says; the exit status."""
    options = parser().parse_args(words)
    try:
        if options.atlas and (options.python or options.launch or options.device != "auto"):
            raise UsageError("--atlas uses no training environment", "leave it out, or --python, --launch, --device")
        if options.command is None:
            return wizard(options)
        import asyncio

        from bbwizard import commands

        return asyncio.run(commands.COMMANDS[options.command](options))
    except UsageError as error:
        say_error(error)
        return WRONG_USAGE
    except BbwizardError as error:
        say_error(error)
        return FAILED
    except KeyboardInterrupt:
        print("bbwizard: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of stdout has gone (`| head`): nothing is left to say, also not by the interpreter at its end.
        sys.stdout = open("/dev/null", "w")  # noqa: SIM115
        return FAILED


def say_error(error: BbwizardError) -> None:
    """An error on stderr: what is wrong, then what to do."""
    print(f"bbwizard: {error.text}", file=sys.stderr)
    if error.hint:
        print(f"  {error.hint}", file=sys.stderr)


def wizard(options: argparse.Namespace) -> int:
    """The wizard; the written path goes to stdout, the command to stderr."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("the wizard needs a terminal", "without one: bbwizard write --base B --backbone K -o FILE")
    # What is imported stays for good. Looking through it for garbage is a tenth of the time to the first paint.
    gc.disable()
    from bbwizard.app import BbwizardApp
    from bbwizard.terminal import on_its_terminal

    python = f"atlas {options.stack}" if options.atlas else options.python
    app = BbwizardApp(partial(sitting, options), python=python, preset=options.preset)
    with on_its_terminal():
        outcome = app.run(mouse=not options.no_mouse)
    if outcome is not None and outcome.path is not None:
        print(outcome.path)
        print(f"train: {outcome.command}", file=sys.stderr)
    return app.return_code or DONE


def sitting(options: argparse.Namespace) -> Session:
    """A new sitting, as the command line wants it; what is made from now on may be garbage, and is collected."""
    from bbwizard.session import Session

    gc.freeze()
    gc.enable()
    return Session(
        launch_prefix=options.launch, device=options.device, cache=options.cache, mmdet_root=options.mmdet_root
    )
