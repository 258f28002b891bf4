"""Undo and redo, against a model of them: all decisions in a row, and a finger on the one that stands."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bbwizard.history import History


class Deciding(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.history = History(0)
        self.row, self.finger = [0], 0

    @rule(value=st.integers())
    def add(self, value: int) -> None:
        self.history.add(value)
        self.row = [*self.row[: self.finger + 1], value]
        self.finger += 1

    @rule(value=st.integers())
    def amend(self, value: int) -> None:
        self.history.amend(value)
        self.row[self.finger] = value

    @rule(value=st.integers())
    def refuse(self, value: int) -> None:
        self.history.add(value)
        self.history.drop()
        self.row = self.row[: self.finger + 1]

    @rule()
    def undo(self) -> None:
        assert self.history.undo() == (self.finger > 0)
        self.finger = max(0, self.finger - 1)

    @rule()
    def redo(self) -> None:
        assert self.history.redo() == (self.finger + 1 < len(self.row))
        self.finger = min(len(self.row) - 1, self.finger + 1)

    @invariant()
    def what_stands_is_under_the_finger(self) -> None:
        assert self.history.now == self.row[self.finger]


TestDeciding = Deciding.TestCase
