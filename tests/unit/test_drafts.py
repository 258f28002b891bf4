"""Whether the process of a sitting is still there."""

from __future__ import annotations

import os
import subprocess
import sys

from bbwizard import drafts
from bbwizard.drafts import Draft
from bbwizard.recipe import Recipe


def test_a_sitting_runs_until_its_process_ends_though_nobody_has_asked_for_its_end() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, text=True)
    draft = Draft("python", 1, Recipe(), pid=child.pid, born=drafts.born(child.pid))
    assert draft.born
    assert draft.runs
    child.communicate("\n")
    assert not draft.runs

    ended = os.posix_spawn(sys.executable, [sys.executable, "-c", ""], os.environ)
    os.waitid(os.P_PID, ended, os.WEXITED | os.WNOWAIT)
    assert drafts.born(ended) == ""
    os.waitpid(ended, 0)
