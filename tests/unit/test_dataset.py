"""A user's own data: how it is named, and its classes."""

from __future__ import annotations

from pathlib import Path

import pytest
from data_sets import codes, data
from hypothesis import given
from hypothesis import strategies as st

from bbprobe.protocol import Category
from bbwizard import dataset
from bbwizard.errors import UsageError
from bbwizard.rules import own_data

FOLDER = Path("/home/me")


# How it is named


@given(words=st.lists(st.sampled_from(["d", "train=a.json", "val=b/c.json:d e", "test=/x.json:/y"]), unique=True))
def test_words_are_made_absolute_once(words):
    named = dataset.named(words, FOLDER)
    assert dataset.named(named, Path("/elsewhere")) == named
    assert len(named) == len(words)
    asked = dataset.question(named)
    assert asked["path"] == ("/home/me/d" if "d" in words else None)
    assert asked["given"].get("val") == (
        ["/home/me/b/c.json", "/home/me/d e"] if words.count("val=b/c.json:d e") else None
    )


@pytest.mark.parametrize("words", [["a", "b"], ["train=a.txt"], ["val=a.json", "val=b.json"]])
def test_words_that_name_no_data_set_are_refused(words):
    with pytest.raises(UsageError):
        dataset.named(words, FOLDER)


def test_a_typed_line_is_split_as_a_shell_would():
    assert dataset.typed("'my data' train=a.json") == ["my data", "train=a.json"]
    with pytest.raises(UsageError, match="no closing quotation"):
        dataset.typed("'my data")


# Paths that no training prints


@pytest.mark.parametrize("word", ["it's", "train=o'neil/a.json", "train=a.json:o'neil", "two\nlines"])
def test_a_path_that_mmcv_cannot_print_is_refused_where_it_is_named(word):
    with pytest.raises(UsageError, match="mmcv cannot print a config that names it") as caught:
        dataset.named([word], FOLDER)
    assert "rename it" in caught.value.hint


def test_a_path_that_mmcv_cannot_print_is_refused_where_it_was_found():
    found = own_data.problems(data("cat", test={"folder": "/data/pets/kid's"}), None)
    assert codes(found) == ["data-path"]
    assert "kid's" in found[0].text


# Its classes


def test_classes_stand_in_the_files_order_without_what_only_stands_over_them():
    over = {"categories": [Category("pets", "none", 0), Category("dog", "pets", 5), Category("cat", "pets", 5)]}
    assert dataset.classes(data(train=over, val=over, test=over)) == ("dog", "cat")
    used = {"categories": [Category("pets", "none", 1), Category("dog", "pets", 5)]}
    assert dataset.classes(data(train=over, val=used, test=over)) == ("pets", "dog", "cat"), "it has a box somewhere"
    named_alike = {"categories": [Category("dog", "none", 0), Category("dog", "dog", 5)]}
    assert dataset.classes(data(train=named_alike, val=named_alike, test=named_alike)) == ("dog", "dog")


@given(names=st.permutations(["cat", "dog", "Füße", "unseen"]), left_out=st.booleans())
def test_a_split_that_numbers_the_classes_otherwise_is_refused(names, left_out):
    val = [name for name in names if not (left_out and name == "dog")]
    found = data("cat", "dog", "Füße", val={"categories": [Category(name, "", 5) for name in val]})
    same = [name for name in val if name != "unseen"] == ["cat", "dog", "Füße"]
    assert codes(own_data.problems(found, None)) == ([] if same else ["data-classes"])
