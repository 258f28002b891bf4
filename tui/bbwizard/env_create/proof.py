"""Proves that an environment works, by the very words of `bbwizard doctor`."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

from bbprobe.protocol import Environment
from bbwizard.env_create.folder import Site
from bbwizard.env_create.stack import Stack
from bbwizard.errors import BbwizardError
from bbwizard.probe import ProbingHalf

LIMIT = 600.0
"""Seconds for the first import of everything from a cold disk."""


class Unproven(BbwizardError):
    """The environment does not work; `about_mmcv` where mmcv-full must be built again."""

    def __init__(self, text: str, hint: str = "", about_mmcv: bool = False) -> None:
        super().__init__(text, hint)
        self.about_mmcv = about_mmcv


def prove(site: Site, stack: Stack, tick: Callable[[str], None]) -> list[str]:
    """Everything imports, a compiled op runs, the versions are the stack's; what is less than well comes back in words.

    Raises:
        Unproven: it is not so.
    """
    facts = ask(site, tick)
    warnings = []
    for fault in facts.faults:
        words = f"{fault.text}; to mend it: {fault.mend}"
        if fault.blocks:
            raise Unproven(words, about_mmcv=fault.code.startswith("mmcv"))
        warnings.append(words)
    for name, version in stack.pins.items():
        found = facts.versions.get(name, version)
        if found is None or found.split("+")[0] != version:
            raise Unproven(f"{name} is {found or 'missing'}, not {version}", about_mmcv=name == "mmcv-full")
    return warnings


def ask(site: Site, tick: Callable[[str], None]) -> Environment:
    """What the probing half finds in the new environment.

    Raises:
        Unproven: it cannot say.
    """
    answers: list[Environment | BaseException] = []
    at = [""]

    async def request() -> Environment:
        half = ProbingHalf(site.python, log=site.log)

        def progress(text: str, done: int, total: int) -> None:
            at[0] = text

        try:
            return await half.request("environment", {"device": "auto"}, Environment, limit=LIMIT, progress=progress)
        finally:
            await half.close()

    def run() -> None:
        try:
            answers.append(asyncio.run(request()))
        except BaseException as error:
            answers.append(error)

    # A thread of its own: the caller may have an event loop already, and ctrl+c must not wait for an import of torch.
    # When this process ends the pipe closes, and the probing half ends with it.
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(1.0)
        tick(at[0])
    answer = answers[0]
    if isinstance(answer, BbwizardError):
        raise Unproven(answer.text, answer.hint) from answer
    if isinstance(answer, BaseException):
        raise answer
    return answer
