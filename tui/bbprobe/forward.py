"""Building a backbone without its weight initialisation, and running one image through it."""

import contextlib
import gc
from typing import Any, Callable, Dict, Iterator, List, Sequence, Tuple

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook

from bbprobe.protocol import Refused, Stride

PROBE_SIZE = (256, 320)
"""Not square, a multiple of 64 both ways, and 64 apart: strides up to 64 come out of the difference exactly."""


@contextlib.contextmanager
def no_initialisation() -> Iterator[None]:
    """Leave new parameters as allocated: a probe looks at shapes, and random numbers cost most of the building."""
    names = [name for name in vars(nn.init) if name.endswith("_") and not name.startswith("_")]
    kept = [(nn.init, name, vars(nn.init)[name]) for name in names]
    # timm keeps copies of its own, which end in these
    kept += [(torch.Tensor, name, vars(torch.Tensor).get(name)) for name in ("normal_", "uniform_", "erfinv_")]
    try:
        for owner, name, _ in kept:
            setattr(owner, name, lambda tensor, *args, **kwargs: tensor)
        yield
    finally:
        for owner, name, function in kept:
            if function is None:  # was inherited
                delattr(owner, name)
            else:
                setattr(owner, name, function)


@contextlib.contextmanager
def allocated(device: str) -> Iterator[None]:
    """Within, a network is made where it will run. "meta": tensors without numbers, which take no memory.

    The drop path rates of most libraries are numbers read out of a `linspace`: those it needs also there.
    """
    if device != "meta":
        yield
        return
    from torch.overrides import TorchFunctionMode

    class Linspace(TorchFunctionMode):  # type: ignore[misc, valid-type]
        def __torch_function__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = kwargs or {}
            return function(*args, **(dict(kwargs, device="cpu") if function is torch.linspace else kwargs))

    with torch.device("meta"), Linspace():
        yield


def shapes_alone() -> str:
    """The device on which shapes alone are worked out.

    Raises:
        Refused: this torch has none.
    """
    if not hasattr(torch.device("meta"), "__enter__"):
        raise Refused("torch {} makes no network of shapes alone".format(torch.__version__))
    return "meta"


def release(device: str) -> None:
    """Give back what a probe held on the device; the CUDA context itself stays until the process ends."""
    gc.collect()
    if device.startswith("cuda"):
        torch.cuda.empty_cache()


def maps(
    model: nn.Module, size: Sequence[int], device: str, pause: Callable[[], None] = lambda: None
) -> List[Tuple[int, ...]]:
    """The shapes that `model` outputs for one image of `size` (height, width), in its own order.

    `pause` is called before every layer: what it raises ends the arithmetic there.

    Raises:
        Refused: it outputs something else than tensors.
    """
    image = torch.zeros(1, 3, size[0], size[1], device=device)
    hook = register_module_forward_pre_hook(lambda module, inputs: pause())
    try:
        with torch.no_grad(), allocated(device):
            outputs = model(image)
    finally:
        hook.remove()
    return [tuple(tensor.shape) for tensor in flatten(outputs)]


def flatten(outputs: Any) -> List[torch.Tensor]:
    """The tensors of a backbone's output; of a `[map, class token]` pair, the map.

    Raises:
        Refused: there is something else than tensors in it.
    """
    if isinstance(outputs, torch.Tensor):
        return [outputs]
    if isinstance(outputs, dict):
        outputs = list(outputs.values())
    if not isinstance(outputs, (list, tuple)):
        raise Refused("it outputs {}, not feature maps".format(type(outputs).__name__))
    return [flatten(item)[0] if isinstance(item, (list, tuple)) else item for item in outputs]


def exact_stride(probe_size: Sequence[int], height: int, width: int) -> Stride:
    """Input pixels per map pixel, from the map of a non-square image (its height and width in map pixels).

    The difference quotient is exact also where padding makes the map a little smaller: 256x320 to 29x37 is 64/8.
    Where it cannot be (patches of 14 pixels: 256x320 to 18x22), the whole number whose multiples fit both sides is
    taken; where there is none, the plain ratio, rounded to two digits.
    """
    gap = probe_size[1] - probe_size[0]
    if width > height and gap % (width - height) == 0:
        quotient = gap // (width - height)
        if (height - 1) * quotient <= probe_size[0]:
            return quotient
    ratio = probe_size[1] / float(width)
    for overhang in (0, 1):  # patches that overhang are dropped, or padded
        for whole in (int(ratio), int(ratio) + 1):
            if whole and [(side + overhang * (whole - 1)) // whole for side in probe_size] == [height, width]:
                return whole
    return int(ratio) if ratio.is_integer() else round(ratio, 2)


def parameters(model: nn.Module) -> int:
    """How many numbers it holds that training would move."""
    return sum(parameter.numel() for parameter in model.parameters())


def as_config(kind: str, config: Dict[str, Any]) -> Dict[str, Any]:
    """`type` and keyword arguments as mmcv's registries take them."""
    return dict(config, type=kind)
