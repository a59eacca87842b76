"""The credentials that the stand-in accepts."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Credentials:
    """What the sandbox accepts; the defaults are no secrets, they are printed at start and stand in the docs."""

    username: str = "admin"
    password: str = "sandbox-admin-1"
    consumer_key: str = "sandboxconsumerkey00000000000001"
    consumer_secret: str = "sandboxconsumersecret00000000001"
    access_token: str = "sandboxaccesstoken00000000000001"
    access_token_secret: str = "sandboxaccesstokensecret00000001"
