"""The rules of the house: style, types, who may import whom, what the wheel holds."""

from __future__ import annotations

import ast
import os
import pkgutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import bbwizard
from bbwizard.env_create.pythons import ask

ROOT = Path(__file__).resolve().parents[1]
PROBING_HALF = sorted((ROOT / "tui" / "bbprobe").rglob("*.py"))
ENVIRON = {**os.environ, "PYTHONPATH": str(ROOT / "tui")}


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """A tool at the top of the checkout; its words are shown where it fails."""
    found = subprocess.run(words, cwd=ROOT, env=ENVIRON, capture_output=True, text=True, check=False)
    print(found.stdout, found.stderr)
    return found


@pytest.mark.parametrize(
    "words",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"], ["importlinter.cli"]],
    ids=["ruff check", "ruff format", "mypy --strict", "import-linter"],
)
def test_tool(words):
    module, *rest = words
    if module == "importlinter.cli":
        found = run(sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache")
    else:
        found = run(sys.executable, "-m", module, *rest)
    assert found.returncode == 0


def test_the_probing_half_is_python_3_7():
    for path in PROBING_HALF:
        ast.parse(path.read_text("utf-8"), str(path), feature_version=(3, 7))


def test_the_probing_half_compiles_under_python_3_7_where_it_is_here():
    places = ["python3.7", *map(str, sorted(Path(os.path.expanduser("~/.pyenv/versions")).glob("3.7.*/bin/python")))]
    python = next((found.path for found in map(ask, places) if found is not None and found.version == "3.7"), None)
    if python is None:
        pytest.skip("no Python 3.7 on this machine; its grammar is tested all the same")
    compile_all = "import sys\nfor path in sys.argv[1:]: compile(open(path, encoding='utf-8').read(), path, 'exec')"
    assert run(python, "-c", compile_all, *map(str, PROBING_HALF)).returncode == 0


WRITERS = ("atomic.py", "kept.py")
"""The modules that make files: whole ones, and the logs of other processes."""
MAKING = {
    "os": {"open", "fdopen", "replace", "rename", "link", "symlink", "truncate", "mkfifo"},
    "shutil": {"copy", "copy2", "copyfile", "copyfileobj", "copytree", "move"},
    "tempfile": {"mkstemp", "NamedTemporaryFile", "TemporaryFile", "SpooledTemporaryFile"},
}
"""Functions that make a file, or give one another name, by their module."""


def makes_a_file(call: ast.Call) -> bool:
    """Whether a call opens a file for writing, makes one, or gives one another name."""
    method = isinstance(call.func, ast.Attribute)
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    if call.args and ast.unparse(call.args[0]) == "os.devnull":
        return False
    if name in MAKING.get(owner, ()) or (method and name in {"touch", "symlink_to", "hardlink_to", "write_bytes"}):
        return True
    if method and name in {"rename", "replace"}:  # of a path: a text's has two, a dataclass's is no method
        return len(call.args) == 1 and not call.keywords
    if name == "open":
        said = [*call.args[0 if method else 1 :], *(key.value for key in call.keywords if key.arg == "mode")]
        modes = [node.value for node in said if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        return any(set(mode) & set("wax+") for mode in modes)
    return method and name == "write_text" and owner != "atomic"


def test_every_file_is_written_through_one_door():
    made = set()
    for path in sorted((ROOT / "tui" / "bbwizard").rglob("*.py")):
        calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
        made |= {path.name for call in calls if makes_a_file(call)}
    assert made == set(WRITERS)


@pytest.mark.parametrize(
    "code",
    ["open(p, 'w')", "p.open('ab')", "open(p, mode='x')", "p.open(mode='r+')", "p.write_text(t)", "p.write_bytes(b)",
     "os.replace(a, b)", "a.rename(b)", "a.replace(b)", "shutil.move(a, b)", "tempfile.mkstemp()", "p.touch()"],
)  # fmt: skip
def test_no_way_of_writing_is_overlooked(code):
    assert makes_a_file(ast.parse(code, mode="eval").body)


DRAWING = {"app", "screens", "widgets", "theme", "ordered_keys", "__main__"}
"""What knows Textual, and what starts everything."""


def test_the_core_loads_neither_textual_nor_torch():
    core = sorted({module.name for module in pkgutil.iter_modules(bbwizard.__path__)} - DRAWING)
    code = f"""
import importlib, sys
for name in {core}:
    importlib.import_module("bbwizard." + name)
    assert not {{"textual", "rich", "torch", "mmcv"}} & set(sys.modules), name
"""
    assert run(sys.executable, "-c", code).returncode == 0


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from bbwizard.arguments import parser; parser().format_help();"
        "print(sorted({'textual', 'yaml', 'msgspec', 'asyncio', 'dataclasses', 'bbprobe', 'polib'} & set(sys.modules)))"
    )
    assert run(sys.executable, "-c", code).stdout.strip() == "[]"


def test_the_wheel_holds_what_runs(tmp_path):
    assert run(sys.executable, "-m", "build", "--wheel", "--outdir", str(tmp_path)).returncode == 0
    [wheel] = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "bbwizard/cli.py",
        "bbwizard/app.tcss",
        "bbwizard/stacks/2.28.txt",
        "bbwizard/locale/zh_CN/LC_MESSAGES/bbwizard.mo",
        "bbwizard/shipped_presets/yolox-s-shufflenetv2.yaml",
        "bbprobe/server.py",
    } <= names
    installed = tmp_path / "installed"
    zipfile.ZipFile(wheel).extractall(installed)
    code = "from bbwizard import preset_book; print(len(preset_book.pages()))"
    environ = {**os.environ, "PYTHONPATH": str(installed)}
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == str(len(list((ROOT / "presets").glob("*.yaml"))))
