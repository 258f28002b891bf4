"""From which number on the classes of mmcls freeze their first stage."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from bbwizard.rules.freezing import FROM_ZERO

STEM_IS_A_STAGE = {"mmcls.MobileNetV3"}
"""Its first of all is what others have before their stages."""

LOOK = """
import inspect, json, re
from mmcls.models import BACKBONES

found = {}
for cls in BACKBONES.module_dict.values():
    freeze = getattr(cls, "_freeze_stages", None)
    if freeze is not None and cls.__module__.startswith("mmcls."):
        from_zero = re.search(r"range\\((0, )?self.frozen_stages \\+ 1\\)", inspect.getsource(freeze))
        found["mmcls." + cls.__name__] = from_zero is not None
print(json.dumps(found))
"""


def test_classes_that_count_their_stages_from_zero_are_known(stack: Any) -> None:
    command = [stack.python, "-W", "ignore", "-c", LOOK]
    looked = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(looked.stdout.splitlines()[-1])
    assert not found["mmcls.ResNet"]
    assert {name for name, from_zero in found.items() if from_zero} - STEM_IS_A_STAGE == FROM_ZERO & set(found)
