"""A network that is really run has its multiply-adds counted by what it calls, as one that shapes alone go through."""

import contextlib
from typing import Any, Iterator

from torch import Tensor, nn

from bbprobe.counting import COUNTERS, note
from bbprobe.deformable import kernels_as, noting
from bbprobe.shape_tensor import AsTensors, parameters_as


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
    with kernels_as(noting), parameters_as(model, noted):
        yield
