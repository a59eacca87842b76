"""Imported by the server that runs are forked from: everything that a run needs, loaded once."""

import ctypes
import gc
from pathlib import Path

import adbc_driver_postgresql
import fsspec.implementations.local  # noqa: F401
import rich.console
import rich.table  # noqa: F401
import sqlalchemy.dialects.sqlite  # noqa: F401
import upath.implementations.local  # noqa: F401
from PIL import Image

from koppel import appendix, changes, limits, plan_text  # noqa: F401
from tests.promise.killed import warm_up

warm_up()
changes.salt_of(Path())
Image.init()
ctypes.CDLL(adbc_driver_postgresql._driver_path())
gc.freeze()  # so that a run looks at its own objects only, and shares the memory of all others
