"""ctrl+c while bbwizard is still being imported, and from then on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCES = Path(__file__).resolve().parents[2] / "tui"
INTERRUPTED = """
import signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "{module}":
            signal.raise_signal(signal.SIGINT)
sys.meta_path.insert(0, Finder())
"""
"""Sends ctrl+c in the middle of the import of a module."""
COMMAND = """
async def presets(options):
    try:
        signal.raise_signal(signal.SIGINT)
        await asyncio.sleep(0)
    finally:
        print("taken down")
import asyncio, signal
from bbwizard import commands
commands.COMMANDS = dict(presets=presets)
"""
WIZARD = """
import signal, sys
from bbwizard import app, terminal
def run(self, **options):
    sys.stderr.write(str(signal.getsignal(signal.SIGINT) is signal.default_int_handler))
terminal.refuse = lambda environ: None
app.BbwizardApp.run = run
"""
"""Says whether ctrl+c is Python's own where the app begins."""


def started(*words: str, first: str) -> subprocess.CompletedProcess[str]:
    """bbwizard, started as its script does, after some lines of Python."""
    command = [sys.executable, "-c", f"{first}\nfrom bbwizard.__main__ import main\nmain()", *words]
    environ = {**os.environ, "PYTHONPATH": str(SOURCES)}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("module", ["bbwizard.cli", "argparse", "bbwizard.subcommands", "asyncio", "bbwizard.commands"])
def test_an_import_that_is_interrupted_ends_the_process_with_a_word(module):
    found = started("presets", first=INTERRUPTED.format(module=module))
    assert (found.returncode, found.stdout, found.stderr) == (130, "", "bbwizard: interrupted\n")


def test_the_wizard_is_interrupted_while_it_is_imported_and_has_the_signal_to_itself_then():
    first = "from bbwizard import terminal\nterminal.refuse = lambda environ: None\n"
    found = started(first=first + INTERRUPTED.format(module="bbwizard.app"))
    assert (found.returncode, found.stdout, found.stderr) == (130, "", "bbwizard: interrupted\n")
    assert started(first=WIZARD).stderr == "True"


def test_a_command_that_has_begun_is_taken_down_with_care():
    found = started("presets", first=COMMAND)
    assert (found.returncode, found.stdout, found.stderr) == (130, "taken down\n", "bbwizard: interrupted\n")


def test_ctrl_c_that_is_ignored_stays_so():
    ignored = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    found = started("--version", first=ignored + INTERRUPTED.format(module="bbwizard.cli"))
    assert (found.returncode, found.stderr) == (0, "")
    assert started("presets", first=ignored + COMMAND).stdout == "taken down\n"
