"""Keys take effect in the order in which they were typed.

Textual lets a bound key rise from the focused widget to the app, which runs it there, and gives a letter to an input
at once. Of keys that come in one go, as they do over a slow line, letters would overtake a backspace, and the first
letters after the key that opens the filter would still be commands. So the app runs a bound key before it takes the
next one, and while a line is typed all keys pass through the queue of that line, those of priority too. What is typed
before a dialog's line is there waits for it.
"""

from __future__ import annotations

from typing import Final, TypeVar

from textual import events, on
from textual.app import App
from textual.binding import ActiveBinding, Binding
from textual.screen import Screen, ScreenResultType
from textual.widgets import Input

from bbwizard.inert import line, plain

Result = TypeVar("Result")

EDITING: Final = {
    binding.key: binding.action for binding in Binding.make_bindings(Input.BINDINGS) if binding.key != "enter"
}
"""What edits a line: key to action."""


class OrderedKeys(App[Result]):
    """An app that handles one key after the other; what acts on a terminal is in no text that is pasted into it."""

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self.app_focus = True
            if isinstance(event, events.Paste):
                # A terminal sends the ends of pasted lines as enter; inputs that are not ours take the text too.
                event.text = plain(event.text.replace("\r\n", "\n").replace("\r", "\n"))
            if isinstance(screen := self.screen, Typed) and not screen.begun:
                screen.early.append(event)
                return
            if isinstance(line := self.focused, LineInput):
                line._forward_event(event)
                return
            if isinstance(event, events.Key) and (bound := binding_of(screen, event)) is not None:
                await self.run_action(bound.binding.action, bound.node)
                return
        await super().on_event(event)


class Typed(Screen[ScreenResultType]):
    """A screen with one line, for which all is meant that is typed from its opening on."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = False
        """Whether the line takes what is typed."""
        self.early: list[events.Key | events.Paste] = []
        """What was typed before."""

    @on(events.DescendantFocus)
    def _begin(self, event: events.DescendantFocus) -> None:
        self.begun = True
        early, self.early = self.early, []
        for typed in early:
            event.widget._forward_event(typed)


class LineInput(Input):
    """A line to type into, without a blinking cursor; what acts on a terminal does not get into it."""

    def __init__(self, value: str = "", *, placeholder: str, select_on_focus: bool = True) -> None:
        super().__init__(value, placeholder=placeholder, compact=True, select_on_focus=select_on_focus)
        self.cursor_blink = False

    def validate_value(self, value: str) -> str:
        return line(value)

    async def _on_key(self, event: events.Key) -> None:
        if event.key in EDITING:
            event.stop()
            event.prevent_default()
            await self.run_action(EDITING[event.key])
        elif not event.is_printable and (bound := binding_of(self.screen, event)) is not None:
            event.stop()
            event.prevent_default()
            await self.app.run_action(bound.binding.action, bound.node)
        else:
            await super()._on_key(event)


def binding_of(screen: Screen[object], event: events.Key) -> ActiveBinding | None:
    """What a key does on a screen as its focus is now, if anything."""
    bound = screen.active_bindings.get(event.key)
    return bound if bound is not None and bound.enabled else None
