"""The commands that mend a training environment: pure text, for `sys.executable` and what it holds."""

import re
import shlex
from typing import Dict, Optional, Sequence, Tuple

STACKS = {
    "2.28": {
        "torch": "2.4.1",
        "torchvision": "0.19.1",
        "mmcv-full": "1.7.2",
        "mmdet": "2.28.2",
        "mmcls": "0.25.0",
        "timm": "1.0.31",
    },
    "2.24": {
        "torch": "1.11.0",
        "torchvision": "0.12.0",
        "mmcv-full": "1.5.0",
        "mmdet": "2.24.1",
        "mmcls": "0.23.2",
        "timm": "0.6.13",
    },
}  # type: Dict[str, Dict[str, str]]
"""Versions that are known to work together; those of the constraints files that `env create` builds from."""

NEW_ENVIRONMENT = "bbwizard env create DIR"

DISTRIBUTIONS = {
    "cv2": "opencv-python-headless<4.12",
    "PIL": "pillow",
    "yaml": "pyyaml",
    "pkg_resources": "setuptools<70",
    "distutils": "setuptools<60",
    "yapf": "yapf==0.40.1",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
}
"""What to install for a module that goes by another name, or whose newest release breaks mmcv 1.x."""

BEFORE_NUMPY_1_24 = {"scipy": "<1.12", "matplotlib": "<3.9", "pandas": "<2.3"}
"""The releases that still work with numpy 1.23, of what else reads numpy's binary interface."""

Versions = Dict[str, Optional[str]]


def digits(version: str) -> Tuple[int, ...]:
    """The release numbers of a version: "1.11.0+cu113" is (1, 11, 0)."""
    found = re.match(r"\d+(\.\d+)*", version)
    return tuple(int(part) for part in found.group(0).split(".")) if found else ()


def within(version: str, minimum: str, maximum: str) -> bool:
    """Whether `version` lies in a window whose ends belong to it."""
    return digits(minimum) <= digits(version) <= digits(maximum)


def fitting_stack(python: Tuple[int, int], versions: Versions) -> Dict[str, str]:
    """The stack that is nearest to what is installed: by mmdet, else by torch, else by the Python."""
    mmdet, torch = versions.get("mmdet"), versions.get("torch")
    if mmdet:
        old = digits(mmdet) < (2, 25)
    elif torch:
        old = digits(torch) < (2,)
    else:
        old = python < (3, 10)
    return STACKS["2.24" if old else "2.28"]


class Mends:
    """The commands for one interpreter, a path, and the versions it holds; all but new ones stay as they are."""

    def __init__(self, executable: str, python: Tuple[int, int], versions: Versions) -> None:
        self.python = shlex.quote(executable)
        self.versions = versions
        self.stack = fitting_stack(python, versions)
        self.runs_stack = (3, 7) <= python <= (3, 11)

    def pip(self, requirements: Sequence[str], *options: str) -> str:
        """`pip install` of `requirements`, with the torch and numpy that are there kept as they are."""
        named = {re.split(r"[<>=]", requirement)[0] for requirement in requirements}
        kept = [
            "{}=={}".format(name, (self.versions[name] or "").split("+")[0])
            for name in ("torch", "torchvision", "numpy")
            if name not in named and self.versions.get(name) and "--no-deps" not in options
        ]
        words = [self.python, "-m", "pip", "install", *options, *map(shlex.quote, [*requirements, *kept])]
        return " ".join(words)

    def older_numpy(self) -> str:
        """Install a numpy that mmdet 2.x was written for, and what goes with it."""
        others = [name + rule for name, rule in BEFORE_NUMPY_1_24.items() if self.versions.get(name)]
        return self.pip(["numpy<1.24"] + others)

    def install(self, name: str) -> str:
        """Install a library that is missing, in the version that fits the rest."""
        if not self.runs_stack:
            return NEW_ENVIRONMENT
        if name == "mmcv-full":
            return self.build_mmcv()
        if name == "torch":
            return self.pip(["torch==" + self.stack["torch"], "torchvision==" + self.stack["torchvision"]])
        if name == "torchvision":
            # pip finds the one that was made for the torch that is pinned beside it.
            return self.pip(["torchvision"])
        return self.pip(["{}=={}".format(name, self.stack[name]) if name in self.stack else name])

    def build_mmcv(self, version: str = "", cuda: Optional[str] = None) -> str:
        """Build mmcv-full's ops against the torch that is there; `cuda` is the CUDA release for GPU ops."""
        version = version or self.versions.get("mmcv-full") or self.stack["mmcv-full"]
        home = "CUDA_HOME=/usr/local/cuda-{} ".format(cuda) if cuda else ""
        flags = "{}MMCV_WITH_OPS=1 FORCE_CUDA={}".format(home, 1 if cuda else 0)
        options = ["--no-build-isolation", "--no-cache-dir", "--force-reinstall", "--no-deps"]
        return "{} -m pip uninstall -y mmcv mmcv-full; {} {}".format(
            self.python, flags, self.pip(["mmcv-full==" + version], *options)
        )

    def mmcv_in(self, windows: Sequence[Tuple[str, str]]) -> str:
        """Install an mmcv-full that lies in all `windows` (minimum, maximum), or new ones all round."""
        known = [self.stack["mmcv-full"]] + [stack["mmcv-full"] for stack in STACKS.values()]
        for version in known:
            if all(within(version, minimum, maximum) for minimum, maximum in windows):
                return self.build_mmcv(version)
        return NEW_ENVIRONMENT

    def module(self, name: str) -> str:
        """Install the distribution that holds a module that could not be imported."""
        top = name.split(".")[0]
        return self.pip([DISTRIBUTIONS.get(top, top)])

    def imports(self, library: str, error: BaseException) -> str:
        """Mend an import of `library` that ended in `error`."""
        text = str(error)
        missing = getattr(error, "name", None)
        if isinstance(error, ModuleNotFoundError) and missing and missing.split(".")[0] not in (library, "mmcv"):
            return self.module(missing)
        if re.search(r"lib(GL|gthread|glib)[\w.-]*\.so", text):
            uninstall = "{} -m pip uninstall -y opencv-python opencv-python-headless; ".format(self.python)
            return uninstall + self.pip(["opencv-python-headless<4.12"])
        if "numpy" in text.lower() and re.search(r"multiarray|dtype size|not available|ABI|NumPy 1\.x", text):
            return self.older_numpy()
        if "distutils" in text:
            return self.pip(["setuptools<60"])
        version = self.versions.get(library)
        if library == "mmcv-full":
            return self.build_mmcv()
        return self.pip([library + "==" + version if version else library], "--force-reinstall", "--no-deps")
