"""A running shop inside a test: uvicorn in a thread, on a free port of the loopback interface."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from sandbox.magento.app import build
from sandbox.magento.credentials import Credentials
from sandbox.magento.state import Settings, State

START_SECONDS = 10.0


@dataclass(frozen=True)
class RunningShop:
    """Where the shop listens, its state (take `state.database.lock` before touching it), and who may call."""

    url: str
    state: State
    credentials: Credentials


@contextmanager
def running_shop(
    file: Path | None = None, credentials: Credentials | None = None, port: int = 0, **settings: Any
) -> Iterator[RunningShop]:
    """A shop for the length of a with block; keyword arguments are `Settings` (consumer_running=False, ...)."""
    known = credentials or Credentials()
    state = State(file, Settings(**settings), known)
    config = uvicorn.Config(build(state), host="127.0.0.1", port=port, log_level="error", lifespan="on")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="sandbox-magento", daemon=True)
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the sandbox shop did not start; is its port taken?")
        time.sleep(0.005)
    try:
        listening = server.servers[0].sockets[0].getsockname()[1]
        url = f"http://127.0.0.1:{listening}"
        if "base_url" not in settings:
            state.settings.base_url = url + "/"
        yield RunningShop(url, state, known)
    finally:
        server.should_exit = True
        thread.join(START_SECONDS)
