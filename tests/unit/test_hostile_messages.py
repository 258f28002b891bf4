"""Whatever comes down the pipe, on either end, is an answer, an error that says so, or passed over."""

from __future__ import annotations

import contextlib
import io
import json

from hostile import quick, texts, values
from hypothesis import example, given
from hypothesis import strategies as st

from bbprobe import protocol
from bbprobe.protocol import (
    Base,
    BaseName,
    Check,
    Dataset,
    Entry,
    Environment,
    Hello,
    Measurement,
    Probe,
    WeightsReport,
)
from bbprobe.server import Server
from bbwizard import messages
from bbwizard.errors import ProbeError, ProbeGarbled
from bbwizard.probe import converted

numbers = st.integers(-1, 3) | values
requests = st.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": values,
        "id": numbers,
        "method": st.sampled_from(["hello", "fail", "odd"]) | values,
        "params": values,
    },
)
replies = st.fixed_dictionaries(
    {},
    optional={
        "jsonrpc": values,
        "id": numbers,
        "method": st.sampled_from([protocol.PROGRESS, protocol.PARTIAL]) | values,
        "params": values
        | st.fixed_dictionaries({"id": numbers}, optional={"text": values, "done": values, "result": values}),
        "result": values,
        "error": values | st.fixed_dictionaries({}, optional={"code": values, "message": values, "data": values}),
    },
)
FACTS = [Hello, Environment, Probe, Base, Check, Measurement, WeightsReport, Dataset, list[Entry], list[BaseName]]


@quick
@given(reply=replies | values)
@example(reply={"id": 1, "error": ["no", {"code": []}]})
@example(reply={"method": protocol.PROGRESS, "params": {"id": 1, "done": float("inf")}})
def test_any_json_of_the_probing_half_is_read(reply):
    said = messages.read(json.dumps(reply).encode())
    assert said is None or type(said.id) is int
    if isinstance(said, messages.Answered) and said.error is not None:
        assert isinstance(said.error, ProbeError)
        assert isinstance(said.error.text, str)
        assert isinstance(said.error.traceback, str)


@quick
@given(line=st.binary(max_size=200))
@example(line=b"[" * 200_000)
@example(line=b'{"a":' * 100_000)
@example(line=b"9" * 5000)
def test_any_bytes_of_the_probing_half_are_read(line):
    messages.read(line)


@quick
@given(words=texts)
def test_an_answer_is_found_behind_other_words_on_its_line(words):
    before = words.encode("utf-8", "surrogatepass").replace(b"\n", b"")
    assert messages.read(before + messages.encode({"id": 3, "result": words})) == messages.Answered(3, words)


@quick
@given(told=values, kind=st.sampled_from(FACTS))
@example(told={"\ud800": None}, kind=Hello)
def test_what_is_no_fact_is_said_to_be_none(told, kind):
    with contextlib.suppress(ProbeGarbled):
        assert converted("a question", told, kind) is not None


def fail(task):
    raise SystemExit(3)


def odd(task):
    return {"a loss": float("nan"), "a class": Server}


METHODS = {"hello": "bbprobe.server:hello", "fail": f"{__name__}:fail", "odd": f"{__name__}:odd"}


@quick
@given(request=requests | values)
@example(request={"id": 1, "method": "odd"})
@example(request={"id": 1, "method": "fail"})
@example(request={"id": [], "method": "hello"})
def test_any_request_is_answered_once(request):
    sent = io.BytesIO()
    server = Server(io.BytesIO(), sent, METHODS)
    server.answer(request)
    [answer] = map(json.loads, sent.getvalue().splitlines())
    assert ("result" in answer) != ("error" in answer)
    server.cancel(request)
