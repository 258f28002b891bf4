"""The registry's keys as Textual binds them."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from bbwizard import keys


def bindings(name: str) -> list[BindingType]:
    """The bindings of one group, for a class's `BINDINGS`."""
    return [
        Binding(
            key.keys, key.action, key.label, show=bool(key.rank), priority=key.priority, tooltip=key.tooltip, id=key.id
        )
        for key in keys.GROUPS[name].keys
    ]
