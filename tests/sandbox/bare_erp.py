"""The sandbox ERP without its photos, for tests that look at none: drawing them takes most of the time."""

from pathlib import Path

import pytest

from sandbox import erp
from sandbox.erp import database


def build(address: str, products: int) -> None:
    """Fill an empty database with so many products."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "draw_all", lambda photos, folder: None)
        erp.build(address, Path(), products=products)
