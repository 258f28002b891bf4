"""A network's output shapes without its arithmetic: one image that has a shape and no numbers is shown to it.

Its parameters have none either. Integers, such as the indices of relative positions, are worked out for real, so that
an index beyond its table raises as it would in training.
Works on torch 1.11, whose "meta" device has neither convolutions nor norms, as on 2.x, where it takes a fraction of
the time of torch's own kernels for that device.
"""

import contextlib
from typing import Any, Callable, ContextManager, Dict, Iterator, List, Sequence, Set, Tuple
from weakref import WeakKeyDictionary

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from bbprobe.counting import COUNTERS, note
from bbprobe.members import modules
from bbprobe.shape_rules import Unknown, changed, rules

try:
    from torch._C import DisableTorchFunctionSubclass as AsTensors
except ImportError:  # before torch 2
    from torch._C import DisableTorchFunction as AsTensors

CPU, META = torch.device("cpu"), torch.device("meta")

RULES = rules()


LARGE = 1 << 24
"""Numbers that take a second to be written."""


class Unsure(Exception):
    """The network looks at numbers that were never worked out."""


class ShapeTensor(Tensor):
    """A tensor on the meta device that says it is on the CPU: what a network makes for it there is real."""

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        result = called(func, args, kwargs)
        if func in COUNTERS:
            with AsTensors():
                note(func, args, kwargs, result)
        return result


def blank(shape: Sequence[int], dtype: Any = torch.float32) -> ShapeTensor:
    """A tensor of a shape."""
    with AsTensors():
        return made(tuple(shape), dtype)


def made(shape: Tuple[int, ...], dtype: Any = torch.float32) -> ShapeTensor:
    """`blank`, within `AsTensors`."""
    return torch.empty(shape, dtype=dtype, device=META).as_subclass(ShapeTensor)


def without_numbers(model: nn.Module) -> ContextManager[None]:
    """The parameters of a network are shapes alone for as long; its buffers stay, with the indices among them."""
    blanks = BLANKS.setdefault(model, {})

    def change(parameter: nn.Parameter) -> Tensor:
        if parameter not in blanks:
            blanks[parameter] = blank(parameter.shape, parameter.dtype)
        return blanks[parameter]

    return parameters_as(model, change)


BLANKS: "WeakKeyDictionary[nn.Module, Dict[nn.Parameter, Tensor]]" = WeakKeyDictionary()
"""What stands for the parameters of models that are still looked at: most are shown several images."""


@contextlib.contextmanager
def parameters_as(model: nn.Module, change: Callable[[nn.Parameter], Tensor]) -> Iterator[None]:
    """The parameters of a network are what `change` makes of them for as long."""
    kept = [(module, dict(module._parameters)) for module in modules(model) if module._parameters]
    try:
        for module, parameters in kept:
            for name, parameter in parameters.items():
                if parameter is not None:
                    module._parameters[name] = change(parameter)
        yield
    finally:
        for module, parameters in kept:
            module._parameters.update(parameters)


@contextlib.contextmanager
def large_one_hots_as_shapes() -> Iterator[None]:
    """For as long, a one-hot code of real indices that fit it has no numbers where it has `LARGE` many of them."""
    real = F.one_hot

    def one_hot(indices: Tensor, num_classes: int = -1) -> Tensor:
        known = type(indices) is Tensor and indices.numel() * num_classes >= LARGE
        if not known or indices.min() < 0 or indices.max() >= num_classes:
            return real(indices, num_classes)
        return blank(tuple(indices.shape) + (num_classes,), indices.dtype)

    F.one_hot = one_hot
    try:
        yield
    finally:
        F.one_hot = real


def getters(*names: str) -> List[Any]:
    """What torch calls for attributes of tensors."""
    return [getattr(Tensor, name).__get__ for name in names if hasattr(Tensor, name)]


OF_SHAPES = frozenset(
    getters("shape", "ndim", "dtype", "requires_grad", "is_cuda", "layout", "is_sparse", "is_quantized", "is_mkldnn")
    + getters("names", "grad_fn", "is_meta", "is_nested", "is_leaf", "_backward_hooks")
    + [Tensor.size, Tensor.dim, Tensor.numel, Tensor.ndimension, Tensor.nelement, Tensor.stride, Tensor.__len__]
    + [Tensor.is_contiguous, Tensor.is_floating_point, Tensor.is_complex, Tensor.element_size, Tensor.storage_offset]
    + [torch.is_floating_point, torch.is_complex, torch.numel]
)
"""What a tensor without numbers answers itself."""

DEVICE = frozenset(getters("device"))

OF_NUMBERS = frozenset(
    [Tensor.item, Tensor.tolist, Tensor.numpy, Tensor.__bool__, Tensor.__int__, Tensor.__float__, Tensor.__index__]
    + [Tensor.nonzero, Tensor.unique, Tensor.masked_select, torch.nonzero, torch.unique, torch.masked_select]
    + [Tensor.equal, Tensor.allclose, torch.equal, torch.allclose]
)
"""What hangs on numbers, its shape or all of it."""

MOVES = frozenset([Tensor.to, Tensor.float, Tensor.half, Tensor.double, Tensor.type, Tensor.type_as, Tensor.cpu])
"""To other devices and types: the shape stays."""


def called(func: Any, args: Tuple[Any, ...], kwargs: Any) -> Any:
    """A call of torch in which a `ShapeTensor` takes part."""
    if func in DEVICE:
        return CPU
    with AsTensors():
        if func in OF_SHAPES:
            return func(*args, **kwargs)
        rule = RULES.get(func)
        if rule is not None:
            try:
                found = rule(*args, **kwargs)
                return tuple(map(made, found)) if isinstance(found, list) else made(found)
            except (Unknown, TypeError):
                pass
        if func in OF_NUMBERS:
            raise Unsure(getattr(func, "__name__", str(func)))
        if func in MOVES:
            return blank(args[0].shape)
        name = getattr(func, "__name__", "")
        if in_place(name):
            if name in ARITHMETIC and len(args) > 1:
                changed(args[0], args[1])
            return args[0]
        return torch_says(func, args, kwargs)


def in_place(name: str) -> bool:
    """Whether a function changes its first argument, by torch's naming."""
    if name.startswith("__"):
        return name == "__setitem__" or name in IN_PLACE_OPERATORS
    return name.endswith("_")


IN_PLACE_OPERATORS = frozenset("__i{}__".format(name) for name in ("add", "sub", "mul", "truediv", "floordiv", "pow"))

ARITHMETIC = IN_PLACE_OPERATORS | {"add_", "sub_", "mul_", "div_", "copy_"}
"""What takes a second tensor, broadcast to the first."""


def torch_says(func: Any, args: Tuple[Any, ...], kwargs: Any) -> Any:
    """What torch's kernel for the meta device gives; where there is none, or a real index is to be looked up, what
    comes of zeros that share one number."""
    indices = [item for item in looked_up(func, args) if isinstance(item, Tensor)]
    if any(type(item) is ShapeTensor for item in indices):
        raise Unsure("indices")
    if not indices and not kwargs and func not in NOT_ON_META and PLAIN.issuperset(map(type, args)):
        with contextlib.suppress(NotImplementedError, RuntimeError):  # these are for what follows
            return mapped(func(*args), marked)
    if not indices and func not in NOT_ON_META:
        try:
            kept = {key: "meta" if key == "device" else value for key, value in kwargs.items()}
            return mapped(func(*mapped(args, on_meta), **mapped(kept, on_meta)), marked)
        except NotImplementedError:
            NOT_ON_META.add(func)
        except RuntimeError as error:
            if "meta" not in str(error).lower():
                raise
            NOT_ON_META.add(func)
    return mapped(func(*mapped(args, as_zeros), **mapped(kwargs, as_zeros)), of_its_shape)


PLAIN = frozenset([ShapeTensor, int, float, bool, str, type(None), torch.dtype, torch.Size])
"""What a call can be given that holds no tensor with numbers."""

NOT_ON_META: Set[Any] = set()
"""What this torch was found to have no kernel for on the meta device: an exception of its dispatcher takes 5 ms."""


def looked_up(func: Any, args: Tuple[Any, ...]) -> Sequence[Any]:
    """What stands between the brackets of a look-up; nothing for other functions."""
    if getattr(func, "__name__", "") != "__getitem__":
        return ()
    return args[1] if isinstance(args[1], (tuple, list)) else (args[1],)


def mapped(value: Any, change: Callable[[Tensor], Any]) -> Any:
    """A value with each tensor in it changed."""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, dict):
        return {key: mapped(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        items = [mapped(item, change) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    return value


def on_meta(tensor: Tensor) -> Tensor:
    """For kernels of the meta device: without numbers, but for integers."""
    if type(tensor) is ShapeTensor:
        return tensor.as_subclass(Tensor)
    if not tensor.is_floating_point() or tensor.is_meta:
        return tensor
    return torch.empty(tensor.shape, dtype=tensor.dtype, device="meta")


def marked(tensor: Tensor) -> Tensor:
    """What came from the meta device has no numbers."""
    return tensor.as_subclass(ShapeTensor) if tensor.is_meta else tensor


def as_zeros(tensor: Tensor) -> Tensor:
    """For kernels of the CPU: zeros in the memory of one."""
    if type(tensor) is not ShapeTensor:
        return tensor
    return torch.zeros((), dtype=tensor.dtype).expand(tensor.shape)


def of_its_shape(tensor: Tensor) -> Tensor:
    """What came of zeros has no numbers either."""
    return blank(tensor.shape, tensor.dtype)
