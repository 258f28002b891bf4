"""What a backbone shows of how it is trained: its keywords, its normalisation, and whether it is like a transformer."""

import re
from typing import Any, Dict, List, Optional, Sequence

from torch import nn
from torch.nn.modules.batchnorm import _NormBase

from bbprobe import members

TRAINING = ("frozen_stages", "norm_eval", "with_cp", "drop_path_rate")
"""Keywords that change how a backbone trains and nothing else of it."""

QUERY = re.compile(r"(to_|in_)?(qkv|kv|q|query)s?(_proj|_conv)?$")
"""What the layer that makes queries is called by who writes self-attention: timm, mmcls, mmdet."""

POSITION = re.compile(r"(LayerNorm|RMSNorm)", re.IGNORECASE)


def takes(keywords: Dict[str, Any]) -> List[str]:
    """Which of `TRAINING` are among the keywords of a class."""
    return [key for key in TRAINING if key in keywords]


def frozen(parameters: Sequence[nn.Parameter]) -> int:
    """How many of the parameters of a model that was just built are frozen."""
    return sum(1 for parameter in parameters if not parameter.requires_grad)


def class_counts(modules: Sequence[nn.Module]) -> List[int]:
    """The numbers of classes that a backbone's modules have; mmdet's NumClassCheckHook (`mmdet/datasets/utils.py`)
    passes over mmcv's VGG, of all that can be inside of one."""
    from mmcv.cnn import VGG

    counts = [getattr(module, "num_classes", None) for module in modules if not isinstance(module, VGG)]
    return sorted({count for count in counts if isinstance(count, int)})


def norms(modules: Sequence[nn.Module]) -> Dict[str, int]:
    """How many of a model's modules normalise, by torch's class where they derive from one, else by their own."""
    found = {}  # type: Dict[str, int]
    for module in modules:
        name = norm(module)
        if name is not None:
            found[name] = found.get(name, 0) + 1
    return found


def frozen_norms(modules: Sequence[nn.Module]) -> int:
    """How many batch norm layers of a model that was just built have frozen weights."""
    own = [list(module._parameters.values()) for module in modules if is_batch_norm(module)]
    return sum(1 for held in own if all(weight is None or not weight.requires_grad for weight in held))


def training_norms(model: nn.Module) -> Optional[int]:
    """How many batch norm layers normalise with each batch once `train()` was called; None where it raises.

    A class may hold them back of its own accord: `norm_eval` is True for mmdet's ResNet where nothing is said.
    """
    try:
        model.train()
        return sum(1 for module in members.modules(model) if module.training and is_batch_norm(module))
    except Exception:
        return None
    finally:
        model.eval()


def norm_cfg(keywords: Dict[str, Any], config: Dict[str, Any]) -> Dict[str, Any]:
    """The `norm_cfg` of a class with these keywords and their defaults under `config`; empty where it has none."""
    found = config.get("norm_cfg", keywords.get("norm_cfg")) if "norm_cfg" in keywords else None
    return dict(found) if isinstance(found, dict) else {}


def is_batch_norm(module: nn.Module) -> bool:
    """Whether a module normalises over a batch, or has statistics of many."""
    return "BatchNorm" in str(norm(module))


def norm(module: nn.Module) -> Optional[str]:
    """The name of a normalisation layer's class; None where `module` is none.

    A library's own is known by its name, and by its weights being its own: a block called `ConvNormAct` is none.
    """
    if isinstance(module, (_NormBase, nn.LayerNorm, nn.GroupNorm)):
        return next(cls.__name__ for cls in type(module).__mro__ if cls.__module__.startswith("torch.nn."))
    own = "Norm" in type(module).__name__ and any(weight is not None for weight in module._parameters.values())
    return type(module).__name__ if own and all(part is None for part in module._modules.values()) else None


def is_transformer(modules: Sequence[nn.Module]) -> bool:
    """Whether a model of these modules attends to itself, or normalises more often each position than the batch.

    The second holds for what was designed after transformers and is trained like them, without attention: ConvNeXt,
    MLP-Mixer, PoolFormer (whose `GroupNorm` has one group, and so normalises over all channels too).
    """
    if any(map(attends, modules)):
        return True
    layers = [module for module in modules if norm(module) is not None]
    over_positions = sum(1 for module in layers if by_position(module))
    return 2 * over_positions > len(layers)


def attends(module: nn.Module) -> bool:
    """Whether a module is self-attention: torch's own, or one with a layer of its own for queries."""
    return isinstance(module, nn.MultiheadAttention) or any(map(QUERY.match, module._modules))


def by_position(module: nn.Module) -> bool:
    """Whether a normalisation layer treats each image by itself, over all of its channels."""
    if isinstance(module, nn.GroupNorm):
        return module.num_groups == 1
    return bool(POSITION.search(str(norm(module))))
