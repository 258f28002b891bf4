"""The user's own keys: what of their file counts, what is said of the rest, and what the registry itself keeps to."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.keys import _character_to_key

from bbwizard import grammar, keymap, keys
from bbwizard.key_names import SIGNS, unsendable
from bbwizard.keymap import parse


def test_the_example_changes_nothing() -> None:
    found = parse("\n".join(keymap.example()))
    assert found.faults == ()
    assert found.keys == {name: key.keys for name, key in keys.BY_ID.items()}


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ('wizard.undo = "z"', {"wizard.undo": "z"}),
        ('"wizard.undo" = "?, esc"\nwizard.help = "f12"\nwizard.back="b"', None),
        ('[wizard]\nundo = "U"\nredo = "u"', {"wizard.undo": "U", "wizard.redo": "u"}),
        ('wizard.presets = ";,comma"', {"wizard.presets": "semicolon,comma"}),
        ('stages.row-1 = "!"', {"stages.row-1": "exclamation_mark"}),
        ("", {}),
    ],
)
def test_lines_that_count(text: str, given: dict[str, str] | None) -> None:
    found = parse(text)
    if given is None:
        assert "wizard.undo: esc is" in found.faults[0], "the filter and the wizard go back with it"
    else:
        assert (found.keys, found.faults) == (given, ())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('wizard.undoo = "z"', "wizard.undoo: there is no such action; perhaps wizard.undo"),
        ('wizard.undo = "ctrl+shift+u"', "wizard.undo: no terminal is sure to send ctrl+shift+u"),
        ('wizard.undo = "alt+u"', "wizard.undo: no terminal is sure to send alt+u"),
        ('wizard.undo = "ctrl+h"', "wizard.undo: a terminal sends ctrl+h as backspace"),
        ('wizard.undo = "é"', "wizard.undo: no terminal is sure to send é"),
        ("wizard.undo = 3", 'wizard.undo: no key is given: write them like "u", apart by commas'),
        ('wizard.undo = " , "', "wizard.undo: no key is given"),
        ('wizard.undo = "f"', "wizard.undo: f is write.findings where both work (findings)"),
        ('filter.up = "k"', "filter.up: k types something there"),
        ("wizard.undo = ", "it is no TOML"),
    ],
)
def test_a_line_that_cannot_count_is_named_and_left_out(text: str, fault: str) -> None:
    found = parse(text)
    assert found.keys == {}
    assert fault in found.faults[0]
    assert len(found.faults) == 1


def test_two_lines_that_clash_with_each_other_are_both_left_out() -> None:
    found = parse('wizard.undo = "f9"\nwizard.save = "f9"\nwizard.presets = "f8"')
    assert found.keys == {"wizard.presets": "f8"}
    assert [fault.partition(":")[0] for fault in found.faults] == ["wizard.undo", "wizard.save"]


words = st.sampled_from(["u", "f", "?", "esc", "ctrl+b", "ctrl+h", "enter", "", "space", "F1"]) | st.text(max_size=3)
values = st.lists(words, max_size=3).map(",".join) | st.integers() | st.booleans()


@settings(deadline=None, max_examples=50)
@given(st.dictionaries(st.sampled_from(list(keys.BY_ID)), values, max_size=8))
def test_whatever_is_written_nothing_that_counts_clashes(lines: dict[str, object]) -> None:
    import json

    written = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in lines.items()]
    found = parse("\n".join(written))
    assert keymap.clashes(found.keys) == {}
    assert len(found.keys) + len(found.faults) >= (1 if lines else 0)


@settings(deadline=None)
@given(st.text())
def test_no_text_is_too_strange(text: str) -> None:
    found = parse(text)
    assert bool(found.error) == bool(found.faults)


@pytest.mark.parametrize("kind", ["folder", "not UTF-8", "nothing"])
def test_a_file_that_cannot_be_read_is_named(kind: str) -> None:
    keymap.file().parent.mkdir(parents=True)
    if kind == "folder":
        keymap.file().mkdir()
    elif kind == "not UTF-8":
        keymap.file().write_bytes(b"\xff\xfe")
    found = keymap.read()
    assert found.keys == {}
    if kind == "nothing":
        assert found.error is None
    else:
        assert found.error is not None
        assert "keys.toml" in found.error.text
        assert "it cannot be read" in found.error.text
        assert "bbwizard keys" in found.error.hint


SWALLOWED = {"ctrl+a", "ctrl+b", "ctrl+s", "ctrl+q"}
"""Kept by screen, tmux and flow control."""


def test_no_action_needs_a_key_that_something_on_the_way_keeps() -> None:
    for key in keys.BY_ID.values():
        names = key.keys.split(",")
        assert not any(map(unsendable, names)), key.id
        assert set(names) - SWALLOWED or key.id == "app.quit", key.id


def test_every_group_has_its_places_and_every_sign_its_name() -> None:
    assert set(chain(*keys.PLACES)) == set(keys.GROUPS)
    assert {sign: _character_to_key(sign) for sign in SIGNS} == SIGNS


def test_the_key_that_orders_says_by_what() -> None:
    words = {"match", "parameters", "multiply-adds", "weights", "stages", "licence", "fit"}
    said = set(keys.BY_ID["backbone.order"].tooltip.removeprefix("Order by ").replace(" or ", ", ").split(", "))
    assert said == words
    assert len(words) == len(grammar.ORDERS)
