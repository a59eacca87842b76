"""Routes of product links: types, list, add, change one, remove one."""

from typing import Any

from sandbox.magento import product_access, product_links
from sandbox.magento.context import Context
from sandbox.magento.errors import ApplicationCrash, MagentoError, NotFound, required
from sandbox.magento.product_links import INVALID, TYPES
from sandbox.magento.routing import route

ACL = "Magento_Catalog::catalog"
MANAGEMENT = "Magento\\Catalog\\Api\\ProductLinkManagementInterface"
REPOSITORY = "Magento\\Catalog\\Api\\ProductLinkRepositoryInterface"
TYPE_LIST = "Magento\\Catalog\\Api\\ProductLinkTypeListInterface"
MANAGER = "Magento\\Catalog\\Model\\ProductLink\\Management"
LINK_MODEL = "Magento\\Catalog\\Model\\ProductLink\\Repository"


@route("GET", "/V1/products/links/types", ACL, service=f"{TYPE_LIST}::getItems")
def types(_ctx: Context) -> Any:
    """Every kind of link with its number."""
    return [{"code": number, "name": name} for name, number in TYPES.items()]


@route("GET", "/V1/products/links/:type/attributes", ACL, {"type": "string"}, f"{TYPE_LIST}::getItemAttributes")
def type_attributes(ctx: Context) -> Any:
    """What a link of that kind carries besides the two products."""
    if ctx.inputs["type"] not in TYPES:
        return []
    attributes = [{"code": "position", "type": "int"}]
    return [*attributes, {"code": "qty", "type": "decimal"}] if ctx.inputs["type"] == "associated" else attributes


@route(
    "GET",
    "/V1/products/:sku/links/:type",
    ACL,
    {"sku": "string", "type": "string"},
    f"{MANAGEMENT}::getLinkedItemsByType",
    f"{MANAGER}::getLinkedItemsByType",
)
def of_type(ctx: Context) -> Any:
    """The links of one kind."""
    kind = ctx.inputs["type"]
    if kind not in TYPES:
        raise NotFound('The "%1" link type is unknown. Verify the type and try again.', [kind])
    product = product_access.by_sku(ctx.state, ctx.inputs["sku"])
    return [link for link in product_links.links(ctx.state, product["id"]) if link["link_type"] == kind]


@route(
    "POST",
    "/V1/products/:sku/links",
    ACL,
    {"sku": "string", "items": "ProductLink[]"},
    f"{MANAGEMENT}::setProductLinks",
    f"{MANAGER}::setProductLinks",
)
def add(ctx: Context) -> Any:
    """Add links; those that the product has stay. One bad item refuses the whole list."""
    items = ctx.inputs["items"]
    if items is None:
        raise ApplicationCrash
    if not items:
        parameters = {"fieldName": "items", "value": "empty array"}
        raise MagentoError('Invalid value of "%value" provided for the %fieldName field.', parameters)
    for item in items:
        if item.get("link_type") is None:
            raise required(["linkType"])
        if item["link_type"] not in TYPES:
            raise NotFound('The "%1" link type wasn\'t found. Verify the type and try again.', [item["link_type"]])
    product = product_access.by_sku(ctx.state, ctx.inputs["sku"])
    present = product_links.links(ctx.state, product["id"])
    try:
        product_access.resave(ctx, product, product_links=[*present, *items])
    except MagentoError as error:
        raise MagentoError(INVALID) from error
    return True


@route("PUT", "/V1/products/:sku/links", ACL, {"entity": "ProductLink"}, f"{REPOSITORY}::save", f"{LINK_MODEL}::save")
def change(ctx: Context) -> Any:
    """Insert or move one link; the product itself is not saved."""
    entity = ctx.inputs["entity"]
    linked = product_access.by_sku(ctx.state, entity.get("linked_product_sku"))
    product = product_access.by_sku(ctx.state, entity.get("sku"))
    if entity.get("link_type") not in TYPES:
        raise MagentoError(INVALID)
    product_links.store(ctx.state, product["id"], entity["link_type"], linked["id"], entity.get("position"))
    return True


@route(
    "DELETE",
    "/V1/products/:sku/links/:type/:linkedProductSku",
    ACL,
    {"sku": "string", "type": "string", "linkedProductSku": "string"},
    f"{REPOSITORY}::deleteById",
    f"{LINK_MODEL}::deleteById",
)
def remove(ctx: Context) -> Any:
    """Remove one link."""
    sku, kind, linked = (ctx.inputs[name] for name in ("sku", "type", "linkedProductSku"))
    if any(link["linked_product_sku"] == linked for link in of_type(ctx)):
        product, other = product_access.by_sku(ctx.state, sku), product_access.by_sku(ctx.state, linked)
        product_links.remove(ctx.state, product["id"], kind, other["id"])
        return True
    raise NotFound("Product %1 doesn't have linked %2 as %3", [sku, linked, kind])
