"""The product routes: create, update, read, delete and search."""

from typing import Any

from sandbox.magento import catalog, product_save, product_search, search
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError, NotFound
from sandbox.magento.inputs import struct
from sandbox.magento.product_json import product_json, without_unasked
from sandbox.magento.routing import route

ACL = "Magento_Catalog::products"
REPOSITORY = "Magento\\Catalog\\Api\\ProductRepositoryInterface::"
IMPLEMENTATION = "Magento\\Catalog\\Model\\ProductRepository\\Interceptor::"
UNKNOWN_PRODUCT = "The product that was requested doesn't exist. Verify the product and try again."

struct(
    "Product", id="int", sku="string", name="string", attribute_set_id="int", price="float", status="int",
    visibility="int", type_id="string", created_at="string", updated_at="string", weight="float",
    extension_attributes="ProductExtension", product_links="ProductLink[]", options="ProductOption[]",
    media_gallery_entries="GalleryEntry[]", tier_prices="ProductTierPrice[]", custom_attributes="attributes",
)  # fmt: skip
struct(
    "ProductExtension", website_ids="int[]", category_links="CategoryLink[]", stock_item="StockItem",
    bundle_product_options="mixed", configurable_product_options="mixed", configurable_product_links="int[]",
    downloadable_product_links="mixed", downloadable_product_samples="mixed",
)  # fmt: skip
struct(
    "ProductOption", product_sku="string", option_id="int", title="string", type="string", sort_order="int",
    is_require="boolean", price="float", price_type="string", sku="string", file_extension="string", max_characters="int",
    image_size_x="int", image_size_y="int", values="OptionValue[]", extension_attributes="Empty",
)  # fmt: skip
struct(
    "OptionValue", title="string", sort_order="int", price="float", price_type="string", sku="string",
    option_type_id="int",
)  # fmt: skip


def found(ctx: Context, sku: str) -> Record:
    """The product with that SKU. Raises NotFound."""
    record = catalog.by_sku(ctx.state, sku)
    if record is None:
        raise NotFound(UNKNOWN_PRODUCT)
    return record


SAVED = {"product": "Product", "saveOptions?": "boolean"}


@route("POST", "/V1/products", ACL, SAVED, REPOSITORY + "save", IMPLEMENTATION + "save")
def post_product(ctx: Context) -> Any:
    """Create, or update when the SKU is known."""
    return _saved(ctx)


@route("PUT", "/V1/products/:sku", ACL, SAVED, REPOSITORY + "save", IMPLEMENTATION + "save")
def put_product(ctx: Context) -> Any:
    """Update, or create when the SKU is unknown; the SKU in the path wins."""
    return _saved(ctx)


def _saved(ctx: Context) -> Any:
    record = product_save.save(ctx, ctx.inputs["product"])
    return without_unasked(product_json(ctx.state, record, ctx.store_id), ctx.body)


@route(
    "GET", "/V1/products/:sku", ACL,
    {"sku": "string", "editMode?": "boolean", "storeId?": "int", "forceReload?": "boolean"},
    REPOSITORY + "get", IMPLEMENTATION + "get",
)  # fmt: skip
def get_product(ctx: Context) -> Any:
    """One product in a store view."""
    record = found(ctx, ctx.inputs["sku"])
    store_id = ctx.store_id if ctx.inputs["storeId"] is None else ctx.inputs["storeId"]
    if store_id not in ctx.state.table("stores"):
        raise MagentoError("The store that was requested wasn't found. Verify the store and try again.")
    return product_json(ctx.state, record, store_id)


@route("DELETE", "/V1/products/:sku", ACL, {"sku": "string"}, REPOSITORY + "deleteById", IMPLEMENTATION + "deleteById")
def delete_product(ctx: Context) -> Any:
    """Remove a product."""
    product_save.delete(ctx, found(ctx, ctx.inputs["sku"]))
    return True


@route(
    "GET", "/V1/products", ACL, {"searchCriteria": "SearchCriteria"}, REPOSITORY + "getList", IMPLEMENTATION + "getList"
)
def list_products(ctx: Context) -> Any:
    """Search products."""
    shop = product_search.in_store(ctx)
    records = product_search.find(shop)
    found_here = search.page(search.parse(ctx), records)
    items = [product_json(ctx.state, record, shop.store_id, with_stock=False) for record in found_here]
    return {"items": items, "search_criteria": search.echo(ctx), "total_count": len(records)}
