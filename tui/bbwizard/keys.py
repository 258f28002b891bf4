"""The one registry of keys: bindings, the key bar, help, the palette and the README's table all read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bbwizard.key_names import written
from bbwizard.language import N_


@dataclass(frozen=True)
class Key:
    """One action and the keys that do it; `rank` orders the key bar, 0 stays out of it.

    Label and tooltip, like a group's title, are English; `_` says them to the reader.
    """

    id: str
    keys: str
    action: str
    label: str
    tooltip: str
    rank: int = 0
    priority: bool = False

    @property
    def palette(self) -> bool:
        """Whether the palette offers it: what moves a cursor, or types, is of no use there."""
        place, _, name = self.id.partition(".")
        return place not in ("list", "filter", "text", "entry", "app", "over") and not name.startswith(
            ("row-", "pane-")
        )


@dataclass(frozen=True)
class Group:
    """The keys of one place in the wizard."""

    title: str
    keys: tuple[Key, ...]


STEPS: Final = (N_("Environment"), N_("Base"), N_("Backbone"), N_("Stages"), N_("Write"))
TO_STEPS: Final = (
    N_("go to: Environment"), N_("go to: Base"), N_("go to: Backbone"), N_("go to: Stages"), N_("go to: Write"),
)  # fmt: skip

GROUPS: Final[dict[str, Group]] = {
    "wizard": Group(
        N_("Everywhere"),
        (
            Key("wizard.back", "escape", "back", N_("back"), N_("Go back one step; everything chosen is kept"), 2),
            Key("wizard.next", "right_square_bracket", "next_step", N_("next step"), N_("Go to the next step")),
            Key("wizard.previous", "left_square_bracket", "previous_step", N_("previous step"),
                N_("Go to the step before")),
            *(
                Key(f"wizard.step-{n}", f"f{n}", f"step({n})", label, N_("Go straight to that step"))
                for n, label in enumerate(TO_STEPS, 1)
            ),
            Key("wizard.pane-next", "tab", "app.focus_next", N_("next pane"), N_("Go to the next pane")),
            Key("wizard.pane-previous", "shift+tab", "app.focus_previous", N_("previous pane"),
                N_("Go to the pane before")),
            Key("wizard.stop", "x", "stop", N_("stop"), N_("Stop what is going on: a check, reading, opening"), 1),
            Key("wizard.presets", "p", "presets", N_("presets"), N_("Open, rename or delete a saved recipe"), 40),
            Key("wizard.resume", "R", "resume", N_("cut-off sittings"), N_("Go on with a sitting that was cut off")),
            Key("wizard.save", "s", "save", N_("save"), N_("Save this recipe as a preset"), 41),
            Key("wizard.undo", "u", "undo", N_("undo"), N_("Take back the last decision"), 42),
            Key("wizard.redo", "U", "redo", N_("redo"), N_("Make the decision again that was taken back last")),
            Key("wizard.log", "L", "log", N_("log"), N_("Show what the probing half and its libraries said")),
            Key("wizard.report", "D", "report", N_("report"),
                N_("Show what an issue needs: versions, faults, last words")),
            Key("wizard.quit", "q", "quit", N_("quit"), N_("Leave; asks when something is not written yet"), 60),
            Key("wizard.help", "question_mark", "help", N_("keys"), N_("Show every key of this screen"), 1),
        ),
    ),
    "app": Group(
        N_("Everywhere"),
        (
            Key("app.palette", "ctrl+p,colon", "command_palette", N_("palette"), N_("Find an action by its name")),
            Key("app.repaint", "ctrl+l", "repaint", N_("repaint"),
                N_("Paint the screen anew, where another program has written into it")),
            Key("app.suspend", "ctrl+z", "suspend_process", N_("suspend"), N_("Go to the shell; fg comes back")),
            Key("app.interrupt", "ctrl+c", "interrupt", N_("leave"),
                N_("Leave at once when pressed twice"), priority=True),
            Key("app.quit", "ctrl+q", "quit_now", N_("leave now"), N_("Leave without a question"), priority=True),
        ),
    ),
    "list": Group(
        N_("Lists"),
        (
            Key("list.up", "up,k", "move(-1)", N_("up"), N_("One row up")),
            Key("list.down", "down,j", "move(1)", N_("down"), N_("One row down")),
            Key("list.half-up", "ctrl+u", "half_page(-1)", N_("half page up"), N_("Half a page up")),
            Key("list.half-down", "ctrl+d", "half_page(1)", N_("half page down"), N_("Half a page down")),
            Key("list.page-up", "pageup,ctrl+b", "page(-1)", N_("page up"), N_("One page up")),
            Key("list.page-down", "pagedown,ctrl+f", "page(1)", N_("page down"), N_("One page down")),
            Key("list.first", "home,g", "first", N_("first"), N_("First row")),
            Key("list.last", "end,G", "last", N_("last"), N_("Last row")),
            Key("list.pane-left", "left,h", "app.focus_previous", N_("pane before"), N_("Go to the pane before")),
            Key("list.pane-right", "right,l", "app.focus_next", N_("next pane"), N_("Go to the next pane")),
            Key("list.choose", "enter", "choose", N_("choose"), N_("Take the highlighted row and go on"), 3),
        ),
    ),
    "filter": Group(
        N_("The filter"),
        (
            Key("filter.up", "up", "list('move', -1)", N_("up"), N_("One row up, still typing")),
            Key("filter.down", "down", "list('move', 1)", N_("down"), N_("One row down, still typing")),
            Key("filter.page-up", "pageup", "list('page', -1)", N_("page up"), N_("One page up")),
            Key("filter.page-down", "pagedown", "list('page', 1)", N_("page down"), N_("One page down")),
            Key("filter.choose", "enter", "list('choose')", N_("choose"), N_("Take the highlighted row and go on"), 3),
            Key("filter.leave", "escape", "leave", N_("clear, then leave"),
                N_("Clear the filter; when clear, leave it"), 4),
            Key("filter.tab", "tab", "tab", N_("list"), N_("Back to the list, keeping the filter"), 5),
        ),
    ),
    "browse": Group(
        N_("Browsing"),
        (
            Key("browse.filter", "slash", "filter", N_("filter"),
                N_("Filter: words, timm's * and ?, !word leaves out"), 10),
            Key("browse.copy", "y", "copy", N_("copy name"), N_("Copy the highlighted name"), 50),
        ),
    ),
    "environment": Group(
        N_("Environment"),
        (
            Key("environment.again", "r", "again", N_("look again"), N_("Look for training environments again"), 11),
            Key("environment.path", "t", "path", N_("type a path"),
                N_("Name the Python of a training environment"), 12),
            Key("environment.copy", "y", "copy", N_("copy"),
                N_("Copy the command that mends the open environment, or the highlighted path"), 13),
        ),
    ),
    "base": Group(
        N_("Base config"),
        (Key("base.file", "f", "file", N_("own file"), N_("Take a config file of your own as the base"), 11),),
    ),
    "backbone": Group(
        N_("Backbone"),
        (
            Key("backbone.catalog", "c", "catalog", N_("catalog"), N_("Next catalog: all, mmcls, timm, mmdet"), 11),
            Key("backbone.fits", "f", "fits", N_("what fits"),
                N_("List what the base config can take (~ as its family, ? not asked)"), 12),
            Key("backbone.order", "o", "order", N_("order"),
                N_("Order by match, parameters, multiply-adds, weights, stages, licence or fit"), 14),
            Key("backbone.input", "i", "input", N_("input size"),
                N_("Change the input size that stages are shown for"), 13),
            Key("backbone.mark", "space", "mark", N_("mark"),
                N_("Mark the highlighted backbone, or take its mark away"), 8),
            Key("backbone.compare", "v", "compare", N_("compare"), N_("See the marked backbones side by side"), 9),
            Key("backbone.measure", "m", "measure", N_("measure"),
                N_("Measure its speed and memory on the chosen device"), 15),
            Key("backbone.batch", "M", "batch", N_("batch size"),
                N_("Measure with another number of images at a time")),
        ),
    ),
    "compare": Group(
        N_("Comparison"),
        (
            Key("compare.close", "escape,q", "close", N_("back"), N_("Back to the list of backbones"), 2),
            Key("compare.order", "o", "order", N_("order"),
                N_("Order by the next column: parameters, multiply-adds, latency, memory…"), 4),
            Key("compare.turn", "t", "turn", N_("facts"), N_("Show the facts in place of the plot, or the plot"), 5),
            Key("compare.plot", "p", "plot", N_("plot"), N_("Plot multiply-adds in place of parameters, or back"), 9),
            Key("compare.measure", "m", "measure", N_("measure"),
                N_("Measure its speed and memory on the chosen device"), 6),
            Key("compare.batch", "M", "batch", N_("batch size"),
                N_("Measure with another number of images at a time")),
            Key("compare.copy", "y", "copy", N_("copy"), N_("Copy the table as Markdown"), 9),
            Key("compare.unmark", "x", "unmark", N_("unmark"), N_("Take the highlighted backbone out"), 6),
            Key("compare.export", "E", "export", N_("export"), N_("Write the table as CSV or Markdown"), 7),
            Key("compare.candidates", "W", "candidates", N_("write"),
                N_("Write a config for each that fits, and scripts that train them all"), 8),
            Key("compare.results", "R", "results", N_("trainings"),
                N_("See what became of the trainings in this folder"), 9),
            Key("compare.help", "question_mark", "help", N_("keys"), N_("Show every key of this screen"), 1),
        ),
    ),
    "stages": Group(
        N_("Stages"),
        (
            Key("stages.toggle", "space", "take_stage", N_("toggle"), N_("Take or leave the highlighted stage"), 4),
            *(
                Key(f"stages.row-{n}", str(n), f"take_row({n})", f"stage {n}",
                    N_("Take or leave the stage in that row"))
                for n in range(1, 10)
            ),
            Key("stages.default", "a", "default", N_("default wiring"), N_("The deepest stage at each stride"), 5),
            Key("stages.input", "i", "input", N_("input size"),
                N_("Change the input size that stages are shown for"), 12),
            Key("stages.override", "o", "override", N_("override"),
                N_("Let a wiring be written that would not train"), 13),
            Key("stages.copy", "y", "copy", N_("copy"), N_("Copy what the pane says of the wiring"), 50),
        ),
    ),
    "stage-list": Group(
        N_("Stages"),
        (Key("stages.go-on", "enter", "choose", N_("go on"), N_("Go on with this wiring"), 3),),
    ),
    "write": Group(
        N_("Write"),
        (
            Key("write.write", "w", "write", N_("write"), N_("Write the config and check it by a training step"), 4),
            Key("write.check", "r", "check", N_("check"), N_("Run the check of the written file again"), 12),
            Key("write.copy-command", "y", "copy_command", N_("copy command"), N_("Copy the train command"), 5),
            Key("write.copy-config", "Y", "copy_config", N_("copy config"), N_("Copy the text of the config"), 14),
            Key("write.edit", "e", "edit", N_("edit"),
                N_("Edit the config in $EDITOR; what is saved is written and checked"), 7),
            Key("write.differences", "b", "differences", N_("against base"),
                N_("What the config changes in its base"), 8),
            Key("write.path", "t", "path", N_("path"), N_("Type where the config is written"), 11),
            Key("write.data", "d", "data", N_("own data"), N_("Train on your own data, in COCO's format"), 13),
            Key("write.findings", "f", "findings", N_("findings"),
                N_("Go to what was found, and choose which fixes to take"), 6),
        ),
    ),
    "findings": Group(
        N_("Findings"),
        (Key("findings.take", "space,enter", "take", N_("take or leave"),
             N_("Take the highlighted fix, or leave it"), 3),),
    ),
    "options": Group(
        N_("Options"),
        (
            Key("options.less", "left,h", "turn(-1)", N_("previous"), N_("The option's previous value"), 0),
            Key("options.more", "right,l,space", "turn(1)", N_("change"), N_("The option's next value"), 6),
            Key("options.type", "enter", "type", N_("type it"), N_("Type the option's value"), 7),
        ),
    ),
    "text": Group(
        N_("Text"),
        (
            Key("text.up", "up,k", "scroll_by(0, -1)", N_("up"), N_("One line up")),
            Key("text.down", "down,j", "scroll_by(0, 1)", N_("down"), N_("One line down")),
            Key("text.left", "left,h", "scroll_by(-8, 0)", N_("left"), N_("To the left")),
            Key("text.right", "right,l", "scroll_by(8, 0)", N_("right"), N_("To the right")),
            Key("text.page-up", "pageup,ctrl+b", "scroll_page(-1)", N_("page up"), N_("One page up")),
            Key("text.page-down", "pagedown,ctrl+f,space", "scroll_page(1)", N_("page down"), N_("One page down"), 5),
            Key("text.first", "home,g", "scroll_edge(-1)", N_("first"), N_("First line")),
            Key("text.last", "end,G", "scroll_edge(1)", N_("last"), N_("Last line")),
        ),
    ),
    "presets": Group(
        N_("Presets"),
        (
            Key("presets.rename", "r", "rename", N_("rename"), N_("Give one of your presets another name"), 11),
            Key("presets.tags", "t", "tags", N_("tags"), N_("Give one of your presets other tags"), 13),
            Key("presets.note", "n", "note", N_("note"), N_("Write a note into one of your presets"), 14),
            Key("presets.delete", "d", "delete", N_("delete"), N_("Delete one of your presets; asks first"), 12),
            Key("presets.changes", "c", "changes", N_("what changed"),
                N_("See what is not here as it was when the preset was saved"), 15),
            Key("presets.mark", "space", "mark", N_("mark"),
                N_("Mark a preset, to see what another says otherwise"), 17),
            Key("presets.against", "v", "against", N_("differences"),
                N_("See what it says otherwise than the marked one, or than the recipe that stands"), 16),
        ),
    ),
    "resume": Group(
        N_("Cut-off sittings"),
        (Key("resume.delete", "d", "delete", N_("delete"), N_("Delete a sitting that was cut off; asks first"), 11),),
    ),
    "dialog": Group(
        N_("Dialog"),
        (
            Key("dialog.close", "escape,q", "close", N_("close"), N_("Close without doing anything"), 1),
            Key("dialog.copy", "y", "copy", N_("copy"), N_("Copy this text"), 6),
            Key("dialog.edit", "e", "edit", N_("in editor"), N_("Open a copy of this text in $EDITOR"), 7),
        ),
    ),
    "over": Group(
        N_("Dialog"),
        (
            Key("over.help", "question_mark", "help", N_("keys"), N_("Show every key of this dialog"), 50),
            Key("over.palette", "ctrl+p,colon", "app.command_palette", N_("palette"), N_("Find an action by its name")),
        ),
    ),
    "unwritten": Group(
        N_("What could not be written"),
        (
            Key("unwritten.elsewhere", "enter", "elsewhere", N_("write elsewhere"), N_("Write it to another path"), 1),
            Key("unwritten.copy", "y", "copy", N_("copy text"), N_("Copy the text that could not be written"), 2),
            Key("unwritten.close", "escape,q", "close", N_("close"), N_("Close; it is not written"), 3),
        ),
    ),
    "question": Group(
        N_("Question"),
        (
            Key("question.yes", "y,enter", "answer(True)", N_("yes"), N_("Yes"), 1),
            Key("question.no", "n", "answer(False)", N_("no"), N_("No"), 2),
            Key("question.close", "escape,q", "close", N_("back"), N_("Close without doing anything"), 3),
        ),
    ),
    "entry": Group(
        N_("Typing"),
        (
            Key("entry.take", "enter", "take", N_("take"), N_("Take what is typed"), 1, priority=True),
            Key("entry.cancel", "escape", "cancel", N_("cancel"), N_("Leave it as it was"), 2),
        ),
    ),
}  # fmt: skip

BY_ID: Final[dict[str, Key]] = {key.id: key for group in GROUPS.values() for key in group.keys}
TITLE_OF: Final[dict[str, str]] = {key.id: group.title for group in GROUPS.values() for key in group.keys}

PLACES: Final[tuple[tuple[str, ...], ...]] = (
    *((inner, *step, "wizard", "app") for step in (("environment",), ("browse", "base")) for inner in ("list", "text")),
    *((inner, "browse", "backbone", "wizard", "app") for inner in ("list", "text")),
    *(("filter", "browse", step, "wizard", "app") for step in ("base", "backbone")),
    ("stage-list", "list", "stages", "wizard", "app"),
    ("text", "stages", "wizard", "app"),
    *((inner, "list", "write", "wizard", "app") for inner in ("options", "findings")),
    ("text", "write", "wizard", "app"),
    *((inner, "compare", "app") for inner in ("list", "text")),
    ("text", "dialog", "over"),
    *(("list", dialog, "dialog", "over") for dialog in ("presets", "resume")),
    *((answers, "over") for answers in ("question", "unwritten")),
    ("entry",),
)
"""The groups whose keys work together, those of the focus first: a key there does what the first of them says."""

_own: dict[str, str] = {}
"""The user's keys, as words that name a key are to have them."""


def tell_of(changed: Mapping[str, str]) -> None:
    """From now on, have `key_for` name these keys, by the id of their action, and the registry's for all others."""
    _own.clear()
    _own.update(changed)


def key_for(action: str) -> str:
    """The key that does an action of this id, as a sentence names it: the first where there are several."""
    return written(_own.get(action, BY_ID[action].keys).split(",")[0])
