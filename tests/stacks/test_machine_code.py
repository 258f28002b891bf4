"""Code of the user's that ends the process from within a library, or never leaves it: named, and gone on after."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

import bbwizard.probe
from bbwizard.errors import ProbeCrashed
from bbwizard.session import Session

BACKBONE: Final = """\
import ctypes
from mmcv.runner import BaseModule
from mmdet.models.builder import BACKBONES

@BACKBONES.register_module()
class Null{where}(BaseModule):
    def {where}(self, *args, **options):
        ctypes.string_at(0)
"""
CONFIG: Final = """\
_base_ = {base!r}
custom_imports = dict(imports=['null_{where}'], allow_failed_imports=False)
model = dict(backbone=dict(_delete_=True, type='Null{where}'))
"""
SECONDS: Final = re.compile(r"^(LIMIT = |LAST = )[\d.]+$", re.MULTILINE)
"""Those that a config has, in the sources that travel."""


@pytest.fixture
async def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Session]:
    """A sitting in an environment whose Python finds the user's own modules; not yet open."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    session = Session(folder=tmp_path, cache=False)
    yield session
    await session.close()


async def test_a_backbone_that_reads_from_nowhere_is_named_with_its_line(
    session: Session, stack, tmp_path: Path
) -> None:
    await session.open(stack.python)
    good = await session.base("retinanet_r50_fpn_1x_coco")
    for where, ask in (("__init__", session.base), ("forward", session.check)):
        config = tmp_path / f"{where}.py"
        (tmp_path / f"null_{where}.py").write_text(BACKBONE.format(where=where))
        config.write_text(CONFIG.format(where=where, base=good.path))
        with pytest.raises(ProbeCrashed) as crash:
            await ask(str(config))
        assert "the probing half was ended by SIGSEGV" in crash.value.text
        assert f"at work on {tmp_path}/null_{where}.py, line 8" in crash.value.text
    assert (await session.probe(await session.entry("mmcls/ShuffleNetV2"))).stages


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("import itertools\nsum(itertools.count())\n", "has not come to an end in time"),
        ("import ctypes\nctypes.string_at(0)\n", "was ended by SIGSEGV"),
    ],
    ids=["never leaves it", "ends in it"],
)
async def test_a_config_in_machine_code_is_named_with_its_line(
    session: Session, stack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, words: str
) -> None:
    sources = {name: SECONDS.sub(r"\g<1>1.0", text) for name, text in bbwizard.probe.sources().items()}
    monkeypatch.setattr(bbwizard.probe, "sources", lambda: sources)
    await session.open(stack.python)
    config = tmp_path / "own.py"
    config.write_text(code)
    with pytest.raises(ProbeCrashed) as crash:
        await session.base("own.py")
    assert crash.value.text == f"loading {config}: the probing half {words}, at work on line 2 of a config"
