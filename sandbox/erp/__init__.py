"""The sandbox ERP: a Belgian retailer's PostgreSQL database with 1,200 products, and what is wrong in a real one.

``build`` makes the tables and the photos from a seed; the same seed gives the same rows, times and bytes. ``change`` then
does to it what a working day does. ``SOWN`` says, per topic, which records have a defect and which only look like it; the
topics are the ids of Koppel's rules, or of what its transformers refuse. All brands are invented.

Times are Belgian wall-clock times. A fresh database stands still at its own clock (``NOW``, and KLOK in ``syst_param``);
pass ``now`` to have the stock counted today.
"""

from sandbox.erp.articles import NOW
from sandbox.erp.catalogue import sown
from sandbox.erp.database import build, change

SOWN: dict[str, dict[str, list[str]]] = sown()
"""Topic to ``{"true": keys, "lookalike": keys}``; a key is an article number, or ``nl:NUMBER`` for a text."""

__all__ = ["NOW", "SOWN", "build", "change"]
