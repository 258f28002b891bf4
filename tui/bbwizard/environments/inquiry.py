"""Asks a Python what it holds, without importing any of it: one short process, no torch."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass

LIMIT = 20.0
"""Seconds for a Python to start on a cold network file system and say what it holds."""

SCRIPT = r"""
import importlib.util, json, os, platform, re, sys
sys.path[:] = [folder for folder in sys.path if folder]
try:
    from importlib.metadata import version
except ImportError:
    try:
        from pkg_resources import get_distribution
        version = lambda name: get_distribution(name).version
    except Exception:
        version = None

def installed(module, distributions):
    try:
        spec = importlib.util.find_spec(module)
    except Exception:
        spec = None
    if spec is None or spec.origin is None:
        return None
    for name in distributions:
        try:
            return version(name)
        except Exception:
            pass
    # A checkout on the path that was never installed.
    try:
        with open(os.path.join(os.path.dirname(spec.origin), "version.py"), encoding="utf-8") as file:
            return re.search(r"__version__\s*=\s*['\"]([^'\"]+)", file.read()).group(1)
    except Exception:
        return "?"

names = {"torch": ["torch"], "torchvision": ["torchvision"], "mmcv-full": ["mmcv-full", "mmcv"], "mmdet": ["mmdet"],
         "mmcls": ["mmcls"], "timm": ["timm"]}
module = {"mmcv-full": "mmcv"}
print(json.dumps({
    "bbwizard": 1,
    "prefix": sys.prefix,
    "python": platform.python_version(),
    "versions": {name: installed(module.get(name, name), names[name]) for name in names},
}))
"""


@dataclass(frozen=True)
class Held:
    """What a Python said: its folder, its version, and those of the libraries (None where one is missing)."""

    prefix: str
    python: str
    versions: dict[str, str | None]
    error: str


def inquire(python: str, limit: float = LIMIT) -> Held:
    """Ask `python`; what goes wrong is told in `error`."""
    try:
        asked = subprocess.run([python, "-"], input=SCRIPT.encode(), capture_output=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return nothing(f"{python} did not answer within {limit:g} s")
    except OSError as error:
        return nothing(f"{python} cannot be started: {(error.strerror or str(error)).lower()}")
    for line in asked.stdout.decode("utf-8", "replace").splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue  # what a site's own start-up files say
        if isinstance(said, dict) and said.get("bbwizard") == 1:
            return Held(said["prefix"], said["python"], said["versions"], "")
    words = asked.stderr.decode("utf-8", "replace").strip().splitlines()
    return nothing(f"{python} is no Python that runs" + (f": {words[-1]}" if words else ""))


def nothing(error: str) -> Held:
    return Held("", "", {}, error)
