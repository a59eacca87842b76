"""A real browser for tests: Debian's Chromium, steered over its own debugging protocol, without a driver to install."""

import contextlib
import itertools
import json
import re
import shutil
import subprocess
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
from websockets.sync.client import ClientConnection, connect

CHROMIUM = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here (Debian's package chromium)")
_SECONDS = 30.0
_OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server",
    "--disable-background-networking", "--remote-debugging-port=0", "--remote-allow-origins=*",
)  # fmt: skip


class Tab:
    """One tab. Everything waits for the browser; nothing sleeps here."""

    def __init__(self, connection: ClientConnection, session: str) -> None:
        self._connection, self._session = connection, session
        self._numbers = itertools.count(1)
        self.said: list[str] = []
        """What the page wrote to its console, its errors and refusals of its policy among that."""
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **values: Any) -> dict[str, Any]:
        """One command of the protocol, and its result."""
        number = next(self._numbers)
        self._connection.send(
            json.dumps({"id": number, "method": method, "params": values, "sessionId": self._session})
        )
        while (message := self._receive()).get("id") != number:
            pass
        assert "error" not in message, message
        return dict(message["result"])

    def resize(self, width: int, height: int) -> None:
        """The room that the page has, in CSS pixels."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def open(self, url: str) -> None:
        """Go there and wait until everything is loaded."""
        self.send("Page.navigate", url=url)
        self.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'")

    def evaluate(self, expression: str) -> Any:
        """What an expression gives in the page; a promise is waited for."""
        found = self.send("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def wait_for(self, condition: str, meanwhile: str = "") -> None:
        """Until an expression is true; ``meanwhile`` is done again and again."""
        script = (
            f"new Promise((done, fail) => {{ const end = Date.now() + {_SECONDS * 1000}; (function look() {{ {meanwhile}; \
if ({condition}) done(true); else if (Date.now() > end) fail('waited too long'); else setTimeout(look, 100); }})(); }})"
        )
        self.evaluate(script)

    def press(self, key: str) -> None:
        """A key of the keyboard, as the page gets it."""
        codes = {"Tab": 9, "Enter": 13, " ": 32}
        text = {"Enter": "\r", " ": " "}.get(key, "")
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=codes[key], text=text)

    def screenshot(self, path: Path) -> None:
        """The page as it is seen."""
        path.write_bytes(b64decode(self.send("Page.captureScreenshot")["data"]))

    def _receive(self) -> dict[str, Any]:
        message = json.loads(self._connection.recv(_SECONDS))
        if message.get("method") in {"Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"}:
            self.said.append(json.dumps(message["params"]))
        return dict(message)


class Chromium:
    """One browser with a profile of its own, which is gone afterwards."""

    def __enter__(self) -> Self:
        assert CHROMIUM is not None
        with contextlib.ExitStack() as stack:
            profile = stack.enter_context(tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True))
            command = [CHROMIUM, *_OPTIONS, f"--user-data-dir={profile}", "about:blank"]
            process = stack.enter_context(
                subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            )
            stack.callback(process.kill)
            assert process.stderr is not None
            addresses = (re.search(r"ws://\S+", line) for line in process.stderr)
            address = next(found.group() for found in addresses if found)
            self._connection = stack.enter_context(connect(address, max_size=None, proxy=None))
            self._close = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._close.close()

    @contextlib.contextmanager
    def tab(self, width: int = 1280, height: int = 900) -> Iterator[Tab]:
        """A new tab of this size, closed afterwards; it shares no cookies with others."""
        context = self._send("Target.createBrowserContext")["browserContextId"]
        target = self._send("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self._send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        tab = Tab(self._connection, session)
        tab.resize(width, height)
        yield tab
        self._send("Target.disposeBrowserContext", browserContextId=context)

    def _send(self, method: str, **values: Any) -> dict[str, Any]:
        self._connection.send(json.dumps({"id": 0, "method": method, "params": values}))
        while (message := json.loads(self._connection.recv(_SECONDS))).get("id") != 0:
            pass
        return dict(message["result"])
