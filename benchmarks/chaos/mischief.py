"""What a probing half may do instead of answering. It travels down the pipe with the half, and is part of it there.

`BBWIZARD_MISCHIEF` names a folder. `plan.json` in it has two maps from the number of a request, counted over all
processes of a sitting: "instead" to the name of one of `KINDS`, which stands in the place of its answer, and "later" to
seconds and one of `UNASKED`, which comes by itself so long after the request did. `count` has a byte for each request
that came, `unasked` a line for each piece of mischief that came by itself.
"""

import json
import os
import resource
import signal
import sys
import threading
import time

MEGABYTE = 1024 * 1024


def killed(half, request, answer):
    """The kernel takes it, as it does where memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


def segfaults(half, request, answer):
    """A library's machine code does."""
    os.kill(os.getpid(), signal.SIGSEGV)


def aborts(half, request, answer):
    """A library's assertion fails, as CUDA's do."""
    os.abort()


def leaves(half, request, answer):
    """A library ends the process behind Python's back."""
    os._exit(3)


def quits(half, request, answer):
    """A library calls `sys.exit`."""
    raising(half, request, answer, lambda: sys.exit(4))


def stops(half, request, answer):
    """It is suspended, and nobody wakes it."""
    os.kill(os.getpid(), signal.SIGSTOP)


def hangs(half, request, answer):
    """It waits for what never comes."""
    threading.Event().wait()


def spins(half, request, answer):
    """It computes for ever."""
    while True:
        pass


def starves(half, request, answer):
    """It asks for more memory than it may have."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    with open("/proc/self/statm") as file:
        used = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + 256 * MEGABYTE, before[1]))
    try:
        raising(half, request, answer, lambda: bytearray(512 * MEGABYTE))
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def prints(half, request, answer):
    """A library prints on file descriptor 1, with an escape sequence."""
    os.write(1, b"\x1b[2J\x1b]0;mine\x07printed\n")
    print("and on stdout")
    answer(half, request)


def talks(half, request, answer):
    """Words stand before the answer on its line."""
    half.writer.write(b"Welcome to node07, \x1b[31m2 users\x1b[0m: ")
    answer(half, request)


def babbles(half, request, answer):
    """Lines that are no messages, or only look like some, come before the answer."""
    half.writer.write(os.urandom(4096) + b"\n")
    for line in (
        *("null", "5", "[1", "[]", '"x"', "{}", '{"id": [1]}', '{"id": {}, "result": 1}', '{"id": true, "result": 1}'),
        *('{"id": 1e999, "error": 5}', '{"method": 1}', '{"method": "$/progress"}', '{"method": "x", "params": [1]}'),
        '{"method": "$/progress", "params": {"id": 2, "text": 5, "done": 1e999, "total": "x"}}',
        '{"method": "$/partial", "params": {"id": 2, "result": {"stages": 7}}}',
        "9" * 5000,
    ):
        half.writer.write(line.encode() + b"\n")
    half.writer.write(b"[" * 200000 + b"\n" + b'{"a":' * 100000 + b"\n")
    answer(half, request)


def floods(half, request, answer):
    """It says twenty thousand times how far it is."""
    for number in range(20000):
        params = {"id": request["id"], "text": "at \x1b[31m{}".format(number), "done": number, "total": 0}
        half.send({"jsonrpc": "2.0", "method": "$/progress", "params": params})
    answer(half, request)


def dawdles(half, request, answer):
    """It is late."""
    time.sleep(0.5)
    answer(half, request)


def repeats(half, request, answer):
    """It answers twice."""
    answer(half, request)
    answer(half, request)


def confuses(half, request, answer):
    """It answers what nobody asked."""
    for number in (request["id"] + 1, -1, str(request["id"]), None, request["id"] + 0.5):
        half.send({"jsonrpc": "2.0", "id": number, "result": {"stages": []}})
    answer(half, request)


def garbles(half, request, answer):
    """Its answer is something else than was asked."""
    half.send({"jsonrpc": "2.0", "id": request["id"], "result": [{"stages": "none"}, 5]})


def fails_oddly(half, request, answer):
    """Its error has no form that was agreed on."""
    half.send({"jsonrpc": "2.0", "id": request["id"], "error": ["no", {"code": []}]})


def overflows(half, request, answer):
    """It sends fifty megabytes without the end of a line."""
    half.writer.write(b"x" * (50 * MEGABYTE) + b"\n")
    answer(half, request)


def breaks_off(half, request, answer):
    """It ends in the middle of its answer."""
    half.writer.write(b'{"jsonrpc": "2.0", "id": %d, "resu' % request["id"])
    half.writer.flush()
    os._exit(0)


def shuts(half, request, answer):
    """It closes the pipe and lives on."""
    os.close(half.writer.fileno())
    threading.Event().wait()


def leaves_an_orphan(half, request, answer):
    """It dies, and a child of its own session holds on to the pipe."""
    if os.fork() == 0:
        os.setsid()
        time.sleep(20)
        os._exit(0)
    os._exit(5)


def raising(half, request, answer, what):
    """Answer as if the method itself had done this."""
    half.call = lambda *asked: what()
    try:
        answer(half, request)
    finally:
        del half.call


FINAL = (quits, fails_oddly)
"""What is an answer, and not to be asked again: of a catalog it says that the library is broken."""
KINDS = {
    kind.__name__: kind
    for kind in (
        *(killed, segfaults, aborts, leaves, quits, stops, hangs, spins, starves, prints, talks, babbles, floods),
        *(dawdles, repeats, confuses, garbles, fails_oddly, overflows, breaks_off, shuts, leaves_an_orphan),
    )
}


UNASKED = [
    kind.__name__
    for kind in (
        *(killed, segfaults, aborts, leaves, stops, spins, prints, talks, babbles, floods),
        *(overflows, breaks_off, shuts, leaves_an_orphan),
    )
]
"""Names of what may also come while nothing was asked, or amid an answer."""


def place(name):
    """A file of the sitting's."""
    return os.path.join(os.environ["BBWIZARD_MISCHIEF"], name)


def planned(half, request):
    """What is to be done to this request; None where it is to be answered as it should be."""
    with open(place("count"), "ab") as file:
        file.write(b".")
        file.flush()
        number = str(file.tell())
    with open(place("plan.json")) as file:
        plan = json.load(file)
    if number in plan["later"]:
        seconds, name = plan["later"][number]
        timer = threading.Timer(seconds, unasked, [half, name])
        timer.daemon = True
        timer.start()
    kind = KINDS.get(plan["instead"].get(number))
    return None if kind in FINAL and request.get("method") == "catalog" else kind


def unasked(half, name):
    """Do something that no request brought about, whatever is being answered meanwhile."""
    with open(place("unasked"), "a") as file:
        file.write(name + "\n")
    KINDS[name](half, half.answering, lambda half, request: half.writer.flush())


def into(server):
    """Have every server answer by the plan from now on."""
    honest = server.answer

    def answer(half, request):
        half.answering = request
        kind = planned(half, request)
        if kind is None:
            honest(half, request)
        else:
            kind(half, request, honest)

    server.answer = answer
