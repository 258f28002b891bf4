"""Starts the probing half where its files are not: run as `python -c`, with the sources on the first line of stdin.

The line is a JSON object from module name to source text. Nothing is written to disk, and nothing of the asker's
own interpreter gets on this one's path.
"""

import sys

sys.path[:] = [folder for folder in sys.path if folder]
# `python -c` puts the current folder first, `python tools/train.py` does not: see what training will see.

import importlib.abc  # noqa: E402
import importlib.util  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402


class Carried(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports the modules that travelled with the process."""

    def __init__(self, sources):
        self.sources = sources

    def find_spec(self, fullname, path=None, target=None):
        if fullname not in self.sources:
            return None
        return importlib.util.spec_from_loader(fullname, self, is_package=self.is_package(fullname))

    def is_package(self, fullname):
        return any(name.startswith(fullname + ".") for name in self.sources)

    def get_source(self, fullname):
        return self.sources[fullname]

    def get_code(self, fullname):
        return compile(self.sources[fullname], "<{}>".format(fullname), "exec", dont_inherit=True)


if __name__ == "__main__":
    reader = os.fdopen(os.dup(0), "rb")
    sys.meta_path.insert(0, Carried(json.loads(reader.readline().decode("utf-8"))))
    from bbprobe.server import main

    main(reader)
