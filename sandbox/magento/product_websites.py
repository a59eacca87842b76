"""Which websites sell a product, and the list of product types."""

from typing import Any

from sandbox.magento import catalog, product_save
from sandbox.magento.context import Context
from sandbox.magento.errors import MagentoError
from sandbox.magento.inputs import struct
from sandbox.magento.products import ACL, found
from sandbox.magento.routing import route

LINKS = "Magento\\Catalog\\Api\\ProductWebsiteLinkRepositoryInterface::"
LINK = {"productWebsiteLink": "ProductWebsiteLink"}
TYPES = (("simple", "Simple Product"), ("virtual", "Virtual Product"), ("downloadable", "Downloadable Product"),
         ("bundle", "Bundle Product"), ("configurable", "Configurable Product"), ("grouped", "Grouped Product"))  # fmt: skip

struct("ProductWebsiteLink", sku="string", website_id="int")


def _set(ctx: Context, sku: str, add: set[int], drop: set[int]) -> bool:
    record = ctx.state.table("products").edit(found(ctx, sku)["id"])
    product_save.set_websites(ctx.state, record, [one for one in {*record["website_ids"], *add} if one not in drop])
    product_save.place_addresses(ctx.state, record)
    catalog.put(ctx.state, record)
    ctx.effect("updated", record["sku"])
    return True


@route("POST", "/V1/products/:sku/websites", ACL, LINK, LINKS + "save")
@route("PUT", "/V1/products/:sku/websites", ACL, LINK, LINKS + "save")
def add_website(ctx: Context) -> Any:
    """Sell a product on one more website."""
    sent = ctx.inputs["productWebsiteLink"]
    if not sent.get("website_id"):
        raise MagentoError("There are not websites for assign to product")
    return _set(ctx, sent.get("sku") or ctx.path["sku"], {sent["website_id"]}, set())


@route(
    "DELETE", "/V1/products/:sku/websites/:websiteId", ACL, {"sku": "string", "websiteId": "int"}, LINKS + "deleteById"
)
def remove_website(ctx: Context) -> Any:
    """Stop selling a product on a website."""
    return _set(ctx, ctx.inputs["sku"], set(), {ctx.inputs["websiteId"]})


@route("GET", "/V1/products/types", ACL, service="Magento\\Catalog\\Api\\ProductTypeListInterface::getProductTypes")
def product_types(_: Context) -> Any:
    """The types that Magento Open Source knows."""
    return [{"name": name, "label": label} for name, label in TYPES]
