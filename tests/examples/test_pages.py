"""The worked examples of the docs do what the pages say: their blocks are taken out and run."""

import dataclasses
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import EntryPoint
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
import sqlalchemy as sa

from data_quality import gate
from data_quality.catalogue import RULES
from extractors.sql import SqlSource
from koppel import flow, registry
from koppel.doctor import examine
from koppel.entities import PRODUCT, Entity
from koppel.errors import ConfigError, SourceDown
from koppel.judging import Context, Judgement
from koppel.settings import Settings, SourceSettings, TargetSettings
from koppel.target import Target
from koppel.window import Window
from tests.data_quality import test_rules as rule_tests
from tests.docs.pages import ROOT, blocks, module
from tests.loaders import conformance
from transformers import product

CONFIG = """
languages = ["nl"]
[flows.catalogue]
source = "supplier"
target = "exchange"
entities = ["product"]
[gate]
kind = "docs"
"""
ITEMS = [
    {"code": f"S-{number}", "title": f"Lamp {number}", "ean": "", "changed": f"2026-11-0{number}T00:00:00Z"}
    for number in range(1, 6)
]
PER_PAGE = 2


class Feed(BaseHTTPRequestHandler):
    """The feed that the page tells of."""

    items = ITEMS

    def do_GET(self) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        items = [item for item in self.items if item["changed"][:10] >= query.get("since", "")[:10]]
        start = (int(query["page"]) - 1) * PER_PAGE
        body = json.dumps({"items": items[start : start + PER_PAGE], "pages": -(-len(items) // PER_PAGE)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Be quiet."""


@pytest.fixture
def feed() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Feed)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture
def company(feed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A company whose settings are those of the pages, and whose parts are registered as the pages say."""
    modules = {"extractors.feed": module("add-a-source.md"), "loaders.folder": module("add-a-target.md")}
    for name, made in modules.items():
        monkeypatch.setitem(sys.modules, name, made)
    tables = [tomllib.loads(text) for page in ("add-a-source.md", "add-a-target.md") for text in blocks(page, "toml")]
    points: dict[str, dict[str, str]] = {}
    for table in tables:
        points |= table.get("project", {}).get("entry-points", {})
    points["koppel.gates"] = {"docs": "tests.examples.test_pages:no_rules"}
    registered = {
        group.removeprefix("koppel."): {name: EntryPoint(name, value, group) for name, value in found.items()}
        for group, found in points.items()
    }
    known = registry.registered
    monkeypatch.setattr(registry, "registered", lambda group: {**known(group), **registered.get(group, {})})
    sections = [text for page in ("add-a-source.md", "add-a-target.md") for text in blocks(page, "toml")]
    wanted = [text for text in sections if text.startswith(("[sources.supplier]", "[targets.exchange]"))]
    (tmp_path / "koppel.toml").write_text("\n".join([CONFIG, *wanted]), "utf-8")
    (tmp_path / "home" / "exchange").mkdir(parents=True)
    monkeypatch.setenv("KOPPEL_CONFIG", str(tmp_path))
    monkeypatch.setenv("KOPPEL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AIRFLOW_CONN_SUPPLIER", f"http://127.0.0.1:{feed}")
    return Settings.load()


def no_rules(entity: Entity, frame: pd.DataFrame, context: Context) -> Judgement:
    """A gate that lets everything pass."""
    return Judgement(pd.DataFrame(columns=list(gate.COLUMNS)))


def test_the_source_reads_page_by_page_and_by_window(company: Settings) -> None:
    source = registry.source(company, "supplier")
    pages = list(source.read(PRODUCT, Window()))
    assert [page.num_rows for page in pages] == [2, 2, 1]
    assert all(set(PRODUCT.required) <= set(page.column_names) for page in pages)
    since = Window(since=pd.Timestamp("2026-11-04", tz="UTC").to_pydatetime())
    assert sum(page.num_rows for page in source.read(PRODUCT, since)) == 2
    keys = [key for page in source.read(PRODUCT, Window(keys=("S-3",))) for key in page["sku"].to_pylist()]
    assert keys == ["S-3"]


def test_the_source_says_what_is_wrong(company: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from koppel.entities import CATEGORY

    source = registry.source(company, "supplier")
    assert [check.is_fine for check in source.check()] == [True]
    with pytest.raises(ConfigError, match="Leave category out"):
        next(source.read(CATEGORY, Window()))
    monkeypatch.setattr(Feed, "do_GET", lambda self: self.send_error(404))
    with pytest.raises(SourceDown):
        next(source.read(PRODUCT, Window()))
    assert [check.is_fine for check in source.check()] == [False]


def test_a_run_goes_from_the_source_of_one_page_to_the_target_of_the_other(
    company: Settings, ledger_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOPPEL_LEDGER_URL", ledger_url)
    # New products need a price and a text; this feed has neither, and the page is not about that.
    bare = dataclasses.replace(
        PRODUCT, needs=None, columns=tuple(column for column in PRODUCT.columns if column.role != "first")
    )
    monkeypatch.setitem(flow.ENTITIES, "product", bare)
    assert [check for check in examine() if not check.is_fine] == []

    def run() -> dict[str, int]:
        return dict(flow.run_here(flow.begin("catalogue", Window())))["reconcile"]["product"]

    assert run() == {
        "read": 5,
        "unchanged": 0,
        "delivered": 5,
        "held_back": 0,
        "failed": 0,
        "withdrawn": 0,
        "not_withdrawn": 0,
    }
    assert run()["unchanged"] == 5
    monkeypatch.setattr(Feed, "items", ITEMS[:4])
    assert run()["withdrawn"] == 1
    target = registry.target(company, "exchange")
    assert [key for page in target.read_all(PRODUCT) for key, _ in page] == ["S-1", "S-2", "S-3", "S-4"]


class TestTargetOfThePage(conformance.TargetConformance):
    """Every test that a registered target gets."""

    @pytest.fixture
    def kind(self, monkeypatch: pytest.MonkeyPatch) -> str:
        key = "k" * 300
        monkeypatch.setitem(conformance.REFUSED, "folder", (key, {"sku": key, "name": "Too long a key"}))
        return "folder"

    @pytest.fixture
    def target(self, kind: str, tmp_path: Path) -> Target:
        made: Target = module("add-a-target.md").FolderTarget(
            TargetSettings("t", kind, tmp_path, None, {"folder": "."}, ("nl", "fr"))
        )
        return made


def test_the_rule_finds_what_the_page_says(monkeypatch: pytest.MonkeyPatch) -> None:
    rule = module("add-a-rule.md").RULE
    settings, cases, waiver = (tomllib.loads(text) for text in blocks("add-a-rule.md", "toml"))
    assert set(settings["rules"][rule.id]) - {"severity"} <= set(rule.options)
    assert waiver["waivers"][0]["rule"] == rule.id
    monkeypatch.setitem(RULES, rule.id, rule)
    monkeypatch.setitem(rule_tests.CASES, rule.id, cases[rule.id])
    context = Context(("nl", "fr", "en"), ROOT / "config")
    for test in (rule_tests.test_finds_every_true_case, rule_tests.test_leaves_look_alikes_alone):
        with monkeypatch.context() as patch:
            test(rule.id, context, patch)
    rule_tests.test_is_told_in_words_of_people(rule)
    rule_tests.test_reason_only_names_what_it_is_given(rule)


def test_a_field_takes_one_column_one_line_and_one_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sql").mkdir()
    (tmp_path / "sql" / "product.sql").write_text(blocks("add-a-field.md", "sql")[0], "utf-8")
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'erp.db'}")
    with engine.begin() as erp:
        erp.exec_driver_sql("create table artikel (artnr text, omschr text, msds text, wijz_op text)")
        erp.exec_driver_sql(
            "insert into artikel values ('A', 'Ontkalker', 'https://sheets.example/a', '2026-11-01'),"
            " ('B', 'Bleekwater', null, '2026-11-01')"
        )
    monkeypatch.setenv("AIRFLOW_CONN_ERP", "sqlite:///erp.db")
    entity = dataclasses.replace(PRODUCT, columns=(*PRODUCT.columns, module("add-a-field.md", 0).COLUMN))
    rule = module("add-a-field.md", 1).RULE
    monkeypatch.setitem(RULES, rule.id, rule)
    monkeypatch.setattr(gate, "rules_for", lambda *_: [rule])

    (raw,) = SqlSource(SourceSettings("erp", "sql", tmp_path, "erp", {})).read(entity, Window())
    context = Context(("nl",), tmp_path)
    made = product.transform(entity, raw.to_pandas(), context)
    judgement = gate.judge(entity, made.frame, context)
    assert list(made.frame["safety_sheet"].dropna()) == ["https://sheets.example/a"]
    assert judgement.broken_rules == {}
    assert judgement.findings[["key", "rule"]].to_numpy().tolist() == [["B", "safety_sheet_missing"]]


def test_the_property_is_one_that_the_configuration_understands() -> None:
    known = {
        name
        for section in tomllib.loads((ROOT / "config/properties.toml").read_text("utf-8")).values()
        for name in section
    }
    (section,) = tomllib.loads(blocks("add-a-field.md", "toml")[0]).values()
    assert set(section) <= known
    assert {option for texts in section["options"].values() for option in texts} == {"nl", "fr", "en"}


@pytest.mark.parametrize("page", ["add-a-source.md", "add-a-target.md", "add-a-rule.md", "add-a-field.md"])
def test_code_of_the_pages_keeps_to_the_rules_of_the_project(page: str) -> None:
    ignored = "INP001,D100,ARG,E501,PLC0415"  # no file of its own; some pages show a part of a module
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--quiet",
        "--ignore",
        ignored,
        "--stdin-filename",
        "loaders/page.py",
        "-",
    ]
    for block in blocks(page, "python"):
        told = subprocess.run(command, input=block, text=True, capture_output=True, check=False, cwd=ROOT)
        assert told.returncode == 0, told.stdout
