"""Runs what the command line says. Textual is imported only where a screen is wanted."""

from __future__ import annotations

import argparse
import gc
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from bbwizard import interrupts, language, streams
from bbwizard.arguments import parser
from bbwizard.errors import DONE, FAILED, INTERRUPTED, WRONG_USAGE, BbwizardError, NotWritable, UsageError
from bbwizard.inert import put_path, say
from bbwizard.language import _, told

if TYPE_CHECKING:
    from bbwizard.session import Session


def run(words: Sequence[str]) -> int:
    """Do what the command line says; the exit status."""
    streams.stand_in()
    language.use(language.wanted(words, os.environ))
    if "_ARGCOMPLETE" in os.environ:
        from bbwizard import completion

        completion.answer(parser())
    try:
        status = answered(lambda: parsed(words))
    except SystemExit:  # argparse has given its help, or said what is wrong
        if status := answered(streams.flush):
            return status
        raise
    else:
        unwritten = answered(streams.flush)
        return status or unwritten
    finally:
        streams.settle()


def parsed(words: Sequence[str]) -> int:
    """Do what the words say; the exit status."""
    options = parser(words).parse_args(words)
    if language.silenced(words, os.environ):
        say(_("bbwizard: in English, since Chinese cannot be drawn with --ascii"))
    return carried_out(options)


def answered(do: Callable[[], int | None]) -> int:
    """Do it; the exit status. What went wrong is said."""
    try:
        return do() or DONE
    except UsageError as error:
        say_error(error)
        return WRONG_USAGE
    except BbwizardError as error:
        say_error(error)
        return FAILED
    except KeyboardInterrupt:
        say(_("bbwizard: interrupted"))
        return INTERRUPTED
    except BrokenPipeError:  # the reader of stdout has gone (`| head`): nothing is left to say
        return FAILED


def carried_out(options: argparse.Namespace) -> int:
    """Do what parsed words say; the exit status."""
    demand_folder()
    if options.atlas and (options.python or options.launch or options.device != "auto"):
        raise UsageError(_("--atlas uses no training environment"), _("leave it out, or --python, --launch, --device"))
    if options.command is None:
        return wizard(options)
    import asyncio

    from bbwizard import commands

    interrupts.raise_again()
    return asyncio.run(commands.COMMANDS[options.command](options))


def demand_folder() -> None:
    """Refuse to work where nothing can be found or written.

    Raises:
        UsageError: the current folder was removed.
    """
    try:
        os.getcwd()
    except OSError as error:
        raise UsageError(_("the folder you are in is not there any more"), _("cd to another")) from error


def say_error(error: BbwizardError) -> None:
    """An error on stderr: what is wrong, then what to do, and what says it here."""
    say(f"bbwizard: {told(error.text)}")
    if isinstance(error, NotWritable) and error.base:
        say("  " + _("{hint} (--base {base})").format(hint=told(error.hint), base=error.base))
    elif error.hint:
        say(f"  {told(error.hint)}")


def wizard(options: argparse.Namespace) -> int:
    """The wizard; the written path goes to stdout, the command to stderr."""
    from bbwizard import terminal

    terminal.refuse(os.environ)
    # What is imported stays for good. Looking through it for garbage is a tenth of the time to the first paint.
    gc.disable()
    from bbwizard import keymap
    from bbwizard.app import BbwizardApp
    from bbwizard.looks import Look

    python = f"atlas {options.stack}" if options.atlas else options.python
    look = Look(options.theme, options.ascii or not terminal.draws_unicode(terminal.given()))
    app = BbwizardApp(partial(sitting, options), python=python, preset=options.preset, look=look, keymap=keymap.read())
    interrupts.raise_again()
    with terminal.on_its_terminal():
        outcome = app.run(mouse=not options.no_mouse)
    if outcome is not None and outcome.path is not None:
        put_path(outcome.path)
        say(_("train: {command}").format(command=outcome.command))
    return app.return_code or DONE


def sitting(options: argparse.Namespace) -> Session:
    """A new sitting, as the command line wants it; what is made from now on may be garbage, and is collected."""
    from bbwizard.session import Session

    gc.freeze()
    gc.enable()
    return Session(
        launch_prefix=options.launch, device=options.device, cache=options.cache, mmdet_root=options.mmdet_root
    )
