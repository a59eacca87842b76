"""The transactional store: whatever happens, memory, a rollback and the file tell the same story."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.magento.database import Database

CHANGE = st.tuples(st.sampled_from("abc"), st.one_of(st.none(), st.integers(0, 9)))
TRANSACTION = st.tuples(st.lists(CHANGE, max_size=6), st.booleans())


class Refused(Exception):
    """Ends a transaction badly."""


def contents(database):
    table = database.table("things")
    return [(key, table[key]["value"]) for key in table.keys()]  # noqa: SIM118 - a Table iterates over records


def work(database, changes, fails):
    """One transaction of puts and (for None) deletes."""
    table = database.table("things")
    with database.transaction():
        for key, value in changes:
            if value is None:
                table.delete(key)
            else:
                table.put(key, {"value": value})
        if fails:
            raise Refused


@settings(max_examples=60, deadline=None)
@given(st.lists(TRANSACTION, max_size=8))
def test_the_file_holds_exactly_the_transactions_that_ended_well(history):
    with tempfile.TemporaryDirectory() as folder:
        file, expected = Path(folder) / "s.sqlite", {}
        database = Database(file)
        for changes, fails in history:
            if fails:
                with pytest.raises(Refused):
                    work(database, changes, fails)
                continue
            work(database, changes, fails)
            for key, value in changes:
                expected.pop(key, None) if value is None else expected.update({key: value})
        assert dict(contents(database)) == expected
        database.close()
        assert dict(contents(Database(file))) == expected


def test_a_failed_part_undoes_itself_and_spares_the_rest():
    database = Database()
    with database.transaction():
        work(database, [("a", 1)], fails=False)
        with pytest.raises(Refused):
            work(database, [("a", 2), ("b", 2)], fails=True)
    assert contents(database) == [("a", 1)]


def test_a_copy_to_edit_leaves_the_record_alone():
    database = Database()
    work(database, [("a", 1)], fails=False)
    database.table("things").edit("a")["value"] = 5
    assert contents(database) == [("a", 1)]


def test_records_come_back_in_the_order_in_which_they_were_made(tmp_path):
    database = Database(tmp_path / "s.sqlite")
    work(database, [(f"k{number}", number) for number in range(200)], fails=False)
    work(database, [("k3", 0)], fails=False)
    database.close()
    assert contents(Database(tmp_path / "s.sqlite")) == contents(database)
