"""How much of what could be tried is tried: all of it in ``make soak``, a sample that never varies in ``make test``."""

import os
from itertools import cycle

from tests.promise.killed import REQUESTS

IS_SOAK = os.environ.get("KOPPEL_SOAK") == "1"


def boundaries(met: list[str], *, is_thin: bool = False) -> list[int]:
    """The numbers of the boundaries to die at, among those that a run ``met`` (as ``killed.Boundaries`` tells them).

    A sample by kind, as every third one would miss kinds that are rare (an address that is sent to once) and repeat those that
    are frequent (the same request for the next record leaves the same to mend): the first and the last of each kind, and each
    address of each step once, by turns while the request is under way and after its answer. ``is_thin``: only the first of each
    kind.
    """
    if IS_SOAK:
        return list(range(len(met)))
    told = [entry.split(" ", 2) for entry in met]
    kinds = [kind for _, kind, *_ in told]
    last = len(kinds) - 1
    ends = set() if is_thin else {last - kinds[::-1].index(kind) for kind in kinds}
    chosen = {kinds.index(kind) for kind in kinds} | ends
    sent = dict.fromkeys((step, *address) for step, _, *address in told if address)
    chosen |= {
        met.index(f"{step} {kind} {address}") for (step, address), kind in zip(sent, cycle(REQUESTS), strict=False)
    }
    return sorted(chosen)
