"""Till files, each with all that a shop has: the newest counts, an older one overwrites nothing, an empty one zeroes nothing."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from extractors.excel import ExcelSource
from koppel.entities import STOCK_LEVEL, STOCK_LOCATION
from koppel.errors import ConfigError, SourceShape
from koppel.settings import SourceSettings
from koppel.window import Window
from tests.extractors.files import settle, text_file, workbook

MAPPING = Path(__file__).parents[2] / "config/tills.toml"
HEAD = "Winkel;Artikel;Aantal;Geteld op\n"
LATER = datetime(2100, 1, 1, tzinfo=UTC)
"""A cursor that is ahead of every file: the other member of the source was read until then."""
SINCE = Window(since=LATER)
Stock = dict[str, str]


class Shops:
    """A drop folder with the mapping of the project."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        copyfile(MAPPING, folder / "tills.toml")
        (folder / "drop").mkdir()
        self.now = time.time()

    def source(self) -> ExcelSource:
        options = {"folder": "drop", "mapping": "tills.toml", "settle_seconds": 0}
        return ExcelSource(SourceSettings("tills", "excel", self.folder, None, options))

    def leuven(self, stock: Stock, age: float = 100, name: str = "LEU-voorraad.csv") -> Path:
        rows = "".join(f"LEU;{sku};{amount};25/11/2026 12:00\n" for sku, amount in stock.items())
        return self.aged(text_file(self.folder / "drop" / name, HEAD + rows), age)

    def namur(self, stock: Stock, age: float = 100) -> Path:
        rows = [["NAM", sku, float(amount), datetime(2026, 11, 25, 12)] for sku, amount in stock.items()]  # noqa: DTZ001
        path = workbook(
            self.folder / "drop/NAM-voorraad.xlsx", ["Voorraad"], [], HEAD.strip().split(";"), *rows, sheet="Voorraad"
        )
        return self.aged(path, age)

    def aged(self, path: Path, age: float) -> Path:
        os.utime(path, (self.now - age, self.now - age))
        return path

    def at(self, age: float) -> datetime:
        return datetime.fromtimestamp(self.now - age, UTC)

    def rows(self, window: Window, source: ExcelSource | None = None, entity=STOCK_LEVEL) -> list[dict]:
        return pa.concat_tables(list((source or self.source()).read(entity, window))).to_pylist()

    def stock(self, window: Window, source: ExcelSource | None = None) -> dict[str, str]:
        return {f"{row['location']}:{row['sku']}": row["on_hand"] for row in self.rows(window, source)}

    def run(self, window: Window, run_id: str = "run") -> dict[str, str]:
        """Read, and account for it in another process."""
        found = self.stock(window)
        self.source().accounted(STOCK_LEVEL, run_id)
        return found

    @property
    def waiting(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "drop").iterdir() if path.is_file())


@pytest.fixture
def shops(tmp_path: Path) -> Shops:
    return Shops(tmp_path)


def test_a_file_is_read_with_its_own_time(shops: Shops) -> None:
    shops.leuven({"A": "2,5"}, age=50)
    shops.namur({"A": "3"}, age=30)
    namur, leuven = shops.rows(Window())
    counted = "2026-11-25T11:00:00+00:00"
    assert leuven == {
        "location": "LEU", "sku": "A", "on_hand": "2.5", "counted_at": counted, "modified_at": shops.at(50),
    }  # fmt: skip
    assert namur == {"location": "NAM", "sku": "A", "on_hand": "3", "counted_at": counted, "modified_at": shops.at(30)}


def test_a_new_file_of_one_shop_says_nothing_about_the_others(shops: Shops) -> None:
    shops.leuven({"A": "1", "B": "2"})
    shops.namur({"A": "3"})
    assert shops.run(Window()) == {"LEU:A": "1", "LEU:B": "2", "NAM:A": "3"}
    assert shops.waiting == []
    shops.leuven({"A": "0"}, age=50)
    assert shops.run(Window()) == {"LEU:A": "0", "NAM:A": "3"}
    assert shops.run(Window()) == {"LEU:A": "0", "NAM:A": "3"}
    assert shops.stock(Window(keys=("A",))) == {"LEU:A": "0", "NAM:A": "3"}


def test_a_new_file_is_news_whatever_the_cursor_says(shops: Shops) -> None:
    shops.leuven({"A": "1"})
    assert shops.run(SINCE) == {"LEU:A": "1"}
    assert shops.run(SINCE) == {}
    shops.leuven({"A": "0"}, age=50)
    assert shops.run(SINCE) == {"LEU:A": "0"}


@pytest.mark.parametrize("window", [Window(), SINCE], ids=["everything", "since"])
def test_an_older_file_that_arrives_late_is_put_away(shops: Shops, window: Window) -> None:
    shops.leuven({"A": "1"}, age=50)
    shops.run(window)
    shops.leuven({"A": "7", "B": "7"}, age=500)
    assert shops.run(window) == ({"LEU:A": "1"} if window.is_full else {})
    assert shops.waiting == []
    assert shops.stock(Window()) == {"LEU:A": "1"}


def test_of_several_new_files_the_newest_counts_alone(shops: Shops) -> None:
    shops.leuven({"A": "1"}, age=50, name="LEU-2.csv")
    shops.leuven({"A": "7", "B": "7"}, age=500, name="LEU-1.csv")
    assert shops.run(SINCE) == {"LEU:A": "1"}
    assert shops.waiting == []


def test_the_same_stock_again_is_heard_again(shops: Shops) -> None:
    """One sold, one brought back: the file has the very bytes of an earlier one, and is newer than the one between."""
    for age, amount in ((300, "5"), (200, "6"), (100, "5")):
        shops.leuven({"A": amount}, age=age)
        assert shops.run(SINCE) == {"LEU:A": amount}
    assert shops.stock(Window()) == {"LEU:A": "5"}
    assert shops.rows(Window(), entity=STOCK_LOCATION)[0]["heard_at"] == shops.at(100)


@pytest.mark.parametrize(
    "text", ["", HEAD, HEAD + ";;;\n\n", "<html>down</html>", HEAD.replace("Aantal", "Stuks") + "LEU;A;0;\n"]
)
def test_an_empty_or_broken_file_zeroes_nothing(shops: Shops, text: str) -> None:
    shops.leuven({"A": "1"})
    shops.namur({"A": "3"})
    shops.run(Window())
    for window, found in ((SINCE, {}), (Window(), {"LEU:A": "1", "NAM:A": "3"})):
        shops.aged(text_file(shops.folder / "drop/LEU-voorraad.csv", text), 10)
        assert shops.run(window) == found
        assert shops.waiting == []
    assert len(list((shops.folder / "drop/unreadable").glob("*.reason.txt"))) == 2


def test_a_broken_file_gives_way_to_the_one_before(shops: Shops) -> None:
    shops.leuven({"A": "1"}, age=90, name="LEU-1.csv")
    shops.aged(text_file(shops.folder / "drop/LEU-2.csv", HEAD), 10)
    assert shops.run(SINCE) == {"LEU:A": "1"}


def test_keys_read_in_between_leave_the_files_to_be_closed(shops: Shops) -> None:
    """As a source does that puts several together: what changed, and then a few keys of which the orders changed."""
    shops.leuven({"A": "1", "B": "2"})
    source = shops.source()
    assert shops.stock(SINCE, source) == {"LEU:A": "1", "LEU:B": "2"}
    assert shops.stock(Window(keys=("B",)), source) == {"LEU:B": "2"}
    shops.source().accounted(STOCK_LEVEL, "run")
    assert shops.waiting == []


def test_when_a_shop_was_heard_of_is_told_by_its_newest_file(shops: Shops) -> None:
    shops.leuven({"A": "1", "B": "2"}, age=50)
    shops.namur({"A": "3"}, age=30)
    heard = {"LEU": shops.at(50), "NAM": shops.at(30)}
    for _ in range(2):
        rows = shops.rows(Window(), entity=STOCK_LOCATION)
        assert {row["location"]: row["heard_at"] for row in rows} == heard
        assert len(rows) == 2
        assert shops.run(SINCE) in ({"LEU:A": "1", "LEU:B": "2", "NAM:A": "3"}, {})
        assert shops.waiting == []
    assert shops.rows(SINCE, entity=STOCK_LOCATION) == []
    shops.leuven({"A": "1"}, age=20)
    found = shops.rows(SINCE, entity=STOCK_LOCATION)
    assert [(row["location"], row["heard_at"], row["modified_at"]) for row in found] == [
        ("LEU", shops.at(20), shops.at(20))
    ]


def test_a_file_that_replaces_one_being_closed_is_still_read(shops: Shops, monkeypatch: pytest.MonkeyPatch) -> None:
    shops.leuven({"A": "1"}, age=100)
    source = shops.source()
    shops.stock(SINCE, source)
    rename = Path.rename

    def slow_rename(path: Path, target: Path) -> Path:
        shops.leuven({"A": "0"}, age=10)  # at the very moment at which the old one is put away
        monkeypatch.undo()
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", slow_rename)
    source.accounted(STOCK_LEVEL, "run")
    assert shops.run(SINCE) == {"LEU:A": "0"}
    assert shops.waiting == []


def test_the_archive_of_a_shop_does_not_grow_for_ever(shops: Shops) -> None:
    shops.namur({"A": "3"}, age=1000)
    shops.run(SINCE)
    for number in range(105):
        shops.leuven({"A": str(number)}, age=500 - number)
        shops.run(SINCE)
    assert len(list((shops.folder / "drop/archive/run").glob("LEU*"))) == 100
    assert shops.stock(Window()) == {"LEU:A": "104", "NAM:A": "3"}


drops = st.lists(
    st.tuples(st.sampled_from("LN"), st.integers(0, 3), st.integers(0, 9), st.sampled_from(["full", "since", "nothing"])),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drops)
def test_whatever_arrives_when_the_newest_file_of_each_shop_is_its_stock(
    tmp_path_factory: pytest.TempPathFactory, arrivals: list[tuple[str, int, int, str]]
) -> None:
    shops = Shops(tmp_path_factory.mktemp("shops"))
    newest: dict[str, tuple[int, int]] = {}
    for number, (shop, delay, amount, read) in enumerate(arrivals):
        age = (
            1000 - number * 10 + delay * 17
        )  # a delay makes it older than files that are there already; no two are as old
        name = f"LEU-{number}.csv"
        text = HEAD + f"{'LEU' if shop == 'L' else 'NAM'};A;{amount};\n"
        path = shops.folder / "drop" / (name if shop == "L" else f"NAM-{number}.csv")
        (shops.folder / "tills.toml").write_text(MAPPING.read_text("utf-8").replace("NAM-*.xlsx", "NAM-*.csv"), "utf-8")
        shops.aged(text_file(path, text), age)
        if shop not in newest or age < newest[shop][0]:
            newest[shop] = (age, amount)
        if read != "nothing":
            shops.run(Window() if read == "full" else SINCE)
    expected = {("LEU:A" if shop == "L" else "NAM:A"): str(amount) for shop, (_, amount) in newest.items()}
    assert shops.stock(Window()) == expected


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('complete = "each"', 'complete = "every"'), "complete is 'every'"),
        (('file_time = ["modified_at"]', 'file_time = ["on_hand"]'), "on_hand in file_time is no time"),
        (('file_time = ["modified_at"]', 'file_time = ["at"]'), "no column at"),
    ],
)
def test_a_mapping_that_does_not_fit(shops: Shops, change: tuple[str, str], words: str) -> None:
    (shops.folder / "tills.toml").write_text(MAPPING.read_text("utf-8").replace(*change), "utf-8")
    with pytest.raises(ConfigError, match=words):
        shops.stock(Window())


def test_a_row_s_own_time_counts_where_it_has_one(shops: Shops) -> None:
    text = MAPPING.read_text("utf-8").replace('counted_at = "Geteld op"', 'modified_at = "Geteld op"')
    (shops.folder / "tills.toml").write_text(text, "utf-8")
    shops.aged(
        text_file(shops.folder / "drop/LEU-1.csv", HEAD + "LEU;A;1;25/11/2026 12:00\nLEU;B;1;\nLEU;C;1;ooit\n"), 40
    )
    own, empty, wrong = (row["modified_at"] for row in shops.rows(SINCE))
    assert own == datetime(2026, 11, 25, 11, tzinfo=UTC)
    assert empty == wrong == shops.at(40)


def test_kinds_of_files_that_hold_everything_together_are_complete_by_kind(tmp_path: Path) -> None:
    """The same for articles: a new file of one kind does not make the records of the other kind vanish."""
    (tmp_path / "inbox").mkdir()
    section = '[[stock_level]]\nfiles = "{}*"\ncolumns = {{ location = "W", sku = "A", on_hand = "N" }}\n'
    (tmp_path / "excel.toml").write_text(section.format("one") + section.format("two"), "utf-8")

    def source() -> ExcelSource:
        return ExcelSource(SourceSettings("files", "excel", tmp_path, None, {"folder": "inbox"}))

    def read() -> set[str]:
        found = pa.concat_tables(list(source().read(STOCK_LEVEL, Window()))).column("sku").to_pylist()
        source().accounted(STOCK_LEVEL, f"run-{len(found)}-{time.monotonic_ns()}")
        return set(found)

    text_file(tmp_path / "inbox/one.csv", "W;A;N\nX;A;1\n")
    text_file(tmp_path / "inbox/two.csv", "W;A;N\nX;B;1\nX;C;1\n")
    assert read() == {"A", "B", "C"}
    text_file(tmp_path / "inbox/two.csv", "W;A;N\nX;B;2\n")
    assert read() == {"A", "B"}
    settle(text_file(tmp_path / "inbox/one.csv", "W;A;N\nX;A;2\n"))
    assert read() == {"A", "B"}


def test_a_folder_with_nothing_readable_in_an_ordinary_mapping_still_fails(tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "excel.toml").write_text(
        '[stock_level]\nfiles = "*"\ncolumns = { location = "W", sku = "A", on_hand = "N" }\n', "utf-8"
    )
    text_file(tmp_path / "inbox/one.csv", "x\n")
    source = ExcelSource(SourceSettings("files", "excel", tmp_path, None, {"folder": "inbox"}))
    with pytest.raises(SourceShape):
        list(source.read(STOCK_LEVEL, Window(since=LATER - timedelta(days=1))))
