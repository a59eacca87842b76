"""The sandbox shop in a process of its own, so that nothing that happens to a delivery happens to it."""

import json
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

import requests


def serve(ready: Connection) -> None:
    """The shop's process: tells its address, serves until the other side closes."""
    from sandbox.magento.testing import running_shop

    with running_shop() as shop:
        known = shop.credentials
        names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
        ready.send((shop.url, {name: getattr(known, name) for name in names}))
        ready.poll(None)


@dataclass(frozen=True)
class Shop:
    """Where the shop is, and its controls."""

    url: str
    secrets: dict[str, str]

    @property
    def connection(self) -> str:
        """The connection of an integration, as Airflow's JSON."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        return json.dumps({"conn_type": "http", "host": host, "port": int(port), "extra": self.secrets})

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """A call to the stand-in's own controls."""
        answer = requests.request(method, f"{self.url}/_sandbox/{path}", json=body, timeout=20)
        answer.raise_for_status()
        return answer.json()

    def reset(self) -> None:
        """A fresh shop without faults."""
        self.control("POST", "reset")

    def content(self) -> Any:
        """All that two equal shops have in common. Magento keeps the labels of roles by the way in which they came to be, so
        they are left out: the labels of the pictures themselves are there."""
        content = self.control("GET", "content")
        for product in content["products"].values():
            for role in ("image", "small_image", "thumbnail"):
                product["values"].pop(f"{role}_label", None)
        return content

    def log(self, since: int = 0) -> list[dict[str, Any]]:
        """The shop's own log from this entry on."""
        lines: list[dict[str, Any]] = self.control("GET", f"log?since={since}")
        return lines

    def writes(self) -> int:
        """How many requests there were that are no reading, and operations that were worked off."""
        return sum(line.get("method") != "GET" for line in self.log())

    def faults(self, *rules: dict[str, Any]) -> None:
        """Spoil answers by these rules, and by no others; none: the shop is sound again."""
        self.control("DELETE", "faults")
        if rules:
            self.control("POST", "faults", {"rules": list(rules)})


@contextmanager
def own_process() -> Iterator[Shop]:
    """A shop for the length of a with block."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(30):
            raise RuntimeError("the sandbox shop did not start")
        yield Shop(*ours.recv())
    finally:
        ours.close()
        process.join(10)
        if process.is_alive():
            process.terminate()
