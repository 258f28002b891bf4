"""Reading many config files of one folder quickly: each file is run once, and only the wanted keys are merged.

`mmcv.Config.fromfile` copies, parses and imports every file and every base of every file anew; a catalog reads
hundreds of files that share a dozen bases.
"""

import contextlib
import os
from typing import Any, Dict, Optional, Sequence

from mmcv import Config


class ConfigFiles:
    """Config files with their bases merged in, cut down to the top-level `keys`."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.keys = tuple(keys)
        self._merged = {}  # type: Dict[str, Optional[Dict[str, Any]]]

    def read(self, path: str) -> Optional[Dict[str, Any]]:
        """The wanted keys of one file, bases merged in; None where it is not a config that can be read."""
        path = os.path.abspath(path)
        if path not in self._merged:
            self._merged[path] = None  # a file that inherits from itself ends here
            with contextlib.suppress(Exception):  # one broken file must not take the catalog with it
                self._merged[path] = self._read(path)
        return self._merged[path]

    def _read(self, path: str) -> Optional[Dict[str, Any]]:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if "{{" in text:  # placeholders: mmcv's own business
            return self._cut(Config.fromfile(path, import_custom_modules=False)._cfg_dict.to_dict())
        names = {"__file__": path, "__name__": "config"}  # type: Dict[str, Any]
        exec(compile(text, path, "exec", dont_inherit=True), names)
        own = self._cut(names)
        bases = names.get("_base_", [])
        merged = {}  # type: Dict[str, Any]
        for base in [bases] if isinstance(bases, str) else bases:
            inherited = self.read(os.path.join(os.path.dirname(path), base))
            if inherited is None:
                return None
            merged.update(inherited)
        return Config._merge_a_into_b(own, merged)

    def _cut(self, names: Dict[str, Any]) -> Dict[str, Any]:
        return {key: names[key] for key in self.keys if key in names}
