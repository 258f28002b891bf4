"""What the backbone of a written config gives, built from that file alone."""

from typing import Any, List, Sequence

from bbprobe import building, forward, loading
from bbprobe.protocol import Refused


def outputs(task: Any, path: str, input: Sequence[int], device: str = "cpu") -> List[List[int]]:
    """The shapes that the backbone of the config at `path` gives for one image of `input` (height, width).

    On the device "shapes" nothing is computed, so that a model of any size answers.

    Raises:
        Refused: the config does not load, or holds no backbone.
    """
    config = loading.without_weights(loading.load(loading.absolute(path))._cfg_dict)
    if not (config.get("model") or {}).get("backbone"):
        raise Refused("{}: it has no `model` with a `backbone`".format(path))
    backbone = loading.plain(config["model"]["backbone"])
    task.pause()
    model = building.build(backbone.pop("type"), backbone)
    try:
        return [list(shape) for shape in forward.maps(model, input, device, task.pause)]
    finally:
        del model
        forward.release(device)
