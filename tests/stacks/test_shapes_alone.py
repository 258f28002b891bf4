"""What shapes alone say of torch's own functions, against those functions, called."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from stacks.pipe import SOURCES


def test_every_call_gives_the_same_sizes_or_is_refused_both_ways(stack: Any) -> None:
    script = Path(__file__).with_name("asked_shapes.py")
    ran = subprocess.run(
        [stack.python, "-W", "ignore", str(script)],
        env={**os.environ, "PYTHONPATH": str(SOURCES)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    found = json.loads(ran.stdout.splitlines()[-1])
    assert found["calls"] > 500
    assert found["different"] == []
    assert found["one hot"][0] == [[4096, 8192], True]
    assert "smaller than num_classes" in found["one hot"][1]
    assert found["one hot"][2] == [[4096, 6], False]  # small enough to be written
