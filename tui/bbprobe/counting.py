"""Multiply-adds (MACs), counted from the shapes of what a network calls.

What counts are convolutions, linear layers, recurrent layers and products of matrices, those of attention included.
What works on each element or looks one up (norms, activations, sums, pooling, resizing, softmax, biases) is left out,
and so is what hangs neither on the image nor on a parameter (products of constants, such as tables of positions).
"""

import contextlib
from typing import Any, Callable, Dict, Iterator, List, Optional, Sequence, Tuple

from torch import Tensor

from bbprobe.shape_rules import under_every_name

Counter = Callable[..., int]
"""Takes what a function gave and all that it was given; gives its multiply-adds."""


UNCOUNTED = """
    lstm_cell gru_cell rnn_tanh_cell rnn_relu_cell convolution conv_tbc bilinear tensordot chain_matmul multi_dot
    matrix_power vdot vecdot cdist
"""
"""What multiplies matrices in ways that no counter was written for."""


class Uncountable(Exception):
    """A counter was not written for these arguments."""


class Tally:
    """The multiply-adds come upon so far; None from the first call on that has some which cannot be told."""

    def __init__(self) -> None:
        self.macs: Optional[int] = 0

    def add(self, macs: Optional[int]) -> None:
        """Take more, or None, into account."""
        self.macs = None if macs is None or self.macs is None else self.macs + macs


TALLIES: List[Tally] = []
"""Those under way."""


@contextlib.contextmanager
def counted() -> Iterator[Tally]:
    """The multiply-adds of whatever is noted as long."""
    tally = Tally()
    TALLIES.append(tally)
    try:
        yield tally
    finally:
        TALLIES.remove(tally)


def note(func: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any], result: Any) -> None:
    """Count a call of one of `COUNTERS`; what a tensor says of its shape must be torch's own word."""
    try:
        tell(COUNTERS[func](result, *args, **kwargs))
    except (Uncountable, TypeError):
        tell(None)


def tell(macs: Optional[int]) -> None:
    """Have multiply-adds, or None, counted by whoever counts."""
    for tally in TALLIES:
        tally.add(macs)


def convolution(out: Tensor, input: Tensor, weight: Tensor, *rest: Any, **options: Any) -> int:
    """Each number that comes out takes one filter, which is as deep as its group of channels."""
    return out.numel() * (weight.numel() // weight.shape[0])


def transposed(out: Tensor, input: Tensor, weight: Tensor, *rest: Any, **options: Any) -> int:
    """Each number that goes in is spread by one filter."""
    return input.numel() * (weight.numel() // weight.shape[0])


def linear(out: Tensor, input: Tensor, weight: Tensor, bias: Any = None) -> int:
    """Each number that comes out takes one row of weights."""
    return out.numel() * weight.shape[-1]


def product(out: Tensor, one: Tensor, *rest: Any, **options: Any) -> int:
    """Of (stacks of) matrices and vectors: each number that comes out takes one row of the first."""
    return out.numel() * one.shape[-1]


def reflected(out: Tensor, one: Tensor, other: Tensor) -> int:
    """`other @ one`."""
    return product(out, other)


def product_on_top(out: Tensor, input: Tensor, one: Tensor, *rest: Any, **options: Any) -> int:
    """A product of matrices that is added to something."""
    return product(out, one)


def products_on_top(out: Tensor, input: Tensor, one: Tensor, *rest: Any, **options: Any) -> int:
    """Many products of matrices that are added up: `one` is of shape (many, rows, columns)."""
    return out.numel() * one.shape[0] * one.shape[-1]


def named_product(out: Tensor, equation: str, *operands: Any) -> int:
    """Of an einsum: a dimension that one operand alone has is summed up before, so that it is multiplied nowhere."""
    tensors = operands[0] if len(operands) == 1 and isinstance(operands[0], (list, tuple)) else operands
    if len(tensors) == 1:
        return 0
    inputs, arrow, output = str(equation).replace(" ", "").partition("->")
    if len(tensors) > 2 or not arrow or ("..." in inputs and "..." not in output):
        raise Uncountable
    left, right = [sizes(term, tensor.shape) for term, tensor in zip(inputs.split(","), tensors)]
    summed = [min(left[name], right[name]) for name in left if name in right and name not in output]
    return out.numel() * volume(summed) if summed else 0


def sizes(term: str, shape: Sequence[int]) -> Dict[str, int]:
    """The size of each dimension that an einsum's term names; "..." stands for those that it does not."""
    before, _, after = term.partition("...")
    found = dict(zip(before, shape))
    found.update(zip(after, shape[len(shape) - len(after) :]))
    return found


def attention(out: Tensor, query: Tensor, key: Tensor, value: Tensor, *rest: Any, **options: Any) -> int:
    """Every query meets every key, and weighs every value."""
    return volume(query.shape[:-1]) * key.shape[-2] * (query.shape[-1] + value.shape[-1])


def attention_layer(
    out: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    width: int,
    heads: int,
    weight: Any,
    bias: Any,
    more_keys: Any = None,
    more_values: Any = None,
    add_zero: bool = False,
    *rest: Any,
    static_k: Any = None,
    **options: Any,
) -> int:
    """Of torch's layer for (length, batch, width): queries, keys, values and the result are projected, too."""
    if static_k is not None:
        raise Uncountable
    projected = (2 * query.numel() + key.numel() + value.numel()) * width
    keys = key.shape[0] + (more_keys is not None) + bool(add_zero)
    return projected + 2 * query.numel() * keys


def recurrent(out: Any, input: Tensor, state: Any, weights: Any, *rest: Any, **options: Any) -> int:
    """Every matrix of a layer is used once at each step; of a packed sequence the steps are not told."""
    if isinstance(state, Tensor) and state.dim() < 2:
        raise Uncountable
    steps = input.numel() // input.shape[-1]
    return steps * sum(weight.numel() for weight in weights if weight.dim() == 2)


def uncountable(*args: Any, **kwargs: Any) -> int:
    """Of `UNCOUNTED`."""
    raise Uncountable


def volume(shape: Sequence[int]) -> int:
    """How many numbers a shape has room for."""
    found = 1
    for size in shape:
        found *= size
    return found


COUNTERS: Dict[Any, Counter] = under_every_name(
    [
        (("conv1d", "conv2d", "conv3d"), convolution),
        (("conv_transpose1d", "conv_transpose2d", "conv_transpose3d"), transposed),
        (("linear",), linear),
        (("matmul", "__matmul__", "mm", "bmm", "mv", "dot", "inner"), product),
        (("__rmatmul__",), reflected),
        (("addmm", "addmm_", "addmv", "addmv_", "baddbmm", "baddbmm_"), product_on_top),
        (("addbmm", "addbmm_"), products_on_top),
        (("einsum",), named_product),
        (("scaled_dot_product_attention",), attention),
        (("multi_head_attention_forward",), attention_layer),
        (("lstm", "gru", "rnn_tanh", "rnn_relu"), recurrent),
        (UNCOUNTED.split(), uncountable),
    ]
)
"""The counter of each function that has multiply-adds, under every name that this torch has for it."""
