"""Looking up all records at once or only those that came tells the same of each of them."""

import numpy as np
import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from koppel.known import KnownAll, KnownByKey
from koppel.ledger import Ledger, now

KEYS = [f"K{number}" for number in range(6)]
ROWS = st.lists(st.tuples(st.sampled_from(KEYS), st.integers(0, 3)), max_size=12)
STATES = st.dictionaries(
    st.sampled_from(KEYS),
    st.tuples(st.sampled_from(["delivered", "held back", "failed", "withdrawn"]), st.integers(0, 3) | st.none()),
)


def version(key: str, number: int) -> int:
    """Versions are hashes over the whole row, so that no two keys share one."""
    return KEYS.index(key) * 10 + number


def fill(ledger: Ledger, states: dict[str, tuple[str, int | None]]) -> None:
    rows = [
        {"target": "shop", "entity": "price", "key": key, "state": state, "run_id": "r", "since": now(), "reason": "",
         "source_version": None if number is None or state == "failed" else version(key, number)}
        for key, (state, number) in states.items()
    ]  # fmt: skip
    with ledger.transaction() as connection:
        connection.exec_driver_sql("truncate delivery")
    ledger.record(rows, ("state", "reason", "source_version", "run_id", "since"))


def outcome(known: KnownAll | KnownByKey, batches: list[list[tuple[str, int]]]) -> tuple[object, ...]:
    staged: list[str] = []
    for batch in batches:
        keys = pl.Series("_key", [key for key, _ in batch], dtype=pl.String)
        versions = np.array([version(key, number) for key, number in batch], dtype=np.int64)
        is_new = known.mark(keys, versions)
        staged += keys.filter(pl.Series(is_new, dtype=pl.Boolean)).to_list()
    both, _ = known.compared(pl.Series("_key", sorted(set(staged)), dtype=pl.String))
    return sorted(set(staged)), sorted(both), known.marked()


def test_both_ways_agree(ledger_url: str) -> None:
    ledger = Ledger(ledger_url)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(STATES, ROWS, ROWS)
    def agree(states, first, second) -> None:
        fill(ledger, states)
        batches = [batch for batch in (first, second) if batch]
        found = [outcome(kind(ledger, "shop", "price"), batches) for kind in (KnownAll, KnownByKey)]
        assert found[0] == found[1]

    agree()
    ledger.close()


def test_only_a_full_read_tells_what_vanished(ledger_url: str) -> None:
    ledger = Ledger(ledger_url)
    fill(ledger, {"K0": ("delivered", 1), "K1": ("delivered", 1)})
    seen = pl.Series("_key", ["K0"])
    for kind, gone in ((KnownAll, ["K1"]), (KnownByKey, [])):
        known = kind(ledger, "shop", "price")
        known.mark(seen, np.array([version("K0", 1)]))
        assert known.compared(seen.clear())[1].to_list() == gone
    ledger.close()
