"""SqlSource: windows, order and shape, the same on SQLite, PostgreSQL and MariaDB."""

import itertools
import logging
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from koppel.entities import PRICE, PRODUCT, PRODUCT_RELATION, PRODUCT_TEXT
from koppel.errors import ConfigError, SourceShape
from koppel.window import Window

T0 = datetime(2026, 3, 1, 10, 0, 0, tzinfo=UTC)
UTC_TIME = pa.timestamp("us", tz="UTC")


def read(source, entity=PRODUCT, window=Window()) -> pa.Table:  # noqa: B008 -- frozen
    tables = list(source.read(entity, window))
    assert len({table.schema for table in tables}) == 1
    return pa.concat_tables(tables)


def skus(table: pa.Table) -> list[str]:
    return table.column("sku").to_pylist()


# --- windows, the same on three databases ----------------------------------------------------------------------------

PLAIN = "select sku, sku as name, at as modified_at -- the item's :own words; :since\nfrom item /* :keys */ ;\n"
OWN = "select sku, sku as name, at as modified_at from item where (:since is null or at >= :since) and (:all_keys or sku in :keys)"


@pytest.mark.parametrize("query", [PLAIN, OWN], ids=["wrapped", "own filter"])
def test_since_includes_equal_times(stamped, query: str) -> None:
    table = read(stamped(query), window=Window(since=T0))
    expected = {"A", "B", "D"} | ({"E"} if query is PLAIN else set())  # the wrapper reads rows without a time always
    assert set(skus(table)) == expected
    assert table.schema.field("modified_at").type == UTC_TIME
    assert dict(zip(skus(table), table.column("modified_at").to_pylist(), strict=True))["A"] == T0


def test_since_with_a_fraction_and_in_another_zone(stamped) -> None:
    other_zone = datetime.fromisoformat("2026-03-01T12:00:00+02:00")
    assert set(skus(read(stamped(PLAIN), window=Window(since=other_zone)))) == {"A", "B", "D", "E"}
    later = set(skus(read(stamped(PLAIN), window=Window(since=T0 + timedelta(microseconds=1)))))
    assert {"D", "E"} <= later
    assert "C" not in later


def test_a_period_includes_both_ends(stamped) -> None:
    period = Window(since=T0 - timedelta(seconds=1), until=T0)
    assert set(skus(read(stamped(PLAIN), window=period))) == {"A", "B", "C", "E"}


@pytest.mark.parametrize("query", [PLAIN, OWN], ids=["wrapped", "own filter"])
def test_by_keys(stamped, query: str) -> None:
    found = set(skus(read(stamped(query), window=Window(keys=("C", "E", "no'such", "x:y", "%s")))))
    assert found == {"C", "E"}


@pytest.mark.parametrize("query", [PLAIN, OWN], ids=["wrapped", "own filter"])
def test_everything(stamped, query: str) -> None:
    assert sorted(skus(read(stamped(query)))) == ["A", "B", "C", "D", "E", "a"]


def test_many_keys_in_chunks_give_each_row_once(stamped) -> None:
    keys = (*(f"K{i}" for i in range(2_500)), "A", "a", "B", "A")
    found = skus(read(stamped(PLAIN), window=Window(keys=keys)))
    assert sorted(found) == ["A", "B", "a"]


def test_no_key_found_gives_one_empty_table(stamped) -> None:
    tables = list(stamped(PLAIN).read(PRODUCT, Window(keys=("nothing",))))
    assert [table.num_rows for table in tables] == [0]
    assert tables[0].schema == read(stamped(PLAIN)).schema


def test_a_query_without_modified_at_is_read_whole(stamped) -> None:
    assert len(read(stamped("select sku, sku as name from item"), window=Window(since=T0))) == 6


def test_keys_without_all_keys_would_read_nothing_and_says_so(stamped) -> None:
    with pytest.raises(ConfigError, match=":all_keys or sku in :keys"):
        read(stamped("select sku, sku as name from item where sku in :keys"))


RELATIONS = "select sku, 'accessory' as relation, other as related_sku, n as position from ({}) t"


def test_rows_of_one_record_stay_together_and_in_order(stamped) -> None:
    pairs = [("A", "x", 2), ("a", "y", 1), ("A", "z", 1), ("B", "x", 1), ("a", "w", 2), ("A", "v", 3)]
    rows = " union all ".join(f"select '{sku}' as sku, '{other}' as other, {n} as n" for sku, other, n in pairs)
    source = stamped("")
    (source.settings.root / "sql/product_relation.sql").write_text(RELATIONS.format(rows))
    for window in (Window(), Window(keys=("A", "B", "a"))):
        table = read(source, PRODUCT_RELATION, window)
        found = list(zip(skus(table), table.column("related_sku").to_pylist(), strict=True))
        assert [other for sku, other in found if sku == "A"] == ["z", "x", "v"]
        keys = [sku for sku, _ in found]
        assert len([1 for one, two in itertools.pairwise(keys) if one != two]) == 2  # three keys, two borders


def test_a_text_s_key_column_is_the_sku(stamped) -> None:
    source = stamped("")
    (source.settings.root / "sql/product_text.sql").write_text("select 'nl' as language, sku from item")
    assert skus(read(source, PRODUCT_TEXT, Window(keys=("B",)))) == ["B"]


def test_percent_signs_and_colons_in_a_query_are_its_own(stamped) -> None:
    query = "select sku, ' :since %s 50% 10:30 :x' as name from item where sku like '%A%' and sku <> ':keys'"
    assert "A" in skus(read(stamped(query)))
    assert set(read(stamped(query)).column("name").to_pylist()) == {" :since %s 50% 10:30 :x"}


# --- shape -----------------------------------------------------------------------------------------------------------


def test_a_renamed_column_is_named_with_file_and_columns_found(stamped) -> None:
    with pytest.raises(SourceShape) as caught:
        read(stamped("select sku as article, sku as name, at from item"))
    text = str(caught.value)
    assert "sql/product.sql" in text
    assert "no column sku" in text
    assert "article, name, at" in text


def test_a_column_twice_is_an_error(stamped) -> None:
    with pytest.raises(SourceShape, match=r"(?i)name.*more than once|duplicate column name 'name'"):
        read(stamped("select sku, sku as name, at as name from item"))


def test_unknown_columns_are_left_out_with_one_warning(stamped, caplog: pytest.LogCaptureFixture) -> None:
    source = stamped("select sku, sku as name, 1 as colour, at as oddity from item")
    with caplog.at_level(logging.WARNING):
        table = read(source)
    assert table.column_names == ["sku", "name"]
    assert [r.getMessage() for r in caplog.records].count(caplog.records[0].getMessage()) == 1
    assert "colour, oddity" in caplog.text
    assert "not read: colour, oddity" in " ".join(check.detail for check in source.check())


def test_a_query_the_database_refuses(stamped) -> None:
    with pytest.raises(SourceShape, match=r"product\.sql.*no_such_table"):
        read(stamped("select sku, name from no_such_table"))


def test_no_query_for_the_entity(stamped) -> None:
    with pytest.raises(ConfigError, match=r"price\.sql"):
        read(stamped(PLAIN), PRICE)


def test_check_reports_without_raising(stamped) -> None:
    source = stamped(PLAIN)
    folder = source.settings.root / "sql"
    (folder / "price.sql").write_text("select sku from item")
    (folder / "category.sql").write_text("select nonsense from nowhere")
    (folder / "prize.sql").write_text("select 1")
    found = {check.subject: check for check in source.check()}
    assert found["source erp"].is_fine
    assert found["source erp: product.sql"].is_fine
    assert "price_eur_excl_vat" in found["source erp: price.sql"].detail
    assert not found["source erp: price.sql"].is_fine
    assert not found["source erp: category.sql"].is_fine
    assert "No entity" in found["source erp: prize.sql"].detail
