"""Values and types of PostgreSQL and SQLite: the same whatever path read them."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pyarrow as pa
import pytest

from extractors import shape
from koppel.entities import CATEGORY, PRODUCT, PRODUCT_IMAGE, PRODUCT_TEXT
from koppel.errors import SourceDown, SourceShape
from koppel.window import Window

T0 = datetime(2026, 3, 1, 10, 0, 0, tzinfo=UTC)
UTC_TIME = pa.timestamp("us", tz="UTC")


def read(source, entity=PRODUCT, window=Window()) -> pa.Table:  # noqa: B008 -- frozen
    tables = list(source.read(entity, window))
    assert len({table.schema for table in tables}) == 1
    return pa.concat_tables(tables)


def skus(table: pa.Table) -> list[str]:
    return table.column("sku").to_pylist()


# --- PostgreSQL: both paths give the same ---------------------------------------------------------------------------

EVERY_TYPE = """
select keys.*, typed.* from (values ('A', 'n'), ('B', 'é€😀')) keys(sku, name) left join (
select 'A' as joined,
       1::int2 as property_i2, -5 as property_i4, 9223372036854775807 as property_i8, 4294967295::oid as property_oid,
       12.3400::numeric(12,4) as property_num, 'NaN'::numeric as property_nan, 0.00000001::numeric as property_tiny,
       12345678901234567890.123456789::numeric as property_big, 1.1::float4 as property_f4, 0.1::float8 as property_f8,
       'Infinity'::float8 as property_finf, true as property_b, 'x'::varchar(9) as property_vc, 'x'::char(5) as property_c,
       '{"a": [1, 2.50]}'::json as property_j, '{"b":1,"a":2}'::jsonb as property_jb,
       '11111111-2222-3333-4444-555555555555'::uuid as property_u, '\\xdeadbeef'::bytea as property_by,
       time '12:30:00.5' as property_time, timetz '12:00+02' as property_timetz,
       interval '1 mon 2 days 03:04:05' as property_iv, '1234.5'::numeric::money as property_money,
       inet '10.0.0.1/8' as property_inet, array[1,null,3] as property_arr, array['a b', 'c"d'] as property_tarr,
       point '(1,2)' as property_point, int4range(1,5) as property_range, b'101' as property_bit,
       'blue'::colour as property_enum, 7::positive as property_domain, null as property_unknown, null::int4 as property_ni,
       date '2026-01-02' as property_d, date '1850-06-01' as property_dold, date '2999-12-31' as property_dnew,
       'infinity'::date as property_dinf, date '0044-03-15 BC' as property_bc,
       timestamp '2026-01-02 03:04:05.123456' as property_ts, 'infinity'::timestamptz as property_tsinf,
       '-infinity'::timestamp as property_tsneg, timestamp '12000-01-01' as property_tsfar,
       row(1, 'x') as property_row, timestamptz '2026-01-02 03:04:05.5+02' as modified_at
) typed on joined = sku
"""


@pytest.fixture
def typed_database(postgres_url: str) -> str:
    with psycopg.connect(postgres_url, autocommit=True) as db:
        db.execute("create type colour as enum ('blue', 'red')")
        db.execute("create domain positive as int check (value > 0)")
        db.execute(f"alter database {db.info.dbname} set timezone = 'Asia/Tokyo'")
        db.execute(f"alter database {db.info.dbname} set datestyle = 'SQL, DMY'")
    return postgres_url


def test_both_paths_of_postgresql_give_equal_tables_for_every_type(sql_source, typed_database: str) -> None:
    fast = read(sql_source(typed_database, product=EVERY_TYPE))
    slow = read(sql_source(typed_database, {"arrow": False}, product=EVERY_TYPE))
    by_key = read(sql_source(typed_database, product=EVERY_TYPE), window=Window(keys=("A", "B")))
    assert fast.schema == slow.schema == by_key.schema
    for name in fast.column_names:
        assert str(fast.column(name).to_pylist()) == str(slow.column(name).to_pylist()), name  # str: NaN equals itself
        assert str(fast.column(name).to_pylist()) == str(by_key.column(name).to_pylist()), name


def test_canonical_values_and_types(sql_source, typed_database: str) -> None:
    table = read(sql_source(typed_database, product=EVERY_TYPE))
    row = table.to_pylist()[0]
    types = {field.name: field.type for field in table.schema}
    assert types["property_i2"] == types["property_i8"] == types["property_oid"] == pa.int64()
    assert row["property_oid"] == 4294967295
    assert (types["property_num"], row["property_num"], row["property_nan"]) == (pa.string(), "12.3400", "NaN")
    assert row["property_tiny"] == "0.00000001"
    assert row["property_big"] == "12345678901234567890.123456789"
    assert (types["property_f4"], row["property_f4"], row["property_f8"]) == (pa.float64(), 1.1, 0.1)
    assert row["property_b"] is True
    assert (row["property_c"], row["property_enum"], row["property_domain"]) == ("x", "blue", 7)
    assert row["property_by"] == "deadbeef"
    assert row["property_money"] == "1234.50"
    assert row["property_j"] == '{"a": [1, 2.50]}'
    assert types["property_d"] == types["property_ts"] == types["modified_at"] == UTC_TIME
    assert row["property_d"] == datetime(2026, 1, 2, tzinfo=UTC)
    assert row["property_dold"] == datetime(1850, 6, 1, tzinfo=UTC)
    assert row["property_dnew"] == datetime(2999, 12, 31, tzinfo=UTC)
    assert row["property_dinf"] == datetime(9999, 12, 31, tzinfo=UTC)
    assert row["property_ts"] == datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)  # without zone: UTC, not Tokyo
    assert row["property_tsinf"].year == row["property_tsfar"].year == 9999
    assert row["property_tsneg"].year == row["property_bc"].year == 1
    assert row["modified_at"] == datetime(2026, 1, 2, 1, 4, 5, 500000, tzinfo=UTC)
    assert set(table.to_pylist()[1].values()) == {"B", "é€😀", None}


@pytest.mark.parametrize("arrow", [True, False])
def test_empty_result_has_the_same_schema(sql_source, typed_database: str, arrow: bool) -> None:
    full = read(sql_source(typed_database, {"arrow": arrow}, product=EVERY_TYPE))
    nothing = f"select * from ({EVERY_TYPE}) t where sku = 'Z'"
    none = list(sql_source(typed_database, {"arrow": arrow}, product=nothing).read(PRODUCT, Window()))
    assert [table.num_rows for table in none] == [0]
    assert none[0].schema == full.schema


@pytest.mark.parametrize("arrow", [True, False])
def test_slices_are_bounded_and_complete(sql_source, postgres_url: str, arrow: bool) -> None:
    query = "select 'S' || i as sku, 'name ' || i as name, i as weight_kg from generate_series(1, 120000) i"
    tables = list(sql_source(postgres_url, {"arrow": arrow}, product=query).read(PRODUCT, Window()))
    assert max(table.num_rows for table in tables) <= shape.SLICE_ROWS
    assert len({key for table in tables for key in skus(table)}) == 120_000


@pytest.mark.parametrize("arrow", [True, False])
def test_fat_rows_come_in_slices_bounded_by_bytes(sql_source, postgres_url: str, arrow: bool) -> None:
    query = "select 'nl' as language, 'S' || i as sku, repeat('x', 1000000) as long_text from generate_series(1, 150) i"
    tables = list(sql_source(postgres_url, {"arrow": arrow}, product_text=query).read(PRODUCT_TEXT, Window()))
    assert sum(table.num_rows for table in tables) == 150
    assert max(table.nbytes for table in tables) <= shape.SLICE_BYTES


def test_reading_can_stop_halfway(sql_source, postgres_url: str) -> None:
    query = "select 'S' || i as sku, repeat('x', 300) as name from generate_series(1, 400000) i"
    rows = sql_source(postgres_url, product=query).read(PRODUCT, Window())
    assert next(rows).num_rows > 0
    rows.close()  # must neither hang nor fail


def test_an_error_halfway_is_told_in_the_database_s_words(sql_source, postgres_url: str) -> None:
    query = "select 'S' || i as sku, (1 / (90000 - i))::text as name from generate_series(1, 100000) i"
    for arrow in (True, False):
        with pytest.raises(SourceShape, match=r"product\.sql.*division by zero"):
            read(sql_source(postgres_url, {"arrow": arrow}, product=query))


@pytest.mark.parametrize("arrow", [True, False])
def test_a_connection_that_is_cut_halfway_is_a_source_that_is_down(sql_source, postgres_url: str, arrow: bool) -> None:
    query = "select 'S' || i as sku, repeat('x', 900) as name from generate_series(1, 400000) i"
    rows = sql_source(postgres_url, {"arrow": arrow}, product=query).read(PRODUCT, Window())
    next(rows)
    with psycopg.connect(postgres_url, autocommit=True) as db:
        db.execute("select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname = %s",
                   [db.info.dbname])  # fmt: skip
    with pytest.raises(SourceDown, match="can't be reached"):
        list(rows)


def test_the_source_is_never_written(sql_source, postgres_url: str) -> None:
    with psycopg.connect(postgres_url) as db:
        db.execute("create table t (sku text)")
        db.execute("create function f() returns text language sql as 'insert into t values (1) returning sku'")
    for arrow in (True, False):
        with pytest.raises(SourceShape, match="read-only"):
            read(sql_source(postgres_url, {"arrow": arrow}, product="select f() as sku, 'x' as name"))


def test_a_database_without_encoding_may_hold_any_byte(sql_source, postgres, postgres_url: str) -> None:
    with psycopg.connect(postgres_url, autocommit=True) as db:
        db.execute("create database bytes encoding 'SQL_ASCII' template template0 locale 'C'")
    url = postgres_url.rsplit("/", 1)[0] + "/bytes"
    text = r"convert_from('\x{}'::bytea, 'SQL_ASCII')"
    query = f"select {text.format('41e9')} as sku, 'n' as name, {text.format('c3a9')} as brand"
    tables = [read(sql_source(url, {"arrow": arrow}, product=query)) for arrow in (True, False)]
    postgres.drop("bytes")
    assert tables[0].to_pylist() == tables[1].to_pylist() == [{"sku": "A�", "name": "n", "brand": "é"}]


# --- what SQLite and PostgreSQL each do their own way -----------------------------------------------------------------


def sqlite(tmp_path: Path, *statements: str) -> str:
    with sqlite3.connect(tmp_path / "erp.db") as db:
        for statement in statements:
            db.execute(statement)
    return "sqlite:///erp.db"


def test_sqlite_without_types_gives_exact_text(sql_source, tmp_path: Path) -> None:
    url = sqlite(tmp_path, "create table item (sku, name, price, at)",
                 "insert into item values (5410, 'x', cast('89.95' as blob), '2026-01-02T03:04:05Z')",
                 "insert into item values ('B', 1.5, null, 'yesterday')",
                 "insert into item values ('C', cast(x'616200c3' as text), x'ff41', null)")  # fmt: skip
    table = read(sql_source(url, product="select sku, name, price as property_price, at as modified_at from item"))
    assert table.schema.types == [pa.string(), pa.string(), pa.string(), UTC_TIME]
    assert table.column("sku").to_pylist() == ["5410", "B", "C"]
    assert table.column("name").to_pylist() == ["x", "1.5", "ab\x00�"]  # NUL is kept, what is no UTF-8 is marked
    assert table.column("property_price").to_pylist() == ["89.95", None, "�A"]
    assert table.column("modified_at").to_pylist() == [datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), None, None]


def test_sqlite_reads_a_row_again_whose_time_is_none(sql_source, tmp_path: Path) -> None:
    url = sqlite(
        tmp_path, "create table item (sku, at)", "insert into item values ('A', 'yesterday'), ('B', '2020-01-01')"
    )
    source = sql_source(url, product="select sku, sku as name, at as modified_at from item")
    assert skus(read(source, window=Window(since=T0))) == ["A"]


def test_bytes_for_an_image_come_as_hexadecimal_digits(sql_source, tmp_path: Path) -> None:
    url = sqlite(tmp_path, "create table photo (sku, data)", "insert into photo values ('A', x'89504e47')")
    table = read(
        sql_source(url, product_image="select sku, 1 as position, data as content_hex from photo"), PRODUCT_IMAGE
    )
    assert table.column("content_hex").to_pylist() == ["89504e47"]


def test_an_all_null_slice_has_the_type_of_the_others(sql_source, postgres_url: str) -> None:
    query = "select i::text as sku, 'n' as name, case when i > 100000 then i end as pack_size from generate_series(1, 100001) i"
    for arrow in (True, False):
        tables = list(sql_source(postgres_url, {"arrow": arrow}, product=query).read(PRODUCT, Window()))
        assert {table.schema.field("pack_size").type for table in tables} == {pa.int64()}
        assert tables[0].column("pack_size").null_count == tables[0].num_rows


def test_a_category_is_found_by_its_own_key(sql_source, postgres_url: str) -> None:
    query = "select c::text as category_code, 'nl' as language, 'x' as name from (values (1), (2)) v(c)"
    table = read(sql_source(postgres_url, category=query), CATEGORY, Window(keys=("2",)))
    assert table.column("category_code").to_pylist() == ["2"]


def test_keys_of_a_numeric_column_compare_as_text(sql_source, postgres_url: str) -> None:
    source = sql_source(postgres_url, product="select c as sku, 'x' as name from (values (1), (2)) v(c)")
    assert skus(read(source, window=Window(keys=("2", "abc")))) == [2]


def test_backslashes_and_colons_in_strings_stay(sql_source, postgres_url: str) -> None:
    query = r"select '1' as sku, '\:since \\: a\b ::x' || E'it\'s :keys' || $q$ :since ' $q$ as name"
    for arrow in (True, False):
        table = read(sql_source(postgres_url, {"arrow": arrow}, product=query))
        assert table.column("name").to_pylist() == [r"\:since \\: a\b ::xit's :keys :since ' "]


def test_a_cast_right_after_a_parameter(sql_source, postgres_url: str) -> None:
    query = "select '1'::text as sku, 'x' as name where :since::date is null or date '2026-03-01' >= :since::date"
    for arrow in (True, False):
        source = sql_source(postgres_url, {"arrow": arrow}, product=query)
        assert skus(read(source)) == skus(read(source, window=Window(since=T0))) == ["1"]
        assert skus(read(source, window=Window(since=T0 + timedelta(days=1)))) == []
