"""Batch norm across GPUs where there is one process alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bbwizard.findings import Edit, Finding, Fix, Path
from bbwizard.resolved import dicts
from bbwizard.rules.situation import Situation
from bbwizard.wording import some

SYNCHRONISED: Final = ("SyncBN", "MMSyncBN")
"""The norm layers that ask `torch.distributed` for their group (`mmcv/cnn/bricks/norm.py`, `mmcv/ops/sync_bn.py`)."""


def sync_bn(situation: Situation) -> Iterator[Finding]:
    """Synchronised batch norm in neck and heads; the old backbone's goes with it."""
    places = [path for path in synchronised(situation) if path[:2] != ("model", "backbone")]
    if not situation.single_process or not places:
        return
    names = some(".".join(map(str, path[1:-1])) for path in places)
    text = f"SyncBN needs several processes and would stop one: it stands in {names}"
    yield Finding("sync-bn", text, Fix("BN in its place", tuple(Edit(path, "BN") for path in places)), certain=True)


def synchronised(situation: Situation) -> list[Path]:
    """Where the type of a synchronised norm layer stands."""
    model = dicts(situation.config.at(("model",), {}), ("model",))
    return [(*path, "type") for path, found in model if found.get("type") in SYNCHRONISED]
