"""Saving the recipe as a preset, and opening one: it is probed here before it counts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bbwizard import adopting, differing, preset_book
from bbwizard.adopting import Recovered
from bbwizard.atomic import Seen
from bbwizard.errors import BbwizardError
from bbwizard.language import _
from bbwizard.preset_book import Page
from bbwizard.presets import Preset
from bbwizard.screens.dialogs import TextDialog
from bbwizard.screens.filing import Filing
from bbwizard.screens.presets import PresetsDialog
from bbwizard.screens.type_dialog import TypeDialog
from bbwizard.widgets.phrases import caution
from bbwizard.widgets.text import stack

if TYPE_CHECKING:
    from bbwizard.screens.wizard import WizardScreen


class PresetDesk:
    """What a wizard's screen saves and opens presets with."""

    def __init__(self, screen: WizardScreen) -> None:
        self.screen = screen
        self.app = screen.app
        self.wizard = screen.wizard

    # Saving

    def save(self) -> None:
        """Ask for a name and save the recipe under it."""
        recipe = self.wizard.session.recipe
        if not recipe.base or not recipe.backbone:
            self.app.notify(_("choose a base config and a backbone first"), severity="warning", markup=False)
            return
        base = recipe.base.rpartition("/")[2].removesuffix(".py").split("_")
        name = f"{base[0]}-{recipe.backbone.partition('/')[2].replace('/', '-')}"
        dialog = TypeDialog(_("Save this recipe as a preset"), name, _("name"), check=preset_book.place)
        self.app.push_screen(dialog, self._save)

    def _save(self, name: str | None) -> None:
        if not name:
            return
        place = preset_book.place(name)
        replaced = preset_book.page(place, preset_book.YOURS)
        text = self.wizard.session.preset_text(tags=replaced.tags, note=replaced.note)

        def put(path: Path, seen: Seen) -> None:
            preset_book.put(path, text, seen)
            self.wizard.saved_recipe = self.wizard.session.recipe
            self.app.notify(_("saved: {path}").format(path=path), markup=False)

        Filing(self.app, self.wizard, _("preset"), text, put).write(place)

    # Opening

    def ask(self) -> None:
        """Let the user open a preset."""
        self.app.push_screen(PresetsDialog(), self._chosen)

    def _chosen(self, page: Page | None) -> None:
        if page is not None:
            self.open_named(str(page.path))

    def open_named(self, name: str) -> bool:
        """Open a preset by its name or its file, or the recipe of a config; whether that could be begun."""
        if name.endswith(".py"):
            self.adopt(Path(name))
            return True
        try:
            preset = preset_book.opened(name)
        except BbwizardError as error:
            self.wizard.report(error)
            return False
        return self._open(name, preset)

    def _open(self, name: str, preset: Preset) -> bool:
        session = self.wizard.session
        if session.environment is None:
            self.app.notify(_("choose a training environment first"), severity="warning", markup=False)
            return False
        session.load(preset)
        self.wizard.saved_recipe = session.recipe
        self.screen.renew()
        self.app.notify(_("opening {name}: probing it here…").format(name=Path(name).stem), markup=False)
        self.screen.run_worker(
            self._settle(preset),
            group="settle",
            exclusive=True,
            exit_on_error=False,
            description="probe an opened preset",
        )
        return True

    async def _settle(self, preset: Preset) -> None:
        session = self.wizard.session
        try:
            await session.entries()
            notes = await session.settle(preset)
            await session.work_out()
        except BbwizardError as error:
            self.screen.call_later(self._settled, (), error)
        else:
            versions = differing.other_versions(preset, session.facts.versions)
            self.screen.call_later(self._settled, (*notes, *versions) if notes else (), None)

    def _settled(self, notes: tuple[str, ...], error: BbwizardError | None) -> None:
        self.wizard.saved_recipe = self.wizard.session.recipe
        self.screen.go(4)
        if error is not None:
            self.wizard.report(error)
        elif notes:
            self.app.push_screen(TextDialog(_("What changed since it was saved"), stack(*map(caution, notes))))

    # Configs of others

    def adopt(self, config: Path) -> None:
        """Go on with the recipe that a config holds."""
        self.app.notify(_("looking for the recipe of {config}…").format(config=config.name), markup=False)
        self.screen.run_worker(
            self._adopt(config), group="settle", exclusive=True, exit_on_error=False, description="adopt a config"
        )

    async def _adopt(self, config: Path) -> None:
        try:
            found = await adopting.adopt(self.wizard.session, config)
        except BbwizardError as error:
            self.screen.call_later(self.wizard.report, error)
        else:
            self.screen.call_later(self._adopted, found)

    def _adopted(self, found: Recovered) -> None:
        self.screen.renew()
        self.screen.go(4)
        told = [*found.notes, *(one.text for one in found.lost)]
        if told:
            self.app.push_screen(TextDialog(_("What its recipe does not bring back"), stack(*map(caution, told))))
