"""A model's modules and parameters, each once: torch's own walks are generators as deep as the model is nested, and a
probe walks often."""

from typing import List

from torch import nn


def modules(model: nn.Module) -> List[nn.Module]:
    """What `model.modules()` gives, in its order."""
    found, seen, waiting = [], set(), [model]
    while waiting:
        module = waiting.pop()
        if module is not None and id(module) not in seen:
            seen.add(id(module))
            found.append(module)
            if module._modules:
                waiting += reversed(list(module._modules.values()))
    return found


def parameters(model: nn.Module) -> List[nn.Parameter]:
    """What `model.parameters()` gives, in its order."""
    held = [value for module in modules(model) for value in module._parameters.values() if value is not None]
    return list({id(parameter): parameter for parameter in held}.values())
