"""Where the libraries' own loaders would find a checkpoint on this machine, and how another machine fetches it."""

import os
import shlex
from collections import namedtuple
from typing import Any, List, Optional
from urllib.parse import urlparse

import torch

from bbprobe.loading import absolute
from bbprobe.protocol import Refused

Place = namedtuple("Place", ["path", "download", "destination", "note"])
"""`path` of the file that is here, else None, with the line that downloads it and where the result must lie."""


class _Asked(Exception):
    """mmcv's loader has come to the point of fetching a URL."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.url = url


def of_mmcv(checkpoint: str) -> Place:
    """Where mmcv's loader takes `checkpoint` from: a path, a URL, or an alias that mmcv's own tables resolve.

    Raises:
        Refused: there is no such file, or mmcv knows no such alias.
    """
    if "://" not in checkpoint:
        return of_file(checkpoint)
    from mmcv.runner import checkpoint as loader

    def note(url: str, *args: Any, **kwargs: Any) -> None:
        raise _Asked(url)

    fetch = loader.load_url
    loader.load_url = note
    try:
        loader._load_checkpoint(checkpoint, map_location="cpu")
    except _Asked as asked:
        return of_url(asked.url)
    except KeyError as error:
        raise Refused("mmcv's own tables have no weights {!r}".format(checkpoint)) from error
    except FileNotFoundError as error:
        raise Refused(str(error)) from error
    except Exception as error:  # ceph, pavi: what these need is not a matter of files
        return Place(None, "", "", "{} is not looked into: {}".format(checkpoint.split(":")[0], error))
    finally:
        loader.load_url = fetch
    return Place(None, "", "", "")


def of_file(path: str) -> Place:
    """A local file.

    Raises:
        Refused: it is not there.
    """
    whole = absolute(path)
    if not os.path.isfile(whole):
        raise Refused("there is no file {}".format(whole))
    return Place(whole, "", "", "")


def of_url(url: Any) -> Place:
    """Torch hub's cache, where mmcv and timm look by the last part of a URL; timm may name a file of its own beside it.

    The same name is made by `torch.hub.load_state_dict_from_url`.
    """
    url, name = url if isinstance(url, (list, tuple)) else (url, os.path.basename(urlparse(url).path))
    path = os.path.join(torch.hub.get_dir(), "checkpoints", name)
    if os.path.isfile(path):
        return Place(path, "", "", "")
    return Place(None, "curl -fL -o {} {}".format(shlex.quote(name), shlex.quote(url)), path, "")


def of_hub(repository: str, filenames: List[str], revision: Optional[str]) -> Place:
    """The Hugging Face hub's cache, asked by its own library for the first of `filenames` that is there."""
    from huggingface_hub import constants, file_download

    for filename in filenames:
        found = file_download.try_to_load_from_cache(repository, filename, revision=revision)
        if isinstance(found, str):
            return Place(found, "", "", "")
    folder = file_download.repo_folder_name(repo_id=repository, repo_type="model")
    words = ["hf", "download", repository, filenames[0], "--cache-dir", "hub"]
    words += ["--revision", revision] if revision else []
    note = "copy the folder hub/{} that this makes; or download the file alone and name it as weights".format(folder)
    return Place(None, " ".join(map(shlex.quote, words)), os.path.join(str(constants.HF_HUB_CACHE), folder), note)
