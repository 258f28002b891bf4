"""Dialogs that say something or ask for a yes."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from bbwizard import keys
from bbwizard.language import _, told
from bbwizard.screens.dialog import Dialog
from bbwizard.widgets.bound import bindings
from bbwizard.widgets.detail import Detail
from bbwizard.widgets.key_bar import KeyBar
from bbwizard.widgets.text import said, stack
from bbwizard.widgets.text_lines import TextLines


class ReadDialog(Dialog[None]):
    """A text to read, to copy, to open in an editor, and to close."""

    BINDINGS = bindings("dialog")
    copied = ""
    """The text that is copied and edited."""

    def action_close(self) -> None:
        self.dismiss(None)

    def action_copy(self) -> None:
        self.wizard.copy(self.copied, _("text"))

    def action_edit(self) -> None:
        self.wizard.edit(self.copied, "bbwizard.txt")


class TextDialog(ReadDialog):
    """An error, notes, help."""

    def __init__(self, title: str, content: Content, *, copied: str = "", kind: str = "") -> None:
        """`copied` is what the copy key takes, the content's own text where it is empty; `kind` is a class name."""
        super().__init__()
        self.heading = title
        self.content = content
        self.copied = copied or content.plain
        self.kind = kind

    def compose(self) -> ComposeResult:
        detail = Detail(classes=f"dialog panel {self.kind}".strip())
        detail.border_title = said(self.heading)
        yield detail
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(Detail).show(self.content)
        self.query_one(Detail).focus()


class LinesDialog(ReadDialog):
    """A long text in its own lines, shown from its end: a log."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self.heading = title
        self.copied = text

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog tall panel") as panel:
            panel.border_title = said(self.heading)
            yield TextLines(self.copied)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(TextLines).focus()
        self.call_after_refresh(self.query_one(TextLines).action_scroll_edge, 1)


class AskDialog(Dialog[bool | None]):
    """A question with yes and no; None is no answer."""

    BINDINGS = bindings("question")

    def __init__(self, question: str, note: str = "") -> None:
        super().__init__()
        self.question = question
        self.note = note

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog panel ask"):
            lines = [said(self.question, "bold"), *([said(self.note, "$quiet")] if self.note else [])]
            yes, no = (said(keys.key_for(f"question.{answer}"), "bold $primary") for answer in ("yes", "no"))
            answers = Content.assemble(yes, f" {_('yes')}    ", no, f" {_('no')}")
            yield Static(stack(*lines, "", answers))
        yield KeyBar()

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)

    def action_close(self) -> None:
        self.dismiss(None)


def kept(key: str) -> str:
    """The note below the question whether a file is to be replaced; `key` is the one that names another."""
    stays = keys.key_for("question.no")
    return _("{stays} keeps what is there; then {key} writes elsewhere").format(stays=stays, key=key)


def error_dialog(text: str, hint: str = "", more: str = "") -> TextDialog:
    """The dialog for a failure: what is wrong, what to do, and what the libraries said."""
    lines = [Content.assemble(("✗ ", "$error"), said(told(text)))]
    if hint:
        lines += [Content(""), Content.assemble(("→ ", "$primary"), said(told(hint)))]
    if more:
        lines += [Content(""), said(more.strip(), "$quiet")]
    return TextDialog(_("Not done"), stack(*lines), kind="-error")
