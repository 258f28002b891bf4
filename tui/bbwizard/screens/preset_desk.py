"""Saving the recipe as a preset, and opening one: it is probed here before it counts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bbwizard import preset_book, presets
from bbwizard.errors import BbwizardError
from bbwizard.preset_book import Page
from bbwizard.presets import Preset
from bbwizard.screens.dialogs import AskDialog, TextDialog
from bbwizard.screens.presets import PresetsDialog
from bbwizard.screens.type_dialog import TypeDialog
from bbwizard.widgets.phrases import caution
from bbwizard.widgets.text import stack

if TYPE_CHECKING:
    from bbwizard.screens.wizard import WizardScreen

VERSIONS: Final = ("torch", "mmcv-full", "mmdet", "mmcls", "timm")
"""What a preset remembers of the environment it was made with."""


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
            self.app.notify("choose a base config and a backbone first", severity="warning", markup=False)
            return
        base = recipe.base.rpartition("/")[2].removesuffix(".py").split("_")
        name = f"{base[0]}-{recipe.backbone.partition('/')[2].replace('/', '-')}"
        dialog = TypeDialog("Save this recipe as a preset", name, "name", check=preset_book.place)
        self.app.push_screen(dialog, self._save)

    def _save(self, name: str | None, *, force: bool = False) -> None:
        if not name:
            return
        if preset_book.place(name).exists() and not force:
            question = AskDialog(f"There is a preset {name} already. Replace it?")
            self.app.push_screen(question, lambda yes: self._save(name, force=True) if yes else None)
            return
        try:
            path = preset_book.save(name, self.text(), force=force)
        except BbwizardError as error:
            self.wizard.report(error)
        else:
            self.wizard.saved_recipe = self.wizard.session.recipe
            self.app.notify(f"saved: {path}", markup=False)

    def text(self) -> str:
        """The recipe as a preset, with the stages as they are here."""
        session, recipe = self.wizard.session, self.wizard.session.recipe
        plan = session.plan()
        if plan is not None:
            recipe = replace(recipe, stages=plan.stages)
        held = session.facts.versions
        versions = {name: held[name] for name in VERSIONS if held.get(name)}
        return presets.dump(recipe, session.probed(recipe.backbone), versions=versions)

    # Opening

    def ask(self) -> None:
        """Let the user open a preset."""
        self.app.push_screen(PresetsDialog(), self._chosen)

    def _chosen(self, page: Page | None) -> None:
        if page is not None:
            self._open(page)

    def open_named(self, name: str) -> bool:
        """Open the preset that the command line named, by its name or its file; whether that could be done."""
        try:
            page = preset_book.find(name)
        except BbwizardError as error:
            self.wizard.report(error)
            return False
        return self._open(page)

    def _open(self, page: Page) -> bool:
        try:
            preset = preset_book.read(page.path)
        except BbwizardError as error:
            self.wizard.report(error)
            return False
        session = self.wizard.session
        if session.environment is None:
            self.app.notify("choose a training environment first", severity="warning", markup=False)
            return False
        session.load(preset)
        self.wizard.saved_recipe = session.recipe
        self.screen.renew()
        self.app.notify(f"opening {page.name}: probing it here…", markup=False)
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
            self.screen.call_later(self._settled, notes, None)

    def _settled(self, notes: tuple[str, ...], error: BbwizardError | None) -> None:
        self.wizard.saved_recipe = self.wizard.session.recipe
        self.screen.go(4)
        if error is not None:
            self.wizard.report(error)
        elif notes:
            self.app.push_screen(TextDialog("What changed since it was saved", stack(*map(caution, notes))))
