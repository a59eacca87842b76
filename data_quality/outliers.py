"""Numbers far from what is usual, judged by median and spread: one wrong value does not move them, as it moves an average."""

import numpy as np
import pandas as pd

NORMAL = 1.4826
"""What makes the median of the distances comparable to a standard deviation."""


def far_from_usual(
    values: "pd.Series[float]", groups: "pd.Series[str]", *, items: int, factor: float, spreads: float
) -> "pd.Series[bool]":
    """Which values are far from the median of their group, on a logarithmic scale: a slip of a unit or a comma is a factor.

    Far: by more than ``factor``, and by more than ``spreads`` times what is usual in the group. A group of fewer than ``items``
    values has no usual. What is missing, nought or below is never far.
    """
    positive = values.where(values.gt(0).fillna(value=False)).astype("float64")
    logs = pd.Series(np.log10(positive), index=values.index)
    by_group = logs.groupby(groups)
    distance = (logs - by_group.transform("median")).abs()
    spread = distance.groupby(groups).transform("median") * NORMAL
    enough = by_group.transform("count").ge(items)
    return (enough & distance.gt(np.log10(factor)) & distance.gt(spreads * spread)).astype(bool)
