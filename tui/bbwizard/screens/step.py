"""What every step of the wizard is."""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Protocol, cast

from textual.containers import Container
from textual.message import Message
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from bbwizard.language import _

if TYPE_CHECKING:
    from bbprobe.protocol import Base
    from bbwizard.recipe import Recipe
    from bbwizard.session import Session


class Wizard(Protocol):
    """What the screens need of the app, which lies above them."""

    session: Session
    python: str | None
    opened_python: str
    """The interpreter of the open environment, as it was chosen; empty where none is open."""
    written_recipe: Recipe | None
    saved_recipe: Recipe | None
    """The recipe as it was last written, and as it was last saved as a preset or opened from one."""
    written_marks: tuple[str, ...]
    """What was marked when a config or a table was last written."""

    @property
    def base(self) -> Base | None:
        """The facts about the chosen base config."""

    first_preset: str | None
    """The preset of the command line, until it is opened."""

    def report(self, error: BaseException) -> None:
        """Show a failure."""

    def changed(self) -> None:
        """Something was decided, marked or typed that the next sitting should know of."""

    def copy(self, text: str, what: str) -> None:
        """Copy a text to the clipboard and say so."""

    def edit(self, text: str, name: str) -> str | None:
        """Let the user edit a text in their own editor; None where there is no other text then."""

    def written(self, path: Path) -> None:
        """The recipe as it stands was written."""

    def open_first_preset(self) -> bool:
        """Open the preset that was asked for on the command line; whether there was one."""

    def ask_for_preset(self) -> None:
        """Let the user open a preset."""

    def save_preset(self) -> None:
        """Save the recipe as a preset."""

    def adopt(self, config: Path) -> None:
        """Go on with the recipe that a config holds."""

    def leave(self) -> None:
        """Leave the wizard, asking first where something would be lost."""


class Step(Container):
    """One step. Its workers ask the session and post messages; only message handlers touch widgets or the recipe."""

    number: ClassVar[int]

    class Decided(Message):
        """The recipe has changed here; `forward`: and the user wants the next step."""

        def __init__(self, *, forward: bool = False) -> None:
            super().__init__()
            self.forward = forward

    waiting_since: float | None = None
    STOPS: ClassVar[frozenset[str]] = frozenset()
    """The groups of workers that a key stops."""

    @property
    def wizard(self) -> Wizard:
        """The app, as the screens know it."""
        return cast(Wizard, self.app)

    @property
    def session(self) -> Session:
        """The sitting."""
        return self.wizard.session

    def arrive(self) -> None:
        """The step is shown now: show what holds, and take the focus."""

    def take_keys(self, widget: Widget) -> None:
        """Have keys go to one of its widgets from now on; `Widget.focus` would wait for its turn."""
        self.screen.set_focus(widget, scroll_visible=False)

    def renew(self) -> None:
        """The recipe was changed elsewhere: show what holds now."""

    # Waiting

    def on_mount(self) -> None:
        # Paused unless something is waited for: an idle wizard writes nothing to the terminal.
        self._clock = self.set_interval(1, self._tick, pause=True)

    def wait(self) -> None:
        """From now on an answer is waited for; `tick` is called each second."""
        self.waiting_since = monotonic()
        self._clock.reset()
        self._clock.resume()

    def waited(self) -> None:
        """The answer is there."""
        self.waiting_since = None
        self._clock.pause()

    @property
    def elapsed(self) -> float | None:
        """Seconds waited so far; None where nothing is waited for."""
        return None if self.waiting_since is None else monotonic() - self.waiting_since

    def _tick(self) -> None:
        if self.waiting_since is not None and self.display:
            self.tick()

    def tick(self) -> None:
        """A second more has been waited."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        if event.worker.group in self.STOPS:
            self.screen.refresh_bindings()
        # A worker's own errors come as messages; what arrives here is a fault of bbwizard itself.
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            self.waited()
            self.wizard.report(event.worker.error)

    # Stopping

    @property
    def stoppable(self) -> bool:
        """Whether something goes on that a key stops."""
        return any(worker.node is self and worker.group in self.STOPS and worker.is_running for worker in self.workers)

    def stop(self) -> None:
        """Stop what goes on; `stopped` then shows it."""
        for group in self.STOPS:
            self.workers.cancel_group(self, group)
        self.waited()
        self.stopped()

    def stopped(self) -> None:
        """The user stopped what went on."""

    # The input size, where a step binds a key for it

    def action_input(self) -> None:
        from bbwizard.recipe import parse_input
        from bbwizard.screens.type_dialog import TypeDialog

        height, width = self.session.recipe.input
        title = _("Input size, height x width in pixels")
        dialog = TypeDialog(title, f"{height}x{width}", _("640x640 or 800x1333"), check=parse_input)
        self.app.push_screen(dialog, self._resized)

    def _resized(self, text: str | None) -> None:
        if text is not None:
            from bbwizard.recipe import parse_input

            self.session.change(input=parse_input(text))
            self.renew()
            self.post_message(self.Decided())
