"""What a base config's own backbone gives: channels and strides, from running it; and how its batch norm trains."""

from typing import Any, Dict, List, NamedTuple, Optional

from bbprobe import forward, loading, members, traits
from bbprobe.protocol import SHAPES, Norms, Refused, Stride
from bbprobe.words import in_words


class Map(NamedTuple):
    """One feature map, in the order the backbone outputs them."""

    stride: Stride
    channels: int


class Own(NamedTuple):
    """What a backbone gave."""

    maps: List[Map]
    norms: Optional[Norms]


_asked: Dict[str, Any] = {}


def own(backbone: Dict[str, Any]) -> Own:
    """What a `model.backbone` gives; asked once for each, whatever weights it would load.

    Raises:
        Refused: it cannot be built, does not run, or gives no feature maps.
    """
    config = loading.without_weights(loading.plain(backbone))
    key = repr(config)
    if key not in _asked:
        try:
            _asked[key] = ask(config)
        except Refused as refusal:
            _asked[key] = refusal
    answer = _asked[key]
    if isinstance(answer, Refused):
        raise Refused(str(answer))
    return Own(list(answer.maps), answer.norms)


def ask(config: Dict[str, Any]) -> Own:
    """What a backbone config without weights gives."""
    from mmcv import ConfigDict
    from mmcv.cnn.utils import revert_sync_batchnorm
    from mmdet.models import build_backbone

    kind = config.get("type")
    try:
        with forward.no_initialisation():
            model = revert_sync_batchnorm(build_backbone(ConfigDict(config)))
        model.eval()  # a statement: mmcls backbones return None from it
        shapes = forward.asked(model, forward.PROBE_SIZE, SHAPES).shapes
    except Refused as refusal:
        raise Refused("its backbone {} is of no use here: {}".format(kind, refusal)) from refusal
    except Exception as error:
        size = "{}x{}".format(*forward.PROBE_SIZE)
        text = "its backbone {} does not run on an image of {}: {}".format(kind, size, in_words(error))
        raise Refused(text) from error
    found = []
    for shape in shapes:
        if len(shape) != 4 or shape[2] >= shape[3]:
            raise Refused("its backbone {} outputs a tensor of shape {}, not a feature map".format(kind, shape))
        found.append(Map(forward.exact_stride(forward.PROBE_SIZE, shape[2], shape[3]), shape[1]))
    return Own(found, norms(model))


def norms(model: Any) -> Optional[Norms]:
    """What the batch norm of a model that was just built does; None where it cannot be asked to train."""
    modules = members.modules(model)
    frozen = traits.frozen_norms(modules)
    training = traits.training_norms(model)
    return None if training is None else Norms(sum(map(traits.is_batch_norm, modules)), training, frozen)
