"""What every test stands on: folders of its own, and the two stacks, made by `bbwizard env create` itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import filelock
import pytest

from stacks import tiny
from stacks.stack import NOT_TESTED, REQUIRED, Stack

ROOT = Path(__file__).resolve().parents[1]
STACKS_FOLDER = Path(os.environ.get("BBWIZARD_TEST_STACKS_DIR") or ROOT / ".cache" / "stacks")
READY = {name: os.environ.get(f"BBWIZARD_TEST_{name.replace('.', '')}", "") for name in ("2.28", "2.24")}
"""Pythons of training environments that a developer has already, instead of ones made here."""


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """A shell gives what it starts in the background no ear for ctrl+c, and what that starts would have none either."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", params=["2.28", "2.24"])
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """Each of the two stacks in turn, ready to be probed."""
    name: str = request.param
    if READY[name]:
        assert os.access(READY[name], os.X_OK), f"BBWIZARD_TEST_{name.replace('.', '')}={READY[name]} is no Python"
        return Stack(name, READY[name])

    from bbwizard import env_create
    from bbwizard.errors import BbwizardError

    try:
        base = env_create.find_python(name)
    except BbwizardError as error:
        if REQUIRED:
            pytest.fail(f"stack {name} is required and cannot be made: {error.text}")
        reason = f"stack {name} {NOT_TESTED}: {error.text}"
        pytest.skip(reason)
    folder = STACKS_FOLDER / f"{name}-py{base.version}"
    environ = {**os.environ, "XDG_STATE_HOME": str(tmp_path_factory.mktemp("state"))}
    environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT / "tui"), os.environ.get("PYTHONPATH", "")]))
    command = [sys.executable, "-m", "bbwizard", "env", "create", str(folder), "--stack", name, "--python", base.path]
    # Minutes of compiling behind a silent test run look like a hang: what the command says goes to the terminal.
    capture = request.config.pluginmanager.getplugin("capturemanager")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(f"{folder}.lock"), capture.global_and_fixture_disabled():
        sys.stderr.write(f"\n{' '.join(command)}\n")
        sys.stderr.flush()
        result = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=2, env=environ, check=False)
    if result.returncode:
        pytest.fail(f"`{' '.join(command)}` ended with {result.returncode}; see {folder / env_create.LOG}")
    return Stack(name, str(folder / "bin" / "python"))


@pytest.fixture
def tiny_base(stack: Stack, tmp_path: Path) -> Path:
    """A base config of a user's own that trains in seconds."""
    return tiny.base(stack.python, tmp_path)


@pytest.fixture(autouse=True)
def own_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every test has XDG folders of its own, and no variable of the user's tells bbwizard anything, not even how."""
    for name in [name for name in os.environ if name.startswith("BBWIZARD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("LANGUAGE", "en")
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_EXE", "PYTHONHOME"):
        monkeypatch.delenv(name, raising=False)
    for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / "xdg" / kind.lower()))
    monkeypatch.setattr("bbwizard.kept.SAID", set())
    # matplotlib, which mmdet imports, would search all fonts of the machine again for every new cache folder.
    monkeypatch.setenv("MPLCONFIGDIR", str(STACKS_FOLDER.parent / "matplotlib"))


def pytest_configure(config: pytest.Config) -> None:
    # As many threads as workers: more would wait for one another on the cores that there are.
    os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Says aloud what was left out: a skip among hundreds of dots is not seen."""
    skipped = {str(report.longrepr[2]) for report in terminalreporter.getreports("skipped")}
    for reason in sorted(reason for reason in skipped if NOT_TESTED in reason):
        terminalreporter.write_sep("!", "NOT TESTED", yellow=True, bold=True)
        terminalreporter.write_line(reason, yellow=True)
