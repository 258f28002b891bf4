"""The grammar of the command line: every screen has a flag. What `--help` does not need is imported by what does."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from bbwizard import __version__
from bbwizard.errors import UsageError
from bbwizard.grammar import COMPARED, DATA, DEFAULT_INPUT, FORMATS, LAUNCHERS, ORDERS, SOURCES, STACKS

Parsed = TypeVar("Parsed")


def parser() -> argparse.ArgumentParser:
    """The grammar of the command line."""
    as_json = argparse.ArgumentParser(add_help=False)
    as_json.add_argument("--json", action="store_true", help="data for programs on stdout")

    root = argparse.ArgumentParser(
        prog="bbwizard",
        parents=[common()],
        description="Give an MMDetection 2.x detector another backbone, out of mmcls or timm. "
        "Without a command: the wizard.",
        epilog="Exit status: 0 done, 1 refused or failed (the reason is on stderr), 2 wrong usage, 130 interrupted.",
    )
    root.set_defaults(python=None, launch=(), device="auto", cache=True, atlas=False, stack=STACKS[0], mmdet_root="")
    root.add_argument("--version", action="version", version=f"bbwizard {__version__}")
    root.add_argument("--preset", metavar="NAME|FILE", help="open the wizard on this preset")
    root.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")
    commands = root.add_subparsers(dest="command", metavar="COMMAND")

    def command(name: str, what: str, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        return commands.add_parser(
            name, help=what, description=f"{what[0].upper()}{what[1:]}.", parents=[common(), *parents]
        )

    command("doctor", "say what the training environment holds and what is wrong with it", as_json)

    env = commands.add_parser("env", help="make a training environment", description="Make a training environment.")
    create = env.add_subparsers(dest="env_command", metavar="create", required=True).add_parser(
        "create",
        help="make one that works, with venv and pip",
        description="Make one that works, with venv and pip, from PyPI.",
    )
    create.add_argument("folder", metavar="DIR", type=Path, help="where to put it; an interrupted one is gone on with")
    create.add_argument("--stack", choices=STACKS, default=STACKS[0], help="the mmdet it holds (default: %(default)s)")
    create.add_argument("--python", metavar="PY", default=None, help="the Python to make it with (else searched)")

    bases = command("bases", "list base configs and the levels they need", as_json)
    bases.add_argument(
        "pattern", nargs="?", default="", metavar="PATTERN", help="words, * and ? wildcards, !word to exclude"
    )
    bases.add_argument("--names", action="store_true", help="names alone, without asking each what it needs")

    backbones = command("backbones", "list backbones", as_json)
    backbones.add_argument(
        "pattern",
        nargs="?",
        default="",
        metavar="PATTERN",
        help="words, * and ? wildcards, !word to exclude; params<30M, macs<5G, stride:4,8, weights>0, licence:apache",
    )
    backbones.add_argument("--source", choices=SOURCES, help="one catalog alone")
    backbones.add_argument("--sort", choices=ORDERS, default=ORDERS[0], help="the order (default: %(default)s)")
    backbones.add_argument("--fits", metavar="BASE", help="those that this base config can take")
    backbones.add_argument(
        "--ask-each", action="store_true", help="ask every listed backbone itself, not one of its family (minutes)"
    )
    add_input(backbones)

    probe = command("probe", "show a backbone's stages, or probe all backbones", as_json)
    probe.add_argument(
        "backbone",
        metavar="BACKBONE",
        nargs="?",
        default="",
        help="such as mmcls/ShuffleNetV2 or timm/mobilenetv2_100; with --all a pattern as `backbones` takes it",
    )
    probe.add_argument(
        "--all", action="store_true", help="every backbone that has not answered yet; can be stopped and gone on with"
    )
    probe.add_argument("--jobs", metavar="N", type=int, help="processes for --all (default: one a core, at most 8)")
    add_input(probe)

    measure = command("measure", "measure a backbone's speed and memory on the device", as_json)
    measure.add_argument("backbone", metavar="BACKBONE", help="such as mmcls/ShuffleNetV2 or timm/mobilenetv2_100")
    measure.add_argument("--batch", metavar="N", type=int, help="images at a time (default: 8)")
    measure.add_argument("--busy", action="store_true", help="measure on a GPU that others are using, too")
    add_input(measure)

    write = command("write", "write the config", as_json)
    write.add_argument("--preset", metavar="P", help="a preset's name or file; what else is given goes before it")
    write.add_argument("--base", metavar="B", help="base config, by name or file")
    write.add_argument("--backbone", metavar="K", help="such as mmcls/ShuffleNetV2")
    write.add_argument(
        "--stages", metavar="i,j,k", type=stages, help="out indices (default: the deepest stage at each stride)"
    )
    write.add_argument(
        "--weights", metavar="W", help="auto, none, one of the backbone's, a file or a URL (default: auto)"
    )
    write.add_argument(
        "--override", action="store_true", help="write what would be refused, with the warning in the file"
    )
    add_training(write)
    write.add_argument("--force", action="store_true", help="replace a file that is there")
    write.add_argument("--check", action="store_true", help="check the written file at once")
    write.add_argument("-o", "--output", metavar="FILE", type=Path, required=True)
    add_input(write)

    compare = command("compare", "show backbones side by side", as_json)
    compare.add_argument("backbones", metavar="BACKBONE", nargs="+", help="such as mmcls/ShuffleNetV2")
    compare.add_argument("--base", metavar="B", help="the base config that is to take one of them")
    compare.add_argument("--sort", choices=COMPARED, default="marked", help="the order (default: as given)")
    compare.add_argument("--format", choices=FORMATS, help="else as the file's suffix says, else table")
    compare.add_argument("--force", action="store_true", help="replace a file that is there")
    compare.add_argument("-o", "--output", metavar="FILE", type=Path, help="write it there instead of to stdout")
    add_input(compare)

    several = command(
        "candidates", "write one config for each of several backbones, and scripts that train them", as_json
    )
    several.set_defaults(backbone=None, stages=None, override=False)
    several.add_argument(
        "backbones", metavar="BACKBONE", nargs="+", help="those that do not fit are named, not written"
    )
    several.add_argument("--base", metavar="B", required=True, help="base config, by name or file")
    several.add_argument("--weights", choices=["auto", "none"], help="what they start from (default: auto)")
    add_training(several)
    several.add_argument("--force", action="store_true", help="replace files that are there")
    several.add_argument("-o", "--output", metavar="FOLDER", type=Path, help="the folder (default: candidates-BASE)")
    add_input(several)

    data = command("dataset", "say what a data set in COCO's format holds and what is wrong with it", as_json)
    data.add_argument("data", metavar="WHERE", nargs="+", help=DATA)

    check = command("check", "build a config and train it for one step", as_json)
    check.add_argument("config", metavar="FILE", type=Path)

    listing = command("presets", "list presets", as_json)
    listing.add_argument("--show", metavar="NAME", help="print one")
    return root


def common() -> argparse.ArgumentParser:
    """What stands before or behind every command; made anew for each, since parsers share the defaults of a parent."""
    parser = argparse.ArgumentParser(add_help=False)
    environment = parser.add_argument_group("training environment")
    environment.add_argument(
        "--python",
        metavar="PATH",
        default=argparse.SUPPRESS,
        help="its interpreter, or its folder (else $BBWIZARD_PYTHON, else searched)",
    )
    environment.add_argument(
        "--launch",
        metavar="PREFIX",
        type=shlex.split,
        default=argparse.SUPPRESS,
        help='a command to put in front of the probing half, such as "srun --gres=gpu:1"',
    )
    environment.add_argument(
        "--device",
        metavar="D",
        default=argparse.SUPPRESS,
        help="where to probe: auto, cpu, cuda or cuda:N (default: auto)",
    )
    environment.add_argument(
        "--no-cache",
        dest="cache",
        action="store_false",
        default=argparse.SUPPRESS,
        help="ask everything anew, whatever earlier sittings were answered, and keep nothing",
    )
    away = parser.add_argument_group("for another machine, without its training environment")
    away.add_argument(
        "--atlas",
        action="store_true",
        default=argparse.SUPPRESS,
        help="answer out of what was probed beforehand, marked so; it is also what answers where nothing else can",
    )
    away.add_argument(
        "--stack",
        choices=STACKS,
        default=argparse.SUPPRESS,
        help=f"the mmdet that the atlas was made with (default: {STACKS[0]})",
    )
    away.add_argument(
        "--mmdet-root",
        metavar="PATH",
        default=argparse.SUPPRESS,
        help="where mmdet lies there: the folder with its configs/ and tools/; remembered",
    )
    return parser


def add_input(command: argparse.ArgumentParser) -> None:
    """`--input`, which is (height, width) in pixels."""
    height, width = DEFAULT_INPUT
    command.add_argument("--input", metavar="HxW", type=size, help=f"input size in pixels (default: {height}x{width})")


def add_training(command: argparse.ArgumentParser) -> None:
    """How a config will be trained, whatever its backbone."""
    command.add_argument("--data", metavar="WHERE", nargs="*", help=f"your own data: {DATA}; nothing: the base's own")
    command.add_argument("--gpus", metavar="N", type=int, help="GPUs to train on (default: 1)")
    command.add_argument("--launcher", choices=LAUNCHERS, help="how the train command starts (default: auto)")
    command.add_argument(
        "--fix",
        metavar="CODE",
        action="append",
        type=fix_code,
        default=[],
        help="take the fix that is offered for this warning, or all (may be repeated)",
    )
    command.add_argument(
        "--leave",
        metavar="CODE",
        action="append",
        type=fix_code,
        default=[],
        help="leave a fix that is certain, or all (may be repeated)",
    )


def size(text: str) -> tuple[int, int]:
    """`parse_input` as argparse wants it."""
    from bbwizard.recipe import parse_input

    return as_argument(parse_input, text)


def stages(text: str) -> tuple[int, ...]:
    """`parse_stages` as argparse wants it."""
    from bbwizard.recipe import parse_stages

    return as_argument(parse_stages, text)


def fix_code(text: str) -> str:
    """`parse_code` as argparse wants it."""
    from bbwizard.recipe import parse_code

    return as_argument(parse_code, text)


def as_argument(parse: Callable[[str], Parsed], text: str) -> Parsed:
    """Run a parser, its error in argparse's words."""
    try:
        return parse(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(f"{error.text}: {error.hint}") from error
