"""`bbwizard env create`: a training environment that works, from nothing but Python and a package index."""

from bbwizard.env_create.build import LOG, Created, create
from bbwizard.env_create.pythons import BasePython, find_python
from bbwizard.env_create.stack import NAMES, Stack, load_stack

__all__ = ["LOG", "NAMES", "BasePython", "Created", "Stack", "create", "find_python", "load_stack"]
