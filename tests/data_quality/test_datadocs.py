"""The technical appendix: written where it is asked for, small, and nothing is told to anyone."""

import dataclasses
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from data_quality import gate
from koppel.appendix import write_index
from koppel.entities import ENTITIES
from koppel.judging import Context
from tests.data_quality.frames import frame

ROOT = Path(__file__).parents[2]
LISTEN = """
import logging, sys
logging.basicConfig(level=logging.INFO)
calls = []
def hook(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        calls.append((event, str(args)))
sys.addaudithook(hook)
from pathlib import Path
from data_quality import gate
from koppel.entities import ENTITIES
from koppel.judging import Context
from tests.data_quality.frames import GOOD, frame
context = Context(("nl", "fr", "en"), Path("config"), {}, docs_root=Path(sys.argv[1]))
for name in GOOD:
    assert not gate.judge(ENTITIES[name], frame(name, [{}]), context).broken_rules
import socket
if len(sys.argv) > 2:
    socket.getaddrinfo("localhost", 80)
print(len(calls), calls)
"""


def listen(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Judge and write docs in a process of its own, whose folder for temporary files is ``folder``/temporary."""
    temporary = folder / "temporary"
    temporary.mkdir()
    command = [sys.executable, "-c", LISTEN, str(folder / "docs"), *arguments]
    environment = os.environ | {"TMPDIR": str(temporary)}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True, timeout=120)


def test_nothing_is_sent_logged_or_left_behind_while_judging_and_writing_docs(tmp_path: Path) -> None:
    done = listen(tmp_path)
    assert done.stdout.startswith("0 ")
    assert "great_expectations" not in done.stderr
    assert list((tmp_path / "temporary").iterdir()) == []
    assert (tmp_path / "docs").is_dir()


def test_the_listener_hears(tmp_path: Path) -> None:
    assert listen(tmp_path, "speak").stdout.startswith("1 ")


def test_data_docs_tell_the_rules_and_only_samples_of_values(tmp_path: Path, gate_context: Context) -> None:
    rows = frame("product", [{"sku": f"S{n}", "status": f"unknown-{n}"} for n in range(300)])
    context = dataclasses.replace(gate_context, docs_root=tmp_path / "docs")
    gate.judge(ENTITIES["product"], rows, context)
    pages = list((tmp_path / "docs").rglob("validations/**/*.html"))
    assert len(pages) == 1
    text = pages[0].read_text("utf-8")
    assert "The status says whether the product is sold" in text
    assert "No two products have the same barcode" in text
    told = sum(f"unknown-{n}<" in text or f"unknown-{n} " in text or f'unknown-{n}"' in text for n in range(300))
    assert 0 < told <= 40
    assert (tmp_path / "docs" / "gx" / "uncommitted" / "data_docs" / "local_site" / "index.html").exists()


class Page(HTMLParser):
    """What a browser would make of a page: its elements with their attributes, and its text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(path.read_text("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def links(self) -> list[str]:
        return [found["href"] or "" for _, found in self.elements if "href" in found]


HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> https://elsewhere.example/spy.js"


@pytest.fixture(scope="module")
def hostile_docs(tmp_path_factory: pytest.TempPathFactory, gate_context: Context) -> Path:
    """Docs of three runs over products and texts that mean harm, with the page that leads into them."""
    root = tmp_path_factory.mktemp("state") / "data-docs"
    products = [{"sku": f"S{n}", "brand": HOSTILE, "status": HOSTILE, "gtin": HOSTILE} for n in range(2)]
    texts = [{"sku": f"S{n}", "name": HOSTILE, "short_text": HOSTILE, "long_text": HOSTILE} for n in range(2)]
    for name, rows in (("product", products), ("product_text", texts), ("price", [{}])):
        context = dataclasses.replace(gate_context, docs_root=root / "catalogue" / name)
        gate.judge(ENTITIES[name], frame(name, rows), context)
    assert write_index(root) == root / "index.html"
    return root


def pages_below(root: Path) -> list[Page]:
    return [Page(path) for path in sorted(root.rglob("*.html"))]


def test_pages_ask_nobody_for_anything(hostile_docs: Path) -> None:
    pages = pages_below(hostile_docs)
    assert len(pages) == 7
    for page in pages:
        assert {tag for tag, _ in page.elements}.isdisjoint(
            {"script", "link", "img", "iframe", "object", "embed", "form", "base", "svg", "video", "audio"}
        )
        for _, found in page.elements:
            assert not {"src", "srcset", "background", "action", "data", "poster", "ping"} & set(found)
            assert not [name for name in found if name.startswith("on")]
            assert "url(" not in (found.get("style") or "")
        assert "url(" not in page.text
        assert "@import" not in page.text
        assert "dataContextId" not in page.path.read_text("utf-8")


def test_pages_forbid_the_browser_to_ask(hostile_docs: Path) -> None:
    for page in pages_below(hostile_docs):
        head = [found for tag, found in page.elements if tag == "meta"]
        policies = [found["content"] for found in head if found.get("http-equiv") == "Content-Security-Policy"]
        assert policies == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]


def test_every_link_leads_to_a_page_that_is_there(hostile_docs: Path) -> None:
    for page in pages_below(hostile_docs):
        assert page.links
        for link in page.links:
            file, _, place = link.partition("#")
            here = [found.get("id") for _, found in page.elements]
            assert (page.path.parent / file).is_file() if file else place in here, (page.path, link)


def test_only_pages_and_nothing_of_great_expectations_beside_them(hostile_docs: Path) -> None:
    sites = list(hostile_docs.rglob("local_site"))
    assert len(sites) == 3
    assert {path.suffix for site in sites for path in site.rglob("*") if path.is_file()} == {".html"}


def test_what_the_erp_says_stays_text(hostile_docs: Path) -> None:
    for name in ("product", "product_text"):
        (path,) = (hostile_docs / "catalogue" / name).rglob("koppel-*.html")
        assert HOSTILE in Page(path).text
        assert "<script" not in path.read_text("utf-8")
        assert "<img" not in path.read_text("utf-8")


def test_failures_are_told_by_words(hostile_docs: Path) -> None:
    (path,) = (hostile_docs / "catalogue" / "product").rglob("koppel-*.html")
    source = path.read_text("utf-8")
    assert "fa-times" in source
    assert re.search(r"\.fa-times::before \{ content: [^}]*Failed", source)
    assert re.search(r"\.fa-check-circle::before \{ content: [^}]*Passed", source)


def test_the_first_page_tells_what_was_found_where(hostile_docs: Path) -> None:
    page = Page(hostile_docs / "index.html")
    assert re.search(r"catalogue\s*price\s*✓ all \d+ rules passed", page.text)
    assert re.search(r"catalogue\s*product\s*✗ \d+ of \d+ rules failed", page.text)
    assert len([link for link in page.links if "/validations/" in link]) == 3


def test_only_the_last_runs_stay(tmp_path: Path, gate_context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data_quality.datadocs.KEPT_RUNS", 2)
    context = dataclasses.replace(gate_context, docs_root=tmp_path)
    latest = []
    for _ in range(4):
        gate.judge(ENTITIES["price"], frame("price", [{}]), context)
        latest.append(tmp_path / json.loads((tmp_path / "summary.json").read_text("utf-8"))["latest"])
    assert sorted(tmp_path.rglob("koppel-price.html")) == latest[2:]
    assert len(list(tmp_path.rglob("koppel-price.json"))) == 2
    listed = [link for link in Page(next(tmp_path.rglob("local_site")) / "index.html").links if "validations" in link]
    assert len(listed) == 2


def test_pages_that_great_expectations_wrote_by_itself_are_written_again(tmp_path: Path, gate_context: Context) -> None:
    context = dataclasses.replace(gate_context, docs_root=tmp_path)
    gate.judge(ENTITIES["price"], frame("price", [{}]), context)
    (page,) = tmp_path.rglob("koppel-price.html")
    page.write_text("<script src='https://elsewhere.example/a.js'></script>", "utf-8")
    (next(tmp_path.rglob("local_site")) / "static" / "fonts").mkdir(parents=True)
    gate.judge(ENTITIES["price"], frame("price", [{}]), context)
    assert not list(tmp_path.rglob("static"))
    assert len(list(tmp_path.rglob("koppel-price.html"))) == 2
    assert "<script" not in page.read_text("utf-8")


def test_a_result_that_was_cut_off_in_writing_stops_nobody(tmp_path: Path, gate_context: Context) -> None:
    context = dataclasses.replace(gate_context, docs_root=tmp_path)
    gate.judge(ENTITIES["price"], frame("price", [{}]), context)
    next(tmp_path.rglob("koppel-price.json")).write_text('{"results": [', "utf-8")
    gate.judge(ENTITIES["price"], frame("price", [{}]), context)
    assert len(list(tmp_path.rglob("koppel-price.json"))) == 2


def test_a_text_of_a_megabyte_does_not_make_such_a_page(tmp_path: Path, gate_context: Context) -> None:
    context = dataclasses.replace(gate_context, docs_root=tmp_path)
    rows = frame("product_text", [{"long_text": "lang " * 200_000}])
    gate.judge(ENTITIES["product_text"], rows, context)
    (page,) = tmp_path.rglob("koppel-product_text.html")
    assert page.stat().st_size < 100_000
    assert "characters)" in page.read_text("utf-8")


def test_no_docs_without_a_place_for_them(tmp_path: Path, gate_context: Context) -> None:
    gate.judge(ENTITIES["product"], frame("product", [{}]), gate_context)
    assert list(tmp_path.iterdir()) == []
