"""Starting and stopping programs: all of ours and nothing else, also after the one who started them was killed."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from scripts.processes import Died, Processes, Started, free_port

# A program with a child that ignores the polite request, as a scheduler with a worker in a long task does.
CHILD = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
FAMILY = f"""
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
child = subprocess.Popen([sys.executable, "-c", {CHILD!r}], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def processes(tmp_path: Path):
    ours = Processes(tmp_path)
    yield ours
    ours.stop()


def _start_family(processes: Processes, folder: Path) -> tuple[int, int]:
    """The numbers of a program and of its child."""
    processes.start("family", [sys.executable, "-c", FAMILY], os.environ, folder)
    deadline = time.monotonic() + 20
    while not (text := processes.log("family").read_text()).endswith("\n"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    record = json.loads((folder / "processes.json").read_text())
    return next(one["pid"] for one in record if one["name"] == "family"), int(text)


def _is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


def test_stopping_ends_a_program_and_all_that_it_started(processes, tmp_path):
    program, child = _start_family(processes, tmp_path)
    processes.stop()
    assert _is_gone(program)
    assert _is_gone(child)
    assert not (tmp_path / "processes.json").exists()


def test_the_next_owner_stops_what_a_killed_one_left(processes, tmp_path):
    program, child = _start_family(processes, tmp_path)
    following = Processes(tmp_path)
    assert following.stop_left_over() == ["family"]
    assert _is_gone(program)
    assert _is_gone(child)


def test_a_child_that_outlived_its_program_is_found_by_its_session(processes, tmp_path):
    program, child = _start_family(processes, tmp_path)
    psutil.Process(program).kill()
    psutil.wait_procs([psutil.Process(program)], timeout=10)
    assert Processes(tmp_path).stop_left_over() == ["family"]
    assert _is_gone(child)


def test_a_number_that_belongs_to_someone_else_by_now_is_left_alone(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True
    ) as bystander:
        record = [{"name": "shop", "pid": bystander.pid, "at": Started.of("", bystander.pid).at - 3600}]
        (tmp_path / "processes.json").write_text(json.dumps(record))
        assert Processes(tmp_path).stop_left_over() == []
        assert bystander.poll() is None
        bystander.communicate(b"\n")


def test_only_one_at_a_time_looks_after_a_folder(tmp_path):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as owner:
        record = [{"name": "owner", "pid": owner.pid, "at": Started.of("", owner.pid).at}]
        (tmp_path / "processes.json").write_text(json.dumps(record))
        assert Processes(tmp_path).other_owner() == owner.pid
        owner.communicate(b"\n")
    assert Processes(tmp_path).other_owner() is None


def test_a_broken_record_blocks_nobody(tmp_path):
    (tmp_path / "processes.json").write_text('[{"name": "sh')
    processes = Processes(tmp_path)
    assert processes.other_owner() is None
    assert processes.stop_left_over() == []


def test_a_program_that_ended_is_reported_with_its_last_words(processes, tmp_path):
    processes.start("shop", [sys.executable, "-c", "print('port taken'); raise SystemExit(3)"], os.environ, tmp_path)
    with pytest.raises(Died, match=r"shop ended with 3: port taken .*shop\.log"):
        processes.finish("shop", 20)
    with pytest.raises(Died, match="shop ended with 3"):
        processes.check()


def test_a_program_that_finished_well_is_no_longer_watched(processes, tmp_path):
    processes.start("once", [sys.executable, "-c", "pass"], os.environ, tmp_path)
    processes.finish("once", 20)
    processes.check()


def test_a_taken_port_is_passed_by():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert free_port(port) > port
    assert free_port(port) == port
