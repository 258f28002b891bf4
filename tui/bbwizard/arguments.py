"""The grammar of the command line: every screen has a flag. What `--help` does not need is imported by what does."""

from __future__ import annotations

import argparse
from pathlib import Path

from bbwizard import __version__, grammar, manual
from bbwizard.grammar import COMPARED, DATA, FORMATS, ORDERS, SOURCES, STACKS, THEMES
from bbwizard.language import _
from bbwizard.options import Help, add_input, add_training, common, spoken, stages


def parser() -> argparse.ArgumentParser:
    """The grammar of the command line."""
    as_json = argparse.ArgumentParser(add_help=False)
    as_json.add_argument("--json", action="store_true", help=_("data for programs on stdout"))
    language = spoken()

    root = argparse.ArgumentParser(
        prog="bbwizard",
        parents=[language, common()],
        description=_(
            "Give an MMDetection 2.x detector another backbone, out of mmcls or timm. Without a command: the wizard."
        ),
        epilog=manual.behind(""),
        formatter_class=Help,
    )
    root.set_defaults(python=None, launch=(), device="auto", cache=True, atlas=False, stack=STACKS[0], mmdet_root="")
    root.add_argument(
        "--version",
        action="version",
        version=f"bbwizard {__version__}",
        help=_("show program's version number and exit"),
    )
    root.add_argument(
        "--preset", metavar="NAME|FILE", help=_("open the wizard on this preset, or on a config's recipe")
    )
    root.add_argument("--no-mouse", action="store_true", help=_("leave the mouse to the terminal"))
    root.add_argument(
        "--theme", choices=THEMES, default="", help=_("the wizard's colours, remembered; ansi: the terminal's own")
    )
    root.add_argument(
        "--ascii", action="store_true", help=_("draw the wizard in ASCII, as is done where the locale is not UTF-8")
    )
    commands = root.add_subparsers(dest="command", metavar="COMMAND")

    def command(name: str, what: str, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        return described(name, what, common(), *parents)

    def described(name: str, what: str, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        return commands.add_parser(
            name,
            help=what,
            description=manual.about(name, what),
            epilog=manual.behind(name),
            formatter_class=Help,
            parents=[language, *parents],
        )

    doctor = command("doctor", _("say what the training environment holds and what is wrong with it"), as_json)
    doctor.add_argument(
        "--report", action="store_true", help=_("a text for an issue: versions, faults, the last log; no private paths")
    )

    env = described("env", _("make a training environment"))
    create = env.add_subparsers(dest="env_command", metavar="create", required=True).add_parser(
        "create",
        help=_("make one that works, with venv and pip"),
        description=_("Make one that works, with venv and pip, from PyPI."),
        formatter_class=Help,
        parents=[language],
    )
    create.add_argument(
        "folder", metavar="DIR", type=Path, help=_("where to put it; an interrupted one is gone on with")
    )
    create.add_argument(
        "--stack", choices=STACKS, default=STACKS[0], help=_("the mmdet it holds (default: %(default)s)")
    )
    create.add_argument("--python", metavar="PY", default=None, help=_("the Python to make it with (else searched)"))

    bases = command("bases", _("list base configs and the levels they need"), as_json)
    bases.add_argument(
        "pattern", nargs="?", default="", metavar="PATTERN", help=_("words, * and ? wildcards, !word to exclude")
    )
    bases.add_argument("--names", action="store_true", help=_("names alone, without asking each what it needs"))

    backbones = command("backbones", _("list backbones"), as_json)
    backbones.add_argument(
        "pattern",
        nargs="?",
        default="",
        metavar="PATTERN",
        help=_(
            "words, * and ? wildcards, !word to exclude; params<30M, macs<5G, stride:4,8, weights>0, licence:apache"
        ),
    )
    backbones.add_argument("--source", choices=SOURCES, help=_("one catalog alone"))
    backbones.add_argument("--sort", choices=ORDERS, default=ORDERS[0], help=_("the order (default: %(default)s)"))
    backbones.add_argument("--fits", metavar="BASE", help=_("those that this base config can take"))
    backbones.add_argument(
        "--ask-each", action="store_true", help=_("ask every listed backbone itself, not one of its family (minutes)")
    )
    add_input(backbones)

    probe = command("probe", _("show a backbone's stages, or probe all backbones"), as_json)
    probe.add_argument(
        "backbone",
        metavar="BACKBONE",
        nargs="?",
        default="",
        help=_("such as mmcls/ShuffleNetV2 or timm/mobilenetv2_100; with --all a pattern as `backbones` takes it"),
    )
    probe.add_argument(
        "--all",
        action="store_true",
        help=_("every backbone that has not answered yet; can be stopped and gone on with"),
    )
    probe.add_argument("--jobs", metavar="N", type=int, help=_("processes for --all (default: one a core, at most 8)"))
    add_input(probe)

    measure = command("measure", _("measure a backbone's speed and memory on the device"), as_json)
    measure.add_argument("backbone", metavar="BACKBONE", help=_("such as mmcls/ShuffleNetV2 or timm/mobilenetv2_100"))
    measure.add_argument("--batch", metavar="N", type=int, help=_("images at a time (default: 8)"))
    measure.add_argument("--busy", action="store_true", help=_("measure on a GPU that others are using, too"))
    add_input(measure)

    write = command("write", _("write the config"), as_json)
    write.add_argument(
        "--preset", metavar="P", help=_("a preset's name or file, - for stdin; what else is given goes before it")
    )
    write.add_argument("--base", metavar="B", help=_("base config, by name or file"))
    write.add_argument("--backbone", metavar="K", help=_("such as mmcls/ShuffleNetV2"))
    write.add_argument(
        "--stages", metavar="i,j,k", type=stages, help=_("out indices (default: the deepest stage at each stride)")
    )
    write.add_argument(
        "--weights", metavar="W", help=_("auto, none, one of the backbone's, a file or a URL (default: auto)")
    )
    write.add_argument(
        "--override", action="store_true", help=_("write what would be refused, with the warning in the file")
    )
    add_training(write)
    write.add_argument("--save", metavar="NAME", help=_("keep the recipe as a preset of this name too"))
    write.add_argument("--force", action="store_true", help=_("replace a file that is there"))
    write.add_argument("--check", action="store_true", help=_("check the written file at once"))
    write.add_argument(
        "-o", "--output", metavar="FILE", type=Path, required=True, help=_("where to; - puts the text on stdout")
    )
    add_input(write)

    adopted = command("adopt", _("find the recipe of a config that was made otherwise, as a preset"), as_json)
    adopted.add_argument("config", metavar="FILE", type=Path, help=_("a config of mmdet with a backbone of a catalog"))
    adopted.add_argument("--base", metavar="B", help=_("the base config it was made from (else found)"))
    adopted.add_argument("--save", metavar="NAME", help=_("keep it as a preset of this name instead"))
    adopted.add_argument("--force", action="store_true", help=_("replace a preset that is there"))

    compare = command("compare", _("show backbones side by side"), as_json)
    compare.add_argument("backbones", metavar="BACKBONE", nargs="+", help=_("such as mmcls/ShuffleNetV2"))
    compare.add_argument("--base", metavar="B", help=_("the base config that is to take one of them"))
    compare.add_argument("--sort", choices=COMPARED, default="marked", help=_("the order (default: as given)"))
    compare.add_argument("--format", choices=FORMATS, help=_("else as the file's suffix says, else table"))
    compare.add_argument("--force", action="store_true", help=_("replace a file that is there"))
    compare.add_argument("-o", "--output", metavar="FILE", type=Path, help=_("write it there instead of to stdout"))
    add_input(compare)

    several = command(
        "candidates", _("write one config for each of several backbones, and scripts that train them"), as_json
    )
    several.set_defaults(backbone=None, stages=None, override=False)
    several.add_argument(
        "backbones", metavar="BACKBONE", nargs="+", help=_("those that do not fit are named, not written")
    )
    several.add_argument("--base", metavar="B", required=True, help=_("base config, by name or file"))
    several.add_argument("--weights", choices=["auto", "none"], help=_("what they start from (default: auto)"))
    add_training(several)
    several.add_argument("--force", action="store_true", help=_("replace files that are there"))
    several.add_argument("-o", "--output", metavar="FOLDER", type=Path, help=_("the folder (default: candidates-BASE)"))
    add_input(several)

    trained = described("results", _("say which trainings finished, run or died, and what they came to"), as_json)
    trained.add_argument(
        "folders", metavar="DIR", nargs="*", type=Path, help=_("candidates, work_dirs or one work dir (default: .)")
    )
    trained.add_argument(
        "--metric", metavar="M", help=_("what they are judged by (default: bbox_mAP, or what there is)")
    )

    data = command("dataset", _("say what a data set in COCO's format holds and what is wrong with it"), as_json)
    data.add_argument("data", metavar="WHERE", nargs="+", help=_(DATA))

    check = command("check", _("build a config and train it for one step"), as_json)
    check.add_argument("config", metavar="FILE", type=Path)

    described("keys", _("print the wizard's keys, as the file that changes them"), as_json)

    listing = command("presets", _("list presets, show one, or say what differs"), as_json)
    listing.add_argument(
        "pattern", nargs="?", default="", metavar="PATTERN", help=_("words out of name, recipe, #tags, note")
    )
    listing.add_argument(
        "--tag", metavar="T", action="append", default=[], help=_("only with this tag (may be repeated)")
    )
    listing.add_argument("--show", metavar="NAME", help=_("print one"))
    listing.add_argument("--diff", metavar=("A", "B"), nargs=2, help=_("say what differs between two, by name or file"))
    listing.add_argument("--changed", metavar="NAME", help=_("say what is not here as it was when it was saved"))

    shell = described("completion", _("print what has a shell complete commands, options and names"))
    shell.add_argument("shell", choices=grammar.SHELLS)

    shapes = described("schema", _("print the JSON Schema of what --json prints"))
    shapes.add_argument(
        "about", metavar="COMMAND", nargs="?", choices=grammar.ANSWERING, help=", ".join(grammar.ANSWERING)
    )
    return root
