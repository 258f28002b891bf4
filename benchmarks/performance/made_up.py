"""A probing half whose facts are made up: the real pipe and the real server, three thousand backbones, no libraries.

It stands where a launch prefix stands, `bbwizard --launch "python made_up.py SECONDS" --python any`, takes SECONDS for
a probe, and ignores the interpreter behind it.
"""

import os
import sys
import time

from bbprobe.protocol import Base, BaseName, Entry, Environment, Level, Probe, Slot, Stage, Weights
from bbprobe.server import Server

COUNT = 3000
SECONDS = 0.0
"""How long a probe takes."""
FAMILIES = 60
STEPS = 30
METHODS = {"hello": "bbprobe.server:hello"}
METHODS.update((name, "__main__:" + name) for name in ("environment", "catalog", "bases", "base", "probe", "survey"))
METHODS["data_files"] = "__main__:data_files"
STRIDES = [2, 4, 8, 16, 32]


def environment(task, device):
    """A Python with everything, and no GPU."""
    versions = {"torch": "2.4.1", "torchvision": "0.19.1", "mmcv-full": "1.7.2", "mmdet": "2.28.2", "mmcls": "0.25.0"}
    return Environment(
        python="3.11.9",
        executable=sys.executable,
        versions=dict(versions, timm="1.0.31"),
        cuda=None,
        gpus=[],
        device="cpu",
        device_reason="torch sees no GPU",
        ops=True,
        ops_error="",
        configs="/configs",
        train_script="/train.py",
        mim=None,
    )


def entry(number):
    """A backbone with a name as long as they are, and weights."""
    name = "convnet{}_{}".format(number % FAMILIES, ("tiny", "small", "base", "large")[number % 4])
    named = f"{name}_patch{number % 7}_window{number % 11}_{number}"
    weights = [Weights("in1k", f"https://example.org/{named}.pth", "timm")] * (number % 4)
    return Entry("timm/" + named, "timm", "timm." + name, {"arch": named}, f"ConvNet{number % FAMILIES}", weights)


def catalog(task, source):
    """All of them are timm's."""
    return [entry(number) for number in range(COUNT)] if source == "timm" else []


def bases(task, roots):
    """Two, of which the first is taken."""
    names = ("yolox/yolox_s_8x8_300e_coco.py", "yolox/yolox_tiny_8x8_300e_coco.py")
    return [BaseName(name, "/configs/" + name, "mmdet") for name in names]


def base(task, path):
    """A detector that takes three maps."""
    return Base(
        name=path.replace("/configs/", ""),
        path=path,
        detector="YOLOX",
        neck="YOLOXPAFPN",
        backbone="CSPDarknet",
        levels=[Level(stride, 16 * stride, True) for stride in STRIDES[2:]],
        slots=[Slot(["neck", "in_channels"], "list", "list")],
        rule="pyramid",
        start_level=0,
        end_level=-1,
        outs=STRIDES[2:],
        start_level_path=None,
        end_level_path=None,
        head_strides=STRIDES[2:],
        custom_imports=[],
        neutralise=[],
        pretrained=True,
        lost={},
        input=[640, 640],
        supported=True,
        reason="",
        resolved=repr({"model": {"backbone": {"type": "CSPDarknet"}}}),
    )


def data_files(task, path, folder):
    """None."""
    return []


def probe(task, name, type, config, input, device):
    """Its stages, after a while; given up at once where nobody wants them any more."""
    for _ in range(STEPS):
        task.pause()
        time.sleep(SECONDS / STEPS)
    return answer(name, type, input)


def survey(task, name, type, config, **_):
    """The same, at once."""
    return answer(name, type, (256, 320))


def answer(name, type, size):
    """A pyramid of four or five maps; neighbours differ in as many numbers as those of a real catalog."""
    height, width = size
    number = int(name.rpartition("_")[2])
    stages = [
        Stage(index, 8 * stride + number % 97, stride, -(-height // stride), -(-width // stride))
        for index, stride in enumerate(STRIDES[number % 2 :])
    ]
    return Probe(
        backbone=name,
        type=type,
        config={},
        select="out_indices",
        stages=stages,
        input=[height, width],
        device="cpu",
        layout="NCHW",
        fixed_input=None,
        params=5000000 + 31337 * number,
        macs=1000 * height * width + 7000000 * number,
        seconds=SECONDS,
        pyramid=True,
        reason="",
    )


def main():
    """Serve until the pipe closes; the sources that travel down it are not needed."""
    reader, writer = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    reader.readline()
    os.dup2(2, 1)
    Server(reader, writer, METHODS).run()


if __name__ == "__main__":
    SECONDS = float(sys.argv[1])
    main()
