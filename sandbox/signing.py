"""The Authorization headers of recorded exchanges, among them OAuth 1.0a signatures that are wrong in one way each."""

import secrets
import time
from dataclasses import dataclass
from typing import Any

from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, SIGNATURE_HMAC_SHA256, SIGNATURE_PLAINTEXT, Client

from sandbox.magento.credentials import Credentials
from sandbox.transcripts import TranscriptError

DAY, HOUR = 86_400, 3_600
METHODS = {"HMAC-SHA1": SIGNATURE_HMAC_SHA1, "PLAINTEXT": SIGNATURE_PLAINTEXT}
KINDS = {"good", "wrong-signature", "unknown-token", "short-token", "timestamp-1-day-old", "timestamp-1-hour-ahead",
         "repeat-nonce", "only-consumer-key", "garbage", *METHODS}  # fmt: skip


@dataclass
class Signer:
    """Signs requests for one scenario; remembers the last nonce for the exchange that repeats it."""

    credentials: Credentials
    nonce: str = ""

    def header(self, method: str, url: str, kind: str) -> str:
        """The header for a request that is signed well ("good") or wrong in the named way."""
        if kind not in KINDS:
            raise TranscriptError(f"{kind!r} is no known way to sign")
        if kind == "garbage":
            return "OAuth garbage"
        if kind == "only-consumer-key":
            return f'OAuth oauth_consumer_key="{self.credentials.consumer_key}"'
        if kind != "repeat-nonce":
            self.nonce = secrets.token_hex(16)
        verb: Any = method
        _, headers, _ = self._client(kind).sign(url, http_method=verb)
        header = str(headers["Authorization"])
        return _spoiled(header) if kind == "wrong-signature" else header

    def _client(self, kind: str) -> Client:
        known = self.credentials
        token = {"unknown-token": "x" * 32, "short-token": "short"}.get(kind, known.access_token)
        shift = {"timestamp-1-day-old": -DAY, "timestamp-1-hour-ahead": HOUR}.get(kind, 0)
        options: dict[str, Any] = {"nonce": self.nonce, "timestamp": str(int(time.time()) + shift)}
        return Client(
            known.consumer_key,
            known.consumer_secret,
            token,
            known.access_token_secret,
            signature_method=METHODS.get(kind, SIGNATURE_HMAC_SHA256),
            **options,
        )


def _spoiled(header: str) -> str:
    start = header.index('oauth_signature="') + len('oauth_signature="')
    return header[:start] + ("B" if header[start] == "A" else "A") + header[start + 1 :]
