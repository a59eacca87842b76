"""The technical appendix: written where it is asked for, small, and nothing is told to anyone."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

from data_quality import gate
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


def test_no_docs_without_a_place_for_them(tmp_path: Path, gate_context: Context) -> None:
    gate.judge(ENTITIES["product"], frame("product", [{}]), gate_context)
    assert list(tmp_path.iterdir()) == []
