"""A network that is really run has its multiply-adds counted by what it calls, as one that shapes alone go through."""

import contextlib
import sys
from typing import Any, Iterator

from torch import Tensor, nn

from bbprobe.counting import COUNTERS, convolution, note, tell
from bbprobe.shape_tensor import AsTensors, parameters_as

DEFORMABLE = (
    ("mmcv.ops.deform_conv", "DeformConv2dFunction", 2),
    ("mmcv.ops.modulated_deform_conv", "ModulatedDeformConv2dFunction", 3),
)
"""mmcv's own kernels of convolutions, which are no functions of torch: module, class, and which argument the weights
are. They count as if they were not deformed, beside the convolution that their offsets come from."""


class NotedTensor(Tensor):
    """A tensor with numbers; what it takes part in is counted."""

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        result = super().__torch_function__(func, types, args, kwargs)
        if func in COUNTERS:
            with AsTensors():
                note(func, args, kwargs, result)
        return result


def noted(tensor: Tensor) -> Tensor:
    """The same numbers as a tensor whose calls are counted."""
    return tensor.detach().as_subclass(NotedTensor)


@contextlib.contextmanager
def noting_calls(model: nn.Module) -> Iterator[None]:
    """What a network does with its parameters is counted for as long, deformable convolutions too."""
    kept = [
        (getattr(sys.modules[module], name), weights) for module, name, weights in DEFORMABLE if module in sys.modules
    ]
    own = [vars(kernel)["forward"] for kernel, _ in kept]
    try:
        for (kernel, weights), forward in zip(kept, own):
            kernel.forward = staticmethod(noting(forward.__func__, weights))
        with parameters_as(model, noted):
            yield
    finally:
        for (kernel, _), forward in zip(kept, own):
            kernel.forward = forward


def noting(forward: Any, weights: int) -> Any:
    """The forward of a kernel, counted as a convolution whose weights are the argument of that number."""

    def counted(ctx: Any, *args: Any) -> Any:
        out = forward(ctx, *args)
        with AsTensors():
            tell(convolution(out, args[0], args[weights]))
        return out

    return counted
