"""Configs that do something else than come to their end: each is named with its line, and the process goes on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from bbprobe import protocol
from stacks.pipe import SOURCES, Failure, Pipe

IMPATIENT: Final = ("-c", "from bbprobe import loading, server; loading.LIMIT = 1.0; server.main()")
"""A probing half that waits a second for a config."""
NEVER: Final = "it has not come to its end in 1 s, and was stopped"

UNRULY: Final = {
    "raises.py": ("a = 1\nraise ValueError('[/x] no')\n", r"raises\.py, line 2: ValueError: \[/x\] no"),
    "missing.py": ("import not_installed_here\n", r"missing\.py, line 1: ModuleNotFoundError: .*not_installed_here"),
    "syntax.py": ("a = 1\nb = = 2\n", r"syntax\.py, line 2: SyntaxError: invalid syntax"),
    "nul.py": ("a = '\0'\n", r"nul\.py: (ValueError|SyntaxError): source code .*null bytes"),
    "exits.py": ("import sys\nsys.exit(3)\n", r"exits\.py, line 2: it ends Python, with sys\.exit\(3\)"),
    "interrupts.py": ("raise KeyboardInterrupt\n", r"interrupts\.py, line 1: KeyboardInterrupt"),
    "asks.py": ("input('who? ')\n", r"asks\.py, line 1: EOFError"),
    "recurses.py": ("def again():\n    again()\nagain()\n", r"recurses\.py, line 2: RecursionError"),
    "itself.py": ("_base_ = './itself.py'\n", rf"itself\.py: (RecursionError|OSError|{NEVER})"),
    "spins.py": ("while True:\n    pass\n", rf"spins\.py, line [12]: {NEVER}"),
    "sleeps.py": ("import time\ntime.sleep(3600)\n", rf"sleeps\.py, line 2: {NEVER}"),
    "catches.py": (
        "import time\nwhile True:\n    try:\n        time.sleep(60)\n    except Exception:\n        pass\n",
        rf"catches\.py, line [2-6]: {NEVER}",
    ),
    "child.py": ("_base_ = './spins.py'\n", rf"spins\.py, line [12]: {NEVER}"),
    "imports.py": ("custom_imports = dict(imports=['hangs_at_import'])\n", rf"imports\.py: {NEVER}"),
}
GOOD: Final = "model = dict(backbone=dict(type='ResNet'))\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where they lie, with the module that one of them imports."""
    for name, (text, _) in UNRULY.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "good.py").write_text(GOOD)
    (tmp_path / "hangs_at_import.py").write_text("import time\ntime.sleep(3600)\n")
    return tmp_path


def test_whatever_a_config_does_its_line_is_named_and_the_process_goes_on(stack, folder: Path) -> None:
    with Pipe(stack.python, {"PYTHONPATH": f"{SOURCES}:{folder}"}, IMPATIENT) as half:
        before = half.ask("hello")["pid"]
        for name, (_, words) in UNRULY.items():
            with pytest.raises(Failure) as refusal:
                half.ask("data_files", path=str(folder / name), folder=str(folder))
            assert refusal.value.code == protocol.REFUSED, name
            assert re.search(words, refusal.value.text), refusal.value.text
            assert str(folder) in refusal.value.text
        assert half.ask("data_files", path=str(folder / "good.py"), folder=str(folder)) == []
        assert half.ask("hello")["pid"] == before
