"""Loading a config as training will, and taking out of it what would fetch weights."""

import os
import shlex
import sys
import traceback
from typing import Any, Iterator, List, Optional, Tuple

from bbprobe.patience import TookTooLong, at_most
from bbprobe.protocol import Refused
from bbprobe.words import in_words

Path = Tuple[Any, ...]
"""Keys and indices from the top of a config down to one value."""

WHOLE_CHECKPOINTS = ("load_from", "resume_from", "teacher_ckpt")
"""Keys that name a checkpoint of a whole detector, for mmdet's `tools/train.py` and its distilling detector."""


LIMIT = 60.0
"""Seconds for a config and its imports. The largest of mmdet's takes a tenth of one, torch on a slow disk many."""


def load(path: str) -> Any:
    """The `mmcv.Config` of one file, bases merged and `custom_imports` imported as training would.

    A config is a program: whatever it does instead of coming to its end, it is refused. What its imports register
    stays registered, as modules stay imported.

    Raises:
        Refused: it cannot be loaded, with file, line and error.
    """
    from mmcv import Config

    search = list(sys.path)
    try:
        with at_most(LIMIT):
            return Config.fromfile(path)
    except BaseException as error:
        raise Refused("{}: {}{}".format(where(error, path), told(error), unfound(error, path))) from error
    finally:
        sys.path[:] = search  # mmcv leaves its temporary folder there when a config raises


def bases_with_model(path: str) -> List[str]:
    """The files that the config at `path` itself names in `_base_` and that bring a `model`, as mmcv finds them.

    Raises:
        Refused: it cannot be loaded.
    """
    from mmcv import Config

    inner, depth, found = Config._file2dict, [0], []

    def recording(filename: str, *args: Any, **kwargs: Any) -> Any:
        depth[0] += 1
        try:
            loaded = inner(filename, *args, **kwargs)
        finally:
            depth[0] -= 1
        if depth[0] == 1 and (loaded[0].get("model") or {}).get("backbone"):
            found.append(os.path.abspath(filename))
        return loaded

    Config._file2dict = staticmethod(recording)
    try:
        load(path)
    finally:
        Config._file2dict = staticmethod(inner)
    return found


def where(error: BaseException, path: str) -> str:
    """The config that raised, and the line, as "file, line n".

    mmcv runs a temporary copy whose lines are those of the file; which file that is, its own frames know. A base that
    does not exist is the fault of the file that names it.
    """
    file, line, temporary = path, None, ""
    for frame, number in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_name == "_file2dict":
            named = frame.f_locals.get("filename", file)
            file, line = named if os.path.exists(named) else file, None
            temporary = frame.f_locals.get("temp_config_dir", "")
        elif temporary and frame.f_code.co_filename.startswith(temporary):
            line = number
    fault = syntax_fault(error)
    if fault is not None:
        line = fault.lineno
    return "{}, line {}".format(file, line) if line else file


def told(error: BaseException) -> str:
    """The error in words, without the temporary file that a reader would look for in vain."""
    fault = syntax_fault(error)
    if fault is not None:
        return "SyntaxError: {}".format(fault.msg)
    if isinstance(error, SystemExit):
        return "it ends Python, with sys.exit({!r})".format(error.code)
    if isinstance(error, TookTooLong):
        return "it has not come to its end in {:g} s, and was stopped".format(LIMIT)
    return in_words(error)


def unfound(error: BaseException, path: str) -> str:
    """What to do for a module that lies beside the config, or here, where neither training nor its check looks for it.

    `python tools/train.py`, and mim and torchrun that start it, search the script's folder, PYTHONPATH and what is
    installed: not the current folder, and not the config's.
    """
    missing = next((item for item in chain(error) if isinstance(item, ModuleNotFoundError)), None)
    if missing is None or not missing.name:
        return ""
    top = missing.name.partition(".")[0]
    for folder in (os.path.dirname(os.path.abspath(path)), os.getcwd()):
        if os.path.isfile(os.path.join(folder, top + ".py")) or os.path.isdir(os.path.join(folder, top)):
            text = "; {} lies in {}, where training does not look: set PYTHONPATH={} for bbwizard and for training"
            return text.format(top, folder, shlex.quote(folder))
    return ""


def chain(error: Optional[BaseException]) -> Iterator[BaseException]:
    """An exception and those that it was raised over."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def syntax_fault(error: BaseException) -> Optional[SyntaxError]:
    """Python's own SyntaxError: mmcv raises another over it, with everything in its message."""
    if not isinstance(error, SyntaxError):
        return None
    return error.__context__ if isinstance(error.__context__, SyntaxError) else error


def plain(value: Any) -> Any:
    """A config's value as plain dicts, lists and tuples, shared with nobody."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(plain(item) for item in value)
    return value


def dicts(value: Any, path: Path = ()) -> Iterator[Tuple[Path, Any]]:
    """Every dict at or below `value`, with its path, outermost first."""
    if isinstance(value, dict):
        yield path, value
        for key in list(value):
            for found in dicts(value[key], path + (key,)):
                yield found
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            for found in dicts(item, path + (index,)):
                yield found


def is_pretrained(init: Any) -> bool:
    """Whether one `init_cfg` entry loads a checkpoint."""
    return isinstance(init, dict) and str(init.get("type", "")).startswith("Pretrained")


def weights_in(config: Any) -> Iterator[Path]:
    """Paths of the values in `config` that load weights."""
    for path, found in dicts(config):
        for key in WHOLE_CHECKPOINTS + ("pretrained", "checkpoint_path"):
            if found.get(key) and isinstance(found[key], (str, bool)):
                yield path + (key,)
        init = found.get("init_cfg")
        if any(is_pretrained(item) for item in (init if isinstance(init, (list, tuple)) else [init])):
            yield path + ("init_cfg",)


def without_weights(config: Any) -> Any:
    """`config` itself, with what would load weights taken out in place; other initialisation stays."""
    for path in list(weights_in(config)):
        holder = config
        for key in path[:-1]:
            holder = holder[key]
        key = path[-1]
        if key == "init_cfg":
            kept = [item for item in holder[key] if not is_pretrained(item)] if isinstance(holder[key], list) else []
            if kept:
                holder[key] = kept
            else:
                del holder[key]  # the class's own default, not "no initialisation"
        else:
            holder[key] = False if holder[key] is True else None
    return config


def absolute(path: str) -> str:
    """`path` with `~` and the current folder resolved."""
    return os.path.abspath(os.path.expanduser(path))


def imports(config: Any) -> List[str]:
    """The modules that `config` has imported before anything is built."""
    listed = (config.get("custom_imports") or {}).get("imports") or []
    return [listed] if isinstance(listed, str) else list(listed)
