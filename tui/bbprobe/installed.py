"""What lies installed beside this interpreter, found without importing any of it."""

import ast
import contextlib
import hashlib
import importlib.util
import os
import re
import sys
from typing import Dict, List, Optional, Tuple

from bbprobe.mending import within
from bbprobe.protocol import Window

MODULES = {
    "torch": "torch",
    "torchvision": "torchvision",
    "numpy": "numpy",
    "timm": "timm",
    "mmcv-full": "mmcv",
    "mmcls": "mmcls",
    "mmdet": "mmdet",
}
"""Distribution to the module it brings, those first that the others import."""
GONE_FROM_NUMPY = re.compile(r"(?<![\w.])np\.(bool|int|float|object|complex)\b(?!_)")
"""The aliases that numpy 1.24 took away."""


def version_of(name: str) -> Optional[str]:
    """The version of an installed distribution, or of a module that lies on the path without one; None without."""
    try:
        from importlib.metadata import version
    except ImportError:  # Python 3.7
        from pkg_resources import get_distribution

        def version(distribution_name: str) -> str:
            return get_distribution(distribution_name).version

    with contextlib.suppress(Exception):
        return version(name)
    folder = module_folder(MODULES.get(name, ""))
    if folder is None or (name == "mmcv-full" and version_of("mmcv") is not None):
        return None
    return assigned(os.path.join(folder, "version.py"), ("__version__",)).get("__version__")


def module_folder(module: str) -> Optional[str]:
    """The folder of a package, found without importing it; None where there is none."""
    try:
        spec = importlib.util.find_spec(module) if module else None
    except (ImportError, ValueError, AttributeError):
        return None
    return os.path.dirname(spec.origin) if spec is not None and spec.origin else None


def assigned(path: str, names: Tuple[str, ...]) -> Dict[str, str]:
    """The string constants that a source file gives to `names` at its top level."""
    try:
        with open(path, encoding="utf-8") as file:
            body = ast.parse(file.read()).body
    except (OSError, SyntaxError, ValueError):
        return {}
    found = {}
    for statement in body:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name) and target.id in names:
                    with contextlib.suppress(ValueError):
                        found[target.id] = str(ast.literal_eval(statement.value))
    return found


def windows_of(library: str, versions: Dict[str, Optional[str]]) -> List[Window]:
    """The versions of mmcv that `library` asserts when it is imported, read from its own source."""
    folder = module_folder(library)
    if folder is None:
        return []
    said = assigned(os.path.join(folder, "__init__.py"), ("mmcv_minimum_version", "mmcv_maximum_version"))
    if len(said) < 2:
        return []
    minimum, maximum = said["mmcv_minimum_version"], said["mmcv_maximum_version"]
    installed = versions["mmcv-full"] or versions["mmcv"]
    holds = within(installed, minimum, maximum) if installed else None
    return [Window(library, "mmcv", minimum, maximum, installed, holds)]


def gone_uses(library: str) -> List[str]:
    """Where a library's source reads what numpy 1.24 took away: "np.int (mmdet/datasets/custom.py)"."""
    folder = module_folder(library)
    uses = []
    for parent, _, files in os.walk(folder or os.devnull):
        if os.sep + "." in parent[len(folder or "") :]:
            continue
        for name in sorted(files):
            path = os.path.join(parent, name)
            if not name.endswith(".py"):
                continue
            with open(path, encoding="utf-8", errors="replace") as file:
                for line in file:
                    found = GONE_FROM_NUMPY.search(line.split("#")[0])
                    if found and ">>>" not in line:
                        where = os.path.relpath(path, os.path.dirname(folder or ""))
                        uses.append("{} ({})".format(found.group(0), where))
                        break
    return uses


def mmdet_files() -> Dict[str, str]:
    """Where mmdet's base configs and its train script lie: in the package, or in the checkout it is installed from."""
    folder = module_folder("mmdet")
    found = {}  # type: Dict[str, str]
    for root in (os.path.join(folder, ".mim"), os.path.dirname(folder)) if folder else ():
        configs, train = os.path.join(root, "configs"), os.path.join(root, "tools", "train.py")
        if "configs" not in found and os.path.isdir(os.path.join(configs, "_base_")):
            found["configs"] = configs
        if "train" not in found and os.path.isfile(train):
            found["train"] = train
    return found


def own_sources() -> Dict[str, str]:
    """The state of libraries that were not installed but lie in a folder that their user may edit.

    Library to a digest of the names, sizes and times of the sources of its models, and of mmdet's configs.
    """
    found = {}
    for library in ("mmdet", "mmcls", "timm"):
        folder = module_folder(library)
        if folder is None or {"site-packages", "dist-packages"} & set(folder.split(os.sep)):
            continue
        models = [os.path.join(folder, "models")]
        digest = hashlib.sha256(folder.encode())
        for top in models + ([mmdet_files()["configs"]] if library == "mmdet" and "configs" in mmdet_files() else []):
            for parent, _, files in sorted(os.walk(top)):
                for name in sorted(file for file in files if file.endswith(".py")):
                    state = os.stat(os.path.join(parent, name))
                    digest.update("{} {} {} ".format(name, state.st_size, state.st_mtime_ns).encode())
        found[library] = digest.hexdigest()[:16]
    return found


def beside(name: str) -> Optional[str]:
    """The command of that name beside this interpreter, where one is installed."""
    command = os.path.join(os.path.dirname(sys.executable), name)
    return command if os.access(command, os.X_OK) else None
