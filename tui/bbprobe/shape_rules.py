"""What torch's functions do to shapes, for those that networks call most: the others are asked of torch itself.

Each rule gives the shape of the result, a list where there are several, or `Unknown` for whatever it was not written
for. The formulas are those of torch's documentation of the functions.
"""

import math
from typing import Any, Callable, Dict, List, Sequence, Tuple, TypeVar, Union

import torch
import torch.nn.functional as F
from torch import Tensor

Shape = Tuple[int, ...]

Rule = Callable[..., Union[Shape, List[Shape]]]

Anything = TypeVar("Anything")

SAME = """
    relu relu6 gelu silu sigmoid tanh hardswish hardsigmoid hardtanh leaky_relu elu celu selu mish softplus softmax
    log_softmax dropout dropout2d normalize exp sqrt rsqrt neg __neg__ abs square contiguous clone detach clamp roll
    flip
"""
"""The result has the shape of the first argument."""

BROADCAST = """
    add sub mul div true_divide maximum minimum
    __add__ __radd__ __sub__ __rsub__ __mul__ __rmul__ __truediv__ __rtruediv__
"""
"""The two first arguments, tensors or numbers, are broadcast."""


class Unknown(Exception):
    """A rule was not written for these arguments."""


def first(value: Any, *rest: Any, **options: Any) -> Shape:
    """Of elementwise functions."""
    return shape(value)


def channel_normed(input: Tensor, statistics: Any = None, *rest: Any, **options: Any) -> Shape:
    """Of norms that hold a number for each channel."""
    size = shape(input)
    if isinstance(statistics, Tensor) and tuple(statistics.shape) != size[1:2]:
        raise Unknown
    return size


def group_normed(input: Tensor, groups: int, *rest: Any, **options: Any) -> Shape:
    """Of a norm over groups of channels."""
    size = shape(input)
    if size[1] % groups:
        raise Unknown
    return size


def layer_normed(input: Tensor, normalized: Sequence[int], *rest: Any, **options: Any) -> Shape:
    """Of a norm over the last dimensions, whose sizes it is made for."""
    size = shape(input)
    if size[-len(normalized) :] != tuple(normalized):
        raise Unknown
    return size


def broadcast(one: Any, other: Any, *rest: Any, **options: Any) -> Shape:
    """Of two operands, tensors or numbers."""
    return common(shape_or_none(one), shape_or_none(other))


def common(one: Shape, other: Shape) -> Shape:
    """The shape that two shapes broadcast to."""
    dimensions = max(len(one), len(other))
    left, right = ((1,) * (dimensions - len(size)) + size for size in (one, other))
    for place, (a, b) in reversed(list(enumerate(zip(left, right)))):
        if a != b and 1 not in (a, b):
            raise RuntimeError(MISMATCH.format(a, b, place))
    return tuple(b if a == 1 else a for a, b in zip(left, right))


def changed(target: Any, other: Any) -> None:
    """Of arithmetic in place: what comes out must have the shape of what was there.

    Raises:
        RuntimeError: it has another, in torch's words.
    """
    there = shape_or_none(target)
    found = common(there, shape_or_none(other))
    if found != there:
        raise RuntimeError(OUTGROWN.format(list(there), list(found)))


MISMATCH = "The size of tensor a ({}) must match the size of tensor b ({}) at non-singleton dimension {}"
OUTGROWN = "output with shape {} doesn't match the broadcast shape {}"
"""What torch says on every device but "meta"."""


def convolution(dimensions: int) -> Callable[..., Shape]:
    """The rule of a convolution over so many dimensions."""

    def rule(
        input: Tensor,
        weight: Tensor,
        bias: Any = None,
        stride: Any = 1,
        padding: Any = 0,
        dilation: Any = 1,
        groups: int = 1,
    ) -> Shape:
        size, kernel = shape(input), shape(weight)
        if len(size) != dimensions + 2 or size[1] != kernel[1] * groups:
            raise Unknown
        if padding == "same":  # torch takes it with a stride of 1 alone
            return size[:1] + kernel[:1] + size[2:]
        moved = [each(item, dimensions) for item in (stride, 0 if padding == "valid" else padding, dilation)]
        out = tuple(map(convolved, size[2:], kernel[2:], *moved))
        if min(out) < 1:
            raise Unknown
        return size[:1] + kernel[:1] + out

    return rule


def convolved(size: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    """One dimension's size after a convolution."""
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1


def each(value: Any, dimensions: int) -> List[int]:
    """An argument that stands once for all dimensions, or once for each."""
    if isinstance(value, int):
        return [value] * dimensions
    if not isinstance(value, (tuple, list)) or len(value) not in (1, dimensions):
        raise Unknown
    return list(value) * (dimensions // len(value))


def linear(input: Tensor, weight: Tensor, bias: Any = None) -> Shape:
    """The last dimension becomes the layer's output."""
    size, layer = shape(input), shape(weight)
    if len(layer) != 2 or size[-1] != layer[1]:
        raise Unknown
    return size[:-1] + layer[:1]


def product(one: Tensor, other: Tensor) -> Shape:
    """Of (stacks of) matrices."""
    left, right = shape(one), shape(other)
    if min(len(left), len(right)) < 2 or left[-1] != right[-2]:
        raise Unknown
    return common(left[:-2], right[:-2]) + (left[-2], right[-1])


def attention(query: Tensor, key: Tensor, value: Tensor, attn_mask: Any = None, *rest: Any, **options: Any) -> Shape:
    """As many results as queries, as wide as the values; a mask, or bias, is of so many queries and keys."""
    asked, keys, values = shape(query), shape(key), shape(value)
    if asked[-1] != keys[-1] or keys[:-1] != values[:-1] or asked[:-2] != keys[:-2]:
        raise Unknown
    scores = asked[:-1] + keys[-2:-1]
    if common(scores, shape_or_none(attn_mask)) != scores:
        raise Unknown
    return asked[:-1] + values[-1:]


def unsqueezed(input: Tensor, dim: int) -> Shape:
    """One dimension more."""
    size = shape(input)
    at = place(dim, len(size) + 1)
    return size[:at] + (1,) + size[at:]


def interpolated(input: Tensor, size: Any = None, scale_factor: Any = None, *rest: Any, **options: Any) -> Shape:
    """To a size, or by a factor, of which the whole pixels count."""
    given = shape(input)
    dimensions = len(given) - 2
    if size is not None:
        return given[:2] + tuple(each(size, dimensions))
    factors = [scale_factor] * dimensions if isinstance(scale_factor, (int, float)) else list(scale_factor)
    return given[:2] + tuple(int(math.floor(float(side) * factor)) for side, factor in zip(given[2:], factors))


def recurrent(
    input: Tensor,
    state: Sequence[Tensor],
    weights: Any,
    biased: bool,
    layers: int,
    dropout: float,
    training: bool,
    bidirectional: bool,
    batch_first: bool = False,
) -> List[Shape]:
    """Of an LSTM: what it says at each step, and the two states it ends in."""
    size, hidden = shape(input), shape(state[0])[-1]
    return [size[:-1] + (hidden * (2 if bidirectional else 1),), shape(state[0]), shape(state[1])]


def concatenated(tensors: Sequence[Tensor], dim: int = 0) -> Shape:
    """All dimensions but `dim` are alike."""
    sizes = [shape(tensor) for tensor in tensors]
    at = place(dim, len(sizes[0]))
    if {size[:at] + size[at + 1 :] for size in sizes} != {sizes[0][:at] + sizes[0][at + 1 :]}:
        raise Unknown
    return sizes[0][:at] + (sum(size[at] for size in sizes),) + sizes[0][at + 1 :]


def stacked(tensors: Sequence[Tensor], dim: int = 0) -> Shape:
    """All are alike, and become one dimension."""
    sizes = {shape(tensor) for tensor in tensors}
    if len(sizes) != 1:
        raise Unknown
    size = sizes.pop()
    at = place(dim, len(size) + 1)
    return size[:at] + (len(tensors),) + size[at:]


def reduced(input: Tensor, dim: Any = None, keepdim: bool = False, **options: Any) -> Shape:
    """Some dimensions become one number each, and are left out unless they are kept."""
    size = shape(input)
    dims = [dim] if isinstance(dim, int) else dim
    if not dims:
        raise Unknown
    gone = {place(at, len(size)) for at in dims}
    if len(gone) != len(dims):
        raise Unknown
    return tuple(1 if at in gone else side for at, side in enumerate(size) if keepdim or at not in gone)


def place(dim: int, dimensions: int) -> int:
    """The number of a dimension that may be counted from the end."""
    if not -dimensions <= dim < dimensions:
        raise Unknown
    return dim % dimensions


def shape(value: Any) -> Shape:
    """A tensor's shape."""
    if not isinstance(value, Tensor):
        raise Unknown
    return tuple(value.shape)


def shape_or_none(value: Any) -> Shape:
    """A tensor's shape; a number has none."""
    return tuple(value.shape) if isinstance(value, Tensor) else ()


def rules() -> Dict[Any, Rule]:
    """The rule of each function, under every name that this torch has for it."""
    named: List[Tuple[Sequence[str], Rule]] = [
        (SAME.split(), first),
        (BROADCAST.split(), broadcast),
        (("conv1d",), convolution(1)),
        (("conv2d",), convolution(2)),
        (("conv3d",), convolution(3)),
        (("batch_norm", "instance_norm"), channel_normed),
        (("group_norm",), group_normed),
        (("layer_norm", "rms_norm"), layer_normed),
        (("linear",), linear),
        (("matmul", "bmm", "__matmul__"), product),
        (("cat", "concat"), concatenated),
        (("stack",), stacked),
        (("mean", "sum"), reduced),
        (("unsqueeze",), unsqueezed),
        (("lstm",), recurrent),
        (("interpolate",), interpolated),
        (("scaled_dot_product_attention",), attention),
    ]
    return under_every_name(named)


def under_every_name(named: Sequence[Tuple[Sequence[str], Anything]]) -> Dict[Any, Anything]:
    """What stands for functions of torch, by the functions: those of these names, wherever this torch has them."""
    found: Dict[Any, Anything] = {}
    for names, thing in named:
        for name in names:
            for owner in (F, torch, Tensor, torch.linalg):
                if hasattr(owner, name):
                    found[getattr(owner, name)] = thing
    return found
