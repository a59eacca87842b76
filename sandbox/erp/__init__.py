"""The sandbox ERP: a Belgian retailer's PostgreSQL database with 1,200 products, and what is wrong in a real one.

``build`` makes the tables and the photos from a seed; the same seed gives the same rows, times and bytes. ``change`` then
does to it what a working day does. ``SOWN`` says, per topic, which records have a defect and which only look like it; the
topics are the ids of Koppel's rules, or of what its transformers refuse. All brands are invented.

``SOWN_STOCK`` does the same for the counts of single places. ``sandbox.erp.orders`` is what happens to stock between two days.

Times are Belgian wall-clock times; the stock module keeps moments with a zone. A fresh database stands still at its own clock
(``NOW``, and KLOK in ``syst_param``); pass ``now`` to have the stock counted today.
"""

from sandbox.erp.articles import NOW
from sandbox.erp.catalogue import sown
from sandbox.erp.database import build, change
from sandbox.erp.stock import SOWN_STOCK

SOWN: dict[str, dict[str, list[str]]] = sown()
"""Topic to ``{"true": keys, "lookalike": keys}``; a key is an article number, or ``nl:NUMBER`` for a text."""

__all__ = ["NOW", "SOWN", "SOWN_STOCK", "build", "change"]
