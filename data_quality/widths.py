"""Texts that a field of fixed width cut off: many are exactly that long, hardly one longer, few just below."""

from collections.abc import Iterable

import pandas as pd

from data_quality.words import has, none_of

_NEIGHBOURS = 5
_ENDS = "[.!?…)>»\"']$"


def cut_off(
    texts: "pd.Series[str]", languages: "pd.Series[str]", widths: Iterable[int], least: int
) -> "pd.Series[bool]":
    """Which texts a field cut off, each language judged by itself; ``least``: so many make a peak.

    At a peak, a text whose last word also ends texts of other lengths, or that ends like a sentence, ends where it should.
    """
    lengths = texts.str.len().fillna(0).astype(int)
    cut = none_of(texts)
    for language in languages.unique():
        own = languages.eq(language)
        for width in _peaks(lengths[own], widths, least):
            at = own & lengths.eq(width) & ~has(texts, _ENDS)
            last = texts[own].str.slice(-60).str.lower().str.extract(r"(\S+)$", expand=False)
            cut |= (at[own] & ~last.isin(last[~at[own]])).reindex(texts.index, fill_value=False)
    return cut


def _peaks(lengths: "pd.Series[int]", widths: Iterable[int], least: int) -> list[int]:
    counts = lengths.value_counts()
    peaks = []
    for width in widths:
        at, over = int(counts.get(width, 0)), int(counts[counts.index > width].sum())
        below = sum(int(counts.get(width - step, 0)) for step in range(1, _NEIGHBOURS + 1)) / _NEIGHBOURS
        if at >= least and at > 3 * below and over <= 0.02 * len(lengths):
            peaks.append(width)
    return peaks
