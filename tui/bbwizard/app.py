"""The Textual app of the wizard: what is true whatever the step."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final

from textual import work
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.command import CommandPalette
from textual.filter import LineFilter
from textual.screen import Screen
from textual.theme import Theme, ThemeProvider

from bbwizard import keys, looks, terminal, theme
from bbwizard.errors import BbwizardError, ProbeCancelled, ProbeError
from bbwizard.key_names import written
from bbwizard.keymap import Keymap
from bbwizard.language import _
from bbwizard.looks import Look
from bbwizard.ordered_keys import OrderedKeys
from bbwizard.screens.wizard import WizardScreen
from bbwizard.widgets.bound import bindings
from bbwizard.widgets.sayings import Sayings
from bbwizard.widgets.sparing import Sparing

if TYPE_CHECKING:
    from bbprobe.protocol import Base
    from bbwizard.recipe import Recipe
    from bbwizard.screens.preset_desk import PresetDesk
    from bbwizard.session import Session

TWICE: Final = 3.0
"""Seconds within which a second ctrl+c leaves."""
TERMINATED: Final = 128 + signal.SIGTERM
"""The exit status, as a shell says it."""


@dataclass(frozen=True)
class Outcome:
    """What the wizard leaves behind: the written config and the command that trains it, where one was written."""

    path: Path | None
    command: str = ""


class BbwizardApp(OrderedKeys[Outcome], Sayings[Outcome], Sparing[Outcome]):
    """The wizard. It owns the session; the screens ask it."""

    CSS_PATH = ["app.tcss", "screens/steps.tcss", "screens/compare.tcss", "screens/dialogs.tcss"]
    BINDINGS = bindings("app")
    TITLE = "bbwizard"

    def __init__(
        self,
        sitting: Callable[[], Session],
        *,
        python: str | None = None,
        preset: str | None = None,
        look: Look | None = None,
        keymap: Keymap | None = None,
    ) -> None:
        """`sitting` begins one; `python` is the training environment that was named, `preset` what is to be opened."""
        # Without colour Textual would paint greys of its own over the terminal's background.
        super().__init__(ansi_color=True if "NO_COLOR" in os.environ else None)
        self.animation_level = "none"
        look, self.keymap = look or Look(), keymap or Keymap()
        self.set_keymap(dict(self.keymap.keys))
        keys.tell_of(self.keymap.keys)
        self._glyphs: Sequence[LineFilter] = ()
        if look.ascii:
            from bbwizard.widgets.ascii import AsciiGlyphs

            self._glyphs = (AsciiGlyphs(),)
        self._sitting = sitting
        self.python = python
        self.first_preset = preset
        self.opened_python = ""
        self.written_recipe: Recipe | None = None
        self.saved_recipe: Recipe | None = None
        self.written_marks: tuple[str, ...] = ()
        self._interrupted = 0.0
        for own in theme.THEMES:
            self.register_theme(own)
        self.theme = self._last_theme = theme.first(look, self.colours, self.available_themes)
        if look.theme:
            looks.remember(self.colours, self.theme)
        self._colours = self.get_css_variables()
        self.stylesheet.set_variables(self._colours)

    @cached_property
    def session(self) -> Session:
        """The sitting. Nothing asks for it before the first paint: what it stands on takes long to import."""
        return self._sitting()

    @property
    def colours(self) -> str:
        """How many colours there are: "none", "16" or "many"."""
        if self.no_color:
            return "none"
        return "16" if self.console.color_system in (None, "standard") else "many"

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), *self._glyphs]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(theme.VARIABLES)

    def refresh_css(self, animate: bool = True) -> None:
        # Textual asks for it at every start, where the style sheets have just been parsed with these very colours.
        colours, self._colours = self._colours, self.get_css_variables()
        if colours != self._colours:
            super().refresh_css(animate)

    def get_default_screen(self) -> Screen[None]:
        return WizardScreen(self.size)

    @property
    def wizard_screen(self) -> WizardScreen:
        """The screen below whatever dialogs are open."""
        screen = self.screen_stack[0]
        assert isinstance(screen, WizardScreen)
        return screen

    @property
    def base(self) -> Base | None:
        """The facts about the chosen base config."""
        return self.session.known_base(self.session.recipe.base)

    def changed(self) -> None:
        """Something was decided, marked or typed that the next sitting should know of."""
        self.wizard_screen.changed()

    # Saying

    def report(self, error: BaseException) -> None:
        """Show a failure in a dialog; an overtaken request is none."""
        if isinstance(error, ProbeCancelled):
            return
        from bbwizard.screens.dialogs import error_dialog

        if isinstance(error, BbwizardError):
            more = error.traceback if isinstance(error, ProbeError) else ""
            self.push_screen(error_dialog(error.text, error.hint, more))
        else:
            hint = _("this is a fault of bbwizard; the wizard goes on")
            self.push_screen(error_dialog(f"{type(error).__name__}: {error}", hint))

    def copy(self, text: str, what: str) -> None:
        """Copy by OSC 52, and through tmux's own buffer inside tmux, whose set-clipboard may be off."""
        self.copy_to_clipboard(text)
        if os.environ.get("TMUX"):
            self._copy_to_tmux(text)
        self.notify(_("{what} copied ({length:,} characters)").format(what=what, length=len(text)), markup=False)

    @work(thread=True, group="tmux", exit_on_error=False, description="hand the text to tmux")
    def _copy_to_tmux(self, text: str) -> None:
        load = ["tmux", "load-buffer", "-w", "-"]
        subprocess.run(load, input=text.encode("utf-8", "replace"), capture_output=True, timeout=5, check=False)

    def edit(self, text: str, name: str) -> str | None:
        """Let the user edit a text as a file of this name; None where it stays as it was, and why is said."""
        from bbwizard.screens.in_editor import edited

        try:
            found = edited(self, text, name)
        except BbwizardError as error:
            self.report(error)
            return None
        if found == text:
            self.notify(_("nothing was changed"), markup=False)
        return None if found == text else found

    # Presets

    @cached_property
    def preset_desk(self) -> PresetDesk:
        """Where recipes are saved and opened."""
        from bbwizard.screens.preset_desk import PresetDesk

        return PresetDesk(self.wizard_screen)

    def save_preset(self) -> None:
        """Ask for a name and save the recipe under it."""
        self.preset_desk.save()

    def ask_for_preset(self) -> None:
        """Let the user open a preset."""
        self.preset_desk.ask()

    def adopt(self, config: Path) -> None:
        """Go on with the recipe that a config holds."""
        self.preset_desk.adopt(config)

    def open_first_preset(self) -> bool:
        """Open the preset of the command line, once; whether there is one."""
        name, self.first_preset = self.first_preset, None
        return name is not None and self.preset_desk.open_named(name)

    # Leaving

    def written(self, path: Path) -> None:
        """A config was written: what stands is not lost by leaving."""
        self.written_recipe, self.written_marks = self.session.recipe, self.session.marked

    def leave(self) -> None:
        """Leave; ask first where work would be lost. A base config alone is none: it takes a few keys to choose."""
        recipe = self.session.recipe
        if recipe.backbone and recipe not in (self.written_recipe, self.saved_recipe):
            question = _("Leave? This recipe is neither written nor saved.")
            note = _("{stays} stays; the last step writes it, {saves} saves it as a preset")
        elif set(self.session.marked) - set(self.written_marks):
            question = _("Leave? Nothing was written of the backbones that are marked.")
            note = _("{stays} stays; {shows} shows them side by side, and writes a table, or a config for each")
        else:
            self._leave()
            return
        from bbwizard.screens.dialogs import AskDialog

        named = {"stays": "question.no", "saves": "wizard.save", "shows": "backbone.compare"}
        dialog = AskDialog(question, note.format(**{name: keys.key_for(key) for name, key in named.items()}))
        self.push_screen(dialog, lambda yes: self._leave() if yes else None)

    def _leave(self) -> None:
        if self.wizard_screen.keeper is not None:
            self.wizard_screen.keeper.desk.clear()
        path = self.session.written
        command = ""
        if path is not None:
            try:
                command = self.session.command(path)
            except BbwizardError as error:
                command = error.text
        self.exit(Outcome(path, command))

    async def action_quit_now(self) -> None:
        self._leave()

    def action_interrupt(self) -> None:
        """Leave on the second ctrl+c: the first may have been meant for something else."""
        now = monotonic()
        if now - self._interrupted < TWICE:
            self._leave()
            return
        self._interrupted = now
        self.notify(_("ctrl+c again leaves"), markup=False)

    def action_suspend_process(self) -> None:
        if terminal.can_be_resumed():
            super().action_suspend_process()
        else:
            self.notify(_("no shell is there that would bring the wizard back"), severity="warning", markup=False)

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        self.app_resume_signal.subscribe(self, self._resumed)
        if (error := self.keymap.error) is not None:
            self.call_after_refresh(self.report, error)
        if not self.is_headless:
            # The terminal is given back as it was; the sitting stays on the disk, as it does where nothing can be done.
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, partial(self.exit, return_code=TERMINATED))
            terminal.before_it_goes(self._keep_last)

    def _keep_last(self) -> None:
        if self.wizard_screen.keeper is not None:
            self.wizard_screen.keeper.close()

    def action_repaint(self) -> None:
        self.forget_terminal()
        self.screen.refresh()

    def _resumed(self, app: App[Outcome]) -> None:
        # A terminal that the shell gives back is empty; Textual asks for its size, and paints what that changes.
        self.refresh(layout=True)

    def _keep_theme(self, chosen: Theme) -> None:
        if chosen.name != self._last_theme:
            self._last_theme = chosen.name
            looks.remember(self.colours, chosen.name)

    async def on_unmount(self) -> None:
        await self.session.close()

    # The palette

    def action_command_palette(self) -> None:
        if self.use_command_palette and not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder=_("Search for commands…"), id="--command-palette"))

    def search_themes(self) -> None:
        self.push_screen(CommandPalette([ThemeProvider], placeholder=_("Search for themes…")))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every registered action that can be done here, and the choice of a theme."""
        seen = set()
        for held in screen.active_bindings.values():
            binding: Binding = held.binding
            key = keys.BY_ID.get(binding.id or "")
            if key is None or key.id in seen or not key.palette:
                continue
            seen.add(key.id)
            words = _("{key}  {does}").format(key=written(binding.key), does=_(key.tooltip))
            yield SystemCommand(_(key.label), words, partial(self.run_action, binding.action, held.node))
        yield SystemCommand(_("theme"), _("Change the colours"), self.action_change_theme)
