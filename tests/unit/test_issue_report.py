"""The text for an issue: what helps is in it, what is private is not."""

from __future__ import annotations

import os
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bbwizard import issue_report
from bbwizard.issue_report import Private, redacted

ANNA = Private(home="/data/home/anna", user="anna", host="gpu07")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("/data/home/anna/envs/mm/bin/python", "…/python"),
        ("/data/home/anna/mm/lib/python3.8/site-packages/mmdet/x.py", "…/lib/python3.8/site-packages/mmdet/x.py"),
        ('  File "/scratch/project-x/secret.py", line 7, in <module>', '  File "…/secret.py", line 7, in <module>'),
        ("anna@gpu07.cluster.example: permission denied", "<address>: permission denied"),
        ("bound to 10.1.2.3:29500", "bound to <address>:29500"),
        ("user anna on gpu07, not joanna", "user <user> on <host>, not joanna"),
        ("API_KEY=abc123 token: xyz", "API_KEY=… token: …"),
        *[(kept, kept) for kept in ("256/512, 3 s/it, https://github.com/x", "retinanet/r50.py + timm/resnet50")],
    ],
)  # fmt: skip
def test_what_is_left_of_a_line(said: str, told: str) -> None:
    assert redacted(said, ANNA) == told


PART = st.text(string.ascii_letters + string.digits + "_-", min_size=4, max_size=12)


@given(st.lists(PART, min_size=2, max_size=5), st.sampled_from(["", "/data/home/anna"]), st.sampled_from(" \"'=(,"))
def test_no_folder_of_anybody_s_is_told(parts: list[str], root: str, before: str) -> None:
    told = redacted(f"read{before}{root}/{'/'.join(parts)}: no such file", ANNA)
    assert told.startswith("read") and told.endswith(": no such file")
    assert "/data/" not in told
    path = told.removeprefix(f"read{before}").removesuffix(": no such file")
    assert path.count("/") == 1 or path.startswith("…/mmdetection/")


def test_the_last_log_is_the_newest_that_can_be_read(tmp_path: Path) -> None:
    assert issue_report.last_log(tmp_path / "missing") == []
    for number in (1, 2):
        (tmp_path / f"probe-{number}.log").write_text(f"line of {number}\n")

    os.utime(tmp_path / "probe-1.log", (0, 0))
    assert issue_report.last_log(tmp_path) == ["line of 2"]


def test_the_text_holds_what_draws_what_was_found_and_what_was_said_last() -> None:
    log = [f"line {number}" for number in range(100)] + ["```"]
    text = issue_report.report(["torch  2.4.1"], [("bbwizard", "1"), ("TERM", "xterm")], log, ANNA)
    assert text.count("```") == 6
    assert "bbwizard  1\n" in text
    assert "torch  2.4.1" in text
    assert "line 99" in text and "line 59" not in text
