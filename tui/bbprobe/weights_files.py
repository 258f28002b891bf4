"""What a checkpoint file holds: its tensors' names and shapes, and where in the file they lie."""

from collections import namedtuple
from typing import Any, Dict, List, Tuple

import torch

from bbprobe.protocol import Refused
from bbprobe.words import in_words

Contents = namedtuple("Contents", ["holder", "tensors"])
"""`tensors` from name to shape, and the key of the file that they lie under, empty where they are the file itself."""


def contents(path: str) -> List[Contents]:
    """Every mapping of tensors in a file: the file's own, then those below one of its keys.

    Raises:
        Refused: torch cannot read it, or there are no tensors in it.
    """
    try:
        held = read(path)
    except Exception as error:
        raise Refused("{} is no checkpoint that torch can read: {}".format(path, unreadable(path, error))) from error
    found = [Contents("", shapes(held))] + [
        Contents(str(key), shapes(value)) for key, value in (held.items() if isinstance(held, dict) else ())
    ]
    found = [one for one in found if one.tensors]
    if not found:
        raise Refused("{} holds no tensors by name".format(path))
    return found


def read(path: str) -> Any:
    """What torch, or safetensors, reads out of a file."""
    if path.endswith(".safetensors"):
        from safetensors.torch import load_file

        return load_file(path)
    if path.endswith(".npz"):
        import numpy

        with numpy.load(path) as arrays:
            return {name: torch.empty(arrays[name].shape) for name in arrays.files}
    return torch.load(path, map_location="cpu")


def unreadable(path: str, error: BaseException) -> str:
    """Why torch cannot read a file, where its first bytes tell, else torch's own words."""
    with open(path, "rb") as file:
        head = file.read(64)
    if not head:
        return "it is empty"
    if head.startswith(b"version https://git-lfs"):
        return "it is a pointer of git-lfs, not the file itself"
    if head.lstrip().lower().startswith((b"<!doctype", b"<html")):
        return "it is a web page"
    return in_words(error)


def shapes(held: Any) -> Dict[str, Tuple[int, ...]]:
    """Name to shape of the tensors in a mapping; empty where it is none."""
    if not isinstance(held, dict):
        return {}
    return {str(name): tuple(value.shape) for name, value in held.items() if isinstance(value, torch.Tensor)}


def prefixes(held: Dict[str, Tuple[int, ...]], wanted: Dict[str, Tuple[int, ...]]) -> List[str]:
    """What stands before the names that are `wanted`, in the shapes that are wanted; the most frequent first."""
    votes = {}  # type: Dict[str, int]
    for name, shape in held.items():
        parts = name.split(".")
        for start in range(len(parts)):
            if wanted.get(".".join(parts[start:])) == shape:
                prefix = "".join(part + "." for part in parts[:start])
                votes[prefix] = votes.get(prefix, 0) + 1
    return sorted(votes, key=lambda prefix: (-votes[prefix], len(prefix)))
