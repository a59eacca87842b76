"""The entry to the technical appendix: one page that names every flow's entities with what its gate last found, and links to it.

A gate that writes an appendix leaves ``summary.json`` in its ``docs_root``; the page is made of these, and needs nothing beside it.
"""

import json
import logging
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""Content-Security-Policy of every page that is written to disk: the style that stands in it, and nothing from anywhere."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a gate says of its last appendix: ``at`` in UTC (ISO 8601), rules judged and failed, pages relative to its folder."""

    at: str
    rules: int
    failed: int
    latest: str
    all_runs: str


@cache
def style() -> str:
    """The stylesheet that stands in every page."""
    return (files("koppel") / "page.css").read_text("utf-8")


def replace_text(path: Path, text: str) -> None:
    """Write a file so that a reader sees the old one or the new one, never a part."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(text, "utf-8")
    beside.replace(path)


def write_summary(folder: Path, summary: Summary) -> None:
    """Leave a gate's summary in its folder."""
    replace_text(folder / "summary.json", json.dumps(asdict(summary)))


def write_index(root: Path) -> Path | None:
    """Write ``root``/index.html over all ``root``/flow/entity; None where no gate has written anything."""
    rows = list(_rows(root))
    if not rows:
        return None
    replace_text(root / "index.html", _page("".join(rows)))
    return root / "index.html"


def _rows(root: Path) -> Iterator[str]:
    for path in sorted(root.glob("*/*/summary.json")):
        try:
            summary = Summary(**json.loads(path.read_text("utf-8")))
        except (ValueError, TypeError, OSError) as error:
            log.warning(
                "%s can't be read (%s); the appendix leaves it out until the next run writes it again", path, error
            )
            continue
        yield _row(path.parent.parent.name, path.parent.name, summary)


def _row(flow: str, entity: str, summary: Summary) -> str:
    folder = f"{quote(flow)}/{quote(entity)}"
    if summary.failed:
        result = f'<span class="bad">✗ {summary.failed} of {summary.rules} rules failed</span>'
    else:
        result = f'<span class="good">✓ all {summary.rules} rules passed</span>'
    return (
        f"<tr><td>{escape(flow)}</td><td>{escape(entity)}</td><td>{result}</td>"
        f'<td><a href="{folder}/{quote(summary.latest)}">{escape(summary.at[:16].replace("T", " "))} UTC</a></td>'
        f'<td><a href="{folder}/{quote(summary.all_runs)}">all runs</a></td></tr>\n'
    )


def _page(rows: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Data Docs</title>
<style>{style()}</style>
</head>
<body>
<header><h1>Data Docs</h1><p>What the rules last found, per flow and entity. A run judges only records that changed.</p></header>
<main><table>
<thead><tr><th>Flow</th><th>Entity</th><th>Result</th><th>Last judged</th><th></th></tr></thead>
<tbody>
{rows}</tbody>
</table></main>
</body>
</html>
"""
