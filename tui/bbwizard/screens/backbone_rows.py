"""What the list of backbones says of its rows, and which it keeps in what order."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import replace
from typing import Any

from rich.cells import cell_len
from textual.content import Content

from bbprobe.protocol import Entry, Probe
from bbwizard import conditions, keys
from bbwizard.conditions import Condition
from bbwizard.errors import NotWritable
from bbwizard.fits import Fit
from bbwizard.grammar import ORDERS
from bbwizard.language import N_, _, told
from bbwizard.screens.browse import Browse
from bbwizard.widgets.about import of_entry, of_probe
from bbwizard.widgets.phrases import QUIET, pending
from bbwizard.widgets.row_list import Column
from bbwizard.widgets.text import count, padded
from bbwizard.wording import amount


class BackboneRows(Browse[str]):
    """Backbones by name; the entry behind a name may learn more while it is shown."""

    placeholder = N_("filter: words, params<30M, stride:4")

    def __init__(self) -> None:
        weights = _("wts")
        columns = [
            Column[str]("", lambda name: ("●" if name in self.session.marked else " ") + self._mark(name), 2),
            Column[str](_("backbone"), lambda name: name),
            Column[str](_("class"), lambda name: self.entries[name].family, 18, needs=72, tone=lambda name: "quiet"),
            Column[str](_("params"), self._params, 6, right=True, needs=56, tone=lambda name: "quiet"),
            Column[str](_("macs"), self._macs, 6, right=True, needs=80, tone=lambda name: "quiet"),
            Column[str]("", self._origin, 1, needs=56, tone=lambda name: "quiet"),
            Column[str](
                weights, self._weights, max(3, cell_len(weights)), right=True, needs=40, tone=lambda name: "quiet"
            ),
        ]
        super().__init__(columns, id="step-backbone")
        self.entries: dict[str, Entry] = {}
        self.order = ORDERS[0]
        self.catalog = "all"
        self.fitting = False
        """Whether only what the base config can take is listed."""
        self.fits: dict[str, Fit] = {}

    # Rows

    def _mark(self, name: str) -> str:
        if name == self.session.recipe.backbone:
            return "✓"
        if self._unfit(name):
            return "✗"
        fit = self._fit(name)
        if self.fitting and fit.taken is None:
            return "?"
        return "~" if self.fitting and fit.asked != name else " "

    def _unfit(self, name: str) -> bool:
        """Whether it is known that the base config cannot take a backbone."""
        taken = self._fit(name).taken
        return self.entries[name].pyramid is False if taken is None else not taken

    def _fit(self, name: str) -> Fit:
        """Whether the base config can take a backbone, as far as it is known by now."""
        base = self.wizard.base
        if base is None:
            return Fit(None)
        if name not in self.fits:
            self.fits[name] = self.session.fit(base, self.entries[name])
        return self.fits[name]

    def _weights(self, name: str) -> str:
        number = len(self.entries[name].weights)
        return str(number) if number else "-"

    def _params(self, name: str) -> str:
        number = self._facts(name).params
        return "" if number is None else amount(number)

    def _macs(self, name: str) -> str:
        number = self._facts(name).macs
        return "" if number is None else "-" if number is conditions.NEVER else amount(number)

    def _origin(self, name: str) -> str:
        """Whether the two numbers before it are the atlas's, which a line below the list explains."""
        answer = self.session.answer(self.entries[name])
        return "a" if answer is not None and answer.probe.origin == "atlas" else ""

    def explained(self) -> str:
        return _("a: atlas") if self.session.foresees else ""

    def _facts(self, name: str) -> conditions.Known:
        """What is known of a backbone that a filter can ask for."""
        return self.session.known(self.entries[name])

    def holds(self, row: str, wanted: Sequence[Condition]) -> bool | None:
        return conditions.verdict(wanted, self._facts_for(row, {one.name for one in wanted}))

    def _facts_for(self, name: str, wanted: Container[str]) -> conditions.Known:
        """What is known of a backbone that these conditions or orders ask for."""
        facts = self._facts(name)
        return replace(facts, fits=self._fit(name).taken) if "fits" in wanted else facts

    def untold(self, rows: Sequence[str], wanted: Sequence[Condition]) -> list[str]:
        asked = {one.name for one in wanted}
        lacking = [conditions.untold(wanted, self._facts_for(row, asked)) for row in rows]
        others = [row for row, names in zip(rows, lacking, strict=True) if names != {"licence"}]
        silent = [row for row in others if self.session.was_asked(self.entries[row], at_input="macs" in asked)]
        atlas = self.session.atlas is not None
        notes = {
            _("{count} not in the atlas at this size") if atlas else _("{count} did not say"): len(silent),
            _("{count} not asked yet"): len(others) - len(silent),
            _("{count} of unknown licence"): len(rows) - len(others),
        }
        return [words.format(count=count(number)) for words, number in notes.items() if number]

    def mistaken(self) -> str:
        if self.wizard.base is None and any(one.name == "fits" for one in conditions.split(self.filter.value)[1]):
            return _("what fits is told by a base config: choose one first")
        return told(conditions.mistaken(self.filter.value))

    def ordered(self, rows: list[str]) -> list[str]:
        if self.order == ORDERS[0]:  # the filter's own, which costs nothing
            return rows
        return sorted(rows, key=lambda name: conditions.place(self.order, self._facts_for(name, {self.order})))

    def tone(self, row: str) -> str:
        return {"✓": "good", "✗": "dim"}.get(self._mark(row), "")

    def name_of(self, row: str) -> str:
        return row

    def asked(self, row: str) -> object:
        return row, self.session.recipe.input

    def known(self, row: str) -> Probe | None:
        return self.session.probed(row)

    async def ask(self, row: str) -> Probe:
        return await self.session.probe(self.entries[row], highlight=True)

    def about(self, row: str, facts: Any | None, error: str = "") -> Content:
        chosen = row == self.choosing
        expected = self.session.expected(self.entries[row])
        if facts is None and expected is not None and not error:
            doing = pending(_("probing here"), self.elapsed or 0, chosen)
            confirming = Content.assemble((padded(_("atlas"), 10), QUIET), doing)
            return of_probe(self.entries[row], expected, self.wizard.base, confirming=confirming)
        if facts is None:
            return of_entry(self.entries[row], self._fit(row), seconds=self.elapsed or 0, error=error, chosen=chosen)
        self.fits.pop(row, None)  # until now it may have been its family's
        return of_probe(self.entries[row], facts, self.wizard.base, self.about_device(row), told=expected)

    def about_device(self, row: str) -> Sequence[Content]:
        """What the pane says of a probed backbone on the chosen device."""
        return ()

    def take(self, row: str, facts: Probe) -> None:
        base = self.wizard.base
        if not facts.pyramid and not (facts.flat and base is not None and base.rule == "deepest"):
            reason = told(facts.reason) or _("it gives no feature pyramid")
            hint = _("{key} lists what fits the base config").format(key=keys.key_for("backbone.fits"))
            self.wizard.report(NotWritable(_("{name} cannot be used: {reason}").format(name=row, reason=reason), hint))
            return
        self.session.change(backbone=row)
        self.rows.refresh()
        self.post_message(self.Decided(forward=True))
