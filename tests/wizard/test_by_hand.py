"""The config in the user's own editor: what they save is written as it is, checked, and never lost unasked."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Callable

import pytest

from bbwizard.app import BbwizardApp
from bbwizard.session import Session

from .driving import press, screen_text, to_stages, write

Editor = Callable[[str], None]


@pytest.fixture
def editor(app: BbwizardApp, monkeypatch: pytest.MonkeyPatch) -> Editor:
    """Sets what the editor does with the file: Python, in which `text` is what it holds."""
    monkeypatch.setattr(app, "suspend", contextlib.nullcontext)
    monkeypatch.setenv("EDITOR", "false")

    def does(code: str) -> None:
        program = (
            "import pathlib, sys; file = pathlib.Path(sys.argv[1]); assert file.suffix;"
            f"text = file.read_text('utf-8'); {code}; file.write_text(text, 'utf-8')"
        )
        monkeypatch.setenv("VISUAL", shlex.join([sys.executable, "-c", program]))

    return does


async def test_what_is_saved_is_written_checked_and_shown(app: BbwizardApp, session: Session, editor: Editor) -> None:
    editor("text += '# [/x] mine é\\n'")
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter", "e")
        assert session.written is not None
        text = session.written.read_text("utf-8")
        assert text.endswith("# [/x] mine é\n")
        assert "in_channels=[32, 96, 320]" in text
        assert "Config (edited)" in screen_text(app)
        assert "check passed" in screen_text(app)
        await press(app, pilot, "e")
        assert session.written.read_text("utf-8").count("mine") == 2, "it is the edited text that is edited again"
        await press(app, pilot, "q")
    assert app.return_value is not None
    assert app.return_value.path == session.written


async def test_the_users_edits_are_replaced_only_after_a_yes(
    app: BbwizardApp, session: Session, editor: Editor
) -> None:
    editor("text += '# mine\\n'")
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter", "e", "w")
        assert "holds your edits. Replace it?" in screen_text(app)
        await press(app, pilot, "n", "j", "right", "w", "n")
        assert session.recipe.weights == "none"
        assert "# mine" not in screen_text(app), "another decision is another text"
        assert session.written is not None
        assert "# mine" in session.written.read_text("utf-8")
        await press(app, pilot, "u")
        assert "# mine" in screen_text(app), "and the edited one is there again with the decision"
        await press(app, pilot, "w", "y")
        assert "# mine" not in session.written.read_text("utf-8")
        assert "Config (written)" in screen_text(app)


async def test_a_file_that_was_there_is_not_edited_away(app: BbwizardApp, session: Session, editor: Editor) -> None:
    editor("text += '# mine\\n'")
    target = session.folder / "yolox_s_8x8_300e_coco_mobilenetv2_100.py"
    target.write_text("another's")
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter", "e")
        assert "is there already. Replace it?" in screen_text(app)
        await press(app, pilot, "n")
        assert target.read_text() == "another's"
        said = " ".join(screen_text(app).replace("│", " ").split())
        assert f"{target.name} stays as it is" in said, "what was made in the editor stands nowhere else"
        await press(app, pilot, "enter")
        await write(app, pilot, "mine.py")
        await press(app, pilot, "enter")
        assert (target.parent / "mine.py").read_text("utf-8").endswith("# mine\n")
        await press(app, pilot, "t")
        await write(app, pilot, target.name)
        await press(app, pilot, "enter", "e", "escape")
        assert target.read_text() == "another's"
        await press(app, pilot, "escape", "e", "y")
        assert target.read_text("utf-8").endswith("# mine\n")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("pass", "nothing was changed"),
        ("sys.exit(3)", "ended with status 3"),
        ("file.write_bytes(b'\\xff'); sys.exit()", "can't decode"),
    ],
)
async def test_nothing_is_taken_from_an_editor_that_gave_nothing(
    app: BbwizardApp, session: Session, editor: Editor, code: str, said: str
) -> None:
    editor(code)
    async with app.run_test(size=(160, 48), notifications=True) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter", "e")
        assert said in " ".join(screen_text(app).split())
    assert session.written is None


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"VISUAL": "vim '"}, "$VISUAL cannot be read: No closing quotation"),
        ({"VISUAL": "", "EDITOR": "", "PATH": ""}, "no editor is installed, and $EDITOR names none"),
        ({"VISUAL": "/no/such/editor -w"}, "/no/such/editor: [Errno 2]"),
    ],
)
async def test_an_editor_that_cannot_be_run_is_named(
    app: BbwizardApp, editor: Editor, monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], said: str
) -> None:
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        for name, value in environ.items():
            monkeypatch.setenv(name, value)
        await press(app, pilot, "enter", "e")
        text = " ".join(screen_text(app).split())
        assert said in text
        assert "export EDITOR=" in text


async def test_without_a_terminal_of_its_own_it_says_so(app: BbwizardApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "true")
    async with app.run_test(size=(160, 48)) as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        await press(app, pilot, "enter", "e")
        assert "the editor has no terminal here" in screen_text(app)


async def test_the_log_opens_as_a_copy(app: BbwizardApp, session: Session, editor: Editor) -> None:
    editor("assert 'said' in text; text = ''")
    async with app.run_test() as pilot:
        await to_stages(app, pilot, "yolox", "mobilenetv2")
        session.log.parent.mkdir(parents=True, exist_ok=True)
        session.log.write_text("said\n")
        await press(app, pilot, "L", "e")
        assert session.log.read_text() == "said\n"
        assert "said" in screen_text(app)
