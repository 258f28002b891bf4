"""The one registry of keys: bindings, the key bar, help, the palette and the README's table all read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bbwizard.key_names import written


@dataclass(frozen=True)
class Key:
    """One action and the keys that do it; `rank` orders the key bar, 0 stays out of it."""

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


STEPS: Final = ("Environment", "Base", "Backbone", "Stages", "Write")

GROUPS: Final[dict[str, Group]] = {
    "wizard": Group(
        "Everywhere",
        (
            Key("wizard.back", "escape", "back", "back", "Go back one step; everything chosen is kept", 2),
            Key("wizard.next", "right_square_bracket", "next_step", "next step", "Go to the next step"),
            Key("wizard.previous", "left_square_bracket", "previous_step", "previous step", "Go to the step before"),
            *(
                Key(f"wizard.step-{n}", f"f{n}", f"step({n})", f"go to: {name}", "Go straight to that step")
                for n, name in enumerate(STEPS, 1)
            ),
            Key("wizard.pane-next", "tab", "app.focus_next", "next pane", "Go to the next pane"),
            Key("wizard.pane-previous", "shift+tab", "app.focus_previous", "previous pane", "Go to the pane before"),
            Key("wizard.stop", "x", "stop", "stop", "Stop what is going on: a check, reading, opening", 1),
            Key("wizard.presets", "p", "presets", "presets", "Open, rename or delete a saved recipe", 40),
            Key("wizard.resume", "R", "resume", "cut-off sittings", "Go on with a sitting that was cut off"),
            Key("wizard.save", "s", "save", "save", "Save this recipe as a preset", 41),
            Key("wizard.undo", "u", "undo", "undo", "Take back the last decision", 42),
            Key("wizard.redo", "U", "redo", "redo", "Make the decision again that was taken back last"),
            Key("wizard.log", "L", "log", "log", "Show what the probing half and its libraries said"),
            Key("wizard.report", "D", "report", "report", "Show what an issue needs: versions, faults, last words"),
            Key("wizard.quit", "q", "quit", "quit", "Leave; asks when something is not written yet", 60),
            Key("wizard.help", "question_mark", "help", "keys", "Show every key of this screen", 1),
        ),
    ),
    "app": Group(
        "Everywhere",
        (
            Key("app.palette", "ctrl+p,colon", "command_palette", "palette", "Find an action by its name"),
            Key("app.suspend", "ctrl+z", "suspend_process", "suspend", "Go to the shell; fg comes back"),
            Key("app.interrupt", "ctrl+c", "interrupt", "leave", "Leave at once when pressed twice", priority=True),
            Key("app.quit", "ctrl+q", "quit_now", "leave now", "Leave without a question", priority=True),
        ),
    ),
    "list": Group(
        "Lists",
        (
            Key("list.up", "up,k", "move(-1)", "up", "One row up"),
            Key("list.down", "down,j", "move(1)", "down", "One row down"),
            Key("list.half-up", "ctrl+u", "half_page(-1)", "half page up", "Half a page up"),
            Key("list.half-down", "ctrl+d", "half_page(1)", "half page down", "Half a page down"),
            Key("list.page-up", "pageup,ctrl+b", "page(-1)", "page up", "One page up"),
            Key("list.page-down", "pagedown,ctrl+f", "page(1)", "page down", "One page down"),
            Key("list.first", "home,g", "first", "first", "First row"),
            Key("list.last", "end,G", "last", "last", "Last row"),
            Key("list.choose", "enter", "choose", "choose", "Take the highlighted row and go on", 3),
        ),
    ),
    "filter": Group(
        "The filter",
        (
            Key("filter.up", "up", "list('move', -1)", "up", "One row up, still typing"),
            Key("filter.down", "down", "list('move', 1)", "down", "One row down, still typing"),
            Key("filter.page-up", "pageup", "list('page', -1)", "page up", "One page up"),
            Key("filter.page-down", "pagedown", "list('page', 1)", "page down", "One page down"),
            Key("filter.choose", "enter", "list('choose')", "choose", "Take the highlighted row and go on", 3),
            Key("filter.leave", "escape", "leave", "clear, then leave", "Clear the filter; when clear, leave it", 4),
            Key("filter.tab", "tab", "tab", "list", "Back to the list, keeping the filter", 5),
        ),
    ),
    "browse": Group(
        "Browsing",
        (
            Key("browse.filter", "slash", "filter", "filter", "Filter: words, timm's * and ?, !word leaves out", 10),
            Key("browse.copy", "y", "copy", "copy name", "Copy the highlighted name", 50),
        ),
    ),
    "environment": Group(
        "Environment",
        (
            Key("environment.again", "r", "again", "look again", "Look for training environments again", 11),
            Key("environment.path", "t", "path", "type a path", "Name the Python of a training environment", 12),
        ),
    ),
    "base": Group(
        "Base config",
        (Key("base.file", "f", "file", "own file", "Take a config file of your own as the base", 11),),
    ),
    "backbone": Group(
        "Backbone",
        (
            Key("backbone.catalog", "c", "catalog", "catalog", "Next catalog: all, mmcls, timm, mmdet", 11),
            Key(
                "backbone.fits",
                "f",
                "fits",
                "what fits",
                "List what the base config can take (~ as its family, ? not asked)",
                12,
            ),
            Key("backbone.order", "o", "order", "order", "Order by match, parameters, multiply-adds or weights", 14),
            Key("backbone.input", "i", "input", "input size", "Change the input size that stages are shown for", 13),
            Key("backbone.mark", "space", "mark", "mark", "Mark the highlighted backbone, or take its mark away", 8),
            Key("backbone.compare", "v", "compare", "compare", "See the marked backbones side by side", 9),
            Key("backbone.measure", "m", "measure", "measure", "Measure its speed and memory on the chosen device", 15),
        ),
    ),
    "compare": Group(
        "Comparison",
        (
            Key("compare.close", "escape,q", "close", "back", "Back to the list of backbones", 2),
            Key("compare.order", "o", "order", "order", "Order by the next column: parameters, latency, memory…", 4),
            Key("compare.turn", "t", "turn", "facts", "Show the facts in place of the plot, or the plot", 5),
            Key("compare.copy", "y", "copy", "copy", "Copy the table as Markdown", 9),
            Key("compare.unmark", "x", "unmark", "unmark", "Take the highlighted backbone out", 6),
            Key("compare.export", "E", "export", "export", "Write the table as CSV or Markdown", 7),
            Key(
                "compare.candidates",
                "W",
                "candidates",
                "write",
                "Write a config for each that fits, and scripts that train them all",
                8,
            ),
            Key("compare.results", "R", "results", "trainings", "See what became of the trainings in this folder", 9),
            Key("compare.help", "question_mark", "help", "keys", "Show every key of this screen", 1),
        ),
    ),
    "stages": Group(
        "Stages",
        (
            Key("stages.toggle", "space", "take_stage", "toggle", "Take or leave the highlighted stage", 4),
            *(
                Key(f"stages.row-{n}", str(n), f"take_row({n})", f"stage {n}", "Take or leave the stage in that row")
                for n in range(1, 10)
            ),
            Key("stages.default", "a", "default", "default wiring", "The deepest stage at each stride", 5),
            Key("stages.input", "i", "input", "input size", "Change the input size that stages are shown for", 12),
            Key("stages.override", "o", "override", "override", "Let a wiring be written that would not train", 13),
            Key("stages.copy", "y", "copy", "copy", "Copy what the pane says of the wiring", 50),
        ),
    ),
    "stage-list": Group(
        "Stages",
        (Key("stages.go-on", "enter", "choose", "go on", "Go on with this wiring", 3),),
    ),
    "write": Group(
        "Write",
        (
            Key("write.write", "w", "write", "write", "Write the config and check it by a training step", 4),
            Key("write.check", "r", "check", "check", "Run the check of the written file again", 12),
            Key("write.copy-command", "y", "copy_command", "copy command", "Copy the train command", 5),
            Key("write.copy-config", "Y", "copy_config", "copy config", "Copy the text of the config", 14),
            Key(
                "write.edit", "e", "edit", "edit", "Edit the config in $EDITOR; what is saved is written and checked", 7
            ),
            Key("write.differences", "b", "differences", "against base", "What the config changes in its base", 8),
            Key("write.path", "t", "path", "path", "Type where the config is written", 11),
            Key("write.data", "d", "data", "own data", "Train on your own data, in COCO's format", 13),
            Key(
                "write.findings", "f", "findings", "findings", "Go to what was found, and choose which fixes to take", 6
            ),
        ),
    ),
    "findings": Group(
        "Findings",
        (Key("findings.take", "space,enter", "take", "take or leave", "Take the highlighted fix, or leave it", 3),),
    ),
    "options": Group(
        "Options",
        (
            Key("options.less", "left,h", "turn(-1)", "previous", "The option's previous value", 0),
            Key("options.more", "right,l,space", "turn(1)", "change", "The option's next value", 6),
            Key("options.type", "enter", "type", "type it", "Type the option's value", 7),
        ),
    ),
    "text": Group(
        "Text",
        (
            Key("text.up", "up,k", "scroll_by(0, -1)", "up", "One line up"),
            Key("text.down", "down,j", "scroll_by(0, 1)", "down", "One line down"),
            Key("text.left", "left,h", "scroll_by(-8, 0)", "left", "To the left"),
            Key("text.right", "right,l", "scroll_by(8, 0)", "right", "To the right"),
            Key("text.page-up", "pageup,ctrl+b", "scroll_page(-1)", "page up", "One page up"),
            Key("text.page-down", "pagedown,ctrl+f,space", "scroll_page(1)", "page down", "One page down", 5),
            Key("text.first", "home,g", "scroll_edge(-1)", "first", "First line"),
            Key("text.last", "end,G", "scroll_edge(1)", "last", "Last line"),
        ),
    ),
    "presets": Group(
        "Presets",
        (
            Key("presets.rename", "r", "rename", "rename", "Give one of your presets another name", 11),
            Key("presets.tags", "t", "tags", "tags", "Give one of your presets other tags", 13),
            Key("presets.note", "n", "note", "note", "Write a note into one of your presets", 14),
            Key("presets.delete", "d", "delete", "delete", "Delete one of your presets; asks first", 12),
        ),
    ),
    "resume": Group(
        "Cut-off sittings",
        (Key("resume.delete", "d", "delete", "delete", "Delete a sitting that was cut off; asks first", 11),),
    ),
    "dialog": Group(
        "Dialog",
        (
            Key("dialog.close", "escape,q", "close", "close", "Close without doing anything", 1),
            Key("dialog.copy", "y", "copy", "copy", "Copy this text", 6),
            Key("dialog.edit", "e", "edit", "in editor", "Open a copy of this text in $EDITOR", 7),
        ),
    ),
    "over": Group(
        "Dialog",
        (
            Key("over.help", "question_mark", "help", "keys", "Show every key of this dialog", 50),
            Key("over.palette", "ctrl+p,colon", "app.command_palette", "palette", "Find an action by its name"),
        ),
    ),
    "unwritten": Group(
        "What could not be written",
        (
            Key("unwritten.elsewhere", "enter", "elsewhere", "write elsewhere", "Write it to another path", 1),
            Key("unwritten.copy", "y", "copy", "copy text", "Copy the text that could not be written", 2),
            Key("unwritten.close", "escape,q", "close", "close", "Close; it is not written", 3),
        ),
    ),
    "question": Group(
        "Question",
        (
            Key("question.yes", "y,enter", "answer(True)", "yes", "Yes", 1),
            Key("question.no", "n,escape,q", "answer(False)", "no", "No", 2),
        ),
    ),
    "entry": Group(
        "Typing",
        (
            Key("entry.take", "enter", "take", "take", "Take what is typed", 1, priority=True),
            Key("entry.cancel", "escape", "cancel", "cancel", "Leave it as it was", 2),
        ),
    ),
}

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
