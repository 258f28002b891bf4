"""Names, presets, filters and paths as nobody means them: understood as they are, or refused in a sentence."""

from __future__ import annotations

import ast
import json
import shlex
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from facts import ENTRY, ENVIRONMENT, RETINANET, SHUFFLENET, YOLOX
from hostile import NAMES, quick, texts, values
from hypothesis import example, given
from hypothesis import strategies as st

from bbprobe.protocol import Entry
from bbwizard import conditions, presets, scripts
from bbwizard.errors import BbwizardError, PresetError
from bbwizard.filtering import Names
from bbwizard.inert import CONTROL, escaped, line, plain
from bbwizard.launch import Launch, placed, train_command
from bbwizard.literals import assignment
from bbwizard.plan import make
from bbwizard.recipe import Recipe
from bbwizard.weights import start

KEYS = presets.Document.__struct_fields__
RECIPE = Recipe(base=YOLOX.name, backbone=ENTRY.name)

literals = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(
            texts | st.sampled_from(["type", "class", "ﬁ", "__debug__", "ª"]) | st.integers(), inner, max_size=3
        )
    ),
    max_leaves=8,
)


def values_of(text: str) -> dict[str, object]:
    """What a config sets, given that nothing but literals, `dict` and `float` stand in it."""
    tree = ast.parse(text)
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert called <= {"dict", "float"}, called
    allowed = (
        ast.Module,
        ast.Assign,
        ast.Name,
        ast.Store,
        ast.Load,
        ast.Call,
        ast.keyword,
        ast.Constant,
        ast.Tuple,
        ast.List,
    )
    assert all(isinstance(node, (*allowed, ast.Dict, ast.UnaryOp, ast.USub)) for node in ast.walk(tree))
    scope: dict[str, object] = {}
    exec(compile(tree, "config", "exec"), {"__builtins__": {"dict": dict, "float": float}}, scope)
    return scope


def refusal_of(what: Callable[[], object]) -> str:
    """What the user is told where it is refused; a word where it is not."""
    try:
        what()
    except BbwizardError as error:
        return error.text
    return "p.yaml is understood"


@quick
@given(value=literals)
@example(value={"ﬁ": 1, "__debug__": 2})
def test_a_literal_is_read_back_as_what_was_meant(value):
    text = assignment("value", value)
    assert values_of(text)["value"] == value
    assert "{{" not in text
    text.encode()


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_config_that_names_it_parses_and_means_the_same(name):
    tame = make(RECIPE, YOLOX, ENTRY, SHUFFLENET).text(ENVIRONMENT, Path("/work/new.py"), None)
    probe, base = replace(SHUFFLENET, backbone=name, device=name), replace(YOLOX, detector=name, backbone=name)
    environment = replace(ENVIRONMENT, versions={"torch": name, "mmdet": name})
    text = make(RECIPE, base, ENTRY, probe).text(environment, Path("/work/new.py"), None)
    assert values_of(text) == values_of(tame)
    assert ast.dump(ast.parse(text.encode())) == ast.dump(ast.parse(tame))
    assert not CONTROL.search(text.replace("\n", ""))


@quick
@given(name=texts, base=st.sampled_from([YOLOX, RETINANET]))
def test_weights_by_any_name_stand_in_the_config_as_they_are(name, base):
    named = replace(RECIPE, base=base.name, weights=f"/weights/{name}.pth")
    text = make(named, base, ENTRY, SHUFFLENET).text(ENVIRONMENT, Path("/work/new.py"), None)
    written = values_of(text)["model"]["backbone"]
    assert written["init_cfg"]["checkpoint"] == start(named.weights, ENTRY, base).config["init_cfg"]["checkpoint"]


@quick
@given(text=st.text() | texts)
@example(text="a: &a [x]\nb: *a\n")
@example(text="!!python/object/apply:os.system ['touch mine']")
@example(text='bbwizard: 1\nbase: "\\uD800"\nbackbone: k\n')
@example(text="[" * 5000)
def test_any_text_is_a_preset_or_refused(text):
    assert refusal_of(lambda: presets.parse(text, "p.yaml")).startswith("p.yaml")


@quick
@given(document=st.dictionaries(st.sampled_from(KEYS), values), dressed=st.booleans())
def test_any_values_make_a_preset_that_can_be_worked_out_or_are_refused(document, dressed):
    if dressed:
        document = {"bbwizard": 1, "base": "b", "backbone": "k", **document}

    def written() -> None:
        preset = presets.parse(yaml.safe_dump(document), "p.yaml")
        found = presets.opened(preset, SHUFFLENET)
        recipe = replace(found.recipe, base=YOLOX.name, backbone=ENTRY.name)
        values_of(make(recipe, YOLOX, ENTRY, SHUFFLENET).text(ENVIRONMENT, Path("/work/new.py"), None))

    assert refusal_of(written)


@pytest.mark.parametrize(
    "value",
    [
        "!!python/name:os.system",
        "!!python/object/apply:os.system [touch mine]",
        "!!python/object:os.Popen {}",
        "!Any x",
    ],
)
def test_a_tag_that_would_make_an_object_is_refused_with_its_line(value):
    with pytest.raises(PresetError, match=r"p\.yaml, line 3: .*constructor"):
        presets.parse(f"bbwizard: 1\nbase: b\nbackbone: {value}\n", "p.yaml")


def test_a_page_that_would_be_a_gigabyte_is_refused_at_once():
    bomb = "a0: &a0 {k: v}\n" + "".join(
        f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 10)
    )
    with pytest.raises(PresetError, match=r"line 2: \*a0 is an alias"):
        presets.parse(bomb, "p.yaml")
    for nested in ("[" * 50_000, "{a: " * 20_000, "- " * 40_000, "? " * 40_000):
        with pytest.raises(PresetError, match="line 1: it is nested too deeply"):
            presets.parse(nested, "p.yaml")
    with pytest.raises(PresetError, match="longer than"):
        presets.parse("#" * 1_000_000, "p.yaml")


@quick
@given(names=st.lists(texts, max_size=6), query=texts)
def test_any_filter_of_any_names_keeps_some(names, query):
    plain_words, wanted = conditions.split(query)
    found = Names(names).find(plain_words)
    assert set(found) <= set(range(len(names)))
    conditions.completions(query)
    for name in names:
        known = conditions.known(Entry(name, "timm", name, {}, name, []), None, None, (640, 640))
        conditions.verdict(wanted, known)


@quick
@given(text=texts)
def test_nothing_in_a_text_acts_on_a_terminal(text):
    assert not CONTROL.search(plain(text))
    assert not set(line(text)) & set("\n\r\t")
    plain(text).encode()


@quick
@given(value=values)
def test_json_keeps_what_acts_on_a_terminal_as_escapes(value):
    text = escaped(json.dumps(value, indent=2, ensure_ascii=False))
    assert not CONTROL.search(text)
    assert json.dumps(json.loads(text)) == json.dumps(value)


words = texts.map(lambda text: text.replace("\x00", "").encode("utf-8", "surrogatepass").decode("utf-8", "replace"))


@quick
@given(folder=words, name=words, extra=st.lists(words, max_size=2))
@example(folder="-x", name="-o", extra=[])
def test_a_train_command_is_what_a_shell_makes_of_it(folder, name, extra):
    with tempfile.TemporaryDirectory() as place:
        echo = Path(place, "echo")
        echo.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\n")
        echo.chmod(0o755)
        config = placed(f"/work/{folder}/{name}.py", "/work")
        launch = Launch(str(echo), "tools/train.py", in_checkout=True, mim=None, torchrun=None)
        command = train_command(launch, config, extra=extra)
        said = subprocess.run(["sh", "-c", command], capture_output=True, check=True, cwd=place).stdout.decode()
    assert said.split("\0")[:-1] == ["tools/train.py", config, *extra]
    assert not config.startswith("-")


@quick
@given(folder=words, name=words)
def test_a_script_that_trains_all_is_what_bash_makes_of_it(folder, name):
    with tempfile.TemporaryDirectory() as place:
        echo = Path(place, "echo")
        echo.write_text("#!/bin/sh\nprintf '%s\\0' \"$@\"\n")
        echo.chmod(0o755)
        text = scripts.in_turn([(name, shlex.join([str(echo), name, folder]))], place, "train_all.sh", logs=place)
        said = subprocess.run(["bash", "-c", text], capture_output=True, check=True, cwd="/").stdout.decode()
    assert said == f"== {name}\n{name}\0{folder}\0all 1 trained\n"
