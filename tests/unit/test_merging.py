"""What mmcv makes of a child and its base, and where two configs are unlike."""

from __future__ import annotations

from bbwizard.merging import merged, unlike

BASE = {"model": {"neck": {"in_channels": [1, 2], "start_level": 1}, "backbone": {"type": "A", "depth": 5}}, "lr": 1}


def test_dicts_are_merged_key_by_key_and_all_else_is_replaced():
    child = {"model": {"neck": {"in_channels": [3]}, "backbone": {"_delete_": True, "type": "B"}}, "new": {"x": 1}}
    assert merged(child, BASE) == {
        "model": {"neck": {"in_channels": [3], "start_level": 1}, "backbone": {"type": "B"}},
        "lr": 1,
        "new": {"x": 1},
    }
    assert BASE["model"]["backbone"] == {"type": "A", "depth": 5}, "the base stays as it is"
    assert merged({"lr": {"warm": 2}}, BASE)["lr"] == {"warm": 2}
    assert merged({"model": None}, BASE)["model"] is None


def test_what_is_unlike_is_named_by_its_path():
    there = {"a": [1, (2, 3)], "b": {"c": 1, "gone": None}, "only": "x" * 99, "lists": [1, 2]}
    written = {"a": (1, [2, 4]), "b": {"c": 1}, "more": {"deep": True}, "lists": [1]}
    assert [one.text for one in unlike(there, written)] == [
        "a.1.1 is 3, and would be 4",
        f"only is '{'x' * 58}…, and would be gone",
        "lists is [1, 2], and would be [1]",
        "more is not there, and would be {'deep': True}",
    ]
    assert list(unlike(there, there)) == []
