"""Decisions one after the other, each of which can be taken back, and made again. Pure."""

from __future__ import annotations

from typing import Generic, TypeVar

Value = TypeVar("Value")


class History(Generic[Value]):
    """What stands now, what stood before, and what was taken back since the last decision."""

    def __init__(self, first: Value) -> None:
        self._made = [first]
        self._taken_back: list[Value] = []

    @property
    def now(self) -> Value:
        """What stands."""
        return self._made[-1]

    def add(self, value: Value) -> None:
        """Decide; what was taken back before cannot be made again."""
        self._made.append(value)
        self._taken_back.clear()

    def amend(self, value: Value) -> None:
        """Say the last decision otherwise, as one and the same."""
        self._made[-1] = value

    def drop(self) -> None:
        """Forget the last decision, which turned out to be none."""
        self._made.pop()

    def undo(self) -> bool:
        """Take back the last decision; False where there is none."""
        if len(self._made) == 1:
            return False
        self._taken_back.append(self._made.pop())
        return True

    def redo(self) -> bool:
        """Make the decision again that was taken back last; False where there is none."""
        if not self._taken_back:
            return False
        self._made.append(self._taken_back.pop())
        return True
