"""Run in a training environment: calls of torch on tensors with numbers and without; prints where the two differ."""

import itertools
import json

import torch
import torch.nn.functional as F

from bbprobe.shape_tensor import ShapeTensor, Unsure, blank, large_one_hots_as_shapes

SIZES = [(2, 3, 4, 5), (1, 3, 4, 5), (3, 1, 1), (6, 5), (5,), (2, 3, 1, 5)]
DIMS = [None, 0, 1, -1, -2, 3, 7, (1, 2), (-1, 0), (2, -1), (0, 0), ()]


def calls():
    """What is called, in words, with the sizes that it is given."""
    for size, dim, keep in itertools.product(SIZES, DIMS, (False, True)):
        for name in ("mean", "sum"):
            if dim is not None:
                yield f"{name} {dim} {keep}", lambda x, n=name, d=dim, k=keep: getattr(x, n)(d, k), [size]
                yield f"{name} {dim}", lambda x, n=name, d=dim: getattr(torch, n)(x, dim=d), [size]
            else:
                yield name, lambda x, n=name: getattr(x, n)(), [size]
    for one, other, dim in itertools.product(SIZES, SIZES, (0, 1, -1, 4, 9)):
        yield f"stack {dim}", lambda x, y, d=dim: torch.stack([x, y], d), [one, other]
        yield f"cat {dim}", lambda x, y, d=dim: torch.cat([x, y], d), [one, other]
    for one, other in itertools.product(SIZES, SIZES):
        for function in (torch.add, torch.maximum, torch.matmul):
            yield function.__name__, function, [one, other]
        if hasattr(F, "rms_norm"):
            yield "rms_norm", lambda x, y: F.rms_norm(x, y.shape), [one, other]
        yield "layer_norm", lambda x, y: F.layer_norm(x, y.shape), [one, other]
    for size in SIZES:
        yield "permute", lambda x: x.permute(*reversed(range(x.dim()))), [size]
        yield "wrong permute", lambda x: x.permute(0, 0), [size]
        yield "reshape", lambda x: x.reshape(-1), [size]
        yield "wrong view", lambda x: x.view(7, -1), [size]
        yield "chunk", lambda x: x.chunk(2, -1), [size]
        for dim in (0, -1, 2, 5, -6):
            yield f"unsqueeze {dim}", lambda x, d=dim: x.unsqueeze(d), [size]
        yield "flatten", lambda x: x.flatten(1), [size]


def told(function, tensors):
    """The sizes that come out, or that it is refused."""
    try:
        found = function(*tensors)
    except Unsure:
        return "unsure"
    except Exception:
        return "refused"
    kind = ShapeTensor if isinstance(tensors[0], ShapeTensor) else torch.Tensor
    found = found if isinstance(found, (tuple, list)) else [found]
    assert all(type(item) is kind for item in found)
    return [list(item.shape) for item in found]


def one_hots():
    """A large code, which is not written; one of an index that does not fit; and a small one."""
    for highest, classes in ((1 << 12, 1 << 13), (1 << 13, 1 << 13), (5, 6)):
        indices = torch.arange(1 << 12).clamp(max=highest)
        indices[-1] = highest
        with large_one_hots_as_shapes():
            try:
                found = F.one_hot(indices, classes)
                yield [list(found.shape), type(found) is ShapeTensor]
            except RuntimeError as error:
                yield str(error)


def main():
    """Compare them all."""
    different, count = [], 0
    for name, function, sizes in calls():
        count += 1
        real = told(function, [torch.zeros(size) for size in sizes])
        alone = told(function, [blank(size) for size in sizes])
        if real != alone:
            different.append([name, sizes, real, alone])
    print(json.dumps({"calls": count, "different": different, "one hot": list(one_hots())}))


main()
