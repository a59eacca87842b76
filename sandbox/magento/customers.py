"""The little of customers that a catalogue coupling can meet: creating an account, alone or in bulk, and reading it."""

import re
from typing import Any

from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError, NotFound
from sandbox.magento.inputs import struct
from sandbox.magento.routing import ANONYMOUS, route

ACCOUNTS = "Magento\\Customer\\Api\\AccountManagementInterface::createAccount"
IMPLEMENTATION = "Magento\\Customer\\Model\\AccountManagement\\Interceptor::createAccount"
DUPLICATE = "A customer with the same email address already exists in an associated website."

struct(
    "Customer", id="int", group_id="int", default_billing="string", default_shipping="string", confirmation="string",
    created_at="string", updated_at="string", created_in="string", dob="string", email="string", firstname="string",
    lastname="string", middlename="string", prefix="string", suffix="string", gender="int", store_id="int",
    taxvat="string", website_id="int", addresses="mixed", disable_auto_group_change="int", extension_attributes="mixed",
    custom_attributes="mixed",
)  # fmt: skip


@route(
    "POST", "/V1/customers", ANONYMOUS, {"customer": "Customer", "password?": "string", "redirectUrl?": "string"},
    ACCOUNTS, IMPLEMENTATION,
)  # fmt: skip
def create_customer(ctx: Context) -> Any:
    """Create an account; an e-mail address exists once per website."""
    sent = ctx.inputs["customer"]
    _check(ctx, sent)
    email = sent["email"]
    table = ctx.state.table("customers")
    if table.find(lambda known: known["email"].lower() == email.lower()):
        raise MagentoError(DUPLICATE)
    now, number = ctx.state.timestamp(), ctx.state.next_id("customers")
    record = {
        "id": number, "group_id": sent.get("group_id") or 1, "created_at": now, "updated_at": now,
        "created_in": "Default Store View", "email": email, "firstname": sent["firstname"], "lastname": sent["lastname"],
        "store_id": sent.get("store_id") or 1, "website_id": sent.get("website_id") or 1, "addresses": [],
        "disable_auto_group_change": 0,
    }  # fmt: skip
    table.put(number, record)
    ctx.effect("created", email, "customer")
    return {**record, "extension_attributes": {"is_subscribed": False}}


def _check(ctx: Context, sent: Record) -> None:
    """Raises MagentoError for the first thing that is wrong, in Magento's order."""
    email = sent.get("email") or ""
    if not email:
        raise MagentoError("The customer email is missing. Enter and try again.")
    website = sent.get("website_id")
    if website is not None and website not in ctx.state.table("websites"):
        told = f"The website with id {website} that was requested wasn't found. Verify the website and try again."
        raise NotFound(told)
    if sent.get("group_id") is not None and sent["group_id"] not in ctx.state.table("customer_groups"):
        raise MagentoError("The specified customer group id does not exist.")
    labels = {"firstname": "First Name", "lastname": "Last Name"}
    missing = [
        f'"{label}" is a required value.' for name, label in labels.items() if not (sent.get(name) or "").strip()
    ]
    if missing:
        raise MagentoError("\n".join(missing))
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]{2,}", email):
        raise MagentoError('"Email" is not a valid email address.')


@route("GET", "/V1/customers/:customerId", "Magento_Customer::customer", {"customerId": "int"},
       "Magento\\Customer\\Api\\CustomerRepositoryInterface::getById")  # fmt: skip
def get_customer(ctx: Context) -> Any:
    """One customer."""
    record = ctx.state.table("customers").get(ctx.inputs["customerId"])
    if record is None:
        parameters = {"fieldName": "customerId", "fieldValue": ctx.inputs["customerId"]}
        raise NotFound("No such entity with %fieldName = %fieldValue", parameters)
    return {**record, "extension_attributes": {"is_subscribed": False}}


@route(
    "POST", "/V1/order/:orderId/invoice", "Magento_Sales::invoice",
    {"orderId": "int", "capture?": "boolean", "items?": "mixed", "notify?": "boolean"},
    "Magento\\Sales\\Api\\InvoiceOrderInterface::execute",
)  # fmt: skip
def invoice(_: Context) -> Any:
    """The stand-in has no orders, so none can be invoiced."""
    raise NotFound("The entity that was requested doesn't exist. Verify the entity and try again.")
