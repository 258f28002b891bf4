"""The check of the written config: how far it is, and what came of it."""

from __future__ import annotations

from pathlib import Path

from textual import on, work
from textual.message import Message

from bbprobe.protocol import Check
from bbwizard import keys
from bbwizard.errors import BbwizardError, ProbeCancelled
from bbwizard.language import _
from bbwizard.screens.write_result import WriteResult


class Checking(WriteResult):
    """A step that has what was written checked."""

    class Checked(Message):
        """The check of the written file is done, or could not be."""

        def __init__(self, config: Path, check: Check | None, error: BbwizardError | None = None) -> None:
            super().__init__()
            self.config = config
            self.check = check
            self.error = error

    class Progress(Message):
        """How far the check is."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def check(self, config: Path) -> None:
        """Have the written config built and trained for a step."""
        self.doing, self.trouble = "", None
        self.wait()
        self.show_result()
        self._check(config)

    @work(group="check", exclusive=True, exit_on_error=False, description="check the written config")
    async def _check(self, config: Path) -> None:
        def progress(text: str, done: int, total: int) -> None:
            self.post_message(self.Progress(text))

        try:
            await self.session.prove(progress)
        except ProbeCancelled:
            return
        except BbwizardError as error:
            self.post_message(self.Checked(config, None, error))
        else:
            self.post_message(self.Checked(config, self.session.checked))

    @on(Progress)
    def _progress(self, event: Progress) -> None:
        event.stop()
        self.doing = event.text
        self.show_result()

    @on(Checked)
    def _checked(self, event: Checked) -> None:
        event.stop()
        if event.config != self.session.written:
            return
        self.waited()
        self.trouble = event.error
        self.renew()
        self.post_message(self.Decided())

    def stop(self) -> None:
        if self.elapsed is not None:
            again = keys.key_for("write.check")
            self.trouble = ProbeCancelled(_("it was stopped; {key} runs it again").format(key=again))
        super().stop()
        self.renew()
