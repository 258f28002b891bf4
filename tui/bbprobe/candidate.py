"""One backbone under examination: built again and again, shown images, cured."""

from collections import namedtuple
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from torch import nn

from bbprobe import building, cures, forward
from bbprobe.building import SELECTING, first_line
from bbprobe.protocol import SHAPES, Cancelled, Cure, Refused
from bbprobe.words import is_out_of_memory

Shape = Tuple[int, ...]

USUAL = 224
"""The image side that classifiers are trained with where nothing is said."""

Answer = namedtuple("Answer", ["size", "shapes", "macs", "refusal"])
"""The shapes that leave a backbone for an image of `size` (height, width), and its multiply-adds. `refusal` are the
library's words about `forward.PROBE_SIZE`, empty where it took that."""


class Candidate:
    """A type and its config. Whatever the library raises about it is Refused with the library's words."""

    def __init__(self, kind: str, config: Dict[str, Any], device: str, pause: Callable[[], None]) -> None:
        self.kind = kind
        self.device = device
        self.pause = pause
        self.cures = []  # type: List[Cure]
        self.takes = cures.taken(building.class_of(kind), config)
        self.declares = bool(config.get("features_only"))
        """Whether timm's feature extraction does the selecting, and says what there is to select."""
        self.selects = ["out_indices"] if self.declares else [key for key in self.takes if SELECTING.match(key)]
        self.computed = False
        """Whether a network was really run."""
        self.config = {key: value for key, value in config.items() if key not in self.selects}

    def cure(self, offered: Sequence[Sequence[Cure]]) -> List[Cure]:
        """Take up those of `offered` that apply here; which these were."""
        found = cures.applicable(offered, self.takes, self.config)
        self.cures += found
        self.config.update((cure.key, cure.value) for cure in found)
        return found

    def give_up(self, dropped: Sequence[Cure]) -> None:
        """Go back on cures that did not help."""
        for cure in dropped:
            self.cures.remove(cure)
            del self.config[cure.key]

    def build(self, select: Optional[str] = None, indices: Sequence[int] = ()) -> nn.Module:
        """The backbone with the maps at `indices` selected, or by its own default."""
        self.pause()
        config = self.config if select is None else dict(self.config, **{select: tuple(indices)})
        try:
            return building.build(self.kind, config)
        except Exception as error:
            raise refused(error) from error

    def show(self, model: nn.Module, size: Sequence[int]) -> forward.Shown:
        """Show `model` one image of `size` (height, width)."""
        self.pause()
        try:
            found = forward.asked(model, size, self.device, self.pause)
            self.computed = self.computed or found.device != SHAPES
            return found
        except Exception as error:
            raise refused(error) from error

    def answer(self, model: nn.Module) -> Answer:
        """What leaves `model` for `forward.PROBE_SIZE`, or where it refuses that, for the size it was made for."""
        try:
            found = self.show(model, forward.PROBE_SIZE)
            return Answer(forward.PROBE_SIZE, found.shapes, found.macs, "")
        except Refused as refusal:
            size = self.native(model)
            try:
                found = self.show(model, size)
                return Answer(size, found.shapes, found.macs, str(refusal))
            except Refused:
                sizes = "{} nor {}".format(size_in_words(forward.PROBE_SIZE), size_in_words(size))
                raise Refused("it takes neither {} images: {}".format(sizes, refusal)) from None

    def native(self, model: nn.Module) -> Tuple[int, int]:
        """The image size (height, width) that it was made for, as far as the library says."""
        published = getattr(inner(model), "pretrained_cfg", None) or getattr(inner(model), "default_cfg", None) or {}
        made_for = published.get("input_size", ())[-2:]
        size = self.config.get("img_size") or made_for or self.takes.get("img_size") or USUAL
        return (size, size) if isinstance(size, int) else (int(size[0]), int(size[-1]))


def size_in_words(size: Sequence[int]) -> str:
    """A size (height, width) as it is written."""
    return "{}x{}".format(size[0], size[1])


def inner(model: nn.Module) -> nn.Module:
    """timm's own model within `mmcls.TIMMBackbone`, any other backbone itself."""
    return getattr(model, "timm_model", model)


def refused(error: Exception) -> Exception:
    """The library's refusal, in its own words; `error` itself where it says nothing about the backbone."""
    if isinstance(error, (Cancelled, Refused)) or is_out_of_memory(error) or "CUDA error" in str(error):
        return error
    return Refused(first_line(error))
