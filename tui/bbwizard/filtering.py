"""Which names a typed filter keeps, and in what order. Pure.

A filter is words apart by spaces, all of which must hold: a plain word is a substring in any case, a word with `*` or
`?` is matched against the whole name as `timm.list_models` does, `!word` must not hold. A name may be matched
without its first part (`timm/`), which says only where it comes from, and without the `.py` of a config.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from itertools import zip_longest

EXACT, PREFIX, TOKEN, INSIDE = range(4)
"""How well a word sits in a name, best first."""


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A sort key by which `resnet9` is before `resnet10`, however long the numbers, and `mine.py` before `mine2.py`."""
    parts = re.split(r"([0-9]+)", name.lower().removesuffix(".py"))
    digits = [part.lstrip("0") for part in parts[1::2]]
    numbers = [(1, len(part), part) for part in digits]
    words = [(0, 0, part) for part in parts[::2]]
    return tuple(key for pair in zip_longest(words, numbers) for key in pair if key is not None and key != (0, 0, ""))


@dataclass(frozen=True)
class Word:
    """One word of a filter, in lower case and without its `!`."""

    text: str
    excludes: bool
    pattern: re.Pattern[str] | None
    """What the whole name must match, where the word has wildcards."""

    @classmethod
    def parse(cls, typed: str) -> "Word":
        """The word that was typed."""
        excludes = typed.startswith("!")
        text = (typed[1:] if excludes else typed).lower()
        wild = "*" in text or "?" in text
        return cls(text, excludes, re.compile(translate(text)) if wild else None)

    def rank(self, forms: tuple[str, ...]) -> int | None:
        """How well the word sits in a lower-case name, the first of its forms; None where in none of them."""
        if self.pattern is not None:
            return INSIDE if any(map(self.pattern.match, forms)) else None
        name = forms[0]
        at = name.find(self.text)
        if at < 0:
            return None
        if self.text in forms:
            return EXACT
        if any(form.startswith(self.text) for form in forms):
            return PREFIX
        while at >= 0:
            if not name[at - 1].isalnum():
                return TOKEN
            at = name.find(self.text, at + 1)
        return INSIDE


def parse(query: str) -> tuple[Word, ...]:
    """The words of a filter; a lone `!`, which a user is about to go on from, counts for nothing."""
    return tuple(word for word in map(Word.parse, query.split()) if word.text)


def forms(name: str) -> tuple[str, ...]:
    """What a name may be matched as: whole, without its first part, and each without the ending of a config."""
    whole = (name, name.partition("/")[2] or name)
    return tuple(dict.fromkeys((*whole, *(form.removesuffix(".py") for form in whole))))


@dataclass
class Names:
    """Names ready to be filtered many times; answers are remembered, so that deleting a letter costs nothing."""

    names: Sequence[str]
    shortest_first: bool = False
    """Whether a shorter name that a word is found in goes before a longer one: the plain config before its variants."""
    _forms: list[tuple[str, ...]] = field(init=False, repr=False)
    _order: list[int] = field(init=False, repr=False)
    _found: dict[tuple[Word, ...], list[int]] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._forms = [forms(name.lower()) for name in self.names]
        self._order = sorted(range(len(self.names)), key=lambda index: (natural(self.names[index]), self.names[index]))

    def find(self, query: str) -> list[int]:
        """The indexes of the names that the filter keeps, best first, equally good ones in natural order."""
        words = parse(query)
        if words not in self._found:
            by_length = self.shortest_first and any(not word.excludes and word.pattern is None for word in words)
            ranked = []
            for index in self._order:
                score = self._score(index, words)
                if score is not None:
                    ranked.append((score, len(self._forms[index][-1]) if by_length else 0, index))
            ranked.sort(key=lambda row: row[:2])
            self._found[words] = [row[-1] for row in ranked]
        return self._found[words]

    def _score(self, index: int, words: tuple[Word, ...]) -> int | None:
        """The sum of the words' ranks, 0 the best; None where a word does not hold."""
        score = 0
        for word in words:
            rank = word.rank(self._forms[index])
            if (rank is None) != word.excludes:
                return None
            score += 0 if rank is None else rank
        return score
