"""Loaded by every Airflow process at its start: the scheduler imports what tasks need, so that its forked workers inherit it.

Measured: a task that imports pandas and Great Expectations itself takes 4 to 6 seconds longer. Polars is not among them: it
starts threads when it is imported, which a fork does not take along, and its import takes a third of a second.
"""

import sys

if "scheduler" in sys.argv[1:2]:
    import great_expectations  # noqa: F401
    import pandas as pd  # noqa: F401
