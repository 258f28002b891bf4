"""What `--help` says behind the options: examples, statuses, the environment, files."""

from typing import Final

from bbwizard.language import N_, _

EXAMPLES: Final = {
    "": (
        N_("bbwizard                                      the wizard"),
        N_("bbwizard --preset yolov3-swin-tiny            the wizard, opened on a recipe"),
        N_('bbwizard --launch "srun --gres=gpu:1"         probes on a GPU node from a login node'),
        "bbwizard write --base yolox_s_8x8_300e_coco --backbone timm/mobilenetv2_100 -o new.py --check",
    ),
    "doctor": ("bbwizard doctor --python ~/miniconda3/envs/openmmlab",),
    "env": ("bbwizard env create ~/openmmlab", "bbwizard env create ~/openmmlab --stack 2.24"),
    "bases": ("bbwizard bases 'yolox !nano'", "bbwizard bases retinanet --names"),
    "backbones": (
        "bbwizard backbones convnext --source timm",
        "bbwizard backbones 'params<30M stride:4 weights>0 licence:apache' --sort macs",
        "bbwizard backbones --fits retinanet_r50_fpn_1x_coco",
    ),
    "probe": (
        "bbwizard probe mmcls/ShuffleNetV2 --input 800x1333",
        "bbwizard probe --all 'timm/resnet*' --jobs 4",
    ),
    "measure": ("bbwizard measure timm/resnet50 --batch 16 --device cuda:1",),
    "write": (
        "bbwizard write --base yolox_s_8x8_300e_coco --backbone mmcls/ShuffleNetV2 -o new.py --check",
        "bbwizard write --preset yolov3-swin-tiny --data ~/my_coco --gpus 4 -o new.py",
        "bbwizard write --preset - -o - < recipe.yaml > new.py",
        "",
        N_("In a Makefile; configs whose text would be the same keep their time, so that nothing trains anew:"),
        "",
        "%.py: %.yaml",
        "\tbbwizard write --preset $< -o $@ --force",
    ),
    "adopt": (
        "bbwizard adopt configs/mine/retinanet_swin.py > swin.yaml",
        "bbwizard adopt work_dirs/run7/config.py --base retinanet_r50_fpn_1x_coco --save run7",
        N_("bbwizard --preset mine.py                     # the wizard, opened on it"),
    ),
    "compare": (
        "bbwizard compare timm/resnet50 mmcls/ConvNeXt/tiny --base retinanet_r50_fpn_1x_coco -o table.md",
        "bbwizard compare timm/resnet50 mmcls/ConvNeXt/tiny --measure --sort latency --device cuda:0",
    ),
    "candidates": (
        "bbwizard candidates timm/resnet50 mmcls/ConvNeXt/tiny --base retinanet_r50_fpn_1x_coco -o runs",
    ),
    "results": ("bbwizard results runs", "bbwizard results work_dirs --metric bbox_mAP_50 --json"),
    "dataset": ("bbwizard dataset ~/my_coco", "bbwizard dataset train=a.json:images val=b.json:images"),
    "check": ("bbwizard check new.py", "bbwizard check new.py --device cuda:0 --json"),
    "keys": ("bbwizard keys > ~/.config/bbwizard/keys.toml",),
    "presets": (
        "bbwizard presets swin --tag small",
        "bbwizard presets --show yolov3-swin-tiny > mine.yaml",
        "bbwizard presets --diff yolov3-swin-tiny mine.yaml",
        "bbwizard presets --changed mine.yaml",
    ),
    "completion": (
        "bash  bbwizard completion bash > ~/.local/share/bash-completion/completions/bbwizard",
        N_("zsh   bbwizard completion zsh > DIR/_bbwizard, with DIR in $fpath before compinit runs"),
        "fish  bbwizard completion fish > ~/.config/fish/completions/bbwizard.fish",
        N_("or for this shell alone, bash and zsh: eval \"$(bbwizard completion bash)\""),
    ),
    "schema": ("bbwizard schema probe", "bbwizard schema > answers.json"),
}  # fmt: skip

MORE: Final = {
    "env": N_("""\
Everything comes from PyPI; mmcv-full is compiled, 8 to 25 minutes. What was
interrupted is gone on with. At the end the environment proves itself."""),
    "backbones": N_("""\
A PATTERN is words, all of which must hold: a part of the name, * and ? as in
timm.list_models, !word to leave out, and conditions: params<30M macs<5G
stride:4,8 weights>0 licence:apache, ! before any of them; flops is macs. With
--fits BASE also fits:yes and fits:no."""),
    "probe": N_("""\
Channels, stride and size of every map, as the installed library gives them
for the input size; parameters and multiply-adds. Shapes are worked out
without arithmetic; --device runs the network."""),
    "write": N_("""\
Probes the backbone, wires its stages to the base config, and writes a config
that inherits from the base and says only what must change. What would not
train is refused with what would instead. A file that is there is replaced
with --force only; one that holds the same text already is left as it is."""),
    "adopt": N_("""\
Takes a config apart whose backbone was swapped by hand, or by bbwizard: base
config, backbone with its arch, out indices, weights, fixes, data. What the
recipe does not bring back is said on stderr, key by key. The preset goes to
stdout, or with --save among yours."""),
    "candidates": N_("""\
Each backbone gets a config of its own, with default stages and weights. Two
scripts beside them train all: one in turn, one as a Slurm array."""),
    "results": N_("""\
Reads the logs that mmdet's trainings leave, while they run or after: which
finished, which died and of what, the best value, its checkpoint, time left."""),
    "check": N_("""\
Loads the config as training would, builds the detector, runs one training
step on synthetic images and a test, and compares strides and gradients with
what the head needs. Works on any config of mmdet."""),
    "keys": N_("""\
What it prints is the file that changes them; what is to stay as it is can be
left out of it."""),
    "presets": N_("""\
Yours lie in $XDG_DATA_HOME/bbwizard/presets, some come with bbwizard, and
BBWIZARD_PRESETS names folders that go before both. A preset is YAML that a
person can edit; the same recipe is the same text, without dates."""),
    "completion": N_("""\
Names of backbones and base configs come out of the atlas: no environment is
asked."""),
    "schema": N_("""\
Objects may get more keys with a new bbwizard; none goes, and none changes its
type."""),
}
"""What is to be said of a command beside its first sentence."""

FAILED: Final = {
    "": N_("refused or failed (the reason is on stderr)"),
    "doctor": N_("something keeps the environment from training"),
    "env": N_("it could not be made; run it again and it goes on"),
    "bases": N_("there is no environment to ask"),
    "backbones": N_("there is no environment to ask, or the base config of --fits cannot be used"),
    "probe": N_("the library refused it; with --all: some did not answer"),
    "measure": N_("it did not fit into memory, or others use the GPU"),
    "write": N_("it would not train, a file is there already, or its check failed"),
    "adopt": N_("its backbone is in no catalog, or it has no base config"),
    "compare": N_("a name is not known, a file is there already, or a measurement failed"),
    "candidates": N_("some or all do not fit, or files are there already"),
    "results": N_("there is no training in these folders"),
    "dataset": N_("training would stop on it, or learn something else"),
    "check": N_("the config does not train"),
    "presets": N_("there is no such preset, or it cannot be read"),
}

ENVIRONMENT: Final = (
    ("BBWIZARD_PYTHON", N_("the training environment's Python, where --python does not say")),
    ("BBWIZARD_PRESETS", N_("folders of presets, apart by ':', before your own; the first is saved to")),
    ("XDG_DATA_HOME", "~/.local/share: bbwizard/presets/"),
    ("XDG_CACHE_HOME", N_("~/.cache: bbwizard/, what backbones answered; may be deleted")),
    ("XDG_STATE_HOME", N_("~/.local/state: bbwizard/, the last environment, cut-off sittings, logs/")),
    ("NO_COLOR", N_("no colours")),
)
"""Variables that every command heeds."""

PRESETS: Final = ("", "write", "presets", "adopt")
"""The commands that read or keep presets."""
OFFLINE: Final = ("env", "results", "keys", "completion", "schema")
"""The commands that ask no training environment."""


def about(command: str, what: str) -> str:
    """What a command does: `what` as a sentence, and what more there is to say."""
    sentence = _("{what}.").format(what=f"{what[0].upper()}{what[1:]}")
    return f"{sentence}\n\n{_(MORE[command])}" if command in MORE else sentence


def behind(command: str) -> str:
    """What stands behind a command's options; behind those of `bbwizard` itself for the empty name."""
    parts = [
        section(_("examples:"), [line and _(line) for line in EXAMPLES.get(command, ())]),
        section(_("exit status:"), statuses(command)),
        section(_("environment and files:"), [f"{name:<18}{_(what)}" for name, what in heeded(command)]),
    ]
    if not command:
        parts.append(_("`bbwizard COMMAND --help` says more of each command."))
    return "\n\n".join(part for part in parts if part)


def section(title: str, lines: list[str]) -> str:
    """Lines below a title; nothing where there are none."""
    return "\n".join([title, *(f"  {line}".rstrip() for line in lines)]) if lines else ""


def statuses(command: str) -> list[str]:
    """The statuses that a command leaves with."""
    failed = [f"1    {_(FAILED[command])}"] if command in FAILED else []
    return [_("0    done"), *failed, _("2    wrong usage"), _("130  interrupted")]


def heeded(command: str) -> list[tuple[str, str]]:
    """The variables that a command heeds."""
    if command in OFFLINE:
        return []
    return [pair for pair in ENVIRONMENT if command in PRESETS or pair[0] not in ("BBWIZARD_PRESETS", "XDG_DATA_HOME")]
