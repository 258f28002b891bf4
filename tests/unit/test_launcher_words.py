"""Why there is no probing half behind a launch prefix: in the prefix's own last words."""

from __future__ import annotations

import pytest

from bbwizard.launcher_words import last_words, not_launched

SSH = ("ssh", "-p", "2222", "gpu07")
SRUN = ("srun", "--gres=gpu:1")


@pytest.mark.parametrize(
    ("launch", "lines", "words", "hint"),
    [
        (SSH, ["Host key verification failed."], "Host key verification failed.", "`ssh gpu07 true`"),
        (SSH, ["me@gpu07: Permission denied (publickey)."], "me@gpu07: Permission denied", "ssh-copy-id gpu07"),
        (SSH, ["ssh: connect to host gpu07 port 22: Connection refused"], "connect to host gpu07", "`ssh gpu07 true`"),
        (SSH, ["bash: line 1: /e/bin/python: No such file or directory"], "/e/bin/python: No such", "--python PATH"),
        (SRUN, ["srun: error: invalid partition specified: x"], ": invalid partition specified: x", "sinfo"),
        (
            SRUN,
            ["srun: job 7 queued and waiting for resources", "srun: error: Job allocation 7 has been revoked"],
            "Job allocation 7 has been revoked",
            "from outside",
        ),
        (
            SRUN,
            [
                "slurmstepd: error: execve(): /e/bin/python: No such file or directory",
                "srun: error: n1: task 0: Exited with exit code 2",
            ],
            "execve(): /e/bin/python: No such file or directory",
            "--python PATH",
        ),
        (("sh",), [], "it ended with status 3", "in a shell"),
    ],
)
def test_the_last_words_are_named_with_what_to_do(launch, lines, words, hint):
    error = not_launched(launch, lines, 3)
    assert error.text.startswith(" ".join(launch) + " did not start the probing half: ")
    assert words in error.text
    assert hint in error.hint


def test_a_signal_is_named_where_nothing_was_said():
    assert not_launched(("sh",), [], -9).text.endswith("it was ended by signal 9")


def test_lines_that_only_follow_are_said_where_there_is_no_other():
    assert last_words(["srun: error: n1: task 0: Exited with exit code 2"]).endswith("Exited with exit code 2")
    assert last_words([]) == ""
