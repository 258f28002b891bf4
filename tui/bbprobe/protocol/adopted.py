"""Facts of a config that somebody wrote: whose backbone it has, and what it was put into."""

from dataclasses import dataclass
from typing import Any, Dict, List, Optional


@dataclass(frozen=True)
class Adopted:
    """The swap that a config holds."""

    path: str
    type: str
    source: str
    """The catalog that holds its backbone, if any does: "mmcls", "timm" or "mmdet"."""
    essence: Dict[str, Any]
    """The arguments that make its backbone what it is, as the catalogs tell backbones apart."""
    selected: Optional[List[int]]
    """The out indices that it was given, or that its class has by default; None where neither says."""
    bases: List[str]
    """Files of whole configs that it can have been made from, the nearest first: of those that it inherits from, what
    has another backbone; else those of mmdet's own that differ least from it."""
    inherited: bool
    """Whether `bases` are among what it inherits from."""
