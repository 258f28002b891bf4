"""A synchronous asker at the end of the pipe: one process, one request at a time."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

SOURCES = Path(__file__).resolve().parents[2] / "tui"


class Failure(Exception):
    """An error answer: its JSON-RPC `code`, and the message in words."""

    def __init__(self, code: int, text: str, trace: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.trace = trace


class Pipe:
    """The probing half as a process of `python`; what libraries print goes to this process's stderr."""

    def __init__(
        self, python: str | Path, environment: dict[str, str] | None = None, words: Sequence[str] = ("-m", "bbprobe")
    ) -> None:
        self.process = subprocess.Popen(
            [str(python), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(SOURCES), **(environment or {})},
        )
        self.asked = 0
        self.progress: list[dict[str, Any]] = []

    def ask(self, method: str, **params: Any) -> Any:
        """The result of one request; the progress told meanwhile lies in `progress`.

        Raises:
            Failure: the answer was an error.
        """
        assert self.process.stdin and self.process.stdout
        self.asked += 1
        self.progress = []
        request = {"jsonrpc": "2.0", "id": self.asked, "method": method, "params": params}
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise Failure(0, f"the probing half ended with {self.process.wait()}", "")
            answer = json.loads(line)
            if "id" not in answer:
                self.progress.append(answer["params"])
                continue
            assert answer["id"] == self.asked
            if "error" in answer:
                error = answer["error"]
                raise Failure(error["code"], error["message"], error.get("data", {}).get("traceback", ""))
            return answer["result"]

    def close(self) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def __enter__(self) -> "Pipe":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
