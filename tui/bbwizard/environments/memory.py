"""What is remembered from one sitting to the next: the environment chosen on each host, those that were made,
and where mmdet lies on another machine."""

from __future__ import annotations

import contextlib
import json
import os
import socket
from pathlib import Path
from typing import Any

from bbwizard import atomic, paths
from bbwizard.errors import WriteRefused


def file() -> Path:
    return paths.state() / "environments.json"


def remember(python: str) -> None:
    """Keep `python` as this host's choice; nothing happens where the state folder cannot be written."""
    kept = read()
    kept["chosen"][socket.gethostname()] = os.path.abspath(python)
    write(kept)


def remembered() -> str | None:
    """The Python last chosen on this host; home folders are shared by hosts whose disks are not."""
    chosen: dict[str, str] = read()["chosen"]
    return chosen.get(socket.gethostname())


def forget() -> None:
    """Keep no choice for this host."""
    kept = read()
    if kept["chosen"].pop(socket.gethostname(), None) is not None:
        write(kept)


def record_made(python: str) -> None:
    """Keep `python` among the environments that `env create` made."""
    kept = read()
    kept["made"] = [*(other for other in kept["made"] if other != python), python]
    write(kept)


def made() -> list[str]:
    """The Pythons of the environments that `env create` made and that still exist, newest first."""
    return [python for python in reversed(read()["made"]) if os.access(python, os.X_OK)]


def remember_mmdet_root(root: str) -> None:
    """Keep where mmdet lies on the machine that trains, for sittings without its environment."""
    kept = read()
    kept["mmdet_root"] = root
    write(kept)


def mmdet_root() -> str:
    """Where mmdet was last said to lie on the machine that trains; empty where nobody said."""
    root: str = read()["mmdet_root"]
    return root


def read() -> dict[str, Any]:
    """The file as `{"chosen": {host: python}, "made": [python], "mmdet_root": folder}`, and nothing else."""
    try:
        kept = json.loads(file().read_text("utf-8"))
    except (OSError, ValueError):
        kept = {}
    kept = kept if isinstance(kept, dict) else {}
    chosen, listed, root = kept.get("chosen"), kept.get("made"), kept.get("mmdet_root")
    return {
        "chosen": {host: python for host, python in chosen.items() if isinstance(python, str)}
        if isinstance(chosen, dict)
        else {},
        "made": [python for python in listed if isinstance(python, str)] if isinstance(listed, list) else [],
        "mmdet_root": root if isinstance(root, str) else "",
    }


def write(kept: dict[str, Any]) -> None:
    # A convenience: a read-only or full home must not stop anything.
    if paths.made(file().parent) is not None:
        with contextlib.suppress(WriteRefused):
            atomic.write_text(file(), json.dumps(kept, indent=2, ensure_ascii=False) + "\n")
