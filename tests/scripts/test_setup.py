"""`make setup` on a machine that is not fit for it ends in a sentence that says what to do, and changes nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of a checkout as set-up looks at, in a path with spaces."""
    folder = tmp_path / "a check out"
    (folder / "scripts").mkdir(parents=True)
    for name in ("scripts/setup.sh", "requirements.txt", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def _set_up(checkout: Path, programs: dict[str, str], **settings: str) -> subprocess.CompletedProcess[str]:
    """Run it where these programs come first on the path."""
    place = checkout / "programs"
    place.mkdir()
    for name, script in programs.items():
        (place / name).write_text(f"#!/bin/sh\n{script}\n")
        (place / name).chmod(0o755)
    environment = {**os.environ, "PATH": f"{place}{os.pathsep}{os.environ['PATH']}", **settings}
    return subprocess.run(
        ["sh", "scripts/setup.sh"], cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )


def test_an_old_python_is_named_with_what_to_do(checkout):
    old = '[ "$1" = --version ] && echo "Python 3.9.2"; exit 1'
    names = ("python3.14", "python3.13", "python3.12", "python3.11", "python3")
    told = _set_up(checkout, dict.fromkeys(names, old), PYTHON="")
    assert told.returncode == 1
    assert "needs Python 3.11 or newer, and found Python 3.9.2" in told.stderr
    assert "make setup PYTHON=" in told.stderr
    assert not (checkout / ".venv").exists()


def test_a_full_disk_is_named_with_what_to_do(checkout):
    full = 'echo "Filesystem 1048576-blocks Used Available Capacity Mounted"; echo "disk 100 88 12 88% /"'
    told = _set_up(checkout, {"df": full}, PYTHON=sys.executable)
    assert told.returncode == 1
    assert "needs 3000 MB of disk for its packages, and there are 12 MB" in told.stderr
    assert "Make room" in told.stderr
    assert not (checkout / ".venv").exists()


def test_an_index_that_can_not_be_reached_is_named_with_what_to_do(checkout):
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:1/simple", "PIP_EXTRA_INDEX_URL": "", "PIP_RETRIES": "0"}
    told = _set_up(checkout, {}, PYTHON=sys.executable, PIP_CONFIG_FILE=os.devnull, PIP_FIND_LINKS="", **nowhere)
    assert told.returncode == 1
    assert "could not get the installer (uv) from the package index" in told.stderr
    assert not (checkout / ".venv" / ".koppel-setup").exists()


def test_what_is_set_up_already_is_left_alone(checkout):
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to(sys.executable)
    parts = [
        (checkout / name).read_text("utf-8") for name in ("requirements.txt", "pyproject.toml", "scripts/setup.sh")
    ]
    (checkout / ".venv" / ".koppel-setup").write_text(f"{checkout}\n" + "".join(parts))
    told = _set_up(checkout, {"python3": "exit 9"})
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")
