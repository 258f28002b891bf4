"""The options that commands share, and what reads their values."""

from __future__ import annotations

import argparse
import re
import shlex
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

from bbwizard.errors import UsageError
from bbwizard.grammar import DATA, DEFAULT_INPUT, LAUNCHERS, STACKS
from bbwizard.language import LANGUAGES, _, meant, told

Parsed = TypeVar("Parsed")

UNBROKEN: Final = (
    r"\s*[\uff08\u201c\u300a]*(?:[!-~]+|[^\s!-~])[\uff0c\u3002\u3001\uff1b\uff1a\uff1f\uff01\uff09\u201d\u300b\u2026]*"
)
"""What stays on one line: a word, or one character of a script without spaces, with the marks that belong to it."""


class Help(argparse.RawDescriptionHelpFormatter):
    """Help that counts cells, of which a Chinese character takes two, and needs no spaces to break a line."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        if text.isascii():
            return super()._split_lines(text, width)
        lines = [""]
        for piece in re.findall(UNBROKEN, text):
            if lines[-1] and cells(lines[-1] + piece) > width:
                lines.append("")
            lines[-1] += piece if lines[-1] else piece.lstrip()
        return lines

    def _format_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None,
    ) -> str:
        text = super()._format_usage(usage, actions, groups, prefix)
        head = text.partition(self._prog)[0]
        return text if head.isascii() else re.sub("\n(?= )", "\n" + " " * (cells(head) - len(head)), text)


def cells(text: str) -> int:
    """How wide a text is on a terminal."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(character) in "FW" else 1 for character in text)


def spoken() -> argparse.ArgumentParser:
    """The option that names the language; `language.wanted` reads it before there is a parser to speak."""
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--lang",
        type=meant,
        choices=LANGUAGES,
        default=argparse.SUPPRESS,
        help=_("the language of the interface (default: the locale's)"),
    )
    return parser


def common() -> argparse.ArgumentParser:
    """What stands before or behind every command; made anew for each, since parsers share the defaults of a parent."""
    parser = argparse.ArgumentParser(add_help=False)
    environment = parser.add_argument_group(_("training environment"))
    environment.add_argument(
        "--python",
        metavar="PATH",
        default=argparse.SUPPRESS,
        help=_("its interpreter, or its folder (else $BBWIZARD_PYTHON, else searched)"),
    )
    environment.add_argument(
        "--launch",
        metavar="PREFIX",
        type=shlex.split,
        default=argparse.SUPPRESS,
        help=_('a command to put in front of the probing half, such as "srun --gres=gpu:1"'),
    )
    environment.add_argument(
        "--device",
        metavar="D",
        type=device,
        default=argparse.SUPPRESS,
        help=_("where to probe: auto, cpu, cuda or cuda:N (default: auto)"),
    )
    environment.add_argument(
        "--no-cache",
        dest="cache",
        action="store_false",
        default=argparse.SUPPRESS,
        help=_("ask everything anew, whatever earlier sittings were answered, and keep nothing"),
    )
    away = parser.add_argument_group(_("for another machine, without its training environment"))
    away.add_argument(
        "--atlas",
        action="store_true",
        default=argparse.SUPPRESS,
        help=_("answer out of what was probed beforehand, marked so; it is also what answers where nothing else can"),
    )
    away.add_argument(
        "--stack",
        choices=STACKS,
        default=argparse.SUPPRESS,
        help=_("the mmdet that the atlas was made with (default: {stack})").format(stack=STACKS[0]),
    )
    away.add_argument(
        "--mmdet-root",
        metavar="PATH",
        type=there,
        default=argparse.SUPPRESS,
        help=_("where mmdet lies there: the folder with its configs/ and tools/; remembered"),
    )
    return parser


def there(text: str) -> str:
    """`paths.there` as argparse wants it, which passes the default through it too."""
    if not text:
        return text
    from bbwizard import paths

    return as_argument(paths.there, text)


def device(text: str) -> str:
    """Where to probe, as argparse wants it."""
    if re.fullmatch(r"auto|cpu|cuda(:[0-9]{1,4})?", text) is None:
        raise argparse.ArgumentTypeError(_("{text!r} is no device: auto, cpu, cuda or cuda:N").format(text=text))
    return text


def add_input(command: argparse.ArgumentParser) -> None:
    """`--input`, which is (height, width) in pixels."""
    height, width = DEFAULT_INPUT
    what = _("input size in pixels (default: {height}x{width})").format(height=height, width=width)
    command.add_argument("--input", metavar="HxW", type=size, help=what)


def add_training(command: argparse.ArgumentParser) -> None:
    """How a config will be trained, whatever its backbone."""
    own = _("your own data: {data}; nothing: the base's own").format(data=_(DATA))
    command.add_argument("--data", metavar="WHERE", nargs="*", help=own)
    command.add_argument("--gpus", metavar="N", type=int, help=_("GPUs to train on, those of all nodes (default: 1)"))
    fewest = _("nodes they are on (default: as few as share them evenly, 8 at most on each)")
    command.add_argument("--nodes", metavar="N", type=int, help=fewest)
    command.add_argument("--launcher", choices=LAUNCHERS, help=_("how the train command starts (default: auto)"))
    command.add_argument(
        "--meet",
        metavar="HOST[:PORT]",
        type=meet,
        help=_("where several nodes find one another without Slurm (default: this host)"),
    )
    command.add_argument(
        "--resume",
        metavar="CHECKPOINT",
        nargs="?",
        const="auto",
        help=_("go on with an earlier training: its latest checkpoint, or this one"),
    )
    command.add_argument(
        "--fix",
        metavar="CODE",
        action="append",
        type=fix_code,
        default=[],
        help=_("take the fix that is offered for this warning, or all (may be repeated)"),
    )
    command.add_argument(
        "--leave",
        metavar="CODE",
        action="append",
        type=fix_code,
        default=[],
        help=_("leave a fix that is certain, or all (may be repeated)"),
    )


def size(text: str) -> tuple[int, int]:
    """`parse_input` as argparse wants it."""
    from bbwizard.recipe import parse_input

    return as_argument(parse_input, text)


def stages(text: str) -> tuple[int, ...]:
    """`parse_stages` as argparse wants it."""
    from bbwizard.recipe import parse_stages

    return as_argument(parse_stages, text)


def meet(text: str) -> str:
    """`parse_meeting` as argparse wants it."""
    from bbwizard.recipe import parse_meeting

    return as_argument(parse_meeting, text)


def fix_code(text: str) -> str:
    """`parse_code` as argparse wants it."""
    from bbwizard.recipe import parse_code

    return as_argument(parse_code, text)


def as_argument(parse: Callable[[str], Parsed], text: str) -> Parsed:
    """Run a parser, its error in argparse's words."""
    try:
        return parse(text)
    except UsageError as error:
        raise argparse.ArgumentTypeError(f"{told(error.text)}: {told(error.hint)}") from error
