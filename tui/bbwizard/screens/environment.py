"""Step 1: the training environment, whose libraries everything is asked of."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message

from bbprobe.protocol import Environment
from bbwizard import environments, keys
from bbwizard.atlas import Atlas, shelf
from bbwizard.environments import Candidate
from bbwizard.errors import BbwizardError, NoEnvironment, ProbeCancelled
from bbwizard.screens.step import Step
from bbwizard.screens.type_dialog import TypeDialog
from bbwizard.widgets.about import BAD, QUIET, STRONG, caution, mark, pair
from bbwizard.widgets.detail import Detail
from bbwizard.widgets.row_list import Column, RowList
from bbwizard.widgets.text import said, size, stack

SHOWN = ("torch", "torchvision", "mmcv-full", "mmdet", "mmcls", "timm")
HOW = "make one with\n  bbwizard env create DIR\nor name one with\n  bbwizard --python PATH\n(here: e)"


class EnvironmentStep(Step):
    """The training environments found on this machine."""

    number = 1
    BINDINGS = keys.bindings("environment")

    class Found(Message):
        """What discovery came to."""

        def __init__(self, candidates: list[Candidate], error: BbwizardError | None = None) -> None:
            super().__init__()
            self.candidates = candidates
            self.error = error

    class Opened(Message):
        """An environment is open, or the reason why not."""

        def __init__(self, environment: Environment | None, error: BbwizardError | None = None) -> None:
            super().__init__()
            self.environment = environment
            self.error = error

    def __init__(self) -> None:
        super().__init__(id="step-environment")
        columns = [
            Column[Candidate]("", self._mark, 1),
            Column[Candidate]("python", lambda found: found.python),
            Column[Candidate]("mmdet", lambda found: found.versions.get("mmdet") or "-", 8),
            Column[Candidate]("torch", lambda found: found.versions.get("torch") or "-", 12, needs=64),
            Column[Candidate]("found by", lambda found: found.origin, 16, needs=80, tone=lambda found: "quiet"),
        ]
        self.rows = RowList[Candidate](columns, tone=self._tone, identity=lambda found: found.python)
        self.detail = Detail(classes="panel")
        self.rows.empty = "looking for training environments…"
        self.opening = ""
        self.failed: dict[str, str] = {}
        self.typed = False
        """Whether the user has typed a path here: what is found there is a choice, to be remembered."""

    def compose(self) -> ComposeResult:
        with Horizontal(classes="browse"):
            with Vertical(classes="panel rows") as panel:
                panel.border_title = "Training environments"
                yield self.rows
            self.detail.border_title = "What it holds"
            yield self.detail

    def _mark(self, found: Candidate) -> str:
        environment = self.session.environment
        if environment is not None and environment.python and self.wizard.opened_python == found.python:
            return "✓"
        usable = found.usable or self.session.launch_prefix
        return " " if usable and found.python not in self.failed else "✗"

    def _tone(self, found: Candidate) -> str:
        return {"✓": "good", "✗": "dim"}.get(self._mark(found), "")

    # Finding

    def arrive(self) -> None:
        self.rows.focus()
        self.show()

    def action_again(self) -> None:
        self.rows.empty = "looking for training environments…"
        self.rows.set_rows([])
        self.find(None)

    @work(group="find", exclusive=True, exit_on_error=False, description="look for training environments")
    async def find(self, explicit: str | None) -> None:
        """Look for environments; `explicit` is the one the user named."""
        try:
            candidates = await self.session.discover(explicit)
        except BbwizardError as error:
            self.post_message(self.Found([], error))
        else:
            self.post_message(self.Found(candidates))

    @on(Found)
    def _found(self, event: Found) -> None:
        # It goes on to the wizard, which may know which one is meant.
        if event.error is not None:
            self.wizard.report(event.error)
        self.show_found(event.candidates)
        self.show()

    def show_found(self, candidates: Sequence[Candidate]) -> None:
        """List environments, and below them what needs none."""
        self.rows.set_rows([*candidates, *books()])

    def action_path(self) -> None:
        title = "The Python of a training environment"
        dialog = TypeDialog(title, "", "/path/to/env/bin/python, or the environment's folder")
        self.app.push_screen(dialog, self._typed)

    def _typed(self, text: str | None) -> None:
        if text:
            self.typed = True
            self.find(text)

    # Opening

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        found: Candidate = event.row
        if not found.usable and not self.session.launch_prefix:
            self.wizard.report(NoEnvironment(f"{found.problem}", HOW))
        elif self.wizard.opened_python == found.python:
            self.post_message(self.Decided(forward=True))
        else:
            self.open(found.python, keep=True)

    def open_there(self, python: str) -> None:
        """Open the environment at a path of another host, behind the launch prefix, where nothing can be looked up."""
        self.rows.set_rows([Candidate(python, environments.candidates.ASKED)])
        self.open(python, keep=False)

    def open(self, python: str, *, keep: bool) -> None:
        """Start the probing half there; `keep` remembers the environment for this host."""
        self.opening = python
        self.wizard.opened_python = ""
        self.rows.point_at(python)
        self.wait()
        self.show()
        self._open(python, keep)

    @work(group="open", exclusive=True, exit_on_error=False, description="open the training environment")
    async def _open(self, python: str, keep: bool) -> None:
        try:
            environment = await self.session.open(python, keep=keep)
        except ProbeCancelled:
            return
        except BbwizardError as error:
            self.post_message(self.Opened(None, error))
        else:
            self.post_message(self.Opened(environment))

    @on(Opened)
    def _opened(self, event: Opened) -> None:
        self.waited()
        python, self.opening = self.opening, ""
        if event.error is not None:
            self.failed[python] = event.error.text
            self.wizard.report(event.error)
        else:
            self.failed.pop(python, None)
            self.wizard.opened_python = python
        self.rows.refresh()
        self.show()

    # The pane

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        self.show()

    def tick(self) -> None:
        self.show()

    def show(self) -> None:
        """Show what is known of the highlighted environment."""
        found = self.rows.row
        if found is None:
            word = "" if self.rows.empty.endswith("…") else HOW
            self.detail.show(said(word, QUIET))
        elif found.python == self.opening:
            seconds = self.elapsed or 0
            word = "starting it: importing torch, mmdet…" + (f" {seconds:.0f} s" if seconds >= 1 else "")
            self.detail.show(stack(said(found.python, STRONG), "", said(word, QUIET)))
        elif (atlas := shelf().get(found.python)) is not None:
            self.detail.show(of_atlas(atlas))
        elif self.session.environment is not None and found.python == self.wizard.opened_python:
            self.detail.show(of_environment(self.session.environment))
        else:
            self.detail.show(of_candidate(found, self.failed.get(found.python, "")))


def books() -> list[Candidate]:
    """The atlases, as rows below the environments."""
    return [
        Candidate(name, "shipped", atlas.about.versions, atlas.about.python, prefix=name)
        for name, atlas in shelf().items()
    ]


def of_atlas(atlas: Atlas) -> Content:
    """What the atlas is, and what it was made with."""
    about = atlas.about
    lines = [said(f"The atlas of stack {about.stack}", STRONG), Content(""), pair("made on", about.made, width=12)]
    lines += [pair(name, about.versions.get(name) or "-", width=12) for name in SHOWN if about.versions.get(name)]
    words = "Probed beforehand: writes a config for another machine. Nothing is checked and no weights are looked into."
    return stack(*lines, Content(""), said(words), Content(""), said(f"For live answers, {HOW}", QUIET))


def of_candidate(found: Candidate, failure: str) -> Content:
    """What is known of an environment that is not open."""
    lines = [said(found.python, STRONG), Content(""), pair("found by", found.origin, width=12)]
    lines += [pair(name, found.versions.get(name) or "-", width=12) for name in SHOWN]
    error = failure or found.problem
    if error:
        lines += [Content(""), mark(False, error), Content(""), said(HOW, QUIET)]
    return stack(*lines)


def of_environment(environment: Environment) -> Content:
    """What the open environment holds, and what is wrong with it."""
    lines = [said(environment.executable, STRONG), Content(""), pair("python", environment.python, width=12)]
    lines += [pair(name, environment.versions.get(name) or "missing", width=12) for name in SHOWN]
    lines.append(pair("CUDA", environment.cuda or "not in this torch", width=12))
    for gpu in environment.gpus:
        memory = f"{gpu.name}, {size(gpu.free)} of {size(gpu.total)} free"
        lines.append(pair(f"GPU {gpu.index}", memory, width=12))
    lines.append(pair("probes on", f"{environment.device}, {environment.device_reason}", width=12))
    ops = "mmcv's compiled ops run" if environment.ops else environment.ops_error
    lines += [Content(""), mark(environment.ops, ops)]
    for fault in environment.faults:
        lines += [caution(fault.text), Content.assemble(("  mend: ", BAD), said(fault.mend))]
    return stack(*lines)
