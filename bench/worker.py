"""One measured task in a process of its own, so that its time and its peak of memory are its alone; prints JSON.

What a task imports is imported before the clock starts: Airflow's scheduler preloads it, and each task is a fork of that.
"""

import importlib
import json
import logging
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def preload() -> None:
    """Import what the scheduler of Airflow imports for the tasks that it forks, by the project's own list."""
    scheduler, sys.argv[1:] = sys.argv[1:], ["scheduler"]
    sys.path.insert(0, str(ROOT / "config"))
    importlib.import_module("airflow_local_settings")
    sys.argv[1:] = scheduler


def peak_mb() -> float:
    """The most memory that this process ever had resident, in MB of 10^6 bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # the kernel's ru_maxrss counts what the parent had before the fork, too
        line = next(line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def copy(url: str, query: str) -> dict[str, Any]:
    """Bare ``COPY (query) TO STDOUT``: every byte fetched, none looked at."""
    import psycopg  # noqa: PLC0415

    with psycopg.connect(url) as connection:
        started = time.perf_counter()
        size = 0
        with connection.cursor() as cursor, cursor.copy(f"copy ({query}) to stdout") as stream:
            for block in stream:
                size += len(block)
        return {"seconds": time.perf_counter() - started, "bytes": size}


def plan(flow: str, *, is_whole: bool = True) -> dict[str, Any]:
    """Begin a run, extract, judge what changed and plan, as a flow does it, without delivery; or only begin and extract."""
    preload()
    from koppel import flow as engine  # noqa: PLC0415
    from koppel.run import Run  # noqa: PLC0415
    from koppel.window import Window  # noqa: PLC0415

    steps: dict[str, float] = {}
    started = time.perf_counter()
    run_id = engine.begin(flow, Window(), trigger="bench")
    entities = Run(run_id).entities
    pieces = [piece for one in entities for piece in _timed(steps, "extract", engine.extract, run_id, one.name)]
    judged = [_timed(steps, "judge", engine.judge, run_id, piece) for piece in pieces if is_whole]
    made = _timed(steps, "plan", engine.plan, run_id) if is_whole else {"entities": {}}
    seconds = time.perf_counter() - started
    return {
        "run_id": run_id, "seconds": seconds, "peak_mb": peak_mb(), "steps": steps, "judged": judged,
        "plan": made["entities"],
    }  # fmt: skip


def deliver(flow: str) -> dict[str, Any]:
    """A whole run, delivery and reconciliation included."""
    preload()
    from koppel import flow as engine  # noqa: PLC0415
    from koppel.window import Window  # noqa: PLC0415

    started = time.perf_counter()
    run_id = engine.begin(flow, Window(), trigger="bench")
    *_, (_, counts) = engine.run_here(run_id)
    return {"run_id": run_id, "seconds": time.perf_counter() - started, "counts": counts}


def _timed(steps: dict[str, float], name: str, function: Callable[..., Any], *arguments: Any) -> Any:
    started = time.perf_counter()
    result = function(*arguments)
    steps[name] = steps.get(name, 0.0) + time.perf_counter() - started
    return result


def main() -> None:
    """``python -m bench.worker TASK JSON-ARGUMENTS``."""
    logging.disable(logging.INFO)  # also where Airflow sets up logging of its own
    tasks: dict[str, Callable[..., Any]] = {"copy": copy, "plan": plan, "deliver": deliver}
    task = tasks.get(sys.argv[1]) or getattr(importlib.import_module("bench.quality_tasks"), sys.argv[1])
    print(json.dumps(task(**json.loads(sys.argv[2])), default=str))


if __name__ == "__main__":
    main()
