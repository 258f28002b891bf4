"""mmcv's deformable convolutions, which are kernels of its own and no functions of torch."""

import contextlib
import sys
from typing import Any, Callable, Iterator

from torch.nn import functional as F

from bbprobe.counting import convolution, tell
from bbprobe.shape_tensor import AsTensors, ShapeTensor, Unsure

KERNELS = (
    ("mmcv.ops.deform_conv", "DeformConv2dFunction", 2, 3),
    ("mmcv.ops.modulated_deform_conv", "ModulatedDeformConv2dFunction", 3, 5),
)
"""Module, class, and which of its arguments the weights are, and the first of stride, padding, dilation, groups and
deform_groups."""

Forward = Callable[..., Any]


@contextlib.contextmanager
def kernels_as(change: Callable[[Forward, int, int], Forward]) -> Iterator[None]:
    """For as long, the forward of each kernel that was imported is what `change` makes of it."""
    found = [
        (getattr(sys.modules[module], name), weights, stride)
        for module, name, weights, stride in KERNELS
        if module in sys.modules
    ]
    own = [vars(kernel)["forward"] for kernel, _, _ in found]
    try:
        for (kernel, weights, stride), forward in zip(found, own):
            kernel.forward = staticmethod(change(forward.__func__, weights, stride))
        yield
    finally:
        for (kernel, _, _), forward in zip(found, own):
            kernel.forward = forward


def noting(forward: Forward, weights: int, stride: int) -> Forward:
    """The kernel, its multiply-adds counted as if it were not deformed; its offsets come from another convolution."""

    def counted(ctx: Any, *args: Any) -> Any:
        out = forward(ctx, *args)
        with AsTensors():
            tell(convolution(out, args[0], args[weights]))
        return out

    return counted


def shaped(forward: Forward, weights: int, stride: int) -> Forward:
    """The kernel, which gives an image without numbers the shape that the convolution would give it.

    What its offsets and its image must be like is what `deform_conv_shape_check` of mmcv's C++ asserts; where they are
    not, the real kernel is asked.
    """

    def shapes_alone(ctx: Any, *args: Any) -> Any:
        image, offsets, kernel = args[0], args[1], args[weights]
        if type(image) is not ShapeTensor:
            return forward(ctx, *args)
        options = (args[stride:] + (1, 0, 1, 1, 1)[len(args) - stride :])[:5]
        height, width = kernel.shape[2:]
        out = F.conv2d(image, kernel, None, *options[:4])
        wanted = (out.shape[0], 2 * options[4] * height * width) + tuple(out.shape[2:])
        if tuple(offsets.shape) != wanted or image.shape[2] < height or image.shape[3] < width:
            raise Unsure("offsets")
        return out

    return shapes_alone
