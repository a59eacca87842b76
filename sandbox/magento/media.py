"""Routes of product images: list, read, upload, change, delete; and the files themselves under /media."""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.magento import gallery, product_access
from sandbox.magento.context import Context
from sandbox.magento.errors import ApplicationCrash, MagentoError, NotFound
from sandbox.magento.routing import PageRequest, Response, page, route

READ_ONE = "Magento_Catalog::attributes_attributes"
ACL = "Magento_Catalog::catalog"
SERVICE = "Magento\\Catalog\\Api\\ProductAttributeMediaGalleryManagementInterface"
MODEL = "Magento\\Catalog\\Model\\Product\\Gallery\\GalleryManagement"
UNKNOWN = "No image with the provided ID was found. Verify the ID and try again."
ALL_ROLES = ["image", "small_image", "swatch_image", "thumbnail"]


@route("GET", "/V1/products/:sku/media", ACL, {"sku": "string"}, f"{SERVICE}::getList", f"{MODEL}::getList")
def entries(ctx: Context) -> Any:
    """The gallery as the store view shows it."""
    product = product_access.by_sku(ctx.state, ctx.inputs["sku"])
    return gallery.entries(ctx.state, product, ctx.store_id)


@route(
    "GET",
    "/V1/products/:sku/media/:entryId",
    READ_ONE,
    {"sku": "string", "entryId": "int"},
    f"{SERVICE}::get",
    f"{MODEL}::get",
)
def entry(ctx: Context) -> Any:
    """One image."""
    try:
        product = product_access.by_sku(ctx.state, ctx.inputs["sku"])
    except NotFound as error:
        raise NotFound("The product doesn't exist. Verify and try again.") from error
    shown = gallery.entries(ctx.state, product, ctx.store_id)
    found = next((one for one in shown if one["id"] == ctx.inputs["entryId"]), None)
    if found is None:
        raise NotFound("The image doesn't exist. Verify and try again.")
    return found


@route(
    "POST",
    "/V1/products/:sku/media",
    ACL,
    {"sku": "string", "entry": "GalleryEntry"},
    f"{SERVICE}::create",
    f"{MODEL}::create",
)
def upload(ctx: Context) -> Any:
    """Add an image; the answer is its id as text."""
    sent = ctx.inputs["entry"]
    if not sent.get("content"):
        raise ApplicationCrash  # the validator's parameter may not be null
    gallery.decoded(sent["content"])
    product = product_access.by_sku(ctx.state, ctx.inputs["sku"])
    present = gallery.entries(ctx.state, product, ctx.store_id)
    if not present and not sent.get("types"):
        sent = {**sent, "types": ALL_ROLES}
    new = {key: value for key, value in sent.items() if key != "id"}
    _save(ctx, product, [*present, new])
    known = {one["id"] for one in present}
    return str(next(row["id"] for row in gallery.rows(ctx.state, product["id"]) if row["id"] not in known))


@route(
    "PUT",
    "/V1/products/:sku/media/:entryId",
    ACL,
    {"sku": "string", "entry": "GalleryEntry"},
    f"{SERVICE}::update",
    f"{MODEL}::update",
)
def change(ctx: Context) -> Any:
    """Change an image's texts, position and roles; its roles leave the other images. The id in the body counts."""
    sent = ctx.inputs["entry"]
    product = product_access.by_sku(ctx.state, ctx.inputs["sku"])
    present = gallery.entries(ctx.state, product, ctx.store_id)
    if sent.get("id") not in {one["id"] for one in present}:
        raise NotFound(UNKNOWN)
    gallery.check_types([sent])
    taken = set(sent.get("types") or ())
    others = [{**one, "types": [role for role in one["types"] if role not in taken]} for one in present]
    try:
        _save(ctx, product, [sent if one["id"] == sent["id"] else one for one in others])
    except MagentoError as error:
        raise MagentoError("The product can't be saved.") from error
    return True


@route(
    "DELETE",
    "/V1/products/:sku/media/:entryId",
    ACL,
    {"sku": "string", "entryId": "int"},
    f"{SERVICE}::remove",
    f"{MODEL}::remove",
)
def remove(ctx: Context) -> Any:
    """Delete an image; true also when a role in another store view keeps it in place."""
    product = product_access.by_sku(ctx.state, ctx.inputs["sku"])
    present = gallery.entries(ctx.state, product, ctx.store_id)
    left = [one for one in present if one["id"] != ctx.inputs["entryId"]]
    if len(left) == len(present):
        raise NotFound(UNKNOWN)
    _save(ctx, product, left)
    return True


def _save(ctx: Context, product: Mapping[str, Any], sent: Sequence[Mapping[str, Any]]) -> None:
    product_access.resave(ctx, dict(product), media_gallery_entries=sent)


@page("GET", "/media/catalog/product/:file...")
def picture(request: PageRequest) -> Response:
    """The file behind an image, as the shop's web server gives it."""
    found = request.context.state.table("media_files").get("/" + request.params["file"])
    if found is None:
        return Response(404, "text/plain; charset=utf-8", b"Not found")
    headers = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}
    return Response(200, found["mime"], found["content"], headers)
