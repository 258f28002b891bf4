"""The loop of the probing half: reads requests, answers them one at a time, gives up those no longer wanted."""

import faulthandler
import gc
import importlib
import inspect
import os
import platform
import queue
import sys
import threading
import traceback
from typing import Any, BinaryIO, Callable, Dict, Optional, Set

from bbprobe import protocol
from bbprobe.protocol import Busy, Cancelled, Refused
from bbprobe.words import is_out_of_memory

METHODS = {
    "hello": "bbprobe.server:hello",
    "environment": "bbprobe.environment:environment",
    "catalog": "bbprobe.catalogs:catalog",
    "survey": "bbprobe.stages:survey",
    "probe": "bbprobe.stages:probe",
    "bases": "bbprobe.base_config:bases",
    "base": "bbprobe.base_config:base",
    "adopt": "bbprobe.adopting:adopt",
    "check": "bbprobe.check:check",
    "data_files": "bbprobe.data_files:data_files",
    "dataset": "bbprobe.annotations:dataset",
    "weights": "bbprobe.weights_report:weights",
    "outputs": "bbprobe.written:outputs",
    "measure": "bbprobe.measure:measure",
}
"""Method to the function that answers it, imported when first asked: `hello` must not wait for torch."""


class Task:
    """One request under way, as its handler sees it."""

    def __init__(self, server: "Server", request_id: Any) -> None:
        self._server = server
        self._id = request_id

    def pause(self) -> None:
        """Call between steps that take long.

        Raises:
            Cancelled: the answer is no longer wanted.
        """
        if self._id in self._server.cancelled:
            raise Cancelled("no longer wanted")

    def progress(self, text: str, done: int = 0, total: int = 0) -> None:
        """Tell the asker how far it is."""
        self._server.send(
            {
                "jsonrpc": "2.0",
                "method": protocol.PROGRESS,
                "params": {"id": self._id, "text": text, "done": done, "total": total},
            }
        )

    def partial(self, result: Any) -> None:
        """Send the answer as far as it is known."""
        self._server.send({"jsonrpc": "2.0", "method": protocol.PARTIAL, "params": {"id": self._id, "result": result}})


class Server:
    """Answers requests from `reader` on `writer`, in order; a thread of its own hears cancellations meanwhile."""

    def __init__(self, reader: BinaryIO, writer: BinaryIO, methods: Dict[str, str]) -> None:
        self.reader = reader
        self.writer = writer
        self.methods = methods
        self.cancelled: Set[Any] = set()
        self._requests: "queue.Queue[Any]" = queue.Queue()
        self._write_lock = threading.Lock()
        self._modules = 0

    def send(self, message: Dict[str, Any]) -> None:
        self.put(protocol.dump(message))

    def put(self, line: bytes) -> None:
        with self._write_lock:
            self.writer.write(line)
            self.writer.flush()

    def run(self) -> None:
        """Serve until the asker closes the pipe; then the whole process ends, whatever it was computing."""
        threading.Thread(target=self._listen, daemon=True).start()
        while True:
            request = self._requests.get()
            try:
                self.answer(request)
            except BrokenPipeError:
                os._exit(0)
            self.settle()

    def _listen(self) -> None:
        for line in iter(self.reader.readline, b""):
            try:
                message = protocol.load(line)
            except ValueError as error:
                self.send(failure(None, protocol.PARSE_ERROR, "not JSON: {}".format(error)))
                continue
            if isinstance(message, dict) and message.get("method") == protocol.CANCEL:
                self.cancel(message.get("params"))
            else:
                self._requests.put(message)
        os._exit(0)

    def cancel(self, params: Any) -> None:
        """Take note that an answer is no longer wanted."""
        named = params.get("id") if isinstance(params, dict) else None
        if isinstance(named, (int, str)):
            self.cancelled.add(named)

    def settle(self) -> None:
        """Libraries stay for good: taken out of garbage collection once, they cost none of the later ones anything."""
        if len(sys.modules) != self._modules:
            self._modules = len(sys.modules)
            gc.collect()
            gc.freeze()

    def answer(self, request: Any) -> None:
        """Run one request and send its result, or the error that says why there is none."""
        request_id = request.get("id") if isinstance(request, dict) else None
        if not isinstance(request_id, (int, str)) or not isinstance(request.get("method"), str):
            self.send(failure(None, protocol.INVALID_REQUEST, "not a JSON-RPC request"))
            return
        try:
            task = Task(self, request_id)
            task.pause()
            result = self.call(task, request["method"], request.get("params") or {})
            line = protocol.dump({"jsonrpc": "2.0", "id": request_id, "result": result})
        except (Exception, SystemExit) as error:  # the edge of the process: every failure becomes an answer
            trace = "" if isinstance(error, Refused) else traceback.format_exc()  # a refusal is an answer, not a fault
            line = protocol.dump(failure(request_id, code_of(error), text_of(error), trace))
        self.cancelled.discard(request_id)
        self.put(line)

    def call(self, task: Task, method: str, params: Dict[str, Any]) -> Any:
        if method not in self.methods:
            raise RpcError(protocol.METHOD_NOT_FOUND, "no method {!r}".format(method))
        module, name = self.methods[method].split(":")
        function: Callable[..., Any] = getattr(importlib.import_module(module), name)
        try:
            inspect.signature(function).bind(task, **params)
        except TypeError as error:
            raise RpcError(protocol.INVALID_PARAMS, "{}: {}".format(method, error)) from error
        return function(task, **params)


class RpcError(Exception):
    """A fault in the request itself, with its JSON-RPC code."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code


def code_of(error: BaseException) -> int:
    """The JSON-RPC code that tells the asker what kind of failure this is."""
    if isinstance(error, RpcError):
        return error.code
    if isinstance(error, Busy):
        return protocol.BUSY
    if isinstance(error, Refused):
        return protocol.REFUSED
    if isinstance(error, Cancelled):
        return protocol.CANCELLED
    if is_out_of_memory(error):
        return protocol.OUT_OF_MEMORY
    return protocol.INTERNAL_ERROR


def text_of(error: BaseException) -> str:
    """An exception in words: its class where the message alone would not tell."""
    if isinstance(error, (Refused, RpcError)):
        return str(error)
    return "{}: {}".format(type(error).__name__, error) if str(error) else type(error).__name__


def failure(request_id: Any, code: int, text: str, trace: str = "") -> Dict[str, Any]:
    """An error answer."""
    error: Dict[str, Any] = {"code": code, "message": text}
    if trace:
        error["data"] = {"traceback": trace}
    return {"jsonrpc": "2.0", "id": request_id, "error": error}


def hello(task: Task) -> protocol.Hello:
    """Who is at this end of the pipe."""
    return protocol.Hello(protocol.VERSION, platform.python_version(), sys.executable, os.getpid())


def main(reader: Optional[BinaryIO] = None) -> None:
    """Serve on standard input and output, out of reach of whatever else reads or prints there.

    `reader` is standard input where something was read from it before, and may have been read ahead of.
    """
    reader, writer = reader or os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    faulthandler.enable()  # machine code that ends the process tells which line called it
    # OpenMP's threads spin while they wait, which on a machine that others share slows everything tenfold.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    Server(reader, writer, METHODS).run()
