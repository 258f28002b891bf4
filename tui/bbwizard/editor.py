"""The user's own editor: which one it is, and a text that is edited in it."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from bbwizard import atomic
from bbwizard.errors import BbwizardError, EditorFailed

INSTALLED: Final = ("sensible-editor", "nano", "vim", "vi")
"""What is tried where neither $VISUAL nor $EDITOR says."""
NAME_ONE: Final = "name one in $EDITOR, with its arguments: export EDITOR='vim -n'"


def command(environ: Mapping[str, str] = os.environ) -> list[str]:
    """The editor's words: $VISUAL's, else $EDITOR's, else the name of one that is installed.

    Raises:
        EditorFailed: there is none, or the variable cannot be read as words.
    """
    for name in ("VISUAL", "EDITOR"):
        try:
            words = shlex.split(environ.get(name, ""))
        except ValueError as error:
            raise EditorFailed(f"${name} cannot be read: {error}", NAME_ONE) from error
        if words:
            return words
    found = next((name for name in INSTALLED if shutil.which(name)), None)
    if found is None:
        raise EditorFailed("no editor is installed, and $EDITOR names none", NAME_ONE)
    return [found]


def edited(words: Sequence[str], text: str, name: str) -> str:
    """The text as the user leaves it, edited as a file of this name that nobody else can read.

    Raises:
        EditorFailed: the editor cannot be started, or ended with a status that says to take nothing.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="bbwizard-", ignore_cleanup_errors=True) as folder:
            file = Path(folder) / name
            atomic.write_text(file, text)
            with interrupts_left_to_it():
                status = subprocess.run([*words, str(file)], check=False).returncode
            if status:
                raise EditorFailed(f"{words[0]} ended with status {status}", "nothing of the edited text was taken")
            return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise EditorFailed(f"{words[0]}: {error}", NAME_ONE) from error
    except EditorFailed:
        raise
    except BbwizardError as error:
        raise EditorFailed(error.text, "$TMPDIR names a folder for files that are soon gone") from error


@contextmanager
def interrupts_left_to_it() -> Iterator[None]:
    """ctrl+c in the editor is the editor's: the terminal sends it to every process in front."""
    before = signal.signal(signal.SIGINT, lambda number, frame: None)  # one that is ignored would be so there too
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
