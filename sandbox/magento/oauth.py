"""OAuth 1.0a (HMAC-SHA256) as Magento checks it, with its messages and their order."""

import datetime as dt
import hmac
import re
from urllib.parse import parse_qsl, unquote

from oauthlib.oauth1.rfc5849 import signature

from sandbox.magento.context import Caller
from sandbox.magento.credentials import Credentials
from sandbox.magento.errors import MagentoError, Unauthorized, required
from sandbox.magento.state import State

REQUIRED = (
    "oauth_consumer_key",
    "oauth_signature",
    "oauth_signature_method",
    "oauth_nonce",
    "oauth_timestamp",
    "oauth_token",
)
KEY_LENGTH = 32
ALLOWED_SECONDS_AHEAD = 600
INTEGRATION_ID = 1


def header_parameters(header: str) -> dict[str, str]:
    """The oauth_ parameters of an Authorization header; empty when it is not an OAuth header."""
    if not header.lower().startswith("oauth"):
        return {}
    found: dict[str, str] = {}
    for part in header[5:].split(","):
        name, sign, value = part.strip().partition("=")
        if sign and name.startswith("oauth_"):
            found[name] = unquote(value.strip().strip('"'))
    return found


def authenticate(
    state: State, credentials: Credentials, parameters: dict[str, str], method: str, url: str, query: str
) -> Caller:
    """The integration that signed the request. Raises MagentoError (400) or Unauthorized (401)."""
    _check_parameters(parameters)
    if parameters["oauth_consumer_key"] != credentials.consumer_key:
        raise Unauthorized("A consumer having the specified key does not exist")
    _check_nonce(state, parameters["oauth_nonce"], parameters["oauth_timestamp"])
    if parameters["oauth_token"] != credentials.access_token:
        raise Unauthorized("Specified token does not exist")
    expected = sign(credentials, parameters, method, url, query)
    if not hmac.compare_digest(expected.encode(), parameters["oauth_signature"].encode()):
        raise Unauthorized("The signature is invalid. Verify and try again.")
    return Caller("integration", INTEGRATION_ID)


def sign(credentials: Credentials, parameters: dict[str, str], method: str, url: str, query: str) -> str:
    """The signature that the request should carry."""
    pairs = [(name, value) for name, value in parameters.items() if name != "oauth_signature"]
    pairs += parse_qsl(query, keep_blank_values=True)
    # The stubs of oauthlib know neither lists of pairs nor methods as plain text.
    normalized = signature.normalize_parameters(pairs)  # type: ignore[arg-type]
    base = signature.signature_base_string(method, signature.base_string_uri(url), normalized)  # type: ignore[arg-type]
    return str(signature.sign_hmac_sha256(base, credentials.consumer_secret, credentials.access_token_secret))


def _check_parameters(parameters: dict[str, str]) -> None:
    version = parameters.get("oauth_version", "1.0")
    if version != "1.0":
        raise MagentoError('The "%1" Oauth version isn\'t supported.', [version])
    missing = [name for name in REQUIRED if name not in parameters]
    if missing:
        raise required(missing)
    if len(parameters["oauth_token"]) != KEY_LENGTH:
        raise MagentoError("The token length is invalid. Check the length and try again.")
    if parameters["oauth_signature_method"] != "HMAC-SHA256":
        raise MagentoError("Signature method %1 is not supported", [parameters["oauth_signature_method"]])
    if len(parameters["oauth_consumer_key"]) != KEY_LENGTH:
        raise MagentoError("Consumer key is not the correct length", status=401)


def _check_nonce(state: State, nonce: str, timestamp: str) -> None:
    found = re.match(r"\s*\d+", timestamp)
    moment = int(found.group()) if found else 0
    now = int(dt.datetime.now(dt.UTC).timestamp())
    if moment <= 0 or moment > now + ALLOWED_SECONDS_AHEAD:
        raise Unauthorized("An error occurred validating the nonce")
    if nonce in state.nonces:
        raise Unauthorized("The nonce is already being used by the consumer with ID %1", [str(INTEGRATION_ID)])
    # Not part of any transaction: a rejected signature uses up its nonce all the same.
    state.nonces.add(nonce)
