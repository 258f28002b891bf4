"""Strings and values as nobody means them, for tests that nothing breaks on them."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

quick = settings(deadline=None, max_examples=40)
"""Enough to find something anew now and then: what was found once stands in `NAMES` or in an example."""

NAMES = (
    "\x1b]0;mine\x07net",
    "\x1b[2J\x1b[31mred",
    "one\nanother\rthird",
    "nothing\x00more",
    "\x9b31mof eight bits",
    "[/x][bold]$error[@click=app.quit]x[/]",
    "骨干网络" * 12,
    "שלום\u202ederorrim\u2066",
    "half \ud800 a \udce9 character",
    "-rf --no 'q\" $(touch mine) `touch mine` \\",
    "٣" * 3 + "x",
    "9" * 5000,
    "e\u0301\u0302\u200d👩‍👩‍👧‍👧",
    "x" * 600,
    "coding: utf-7 {{ fileDirname }} {{_base_.model}}",
    "\u2028lines\u2029\x85\x0b\x0c\x1c",
    " ",
    "' + __import__('os').system('touch mine') + '",
    "**kwargs, __debug__=1)",
)
"""Each acts on something that is careless: a terminal, markup, a shell, Python, YAML, mmcv, a sort key."""

letters = st.characters(exclude_categories=[])
"""Any code point, surrogates too."""
texts = st.sampled_from([name for name in NAMES if len(name) < 100]) | st.text(letters, max_size=20)
leaves: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers() | st.floats() | texts
values: st.SearchStrategy[Any] = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=3), max_leaves=6
)
"""Whatever JSON can say, and what Python's own reader of it takes beside that."""
