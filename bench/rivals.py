"""(d): the same table merged into PostgreSQL by dlt, which writes every row again where Koppel compares a hash."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from bench.figures import Figure
from bench.place import ROOT, Place, connect, run_json, say
from bench.sizes import Sizes

ENVIRONMENT = ROOT / ".venv-bench"
REQUIREMENTS = ROOT / "bench" / "requirements-dlt.txt"


@dataclass(frozen=True, slots=True)
class Way:
    """How dlt reads (its backend) and loads (its file format, None: its default), and a share of the rows that suits its speed."""

    backend: str
    format: str | None
    share: float = 1.0


PARQUET = (Way("pyarrow", "parquet"), Way("connectorx", "parquet"))
"""Parquet is loaded through ADBC: the fastest that dlt can do; csv took 1.8 and insert_values 4 times as long here."""

USUAL = Way("pyarrow", None, 0.1)
"""What dlt does unless it is told otherwise: it loads by INSERT statements."""


def measure(place: Place, sizes: Sizes, source: str, seconds_per_row: float) -> Iterator[Figure]:
    """dlt's time per row of a second run, over ``seconds_per_row``: that of Koppel."""
    make_environment()
    runs = {way: _run(place, way, int(sizes.rivals * way.share), source) for way in (*PARQUET, USUAL)}
    fastest = min(PARQUET, key=lambda way: runs[way]["unchanged"])
    say(f"the fastest: {fastest}")
    for name, way in (("dlt", fastest), ("dlt_usual_loading", USUAL)):
        unchanged, changed = (runs[way][run] / runs[way]["rows"] for run in ("unchanged", "changed"))
        yield Figure(f"{name}_unchanged_seconds_per_100k", unchanged * 100_000)
        yield Figure(f"{name}_one_percent_changed_seconds_per_100k", changed * 100_000)
        yield Figure(f"{name}_ratio", unchanged / seconds_per_row, ">=10")


def make_environment() -> None:
    """Make ``.venv-bench``, or complete it; what is there already is not fetched again."""
    uv = str(ROOT / ".venv" / "bin" / "uv")
    if not (ENVIRONMENT / "bin" / "python").exists():
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(ENVIRONMENT)], check=True)
    install = [
        uv,
        "pip",
        "install",
        "--quiet",
        "--python",
        str(ENVIRONMENT / "bin" / "python"),
        "-r",
        str(REQUIREMENTS),
    ]
    if subprocess.run(install, check=False).returncode:
        raise RuntimeError(
            "dlt could not be installed; see above. Without it: make bench ONLY=unchanged,first_load,requests"
        )


def _run(place: Place, way: Way, rows: int, source: str) -> dict[str, float]:
    """Three runs of one pipeline over so many products, and a look at what arrived."""
    say(f"dlt with {rows:,} rows: {way} ...")
    with connect(source) as connection:
        for table, origin in (("rivals", "product"), ("rivals_changed", "product_changed")):
            connection.execute(f"drop table if exists {table}".encode())
            connection.execute(f"create table {table} as select * from {origin} order by sku limit {rows}".encode())
            connection.execute(f"alter table {table} add primary key (sku)".encode())
            connection.execute(f"vacuum analyze {table}".encode())
    options = {
        "backend": way.backend, "format": way.format, "strategy": "upsert", "chunk": 50_000,
        "source": source.replace("postgresql://", "postgresql+psycopg2://"),
        "destination": place.database("dlt"), "folder": str(place.folder / "dlt"),
    }  # fmt: skip
    shutil.rmtree(place.folder / "dlt", ignore_errors=True)
    script = str(ROOT / "bench" / "dlt_pipeline.py")
    found: dict[str, float] = run_json([str(ENVIRONMENT / "bin" / "python"), script, json.dumps(options)], {})
    if (found["rows"], found["renamed"]) != (rows, rows // 100):
        raise RuntimeError(f"dlt did not merge the table as it should have: {found}")
    say(f"  {found}")
    return found
