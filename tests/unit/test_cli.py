"""The grammar of the command line."""

from __future__ import annotations

import pytest

from bbwizard.arguments import parser


@pytest.mark.parametrize(
    ("words", "python"),
    [
        (["doctor"], None),
        (["--python", "/env", "doctor"], "/env"),
        (["doctor", "--python", "/env"], "/env"),
        (["--python", "/other", "doctor", "--python", "/env"], "/env"),
    ],
)
def test_the_environment_may_stand_before_and_behind_the_command(words, python):
    options = parser().parse_args([*words, "--json"])
    assert (options.python, options.launch, options.device) == (python, (), "auto")
