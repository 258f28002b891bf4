"""The options that commands share, and what reads their values."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Callable
from typing import TypeVar

from bbwizard.errors import UsageError
from bbwizard.grammar import DATA, DEFAULT_INPUT, LAUNCHERS, STACKS

Parsed = TypeVar("Parsed")


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
    command.add_argument("--gpus", metavar="N", type=int, help="GPUs to train on, those of all nodes (default: 1)")
    command.add_argument("--nodes", metavar="N", type=int, help="nodes they are on (default: one for each 8)")
    command.add_argument("--launcher", choices=LAUNCHERS, help="how the train command starts (default: auto)")
    command.add_argument(
        "--meet", metavar="HOST[:PORT]", help="where several nodes find one another without Slurm (default: this host)"
    )
    command.add_argument(
        "--resume",
        metavar="CHECKPOINT",
        nargs="?",
        const="auto",
        help="go on with an earlier training: its latest checkpoint, or this one",
    )
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
