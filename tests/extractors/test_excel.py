"""ExcelSource: what stands in files of ERP exports, and what becomes of the files."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest

from extractors.excel import ExcelSource
from koppel.entities import CATEGORY, PRICE, PRODUCT, PRODUCT_TEXT
from koppel.errors import ConfigError, SourceShape
from koppel.settings import SourceSettings
from koppel.window import Window
from tests.extractors import files
from tests.extractors.files import CSV, HEAD, settle, text_file, workbook

MAPPING = """
[product]
files = "articles*"
sheet = "Articles"
constants = { tax_class = "standard" }
[product.columns]
sku = "Art. no"
name = "Description"
gtin = { from = "EAN", digits = 13 }
weight_kg = "Weight"
modified_at = "Changed"
"""


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


@pytest.fixture
def source(tmp_path: Path, inbox: Path):
    def make(mapping: str = MAPPING, **options) -> ExcelSource:
        (tmp_path / "excel.toml").write_text(mapping, "utf-8")
        return ExcelSource(SourceSettings("files", "excel", tmp_path, None, {"folder": "inbox", **options}))

    return make


def read(source: ExcelSource, entity=PRODUCT, window=Window()) -> list[dict]:  # noqa: B008 -- frozen
    tables = list(source.read(entity, window))
    assert len({table.schema for table in tables}) == 1
    return pa.concat_tables(tables).to_pylist()


def reason(inbox: Path) -> str:
    return next((inbox / "unreadable").glob("*.reason.txt")).read_text()


# --- cells -----------------------------------------------------------------------------------------------------------


def test_a_workbook_with_titles_merged_and_empty_rows_above_the_headers(source, inbox: Path) -> None:
    path = workbook(
        inbox / "articles.xlsx", ["Export of our ERP"], [], [None, "Identity", None, "Logistics"],
        [" ART.  no ", "Description", "EAN", "Weight", "Changed\n"],
        ["0001", "=1+1 glasses", 5410000000012, 12.5, datetime.fromisoformat("2026-01-02T03:04:05")], [],
        [2, "Cup", "0541", "1.234,5", date(1969, 12, 31)],
        [3.0, None, 123, "1,5", "31/12/2999"],
    )  # fmt: skip
    book = openpyxl.load_workbook(path)
    book["Articles"].merge_cells("B3:C3")
    book["Articles"]["B5"].data_type = "s"
    book["Articles"]["C8"].number_format = "0000000000000"
    book.save(path)
    settle(path)
    first, second, third = read(source())
    assert first == {
        "sku": "0001", "name": "=1+1 glasses", "gtin": "5410000000012", "weight_kg": "12.5", "tax_class": "standard",
        "modified_at": datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    }  # fmt: skip
    assert (second["sku"], second["gtin"], second["weight_kg"]) == ("2", "0000000000541", "1234.5")
    assert second["modified_at"] == datetime(1969, 12, 31, tzinfo=UTC)
    assert (third["sku"], third["name"], third["gtin"], third["weight_kg"]) == ("3", None, "0000000000123", "1.5")
    assert third["modified_at"] == datetime(2999, 12, 31, tzinfo=UTC)


def test_formulas_are_text_and_never_evaluated(source, inbox: Path) -> None:
    link = '=HYPERLINK("http://evil.test","Cup")'
    workbook(inbox / "articles.xlsx", HEAD, ["A", link, None, "#N/A", None], ["B", "x", None, 1, None])
    assert [row["name"] for row in read(source())] == [link, "x"]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_csv_of_every_kind(source, inbox: Path, delimiter: str, encoding: str) -> None:
    row = ['="0042"', '"Café €; of, 5"" thee"', "0541", '"1,5"', "02/01/2026"]
    text = f"Export;van,vandaag\r\n\r\n{delimiter.join(HEAD)}\r\n{delimiter.join(row)}\r\n"
    text_file(inbox / "articles.csv", text, encoding)
    found = read(source())
    assert found == [{
        "sku": "0042", "name": 'Café €; of, 5" thee', "gtin": "0000000000541", "weight_kg": "1.5", "tax_class": "standard",
        "modified_at": datetime(2026, 1, 2, tzinfo=UTC),
    }]  # fmt: skip


def test_one_record_per_language_out_of_one_row(source, inbox: Path) -> None:
    mapping = """
[product_text]
files = "*.csv"
columns = { sku = "Code" }
languages = { nl = { name = "Naam", long_text = "Tekst" }, fr = { name = "Nom" } }
"""
    text_file(inbox / "t.csv", "Code;Naam;Tekst;Nom\nA;Kop;Mooi;Tasse\nB;Glas;;\n")
    assert read(source(mapping), PRODUCT_TEXT) == [
        {"sku": "A", "language": "nl", "name": "Kop", "long_text": "Mooi"},
        {"sku": "A", "language": "fr", "name": "Tasse", "long_text": None},
        {"sku": "B", "language": "nl", "name": "Glas", "long_text": None},
    ]


def test_local_times_and_declared_decimals(source, inbox: Path) -> None:
    mapping = """
[price]
files = "prices.csv"
timezone = "Europe/Brussels"
decimal = "comma"
columns = { sku = "Code", price_eur_excl_vat = "Price", cost_eur = { from = "Cost", decimal = "point" }, modified_at = "At" }
"""
    text_file(inbox / "prices.csv", "Code;Price;Cost;At\nA;1.234;1,234.50;01-07-2026 12:00\nB;ask;-;\n")
    first, second = read(source(mapping), PRICE)
    assert (first["price_eur_excl_vat"], first["cost_eur"]) == ("1234", "1234.50")
    assert first["modified_at"] == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert (second["price_eur_excl_vat"], second["cost_eur"]) == ("ask", "-")  # for the transformer to name


def test_rows_of_one_record_come_together_in_the_order_of_the_file(source, inbox: Path) -> None:
    mapping = '[category]\nfiles = "*"\ncolumns = { category_code = "Code", language = "Lang", name = "Name" }\n'
    text_file(inbox / "c.csv", "Code;Lang;Name\nB;nl;b1\nA;nl;a1\nB;fr;b2\nA;fr;a2\n")
    assert [row["name"] for row in read(source(mapping), CATEGORY)] == ["a1", "a2", "b1", "b2"]


# --- windows and files -----------------------------------------------------------------------------------------------


def test_a_file_is_read_once_and_archived_with_the_run(source, inbox: Path) -> None:
    text_file(inbox / "articles.csv", CSV + "A;x;;;\n")
    first = source()
    assert [row["sku"] for row in read(first)] == ["A"]
    assert (inbox / "articles.csv").exists()  # not before it is accounted for
    first.accounted(PRODUCT, "manual__2026-01-02T00:00:00+00:00")
    assert not (inbox / "articles.csv").exists()
    assert (inbox / "archive/manual__2026-01-02T00_00_00_00_00/articles.csv").is_file()
    assert read(source(), window=Window(since=datetime(2020, 1, 1, tzinfo=UTC))) == []
    text_file(inbox / "articles-again.csv", CSV + "A;x;;;\n")  # the same content under another name
    assert read(source(), window=Window(since=datetime(2020, 1, 1, tzinfo=UTC))) == []
    source().accounted(PRODUCT, "run-2")
    assert not (inbox / "articles-again.csv").exists()


def test_an_empty_inbox_is_not_an_empty_catalogue(source, inbox: Path) -> None:
    text_file(inbox / "articles.csv", CSV + "A;x;;;\n")
    read(source())
    source().accounted(PRODUCT, "run-1")
    assert [row["sku"] for row in read(source())] == ["A"]
    assert [row["sku"] for row in read(source(), window=Window(keys=("A", "B")))] == ["A"]


def test_a_folder_that_never_held_a_file_gives_one_empty_table(source) -> None:
    tables = list(source().read(PRODUCT, Window()))
    assert [table.num_rows for table in tables] == [0]
    assert tables[0].schema.field("modified_at").type == pa.timestamp("us", tz="UTC")
    assert tables[0].schema.field("sku").type == pa.string()


def test_a_file_for_two_entities_moves_when_both_are_accounted_for(source, inbox: Path) -> None:
    both = (
        MAPPING
        + '\n[price]\nfiles = "articles*"\nsheet = 2\ncolumns = { sku = "Art. no", price_eur_excl_vat = "Weight" }\n'
    )
    text_file(inbox / "articles.csv", CSV + "A;x;;2,5;\n")
    read(source(both))
    source(both).accounted(PRODUCT, "run-1")
    assert (inbox / "articles.csv").exists()
    assert read(source(both), window=Window(since=datetime(2020, 1, 1, tzinfo=UTC))) == []
    assert read(source(both), PRICE)[0]["price_eur_excl_vat"] == "2.5"
    source(both).accounted(PRICE, "run-2")
    assert (inbox / "archive/run-2/articles.csv").is_file()


def test_a_file_that_came_in_between_is_not_closed(source, inbox: Path) -> None:
    text_file(inbox / "articles-1.csv", CSV + "A;x;;;\n")
    read(source())
    text_file(inbox / "articles-2.csv", CSV + "B;y;;;\n")
    source().accounted(PRODUCT, "run-1")
    assert (inbox / "articles-2.csv").exists()
    assert [row["sku"] for row in read(source())] == ["B"]


def test_a_window_that_leaves_rows_out_closes_no_file(source, inbox: Path) -> None:
    text_file(inbox / "articles.csv", CSV + "A;x;;;\nB;x;;;\n")
    for window in (Window(keys=("A",)), Window(until=datetime(2026, 1, 1, tzinfo=UTC))):
        read(source(), window=window)
        source().accounted(PRODUCT, "run-1")
        assert (inbox / "articles.csv").exists()
    assert [row["sku"] for row in read(source())] == ["A", "B"]


def test_a_file_set_aside_can_be_dropped_again_after_the_mapping_is_corrected(source, inbox: Path) -> None:
    text_file(inbox / "articles-good.csv", CSV + "G;x;;;\n")
    files.renamed_header(inbox)
    read(source())
    source().accounted(PRODUCT, "run-1")
    (inbox / "unreadable/articles-bad.csv").rename(inbox / "articles-bad.csv")
    corrected = MAPPING.replace('"Weight"', '"Gewicht"')
    assert "A" in [row["sku"] for row in read(source(corrected))]


def test_the_newest_of_several_files_counts(source, inbox: Path) -> None:
    text_file(inbox / "articles-1.csv", CSV + "A;old;;;\nB;only here;;;\n", age=500)
    text_file(inbox / "articles-2.csv", CSV + "A;new;;;\n", age=100)
    assert {row["sku"]: row["name"] for row in read(source())} == {"A": "new", "B": "only here"}


def test_files_of_changes_add_up(source, inbox: Path) -> None:
    changes = MAPPING.replace("constants", "complete = false\nconstants")
    text_file(inbox / "articles-1.csv", CSV + "A;old;;;\nB;b;;;\n", age=500)
    read(source(changes))
    source(changes).accounted(PRODUCT, "run-1")
    text_file(inbox / "articles-2.csv", CSV + "A;new;;;\n")
    assert {row["sku"]: row["name"] for row in read(source(changes))} == {"A": "new", "B": "b"}


def test_a_since_window_reads_new_files_and_filters_them(source, inbox: Path) -> None:
    text_file(
        inbox / "articles.csv", CSV + "A;x;;;01/03/2026\nB;x;;;28/02/2026\nC;x;;;\nD;x;;;02/03/2026\nE;x;;;never\n"
    )
    day = datetime(2026, 3, 1, tzinfo=UTC)
    assert {row["sku"] for row in read(source(), window=Window(since=day))} == {"A", "C", "D", "E"}
    assert {row["sku"] for row in read(source(), window=Window(since=day, until=day))} == {"A", "C", "E"}


@pytest.mark.parametrize("how", ["growing", "open in Excel", "open in LibreOffice", "lock file itself"])
def test_a_file_that_is_not_finished_is_left_for_the_next_time(source, inbox: Path, how: str) -> None:
    path = text_file(inbox / "articles.csv", CSV + "A;x;;;\n")
    if how == "growing":
        os.utime(path)
    elif how == "open in Excel":
        (inbox / "~$articles.csv").touch()
    elif how == "open in LibreOffice":
        (inbox / ".~lock.articles.csv#").touch()
    else:
        path.rename(inbox / "~$articles.xlsx")
    assert read(source()) == []
    assert not (inbox / "unreadable").exists()


# --- what can't be read ---


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (files.two_million_rows, "more than 1,048,576 rows"),
        (files.a_row_far_below, "more than 1,048,576 rows"),
        (files.too_many_columns, "columns"),
        (files.one_endless_row, "single row"),
        (files.entities, "entities"),
        (files.zip_bomb, "zip bomb"),
        (files.lying_zip, "no workbook"),
        (files.no_zip, "no workbook"),
        (files.half_a_file, "no workbook"),
        (files.empty_file, "no workbook"),
        (files.no_such_sheet, "no sheet 'Articles'; its sheets are Read me, Artikelen"),
        (files.renamed_header, "Missing: Weight"),
        (files.header_twice, "more than once"),
        (files.open_quote, "quote"),
        (files.shifted_columns, "wrong columns"),
    ],
)
def test_a_bad_file_is_set_aside_with_a_reason_and_the_others_go_on(source, inbox: Path, make, words: str) -> None:
    make(inbox)
    text_file(inbox / "articles-good.csv", CSV + "G;good;;;\n")
    assert [row["sku"] for row in read(source())] == ["G"]
    assert words in reason(inbox)
    assert not list(inbox.glob("articles-bad*"))
    assert "1 files could not be read" in " ".join(check.detail for check in source().check())


def test_when_no_file_can_be_read_the_run_fails(source, inbox: Path) -> None:
    files.renamed_header(inbox)
    with pytest.raises(SourceShape, match=r"articles-bad\.csv.*Missing: Weight"):
        read(source())
    assert "gewicht" in reason(inbox)


def test_a_bad_file_does_not_make_older_records_vanish(source, inbox: Path) -> None:
    text_file(inbox / "articles.csv", CSV + "A;x;;;\nB;x;;;\n")
    read(source())
    source().accounted(PRODUCT, "run-1")
    files.renamed_header(inbox)
    text_file(inbox / "articles-part.csv", CSV + "A;new;;;\n")
    assert {row["sku"]: row["name"] for row in read(source())} == {"A": "new", "B": "x"}


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ("[prodduct]\nfiles = '*'", "no entity"),
        ("[product]\nfiles = '*'", "files and columns"),
        ("[product]\nfiles = '*'\ncolumns = { sku = 'A' }", "no column to name"),
        ("[product]\nfiles = '*'\ncolumns = { sku = 'A', name = 'B', colour = 'C' }", "no column colour"),
        ("[product]\nfiles = '*'\ncolumns = { sku = 'A', name = 'B' }\ndecimals = 'comma'", "has decimals"),
        ("[product]\nfiles = '*'\ncolumns = { sku = 'A', name = 'B' }\ndecimal = 'dot'", "decimal is 'dot'"),
        ("[price]\nfiles = '*'\ncolumns = { sku = 'A', price_eur_excl_vat = 'B' }", "says nothing about product"),
    ],
)
def test_a_mapping_that_does_not_fit(source, mapping: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        read(source(mapping))


def test_check_names_files_that_no_mapping_fits(source, inbox: Path) -> None:
    text_file(inbox / "stock.csv", "x")
    assert any("stock.csv" in check.detail and not check.is_fine for check in source().check())
    inbox.rename(inbox.with_name("elsewhere"))
    assert "no folder" in source().check()[0].detail
