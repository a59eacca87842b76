"""SqlSource on a real MariaDB: what its types and its driver give."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from koppel.entities import PRODUCT, PRODUCT_IMAGE
from koppel.errors import SourceShape
from koppel.window import Window

UTC_TIME = pa.timestamp("us", tz="UTC")


def read(source, entity=PRODUCT) -> pa.Table:
    return pa.concat_tables(source.read(entity, Window()))


def test_types(sql_source, mariadb_url: str, mariadb_execute) -> None:
    mariadb_execute(
        "set sql_mode = ''",
        """create table item (sku varchar(20) character set latin1, name text, price decimal(12,4), many bigint unsigned,
           tiny tinyint(1), f float, d double, born date, at datetime(6), stamp timestamp null, t time, y year,
           flags bit(3), js json, raw varbinary(20), kind enum('a','b'), fixed char(8))""",
        "set time_zone = '+05:00'",
        """insert into item values ('é-1', 'naïve 😀', 12.34, 7, 1, 1.1, 0.1, '1850-06-01', '2026-01-02 03:04:05.123456',
           '2026-01-02 03:04:05', '-25:00:00', 2026, b'101', '{"a": 1}', x'41c3a9', 'b', 'x')""",
        "insert into item (sku, name, born, at, raw) values ('b', '', '0000-00-00', '0000-00-00 00:00:00', x'ff')",
    )
    names = ["price", "many", "tiny", "f", "d", "born", "stamp", "t", "y", "js", "raw", "kind", "fixed"]
    properties = ", ".join(f"{name} as property_{name}" for name in names)
    query = f"select sku, name, at as modified_at, {properties} from item order by sku desc"
    table = read(sql_source(mariadb_url, product=query))
    first, second = table.to_pylist()
    types = {field.name: field.type for field in table.schema}
    assert (first["sku"], first["name"]) == ("é-1", "naïve 😀")
    assert (types["property_price"], first["property_price"]) == (pa.string(), "12.3400")
    assert types["property_many"] == types["property_tiny"] == types["property_y"] == pa.int64()
    assert (first["property_many"], first["property_tiny"], first["property_y"]) == (7, 1, 2026)
    assert (first["property_f"], first["property_d"]) == (1.1, 0.1)
    assert types["property_born"] == types["modified_at"] == UTC_TIME
    assert first["property_born"] == datetime(1850, 6, 1, tzinfo=UTC)
    assert first["modified_at"] == datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)
    assert first["property_stamp"] == datetime(
        2026, 1, 1, 22, 4, 5, tzinfo=UTC
    )  # timestamp: a moment, in the session's zone
    assert (first["property_js"], first["property_kind"], first["property_fixed"]) == ('{"a": 1}', "b", "x")
    assert (first["property_raw"], second["property_raw"]) == ("Aé", "�")
    assert second["property_born"] is None  # zero dates are empty
    assert second["modified_at"] is None


def test_a_photo_comes_as_hexadecimal_digits(sql_source, mariadb_url: str, mariadb_execute) -> None:
    mariadb_execute("create table photo (sku varchar(9), data longblob)", "insert into photo values ('A', x'89504e47')")
    source = sql_source(mariadb_url, product_image="select sku, 1 as position, data as content_hex from photo")
    assert read(source, PRODUCT_IMAGE).column("content_hex").to_pylist() == ["89504e47"]


def test_an_order_by_in_the_file_and_a_backslash_in_a_string(sql_source, mariadb_url: str, mariadb_execute) -> None:
    mariadb_execute("create table item (sku varchar(9))", "insert into item values ('A'), ('B')")
    query = r"select sku, 'it\'s :since \\' as name from item order by sku desc;"
    table = read(sql_source(mariadb_url, product=query))
    assert set(table.column("name").to_pylist()) == {"it's :since \\"}


def test_numbers_beyond_64_bits_say_so(sql_source, mariadb_url: str) -> None:
    query = "select 'a' as sku, 'n' as name, cast(18446744073709551615 as unsigned) as pack_size"
    with pytest.raises(SourceShape, match="can't be read"):
        read(sql_source(mariadb_url, product=query))


def test_the_source_is_never_written(sql_source, mariadb_url: str, mariadb_execute) -> None:
    mariadb_execute("create table item (sku varchar(9))", "create sequence s")
    with pytest.raises(SourceShape, match="READ ONLY"):
        read(sql_source(mariadb_url, product="select nextval(s) as sku, 'x' as name"))


def test_slices_of_a_stream(sql_source, mariadb_url: str) -> None:
    query = "select concat('S', seq) as sku, 'n' as name from seq_1_to_60000"
    tables = list(sql_source(mariadb_url, product=query).read(PRODUCT, Window()))
    assert sum(table.num_rows for table in tables) == 60_000
    assert len(tables) == 2
