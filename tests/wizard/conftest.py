"""The real app over a probing half that answers from memory."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

import bbwizard.asked.opening
import bbwizard.atlas.book
import bbwizard.screens.backbone
import bbwizard.screens.browse
import bbwizard.screens.weighing
from bbwizard.app import BbwizardApp
from bbwizard.environments import Candidate
from bbwizard.session import Session

from . import fake_half
from .fake_half import FakeHalf

FOUND = Candidate(fake_half.PYTHON, "conda", {"torch": "2.4.1", "mmdet": "2.28.2"}, "3.11.9", "/envs/train")


@pytest.fixture(autouse=True)
def shelf(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the atlas's files, empty; a test that puts some there does so before it asks."""
    folder = tmp_path_factory.mktemp("atlas")
    monkeypatch.setattr(bbwizard.atlas.book, "FOLDER", folder)
    bbwizard.atlas.shelf.cache_clear()
    yield folder
    bbwizard.atlas.shelf.cache_clear()


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    """An app says that what it listed stays for good; the next one's test must not keep it."""
    yield
    gc.unfreeze()


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Candidate]:
    """What discovery finds; a test may change the list."""
    candidates = [FOUND]
    monkeypatch.setattr(bbwizard.asked.opening, "discover", lambda explicit: candidates)
    return candidates


@pytest.fixture
def half(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[FakeHalf]]:
    """The fake probing half, forgetful from test to test."""
    FakeHalf.asked, FakeHalf.held, FakeHalf.failing = [], {}, {}
    monkeypatch.setattr(bbwizard.asked.opening, "ProbingHalf", FakeHalf)
    monkeypatch.setattr(bbwizard.screens.browse, "DEBOUNCE", 0)
    monkeypatch.setattr(bbwizard.screens.backbone, "AHEAD", 0)
    monkeypatch.setattr(bbwizard.screens.backbone, "SURVEY_AFTER", 3600)  # a slow machine would survey amid a test
    monkeypatch.setattr(bbwizard.screens.backbone, "TOGETHER", 0.1)
    monkeypatch.setattr(bbwizard.screens.weighing, "PAUSE", 0)
    return FakeHalf


@pytest.fixture
def session(found: list[Candidate], half: type[FakeHalf], tmp_path: Path) -> Session:
    """A sitting in an empty folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    return Session(folder=folder)


@pytest.fixture
def app(session: Session) -> BbwizardApp:
    """The wizard, not yet running."""
    return BbwizardApp(lambda: session)


@pytest.fixture
def narrow(session: Session) -> Iterator[BbwizardApp]:
    """The wizard in a sitting whose list holds no more than the named backbones."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fake_half, "MORE", [])
        yield BbwizardApp(lambda: session)
