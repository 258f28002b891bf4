"""What a config says otherwise than its base, and how its lines are told apart."""

from __future__ import annotations

from dataclasses import replace

from facts import ENTRY, SHUFFLENET, YOLOX
from hypothesis import given
from hypothesis import strategies as st

from bbwizard.against_base import differences, lines
from bbwizard.config import spelled_out
from bbwizard.literals import Name
from bbwizard.plan import make
from bbwizard.recipe import Recipe
from bbwizard.widgets.python_lines import parts

RESOLVED = {
    "model": {
        "type": "YOLOX",
        "backbone": {"type": "CSPDarknet", "deepen_factor": 0.33},
        "neck": {"in_channels": [128, 256, 512], "out_channels": 128},
    },
    "optimizer": {"type": "SGD", "lr": 0.01},
}


def test_what_is_added_taken_out_and_changed_is_told_and_nothing_else() -> None:
    base = replace(YOLOX, resolved=repr(RESOLVED))
    plan = make(Recipe(base=base.name, backbone=ENTRY.name), base, ENTRY, SHUFFLENET)
    told = lines(differences(plan))
    assert "  model.backbone.type = 'CSPDarknet' → 'mmcls.ShuffleNetV2'" in told
    assert "- model.backbone.deepen_factor = 0.33" in told
    assert "+ model.backbone.out_indices = [0, 1, 3]" in told
    assert "  model.neck.in_channels = [128, 256, 512] → [116, 232, 1024]" in told
    assert not [line for line in told if "out_channels" in line or "lr" in line]


def test_a_name_is_what_it_stands_for() -> None:
    steps = [{"type": "Resize"}]
    values = {"steps": steps, "data": {"train": {"pipeline": Name("steps")}, "sizes": (1, Name("steps"))}}
    assert spelled_out(values)["data"] == {"train": {"pipeline": steps}, "sizes": (1, steps)}
    placed = {"root": "/data + mine/", "file": Name("root + 'it\\'s + a.json'"), "prefix": Name("root")}
    assert spelled_out(placed) == {
        "root": "/data + mine/",
        "file": "/data + mine/it's + a.json",
        "prefix": "/data + mine/",
    }


@given(st.text(st.characters(codec="utf-8", exclude_characters="\n")))
def test_a_line_in_parts_is_the_line(text: str) -> None:
    assert "".join(part for part, _ in parts(text)) == text


def test_a_sign_of_a_comment_in_a_string_begins_none() -> None:
    kinds = dict(parts("_base_ = '/opt/x#y.py'  # why"))
    assert kinds["'/opt/x#y.py'"] == "string"
    assert kinds["# why"] == "comment"
