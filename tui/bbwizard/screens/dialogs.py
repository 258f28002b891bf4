"""Dialogs that say something or ask for a yes."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from bbwizard import keys
from bbwizard.widgets.detail import Detail
from bbwizard.widgets.key_bar import KeyBar
from bbwizard.widgets.text import said, stack
from bbwizard.widgets.text_lines import TextLines


class TextDialog(ModalScreen[None]):
    """A text to read, copy and close: an error, notes, help."""

    BINDINGS = keys.bindings("dialog")

    def __init__(self, title: str, content: Content, *, copied: str = "", kind: str = "") -> None:
        """`copied` is what the copy key takes, the content's own text where it is empty; `kind` is a class name."""
        super().__init__()
        self.heading = title
        self.content = content
        self.copied = copied or content.plain
        self.kind = kind

    def compose(self) -> ComposeResult:
        detail = Detail(classes=f"dialog panel {self.kind}".strip())
        detail.border_title = self.heading
        yield detail
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(Detail).show(self.content)
        self.query_one(Detail).focus()

    def action_close(self) -> None:
        self.dismiss(None)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.copied)
        self.app.notify("text copied", markup=False)


class LinesDialog(ModalScreen[None]):
    """A long text in its own lines, shown from its end: a log."""

    BINDINGS = keys.bindings("dialog")

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self.heading = title
        self.text = text

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog tall panel") as panel:
            panel.border_title = Content(self.heading)
            yield TextLines(self.text)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(TextLines).focus()
        self.call_after_refresh(self.query_one(TextLines).action_scroll_edge, 1)

    def action_close(self) -> None:
        self.dismiss(None)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.text)
        self.app.notify("text copied", markup=False)


class AskDialog(ModalScreen[bool]):
    """A question with yes and no."""

    BINDINGS = keys.bindings("question")

    def __init__(self, question: str, note: str = "") -> None:
        super().__init__()
        self.question = question
        self.note = note

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog panel ask"):
            lines = [said(self.question, "bold"), *([said(self.note, "$quiet")] if self.note else [])]
            answers = Content.assemble(("y", "bold $primary"), " yes    ", ("n", "bold $primary"), " no")
            yield Static(stack(*lines, "", answers))
        yield KeyBar()

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)


def error_dialog(text: str, hint: str = "", more: str = "") -> TextDialog:
    """The dialog for a failure: what is wrong, what to do, and what the libraries said."""
    lines = [Content.assemble(("✗ ", "$error"), said(text))]
    if hint:
        lines += [Content(""), Content.assemble(("→ ", "$primary"), said(hint))]
    if more:
        lines += [Content(""), said(more.strip(), "$quiet")]
    return TextDialog("Not done", stack(*lines), kind="-error")
