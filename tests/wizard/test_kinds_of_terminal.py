"""The real program on poor, small, shaken and stopped terminals: it says what it cannot do, and else does it whole."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import stat
import struct
import sys
import termios
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pyte
import pytest
from benchmarks.performance.pseudo_terminal import ANSWER, PATIENCE, Dead, PseudoTerminal
from benchmarks.performance.terminal import SOURCES, WIZARD
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from bbwizard import terminal
from bbwizard.errors import UsageError
from bbwizard.widgets.ascii import GLYPHS, AsciiGlyphs, in_ascii

from .test_ends import ON_ITS_TERMINAL

SGR: Final = re.compile(rb"\x1b\[([0-9;]*)m")
SIZE: Final = (100, 30)


class Seen:
    """What a terminal shows, and every byte that it was sent."""

    def __init__(self, there: PseudoTerminal, size: tuple[int, int] = SIZE) -> None:
        self.there = there
        self.bytes = b""
        self.screen = pyte.Screen(*size)
        self.stream = pyte.ByteStream(self.screen)

    @property
    def text(self) -> str:
        return "\n".join(self.screen.display)

    def until(self, holds: Callable[[], bool], what: str) -> None:
        """Read until something holds."""
        while not holds():
            found = self.there.read(PATIENCE)
            assert found, f"{what}:\n{self.text}"
            self.bytes += found
            self.stream.feed(found)

    def word(self, word: str) -> None:
        """Read until a word is shown."""
        self.until(lambda: word in self.text, f"{word!r} is not shown")

    def terminate(self) -> None:
        """End the program as a shutdown of its machine does."""
        self.there.process.terminate()
        with pytest.raises(Dead):
            self.until(lambda: False, "the program is still there")

    def press(self, pressed: str, word: str) -> None:
        """Press keys, and read until a word is shown."""
        os.write(self.there.leader, pressed.encode())
        self.word(word)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """The variables of a user without a training environment, on a terminal with all colours and glyphs."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "TEXTUAL_"))}
    for name in ("COLUMNS", "LINES", "TMUX", "NO_COLOR", "COLORTERM", "STY"):
        kept.pop(name, None)
    own = {"PYTHONPATH": str(SOURCES), "HOME": str(tmp_path), "PATH": "/bin:/usr/bin", "LANG": "C.UTF-8"}
    return {**kept, **own, "TERM": "xterm-256color", "COLORTERM": "truecolor"}


@contextmanager
def wizard(environ: Mapping[str, str], *options: str, shell: Sequence[str] = ()) -> Iterator[Seen]:
    """The program on a terminal, or a shell whose own terminal it is, and which can start it."""
    started = [sys.executable, "-c", ON_ITS_TERMINAL, "heeding", *shell] if shell else [*WIZARD, *options]
    with PseudoTerminal(started, SIZE, environ) as there:
        yield Seen(there)


def way_through(seen: Seen) -> None:
    """To a wiring out of the atlas, past a dialog, a toast and the palette."""
    seen.word("Base configs")
    seen.press("/yolox_s", "yolox_s_8x8")
    seen.press("\r", "Backbones")
    seen.press("/mobilenetv2_100", "timm/mobilenetv2_100")
    seen.press("\r", "key use index")
    seen.press("?", "Keys of this screen")
    seen.press("?", "Wiring")
    seen.press(":", "default wiring")


def numbers(drawn: bytes) -> set[int]:
    """The numbers of every look that was asked for."""
    return {int(one or 0) for found in SGR.findall(drawn) for one in found.split(b";")}


def colours(drawn: bytes) -> set[int]:
    """The numbers of colours among them: 38 and 48 begin those of 256 and of all."""
    return {number for number in numbers(drawn) if 30 <= number <= 49 or 90 <= number <= 107} - {39, 49}


def test_in_the_c_locale_and_without_colour_nothing_but_ascii_is_drawn_and_no_colour(
    environ: dict[str, str], tmp_path: Path
) -> None:
    with wizard({**environ, "LANG": "C", "NO_COLOR": "1"}) as seen:
        way_through(seen)
        assert seen.bytes.isascii()
        assert colours(seen.bytes) == set()
        assert 7 in numbers(seen.bytes), "the highlighted row is told by its reverse"
        os.write(seen.there.leader, b"\x1b")
    state = Path(environ["XDG_STATE_HOME"]) / "bbwizard"
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


def test_sixteen_colours_are_the_terminals_own(environ: dict[str, str]) -> None:
    del environ["COLORTERM"]
    with wizard({**environ, "TERM": "screen"}, "--theme", "ansi-light") as seen:
        way_through(seen)
        assert colours(seen.bytes)
        assert not colours(seen.bytes) & {38, 48}
        assert "╭" in seen.text
        seen.terminate()
    with wizard({**environ, "TERM": "screen"}, "--ascii") as seen:
        seen.word("Cut off")
        seen.press("\x1b", "out of the atlas")
        assert 35 in numbers(seen.bytes), "the light theme is remembered: it warns in magenta"
        assert seen.bytes.isascii()


@pytest.mark.parametrize(
    ("change", "closed", "said"),
    [
        ({"TERM": "dumb"}, "", "TERM=dumb means a terminal that nothing can be drawn on"),
        ({"TERM": ""}, "", "TERM is not set"),
        ({}, "<&-", "the wizard needs a terminal"),
        ({}, "</dev/null", "the wizard needs a terminal"),
        ({}, "2>&1 | cat", "the wizard needs a terminal"),
    ],
)
def test_where_nothing_can_be_drawn_it_points_to_the_command_line(
    environ: dict[str, str], change: dict[str, str], closed: str, said: str
) -> None:
    command = f"set -o pipefail; {sys.executable} -m bbwizard {closed}; echo status $?"
    with wizard({**environ, **change}, shell=["/bin/bash", "-c", command]) as seen:
        seen.word("status 2")
        assert said in seen.text
        assert "bbwizard write --base B" in seen.text


def test_a_storm_of_resizes_ends_at_the_last_size(environ: dict[str, str]) -> None:
    with wizard(environ) as seen:
        seen.word("Base configs")
        for number in range(100):
            columns, rows = (97, 31) if number == 99 else (30 + number * 7 % 150, 5 + number * 3 % 60)
            fcntl.ioctl(seen.there.leader, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            seen.there.process.send_signal(signal.SIGWINCH)
        seen.screen = pyte.Screen(97, 31)
        seen.stream = pyte.ByteStream(seen.screen)
        seen.until(
            lambda: "? keys" in seen.screen.display[-1] and "╮" in {line[-1] for line in seen.screen.display},
            "the last size is not drawn",
        )
        seen.press("/", "filter")


def test_keys_of_a_slow_line_come_in_one_go_with_the_terminals_late_answers_among_them(
    environ: dict[str, str],
) -> None:
    with wizard(environ) as seen:
        seen.word("Base configs")
        late = ANSWER.decode()
        seen.press(f"/yolo{late}xx\x7f_sx\x1b[D\x1b[3~\x1b[B\x1b[A{late}", "yolox_s_8x8")
        seen.press("\r", "Backbones")
        assert "yolox_s_8x8" in seen.screen.display[1], "the step bar says what was chosen"


def test_it_is_stopped_and_comes_back_whole_but_only_where_a_shell_waits(environ: dict[str, str]) -> None:
    shell = ["/bin/bash", "--norc", "--noprofile", "-i"]
    with wizard({**environ, "PS1": "ready> "}, shell=shell) as seen:
        seen.word("ready> ")
        seen.press(f"{sys.executable} -m bbwizard\n", "Base configs")
        seen.press("\x1a", "Stopped")
        seen.screen.reset()
        seen.press("fg\n", "Base configs")
        seen.word("? keys")
        assert any(line.endswith("╮") for line in seen.screen.display)
        seen.press("/yolox_s", "yolox_s_8x8")
        seen.press("\x1b\x1b", "/ filter")
        seen.press("\x11", "ready> ")
        seen.screen.reset()
        seen.press(f"found=$({sys.executable} -m bbwizard)\n", "Base configs")
        seen.press("\x1a", "no shell is there that would bring")


def test_the_locale_says_what_can_be_drawn() -> None:
    cases = [
        ({}, False),
        ({"LANG": "C"}, False),
        ({"LANG": "en_US.UTF-8"}, True),
        ({"LANG": "de_DE.utf8", "TERM": "xterm"}, True),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "POSIX"}, False),
        ({"LANG": "C", "LC_CTYPE": "UTF-8"}, True),
        ({"LANG": "en_US.ISO-8859-1"}, False),
        ({"LANG": "en_US.UTF-8", "TERM": "linux"}, False),
    ]
    assert [terminal.draws_unicode(environ) for environ, _ in cases] == [drawn for _, drawn in cases]
    with pytest.raises(UsageError):
        terminal.refuse({"TERM": "xterm"})


def test_every_glyph_of_ours_has_a_likeness_of_its_width() -> None:
    sources = [path for kind in ("*.py", "*.tcss") for path in (SOURCES / "bbwizard").rglob(kind)]
    glyphs = {glyph for path in sources for glyph in path.read_text("utf-8") if not glyph.isascii()}
    assert {"✓", "█", "…"} <= glyphs
    assert {glyph for glyph in glyphs if glyph not in GLYPHS} == set()
    assert all(cell_len(glyph) == len(likeness) == 1 for glyph, likeness in GLYPHS.items())
    text = "probing…   é 鐵 e\u0301 a…b ─"
    drawn = AsciiGlyphs().apply([Segment(text)], Color(0, 0, 0))[0].text
    assert drawn == in_ascii(text) == "probing... ? ?? e a~b -"
    assert cell_len(drawn) == cell_len(text)


def test_what_another_program_wrote_over_the_screen_is_painted_over_on_demand(environ: dict[str, str]) -> None:
    with wizard(environ) as seen:
        seen.word("Base configs")
        seen.press("/yolox_s", " 1 of ")
        seen.stream.feed(b"\x1b[5;1HBroadcast message from root: the machine goes down\x1b[22;1Hat noon")
        assert "Broadcast" in seen.text
        os.write(seen.there.leader, b"\x0c")
        gone = ("Broadcast", "goes down", "at noon")
        seen.until(lambda: not any(word in seen.text for word in gone), "something of it stands there still")
