"""The words that have a meaning on the command line, in presets and in filters.

It imports nothing: `--help` needs them, and must not wait for what stands on them.
"""

from typing import Final

SOURCES: Final = ("mmcls", "timm", "mmdet")
"""The catalogs."""

LIBRARIES: Final = ("torch", "mmcv-full", "mmdet", "mmcls", "timm")
"""The distributions whose versions decide what a backbone or a base config answers."""

STACKS: Final = ("2.28", "2.24")
"""The versions of mmdet that bbwizard is made for and tested with, the newest first."""

ORDERS: Final = ("match", "params", "macs", "weights", "stages", "licence", "fits")
"""What a list of backbones can be ordered by: how well the filter's words match, few parameters, few multiply-adds,
many weights, maps at many strides, the name of its weights' licence, what the base config can take."""

COMPARED: Final = ("marked", "name", "params", "macs", "weights", "latency", "throughput", "memory")
"""What backbones side by side can be ordered by, the better first."""

FORMATS: Final = ("table", "csv", "markdown")
"""What a table of them can be written as."""

LAUNCHERS: Final = ("auto", "pytorch", "slurm", "sbatch")

THEMES: Final = ("dark", "light", "ansi-dark", "ansi-light")
"""The wizard's colours; those of the last two are the terminal's own sixteen."""

DEFAULT_INPUT: Final = (640, 640)
"""Height and width in pixels that stages are shown for until the user says otherwise."""

DATA: Final = "PATH (a folder, or an annotation file), train=FILE[:FOLDER], val=FILE[:FOLDER], test=FILE[:FOLDER]"
"""How a data set is named."""

ANSWERING: Final = (
    "doctor",
    "bases",
    "backbones",
    "probe",
    "measure",
    "write",
    "adopt",
    "compare",
    "candidates",
    "results",
    "dataset",
    "check",
    "keys",
    "presets",
)
"""The commands that take `--json`."""

SHELLS: Final = ("bash", "zsh", "fish")
"""The shells that are told how to complete a command."""
