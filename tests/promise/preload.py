"""Imported by the server that runs are forked from: everything that a run needs, loaded once."""

import fsspec.implementations.local  # noqa: F401
import upath.implementations.local  # noqa: F401

from tests.promise.killed import warm_up

warm_up()
