"""What the made-up probing half of `benchmarks.performance` cannot answer: weights and checks. It travels with it."""

from bbprobe import made_up
from bbprobe.protocol import Check, Strides, WeightsReport

STRIDES = [8, 16, 32]


def weights(task, type, config, start, choose):
    """They load whole."""
    return WeightsReport("made up", start, "/hub/made_up.pth", 102, 102, [])


def check(task, path, device="auto", text=None):
    """It trains a step."""
    task.progress("building the detector")
    return Check(
        config=path,
        ok=True,
        error="",
        stage="",
        loss=1.5,
        losses={"loss": 1.5},
        seconds=0.1,
        device="cpu",
        peak_memory=None,
        unused_parameters=[],
        strides=Strides(STRIDES, STRIDES),
        backbone_strides=STRIDES,
        inputs=[[640, 640]],
    )


def into(methods):
    """Answer every method from memory, at once."""
    made_up.SECONDS, made_up.COUNT = 0, 60
    names = (*made_up.METHODS, "data_files")
    methods.update((name, "bbprobe.made_up:" + name) for name in names if name != "hello")
    methods.update(weights="bbprobe.answers:weights", check="bbprobe.answers:check")
