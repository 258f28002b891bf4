"""Building a backbone without its weight initialisation, and running one image through it."""

import contextlib
import gc
import re
from collections import namedtuple
from typing import Any, Callable, Dict, Iterator, List, Sequence, Tuple

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook

from bbprobe.counted_tensor import noted, noting_calls
from bbprobe.counting import counted
from bbprobe.deformable import kernels_as, shaped
from bbprobe.protocol import SHAPES, Cancelled, Refused, Stride
from bbprobe.shape_tensor import blank, large_one_hots_as_shapes, without_numbers

PROBE_SIZE = (256, 320)
"""Not square, a multiple of 64 both ways, and 64 apart: strides up to 64 come out of the difference exactly."""

ABOUT_SHAPES = re.compile(
    "is invalid for input of size|doesn't match the broadcast shape|must match the size of tensor"
    "|Sizes of tensors must match|shapes cannot be multiplied"
    "|Expected size for first two dimensions|is out of bounds for dimension"
)
"""What torch says of shapes and indices that do not fit, on every device."""


@contextlib.contextmanager
def no_initialisation() -> Iterator[None]:
    """Leave new parameters as allocated: a probe looks at shapes, and random numbers cost most of the building.

    An image of zeros, to which constructors show a stem that they want to measure, has a shape alone.
    """
    zeros = torch.zeros

    def image_or_zeros(*shape: Any, **options: Any) -> torch.Tensor:
        return blank(shape) if len(shape) == 4 and shape[:2] == (1, 3) else zeros(*shape, **options)

    names = [name for name in vars(nn.init) if name.endswith("_") and not name.startswith("_")]
    kept = [(nn.init, name, vars(nn.init)[name]) for name in names]
    # timm keeps copies of its own, which end in these
    kept += [(torch.Tensor, name, vars(torch.Tensor).get(name)) for name in ("normal_", "uniform_", "erfinv_")]
    kept += [(nn.Parameter, name, vars(nn.Parameter).get(name)) for name in ("mul_", "div_", "add_", "clamp_", "fill_")]
    try:
        torch.zeros = image_or_zeros
        for owner, name, _ in kept:
            setattr(owner, name, lambda tensor, *args, **kwargs: tensor)
        yield
    finally:
        torch.zeros = zeros
        for owner, name, function in kept:
            if function is None:  # was inherited
                delattr(owner, name)
            else:
                setattr(owner, name, function)


def release(device: str) -> None:
    """Give back what a probe held on the device; the CUDA context itself stays until the process ends."""
    gc.collect()
    if device.startswith("cuda"):
        torch.cuda.empty_cache()


Shown = namedtuple("Shown", ["shapes", "macs", "device"])
"""What came of showing a network one image: the shapes that it outputs, in its own order, its multiply-adds (None where
they cannot be told), and the device that it ran on."""


@contextlib.contextmanager
def before_each_layer(pause: Callable[[], None]) -> Iterator[None]:
    """Call `pause` before every layer of every network: what it raises ends the arithmetic there."""
    hook = register_module_forward_pre_hook(lambda module, inputs: pause())
    try:
        yield
    finally:
        hook.remove()


def maps(
    model: nn.Module, size: Sequence[int], device: str, pause: Callable[[], None] = lambda: None
) -> List[Tuple[int, ...]]:
    """The shapes that `model` outputs for one image of `size` (height, width); see `show`."""
    return show(model, size, device, pause).shapes


def show(model: nn.Module, size: Sequence[int], device: str, pause: Callable[[], None] = lambda: None) -> Shown:
    """Show `model` one image of `size` (height, width).

    On `SHAPES` nothing is computed. `pause` is called before every layer: what it raises ends the arithmetic there.

    Raises:
        Refused: it outputs something else than tensors.
        Unsure: on `SHAPES`, where its output hangs on numbers.
    """
    with before_each_layer(pause), torch.no_grad(), counted() as tally:
        if device == SHAPES:
            with without_numbers(model), large_one_hots_as_shapes(), kernels_as(shaped):
                outputs = model(blank((1, 3, size[0], size[1])))
        else:
            with noting_calls(model.to(device)):
                outputs = model(noted(torch.zeros(1, 3, size[0], size[1], device=device)))
    return Shown([tuple(tensor.shape) for tensor in flatten(outputs)], tally.macs, device)


def asked(model: nn.Module, size: Sequence[int], device: str, pause: Callable[[], None] = lambda: None) -> Shown:
    """As `show`, on the device that tells.

    On `SHAPES`, where shapes alone do not tell, the network is run on the CPU. What its own assertions or torch say of
    shapes counts; any other refusal is the real network's to make.
    """
    if device == SHAPES:
        try:
            return show(model, size, SHAPES, pause)
        except (Cancelled, AssertionError):
            raise
        except Exception as error:
            if ABOUT_SHAPES.search(str(error)):
                raise
            device = "cpu"
    return show(model, size, device, pause)


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


def as_config(kind: str, config: Dict[str, Any]) -> Dict[str, Any]:
    """`type` and keyword arguments as mmcv's registries take them."""
    return dict(config, type=kind)
