"""The commands beside the wizard: what each is for, and its own options."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from bbwizard import grammar, manual
from bbwizard.grammar import COMPARED, DATA, FORMATS, ORDERS, SOURCES, STACKS
from bbwizard.language import N_, _
from bbwizard.options import Help, add_input, add_training, spoken, stages


class Command(NamedTuple):
    """A command in English, and what adds its own options to a parser.

    Those of the training environment and `--json` are what most have beside them.
    """

    what: str
    options: Callable[[ArgumentParser], None]
    training: bool = True
    as_json: bool = True


def _doctor(command: ArgumentParser) -> None:
    command.add_argument(
        "--report", action="store_true", help=_("a text for an issue: versions, faults, the last log; no private paths")
    )


def _env(command: ArgumentParser) -> None:
    create = command.add_subparsers(dest="env_command", metavar="create", required=True).add_parser(
        "create",
        help=_("make one that works, with venv and pip"),
        description=_("Make one that works, with venv and pip, from PyPI."),
        epilog=manual.behind("env"),
        formatter_class=Help,
        parents=[spoken()],
    )
    create.add_argument(
        "folder", metavar="DIR", type=Path, help=_("where to put it; an interrupted one is gone on with")
    )
    create.add_argument(
        "--stack", choices=STACKS, default=STACKS[0], help=_("the mmdet it holds (default: %(default)s)")
    )
    create.add_argument("--python", metavar="PY", default=None, help=_("the Python to make it with (else searched)"))


def _bases(command: ArgumentParser) -> None:
    command.add_argument(
        "pattern", nargs="?", default="", metavar="PATTERN", help=_("words, * and ? wildcards, !word to exclude")
    )
    command.add_argument("--names", action="store_true", help=_("names alone, without asking each what it needs"))


def _backbones(command: ArgumentParser) -> None:
    command.add_argument(
        "pattern",
        nargs="?",
        default="",
        metavar="PATTERN",
        help=_(
            "words, * and ? wildcards, !word to exclude; params<30M, macs<5G, stride:4,8, weights>0, licence:apache"
        ),
    )
    command.add_argument("--source", choices=SOURCES, help=_("one catalog alone"))
    words = _("one of %(choices)s (default: %(default)s)")
    command.add_argument("--sort", metavar="ORDER", choices=ORDERS, default=ORDERS[0], help=words)
    command.add_argument("--fits", metavar="BASE", help=_("those that this base config can take"))
    command.add_argument(
        "--ask-each", action="store_true", help=_("ask every listed backbone itself, not one of its family (minutes)")
    )
    add_input(command)


def _probe(command: ArgumentParser) -> None:
    command.add_argument(
        "backbone",
        metavar="BACKBONE",
        nargs="?",
        default="",
        help=_("such as mmcls/ShuffleNetV2 or timm/mobilenetv2_100; with --all a pattern as `backbones` takes it"),
    )
    command.add_argument(
        "--all",
        action="store_true",
        help=_("every backbone that has not answered yet; can be stopped and gone on with"),
    )
    command.add_argument(
        "--jobs", metavar="N", type=int, help=_("processes for --all (default: one a core, at most 8)")
    )
    add_input(command)


def _measure(command: ArgumentParser) -> None:
    command.add_argument("backbone", metavar="BACKBONE", help=_("such as mmcls/ShuffleNetV2 or timm/mobilenetv2_100"))
    _measured(command)
    add_input(command)


def _measured(command: ArgumentParser) -> None:
    command.add_argument("--batch", metavar="N", type=int, help=_("images at a time (default: 8)"))
    command.add_argument("--busy", action="store_true", help=_("measure on a GPU that others are using, too"))


def _write(command: ArgumentParser) -> None:
    command.add_argument(
        "--preset", metavar="P", help=_("a preset's name or file, - for stdin; what else is given goes before it")
    )
    command.add_argument("--base", metavar="B", help=_("base config, by name or file"))
    command.add_argument("--backbone", metavar="K", help=_("such as mmcls/ShuffleNetV2"))
    command.add_argument(
        "--stages", metavar="i,j,k", type=stages, help=_("out indices (default: the deepest stage at each stride)")
    )
    command.add_argument(
        "--weights", metavar="W", help=_("auto, none, one of the backbone's, a file or a URL (default: auto)")
    )
    command.add_argument(
        "--override", action="store_true", help=_("write what would be refused, with the warning in the file")
    )
    add_training(command)
    command.add_argument("--save", metavar="NAME", help=_("keep the recipe as a preset of this name too"))
    command.add_argument("--force", action="store_true", help=_("replace a file that is there"))
    command.add_argument("--check", action="store_true", help=_("check the written file at once"))
    command.add_argument(
        "-o", "--output", metavar="FILE", type=Path, required=True, help=_("where to; - puts the text on stdout")
    )
    add_input(command)


def _adopt(command: ArgumentParser) -> None:
    command.add_argument("config", metavar="FILE", type=Path, help=_("a config of mmdet with a backbone of a catalog"))
    command.add_argument("--base", metavar="B", help=_("the base config it was made from (else found)"))
    command.add_argument("--save", metavar="NAME", help=_("keep it as a preset of this name instead"))
    command.add_argument("--force", action="store_true", help=_("replace a preset that is there"))


def _compare(command: ArgumentParser) -> None:
    command.add_argument("backbones", metavar="BACKBONE", nargs="+", help=_("such as mmcls/ShuffleNetV2"))
    command.add_argument("--base", metavar="B", help=_("the base config that is to take one of them"))
    command.add_argument("--measure", action="store_true", help=_("measure each on the device: latency, memory"))
    _measured(command)
    words = _("one of %(choices)s (default: as given)")
    command.add_argument("--sort", metavar="ORDER", choices=COMPARED, default="marked", help=words)
    command.add_argument("--format", choices=FORMATS, help=_("else as the file's suffix says, else table"))
    command.add_argument("--force", action="store_true", help=_("replace a file that is there"))
    command.add_argument(
        "-o", "--output", metavar="FILE", type=Path, help=_("write it there instead of to stdout, which - names too")
    )
    add_input(command)


def _candidates(command: ArgumentParser) -> None:
    command.set_defaults(backbone=None, stages=None, override=False)
    command.add_argument(
        "backbones", metavar="BACKBONE", nargs="+", help=_("those that do not fit are named, not written")
    )
    command.add_argument("--base", metavar="B", required=True, help=_("base config, by name or file"))
    command.add_argument("--weights", choices=["auto", "none"], help=_("what they start from (default: auto)"))
    add_training(command)
    command.add_argument("--force", action="store_true", help=_("replace files that are there"))
    command.add_argument("-o", "--output", metavar="FOLDER", type=Path, help=_("the folder (default: candidates-BASE)"))
    add_input(command)


def _results(command: ArgumentParser) -> None:
    command.add_argument(
        "folders", metavar="DIR", nargs="*", type=Path, help=_("candidates, work_dirs or one work dir (default: .)")
    )
    command.add_argument(
        "--metric", metavar="M", help=_("what they are judged by (default: bbox_mAP, or what there is)")
    )


def _dataset(command: ArgumentParser) -> None:
    command.add_argument("data", metavar="WHERE", nargs="+", help=_(DATA))


def _check(command: ArgumentParser) -> None:
    command.add_argument("config", metavar="FILE", type=Path)


def _presets(command: ArgumentParser) -> None:
    command.add_argument(
        "pattern", nargs="?", default="", metavar="PATTERN", help=_("words out of name, recipe, #tags, note")
    )
    command.add_argument(
        "--tag", metavar="T", action="append", default=[], help=_("only with this tag (may be repeated)")
    )
    command.add_argument("--show", metavar="NAME", help=_("print one"))
    command.add_argument("--diff", metavar=("A", "B"), nargs=2, help=_("say what differs between two, by name or file"))
    command.add_argument("--changed", metavar="NAME", help=_("say what is not here as it was when it was saved"))


def _completion(command: ArgumentParser) -> None:
    command.add_argument("shell", choices=grammar.SHELLS)


def _schema(command: ArgumentParser) -> None:
    command.add_argument(
        "about", metavar="COMMAND", nargs="?", choices=grammar.ANSWERING, help=", ".join(grammar.ANSWERING)
    )


def _nothing(command: ArgumentParser) -> None:
    """No options of its own."""


COMMANDS: Final = {
    "doctor": Command(N_("say what the training environment holds and what is wrong with it"), _doctor),
    "env": Command(N_("make a training environment"), _env, training=False, as_json=False),
    "bases": Command(N_("list base configs and the levels they need"), _bases),
    "backbones": Command(N_("list backbones"), _backbones),
    "probe": Command(N_("show a backbone's stages, or probe all backbones"), _probe),
    "measure": Command(N_("measure a backbone's speed and memory on the device"), _measure),
    "write": Command(N_("write the config"), _write),
    "adopt": Command(N_("find the recipe of a config that was made otherwise, as a preset"), _adopt),
    "compare": Command(N_("show backbones side by side"), _compare),
    "candidates": Command(
        N_("write one config for each of several backbones, and scripts that train them"), _candidates
    ),
    "results": Command(
        N_("say which trainings finished, run or died, and what they came to"), _results, training=False
    ),
    "dataset": Command(N_("say what a data set in COCO's format holds and what is wrong with it"), _dataset),
    "check": Command(N_("build a config and train it for one step"), _check),
    "keys": Command(N_("print the wizard's keys, as the file that changes them"), _nothing, training=False),
    "presets": Command(N_("list presets, show one, or say what differs"), _presets),
    "completion": Command(
        N_("print what has a shell complete commands, options and names"), _completion, training=False, as_json=False
    ),
    "schema": Command(N_("print the JSON Schema of what --json prints"), _schema, training=False, as_json=False),
}
