"""Answers of libraries that their user edits hold as long as the sources stay as they are."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path

import pytest
from facts import ENTRY, ENVIRONMENT, SHUFFLENET

from bbprobe.installed import own_sources
from bbwizard.verdicts import Verdicts


def library(folder: Path, text: str) -> Path:
    """A package `mmdet` in a folder, with one backbone."""
    source = folder / "mmdet" / "models" / "backbones" / "own.py"
    source.parent.mkdir(parents=True, exist_ok=True)
    (folder / "mmdet" / "__init__.py").touch()
    source.write_text(text)
    return source


def test_a_checkout_is_known_by_its_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library(tmp_path, "a = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    before = own_sources()
    assert set(before) == {"mmdet"}
    assert own_sources() == before
    library(tmp_path, "a = 12\n")
    assert own_sources() != before


def test_what_was_installed_is_known_by_its_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library(tmp_path / "site-packages", "a = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site-packages"))
    importlib.invalidate_caches()
    assert own_sources() == {}


def test_other_sources_have_a_cache_of_their_own() -> None:
    verdicts = Verdicts.of(ENVIRONMENT)
    verdicts.put(ENTRY, SHUFFLENET)
    verdicts.save()
    assert Verdicts.of(ENVIRONMENT).answer(ENTRY) is not None
    assert Verdicts.of(replace(ENVIRONMENT, own_sources={"mmdet": "0"})).answer(ENTRY) is None
