"""Who is calling: admin tokens (4 hours), signed integrations, and what an unknown caller is told."""

import datetime as dt
import secrets
from typing import Any

from sandbox.magento import oauth
from sandbox.magento.context import Caller, Context
from sandbox.magento.credentials import Credentials
from sandbox.magento.errors import Unauthorized, required
from sandbox.magento.routing import ANONYMOUS, route
from sandbox.magento.state import State

ADMIN_ID = 1
ADMIN_TOKEN_LIFETIME = dt.timedelta(hours=4)
SIGN_IN_FAILED = (
    "The account sign-in was incorrect or your account is disabled temporarily. Please wait and try again later."
)
NOBODY = Caller()


def identify(state: State, credentials: Credentials, authorization: str, method: str, url: str, query: str) -> Caller:
    """The caller behind the Authorization header; a header that Magento does not understand means anonymous.

    Raises MagentoError or Unauthorized for an OAuth header that is wrong.
    """
    kind, _, token = authorization.strip().partition(" ")
    if kind.lower() == "bearer":
        return _bearer(state, credentials, token.strip())
    parameters = oauth.header_parameters(authorization.strip())
    if parameters:
        return oauth.authenticate(state, credentials, parameters, method, url, query)
    return NOBODY


def _bearer(state: State, credentials: Credentials, token: str) -> Caller:
    known = state.table("tokens").get(token)
    if known and state.now() - known["issued"] < ADMIN_TOKEN_LIFETIME:
        return Caller("admin", ADMIN_ID)
    if state.settings.integration_bearer and token == credentials.access_token:
        return Caller("integration", oauth.INTEGRATION_ID)
    return NOBODY


def permit(caller: Caller, acl: str) -> None:
    """Raises Unauthorized when an anonymous caller asks for a guarded resource."""
    if acl != ANONYMOUS and caller.kind == "anonymous":
        raise Unauthorized("The consumer isn't authorized to access %resources.", {"resources": acl})


def _sign_in(ctx: Context) -> tuple[str, str]:
    username, password = ctx.inputs["username"], ctx.inputs["password"]
    missing = [name for name in ("username", "password") if not ctx.inputs[name]]
    if missing:
        raise required(missing)
    return username, password


@route(
    "POST",
    "/V1/integration/admin/token",
    acl=ANONYMOUS,
    inputs={"username": "string", "password": "string"},
    service="Magento\\Integration\\Api\\AdminTokenServiceInterface::createAdminAccessToken",
)
def admin_token(ctx: Context) -> Any:
    """A token for the one admin user."""
    credentials: Credentials = ctx.state.credentials
    if _sign_in(ctx) != (credentials.username, credentials.password):
        raise Unauthorized(SIGN_IN_FAILED)
    token = secrets.token_hex(16)
    ctx.state.table("tokens").put(token, {"issued": ctx.state.now()})
    return token


@route(
    "POST",
    "/V1/integration/customer/token",
    acl=ANONYMOUS,
    inputs={"username": "string", "password": "string"},
    service="Magento\\Integration\\Api\\CustomerTokenServiceInterface::createCustomerAccessToken",
)
def customer_token(ctx: Context) -> Any:
    """The stand-in has no customers, so nobody can sign in."""
    _sign_in(ctx)
    raise Unauthorized(SIGN_IN_FAILED)
