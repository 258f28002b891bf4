"""The user's whole decision, as an immutable value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv6Address, ip_address
from typing import Final

from bbwizard.errors import UsageError
from bbwizard.grammar import DEFAULT_INPUT

DIGITS: Final = 5
"""As many as a side of an image has at most, in pixels."""
ALL: Final = "all"
"""Among codes of fixes: every one that is not named."""

FIXES: Final[Mapping[str, str]] = {
    "misplaced": "name a config file that the detector is built from by its whole path",
    "normalisation": "rewrite the pipelines with the normalisation of the weights",
    "no-gradient": "find_unused_parameters=True where a check saw parameters without gradient",
    "late-frozen": "find_unused_parameters=True where a check saw parameters frozen by train()",
    "all-gradients": "find_unused_parameters=False where a check saw that all parameters get a gradient",
    "sync-bn": "BN in place of SyncBN where one process trains",
    "layer-decay": "no learning rate by layer where the constructor does not know the layers",
    "pad": "pad images to multiples of the deepest stride",
    "pad-sides": "pad images to sides that the backbone takes",
    "size-multiplier": "draw YOLOX's image sizes as multiples of the deepest stride",
    "rf-next": "leave out RF-Next's hook",
    "class-check": "leave out NumClassCheckHook where it would stop at the backbone",
    "freeze": "carry frozen_stages, norm_eval and frozen batch norm over",
    "frozen-random": "freeze nothing of a backbone that starts from random weights",
    "eval-random": "train the batch norm of a backbone that starts from random weights",
    "adamw": "AdamW in place of SGD",
    "backbone-lr": "the whole learning rate for the backbone",
    "batch-size": "train with --auto-scale-lr",
}
"""What the fix of each code does; a preset or a command line may name any, also where nothing is found."""


@dataclass(frozen=True)
class Recipe:
    """Which backbone goes into which base config, and how it will be trained.

    `stages` None means the default wiring; `weights` is "auto" (as the base starts), "none", the name of one of the
    backbone's checkpoints, a path or a URL; `input` is (height, width) in pixels; `override` writes what would
    otherwise be refused, with the warning in the file. `fixes` are the codes of findings whose offered fix is taken,
    `leave` those of certain fixes that are not; "all" stands for every code. `data` names the user's own data set,
    empty for the base's. `gpus` are those of all `nodes`, 0 for as many nodes as it takes; without Slurm they find one
    another at `meet`, a host or HOST:PORT, empty for this machine. `resume` is empty, "auto" to go on with the latest
    checkpoint, or a checkpoint's path.
    """

    base: str = ""
    backbone: str = ""
    stages: tuple[int, ...] | None = None
    weights: str = "auto"
    input: tuple[int, int] = DEFAULT_INPUT
    gpus: int = 1
    launcher: str = "auto"
    override: bool = False
    fixes: tuple[str, ...] = ()
    leave: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    nodes: int = 0
    meet: str = ""
    resume: str = ""

    @property
    def one_process(self) -> bool:
        """Whether a single process trains, without a launcher."""
        return self.gpus == 1 and self.launcher == "auto"

    def takes(self, code: str, *, certain: bool) -> bool:
        """Whether the fix with this code is taken: as its code says, else as "all" says, else where it is certain."""
        if code in self.leave or code in self.fixes:
            return code not in self.leave
        return ALL not in self.leave and (certain or ALL in self.fixes)

    def with_fix(self, code: str, taken: bool, *, certain: bool) -> Recipe:
        """This decision with one fix taken or left, saying no more of it than is needed."""
        fixes = tuple(known for known in self.fixes if known != code)
        leave = tuple(known for known in self.leave if known != code)
        silent = replace(self, fixes=fixes, leave=leave)
        if silent.takes(code, certain=certain) == taken:
            return silent
        return replace(silent, fixes=(*fixes, code)) if taken else replace(silent, leave=(*leave, code))


def parse_input(text: str) -> tuple[int, int]:
    """`"800x1333"` (height x width) or `"640"` (a square) in pixels.

    Raises:
        UsageError: the text is neither, or a side is 0 or has more than five digits.
    """
    remedy = "give height x width in pixels, such as 640x640 or 800x1333"
    match = re.fullmatch(r"\s*(\d+)(?:\s*[xX*,]\s*(\d+))?\s*", text)
    if match is None:
        raise UsageError(f"input size {text!r} is not HxW", remedy)
    sides = match[1], match[2] or match[1]
    if max(map(len, sides)) > DIGITS:
        raise UsageError(f"input size {text!r} has a side of more than {DIGITS} digits", remedy)
    height, width = map(int, sides)
    if not height or not width:
        raise UsageError(f"input size {text!r} has a side of 0 pixels", remedy)
    return height, width


def parse_meeting(text: str) -> str:
    """`"gpu01"`, `"gpu01:29400"` or `"[::1]:29400"`: a host at which nodes meet, with or without a port.

    Raises:
        UsageError: it names no host, or no port; with what is wrong.
    """
    host, colon, port = text.rpartition(":") if ":" in text and not text.endswith("]") else (text, "", "")
    for address, behind in ((text, "29400"), (host, port)):
        if is_ipv6(address):
            raise UsageError(f"{text!r} has no brackets around its address", f"write [{address}]:{behind}")
    if not (re.fullmatch(r"\w[\w.-]*", host) or (host[:1] + host[-1:] == "[]" and is_ipv6(host[1:-1]))):
        raise UsageError(f"{text!r} names no host", "give HOST or HOST:PORT, such as gpu01:29400")
    if colon and not (re.fullmatch(r"[0-9]{1,5}", port) and 1 <= int(port) <= 65535):
        raise UsageError(f"{port!r} in {text!r} is no port", "there are 1 to 65535")
    return text


def is_ipv6(text: str) -> bool:
    """Whether a text is an IPv6 address without brackets."""
    try:
        return isinstance(ip_address(text), IPv6Address) and text.isprintable() and " " not in text
    except ValueError:
        return False


def parse_code(text: str) -> str:
    """The code of a fix, or "all".

    Raises:
        UsageError: no fix has that code; with those that there are.
    """
    if text not in FIXES and text != ALL:
        raise UsageError(f"no fix has the code {text!r}", f"there are {', '.join(FIXES)}; or {ALL}")
    return text


def parse_stages(text: str) -> tuple[int, ...]:
    """`"1,2,3"` as ascending out indices: backbones output in forward order, whatever order is asked for.

    Raises:
        UsageError: something in it is no index, or stands twice.
    """
    try:
        stages = [int(part) for part in text.replace(" ", "").split(",") if part]
    except ValueError:
        stages = []
    if not stages or len(set(stages)) != len(stages) or min(stages) < 0:
        raise UsageError(f"stages {text!r} is not a list of out indices", "give them once each, such as 1,2,3")
    return tuple(sorted(stages))
