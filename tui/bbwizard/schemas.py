"""The JSON Schema of what each command prints with `--json`, made from the types themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from bbprobe.protocol import BaseName, Check, Environment, Measurement, Probe
from bbwizard import answers

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

ANSWERS: Final[Mapping[str, tuple[Any, ...]]] = {
    "doctor": (Environment,),
    "bases": (list[answers.BaseAnswer], list[BaseName]),
    "backbones": (list[answers.EntryAnswer],),
    "probe": (Probe, list[Probe]),
    "measure": (Measurement,),
    "write": (answers.WriteAnswer,),
    "adopt": (answers.AdoptAnswer,),
    "compare": (list[answers.ComparedAnswer],),
    "candidates": (answers.CandidatesAnswer,),
    "results": (list[answers.ResultAnswer],),
    "dataset": (answers.DatasetAnswer,),
    "check": (Check,),
    "keys": (list[answers.KeyAnswer],),
    "presets": (list[answers.PresetAnswer], list[answers.DifferenceAnswer], list[str]),
}
"""What a command prints: in its first form, then as its options have it (`bases --names`, `probe --all`, ...)."""


def schema(command: str) -> dict[str, Any]:
    """The JSON Schema of a command's `--json`."""
    forms, parts = msgspec.json.schema_components(ANSWERS[command], ref_template="#/$defs/{name}")
    body = dict(forms[0]) if len(forms) == 1 else {"anyOf": list(forms)}
    return {"$schema": DIALECT, "title": f"bbwizard {command} --json", **body, "$defs": parts}
