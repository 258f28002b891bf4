"""The strides that a running detector really produces, against those its heads are made for."""

from typing import Any, List, NamedTuple, Optional, Sequence, Tuple

import torch

from bbprobe import forward, heads
from bbprobe.protocol import Refused, Stride
from bbprobe.strides import Size, agrees, flat, stride_of


class Seen(NamedTuple):
    """Feature maps as they came: channels, height, width."""

    channels: int
    height: int
    width: int


class Watch:
    """Sees what a detector's backbone and its `extract_feat` give, the first time that each is run."""

    def __init__(self, detector: torch.nn.Module) -> None:
        self.image: Size = (0, 0)
        self.backbone: Optional[List[Seen]] = None
        self.features: Optional[List[Seen]] = None
        if isinstance(getattr(detector, "backbone", None), torch.nn.Module):
            detector.backbone.register_forward_hook(self._after_backbone)
        self._extract = detector.extract_feat
        detector.extract_feat = self._extract_feat

    def _after_backbone(self, module: Any, inputs: Any, outputs: Any) -> None:
        if self.backbone is None:
            self.image = tuple(inputs[0].shape[-2:])
            self.backbone = shapes(outputs)

    def _extract_feat(self, *args: Any, **kwargs: Any) -> Any:
        outputs = self._extract(*args, **kwargs)
        if self.features is None:
            self.features = shapes(outputs)
        return outputs

    def strides(self, maps: Optional[Sequence[Seen]]) -> List[Stride]:
        """Input pixels per map pixel of each of `maps`."""
        return [stride_of(self.image, item.height, item.width) for item in maps or []]


def named(watch: Watch, made_for: Sequence[Stride]) -> List[Stride]:
    """The strides of the features, called as the heads call them where a map can have that stride.

    A map of 3 pixels of an image of 300 is at stride 100 as well as at 128.
    """
    features = watch.features or []
    if len(made_for) == len(features) and all(
        agrees(watch.image, item.height, item.width, stride) for item, stride in zip(features, made_for)
    ):
        return list(made_for)
    return watch.strides(features)


def shapes(outputs: Any) -> List[Seen]:
    """Those outputs that are maps."""
    try:
        tensors = forward.flatten(outputs)
    except Refused:
        return []
    return [Seen(*item.shape[1:]) for item in tensors if isinstance(item, torch.Tensor) and item.dim() == 4]


def expected(detector: Any) -> List[Stride]:
    """The strides that the dense head, or else the longest RoI extractor, is made for; empty where none says."""
    head = dense(detector)
    said = heads.of_head(head) if head is not None else []
    if said or any(kind.__name__ in heads.OWN_SCALE for kind in type(head).__mro__):
        return said
    return max((strides for _, strides in extractors(detector)), key=len, default=[])


def dense(detector: Any) -> Optional[Any]:
    """The head that reads the features first."""
    for key in heads.KEYS:
        head = getattr(detector, key, None)
        if head is not None:
            return head
    return None


def extractors(detector: Any) -> List[Tuple[str, List[Stride]]]:
    """The RoI extractors that read the features from the first level on, by name.

    HTC's and SCNet's semantic extractor reads one fused map instead.
    """
    regions = getattr(detector, "roi_head", None)
    if regions is None:
        return []
    found = []
    for name, module in regions.named_modules():
        strides = flat(getattr(module, "featmap_strides", None))
        if strides and "semantic" not in name:
            found.append((name, strides))
    return found


def disagreement(detector: Any, watch: Watch) -> str:
    """The first level whose stride is not the one that a head is made for, in a sentence; empty where all agree."""
    features, head = watch.features or [], dense(detector)
    made = heads.of_head(head) if head is not None else []
    kind = type(head).__name__
    if made and features and len(made) != len(features):
        return "the {} is made for {} levels (strides {}) and gets {} (strides {})".format(
            kind, len(made), listed(made), len(features), listed(watch.strides(features))
        )
    for name, strides in ([(kind, made)] if made else []) + extractors(detector):
        for level, (stride, item) in enumerate(zip(strides, features)):
            if not agrees(watch.image, item.height, item.width, stride):
                return "level {} of the {} is made for stride {} and gets a map at stride {}".format(
                    level, name, stride, watch.strides([item])[0]
                )
    return ""


def listed(values: Sequence[Any]) -> str:
    """Numbers in a sentence."""
    return ", ".join(str(value) for value in values)
