"""Routes of attribute sets and their groups, and of the attributes in a set."""

from typing import Any

from sandbox.magento import attributes, search
from sandbox.magento.attribute_options import by_code
from sandbox.magento.collation import collated
from sandbox.magento.context import Context
from sandbox.magento.database import Record, Table
from sandbox.magento.errors import MagentoError, NotFound, required
from sandbox.magento.inputs import struct
from sandbox.magento.rewrites import url_key
from sandbox.magento.routing import route
from sandbox.magento.state import State

ACL = "Magento_Catalog::sets"
SETS = "Magento\\Catalog\\Api\\AttributeSetRepositoryInterface"
GROUPS = "Magento\\Catalog\\Api\\ProductAttributeGroupRepositoryInterface"
MANAGEMENT = "Magento\\Catalog\\Api\\ProductAttributeManagementInterface"
SET_MODEL = "Magento\\Catalog\\Model\\Product\\Attribute\\SetRepository"
GROUP_MODEL = "Magento\\Catalog\\Model\\ProductAttributeGroupRepository"
MODEL = "Magento\\Catalog\\Model\\Product\\Attribute\\Management"
PATH = "/V1/products/attribute-sets"
NOT_OF_PRODUCTS = "Provided Attribute set non product Attribute set."
NO_ENTITY = "No such entity with %fieldName = %fieldValue"
FIRST_SET = 9
DEFAULT_SET = 4
PRODUCT_ENTITY = 4
SET_FIELDS = ("attribute_set_id", "attribute_set_name", "sort_order", "entity_type_id")
FIRST_ENTITY_ATTRIBUTE = 190

struct(
    "AttributeSet",
    attribute_set_id="int",
    attribute_set_name="string",
    sort_order="int",
    entity_type_id="int",
    extension_attributes="Empty",
)
struct(
    "AttributeGroup",
    attribute_group_id="string",
    attribute_group_name="string",
    attribute_set_id="int",
    extension_attributes="AttributeGroupExtension",
)
struct("AttributeGroupExtension", attribute_group_code="string", sort_order="string")


def shown(record: Record) -> dict[str, Any]:
    """A set as the API shows it."""
    return {name: record[name] for name in SET_FIELDS}


def _set(state: State, number: int) -> Record:
    if number in state.table("other_attribute_sets"):
        raise MagentoError(NOT_OF_PRODUCTS)
    found = state.table("attribute_sets").get(number)
    if found is None:
        raise NotFound(NO_ENTITY, {"fieldName": "id", "fieldValue": number})
    return found


def check_name(table: Table, name: str | None, entity: int, own: int | None = None) -> str:
    """The name of a set; raises MagentoError where it is empty or another set of that entity type has it."""
    if not name:
        raise MagentoError("The attribute set name is empty. Enter the name and try again.")
    for other in table:
        same_entity = other["entity_type_id"] == entity and other["attribute_set_id"] != own
        if same_entity and other["attribute_set_name"].lower() == name.lower():
            raise MagentoError(f'A "{name}" attribute set name already exists. Create a new name and try again.')
    return name


@route(
    "GET", f"{PATH}/sets/list", ACL, {"searchCriteria": "SearchCriteria"}, f"{SETS}::getList", f"{SET_MODEL}::getList"
)
def list_sets(ctx: Context) -> Any:
    """Every attribute set of products."""
    rows = sorted(
        (shown(record) for record in ctx.state.table("attribute_sets")), key=lambda row: row["attribute_set_id"]
    )
    return search.answer(ctx, [{**row, "entity_type_code": "catalog_product"} for row in rows], shown)


@route("GET", f"{PATH}/:attributeSetId", ACL, {"attributeSetId": "int"}, f"{SETS}::get", f"{SET_MODEL}::get")
def read_set(ctx: Context) -> Any:
    """One attribute set."""
    return shown(_set(ctx.state, ctx.inputs["attributeSetId"]))


@route(
    "POST",
    PATH,
    ACL,
    {"attributeSet": "AttributeSet", "skeletonId": "int"},
    "Magento\\Catalog\\Api\\AttributeSetManagementInterface::create",
)
def create_set(ctx: Context) -> Any:
    """Copy a set, with its groups and attributes, under a new name."""
    sent, skeleton = ctx.inputs["attributeSet"], ctx.inputs["skeletonId"]
    reason = "non-product" if skeleton in ctx.state.table("other_attribute_sets") else "non-existing"
    model = ctx.state.table("attribute_sets").get(skeleton)
    if model is None:
        raise MagentoError(f"The attribute set couldn't be created because it's based on a {reason} attribute set.")
    if sent.get("attribute_set_id") is not None:
        parameters = {"fieldName": "id", "value": sent["attribute_set_id"]}
        raise MagentoError('Invalid value of "%value" provided for the %fieldName field.', parameters)
    return copy_set(ctx.state, sent, model)


def copy_set(state: State, sent: Record, model: Record) -> dict[str, Any]:
    """A new product set as it was sent, with the groups and attributes of another."""
    name = check_name(state.table("attribute_sets"), sent.get("attribute_set_name"), PRODUCT_ENTITY)
    number = state.next_id("attribute_sets", at_least=FIRST_SET)
    groups = {
        group["attribute_group_id"]: _copy_group(state, group, number)
        for group in _groups(state, model["attribute_set_id"])
    }
    members: dict[str, int] = model.get("attributes", {})
    record = {
        "attribute_set_id": number,
        "attribute_set_name": name,
        "sort_order": sent.get("sort_order") or 0,
        "entity_type_id": PRODUCT_ENTITY,
        "attributes": {code: groups.get(group, group) for code, group in members.items()},
        "orders": dict(model.get("orders", {})),
    }
    state.table("attribute_sets").put(number, record)
    return {**shown(record), "sort_order": sent.get("sort_order")}


def _copy_group(state: State, group: Record, set_id: int) -> int:
    number = state.next_id("attribute_groups")
    state.table("attribute_groups").put(number, {**group, "attribute_group_id": number, "attribute_set_id": set_id})
    return number


@route("PUT", f"{PATH}/:attributeSetId", ACL, {"attributeSet": "AttributeSet"}, f"{SETS}::save", f"{SET_MODEL}::save")
def change_set(ctx: Context) -> Any:
    """Rename or reorder a set; Magento looks at the entity type that is sent, and answers only what was sent."""
    sent = ctx.inputs["attributeSet"]
    if sent.get("entity_type_id") != PRODUCT_ENTITY:
        raise MagentoError(NOT_OF_PRODUCTS)
    answer = {name: sent.get(name) for name in SET_FIELDS}
    if sent.get("attribute_set_id") not in ctx.state.table("attribute_sets"):
        return answer  # nothing is found to change, nothing is said
    record = dict(_set(ctx.state, sent.get("attribute_set_id") or 0))
    if "attribute_set_name" in sent:
        own = record["attribute_set_id"]
        name = check_name(ctx.state.table("attribute_sets"), sent["attribute_set_name"], PRODUCT_ENTITY, own)
        record["attribute_set_name"] = name
    record["sort_order"] = sent.get("sort_order", record["sort_order"])
    ctx.state.table("attribute_sets").put(record["attribute_set_id"], record)
    return answer


@route(
    "DELETE",
    f"{PATH}/:attributeSetId",
    ACL,
    {"attributeSetId": "int"},
    f"{SETS}::deleteById",
    f"{SET_MODEL}::deleteById",
)
def delete_set(ctx: Context) -> Any:
    """Delete a set with its groups, also when products use it."""
    number = _set(ctx.state, ctx.inputs["attributeSetId"])["attribute_set_id"]
    if number == DEFAULT_SET:
        raise MagentoError("The default attribute set can't be deleted.")
    return remove_set(ctx.state, number)


def remove_set(state: State, number: int) -> bool:
    """Delete a product set with its groups."""
    for group in _groups(state, number):
        state.table("attribute_groups").delete(group["attribute_group_id"])
    state.table("attribute_sets").delete(number)
    return True


def _groups(state: State, set_id: int) -> list[Record]:
    found = [group for group in state.table("attribute_groups") if group["attribute_set_id"] == set_id]
    return sorted(found, key=lambda group: (group["sort_order"], group["attribute_group_id"]))


def _shown_group(group: Record) -> dict[str, Any]:
    code = url_key(group["attribute_group_name"])
    return {
        "attribute_group_id": str(group["attribute_group_id"]),
        "attribute_group_name": group["attribute_group_name"],
        "attribute_set_id": group["attribute_set_id"],
        "extension_attributes": {"attribute_group_code": code, "sort_order": str(group["sort_order"])},
    }


@route(
    "GET",
    f"{PATH}/groups/list",
    ACL,
    {"searchCriteria": "SearchCriteria"},
    f"{GROUPS}::getList",
    f"{GROUP_MODEL}::getList",
)
def list_groups(ctx: Context) -> Any:
    """The groups of one set; the criteria must name it."""
    filters = [one for group in search.parse(ctx).groups for one in group if one.field == "attribute_set_id"]
    if not filters or not filters[0].value:
        raise required(["attribute_set_id"])
    _set_of_group(ctx.state, int(filters[0].value) if filters[0].value.isdigit() else 0, filters[0].value)
    rows = _groups(ctx.state, int(filters[0].value))
    return search.answer(ctx, rows, _shown_group)


def _set_of_group(state: State, number: int, shown: Any) -> None:
    if number not in state.table("attribute_sets"):
        raise NotFound(NO_ENTITY, {"fieldName": "attributeSetId", "fieldValue": shown})


@route("POST", f"{PATH}/groups", ACL, {"group": "AttributeGroup"}, f"{GROUPS}::save", f"{GROUP_MODEL}::save")
def create_group(ctx: Context) -> Any:
    """Add a group to a set, or rename one by its id."""
    return _save_group(ctx)


@route(
    "PUT", f"{PATH}/:attributeSetId/groups", ACL, {"group": "AttributeGroup"}, f"{GROUPS}::save", f"{GROUP_MODEL}::save"
)
def change_group(ctx: Context) -> Any:
    """Rename a group of a set, or add one."""
    return _save_group(ctx)


def _save_group(ctx: Context) -> Any:
    sent, table = ctx.inputs["group"], ctx.state.table("attribute_groups")
    set_id = sent.get("attribute_set_id") or 0
    _set_of_group(ctx.state, set_id, sent.get("attribute_set_id"))
    groups = _groups(ctx.state, set_id)
    if sent.get("attribute_group_id"):
        group = dict(_group(ctx.state, sent["attribute_group_id"]))
        if group["attribute_set_id"] != set_id:
            raise MagentoError("The attribute group belongs to a different attribute set.")
    else:
        order = max((other["sort_order"] for other in groups), default=0) + 1
        group = {"attribute_group_id": 0, "attribute_set_id": set_id, "sort_order": order}
    group["attribute_group_name"] = sent.get("attribute_group_name") or group.get("attribute_group_name")
    extension = sent.get("extension_attributes") or {}
    if str(extension.get("sort_order") or "").isdigit():
        group["sort_order"] = int(extension["sort_order"])
    taken = {other["attribute_group_name"].lower(): other["attribute_group_id"] for other in groups}
    name = group["attribute_group_name"]
    if not name or taken.get(name.lower(), group["attribute_group_id"]) != group["attribute_group_id"]:
        raise MagentoError("The attributeGroup can't be saved.")
    group["attribute_group_id"] = group["attribute_group_id"] or ctx.state.next_id("attribute_groups")
    table.put(group["attribute_group_id"], group)
    shown = {key: value for key, value in _shown_group(group).items() if key != "extension_attributes"}
    return {**shown, "extension_attributes": extension} if extension else shown


def _group(state: State, number: Any) -> Record:
    found = state.table("attribute_groups").get(int(number)) if str(number).isdigit() else None
    if found is None:
        raise NotFound('The group with the "%1" ID doesn\'t exist. Verify the ID and try again.', [number])
    return found


@route(
    "DELETE", f"{PATH}/groups/:groupId", ACL, {"groupId": "int"}, f"{GROUPS}::deleteById", f"{GROUP_MODEL}::deleteById"
)
def delete_group(ctx: Context) -> Any:
    """Delete a group without system attributes; its attributes leave the set."""
    group = _group(ctx.state, ctx.inputs["groupId"])
    record = ctx.state.table("attribute_sets").edit(group["attribute_set_id"])
    members = [code for code, number in record["attributes"].items() if number == group["attribute_group_id"]]
    if any(not by_code(ctx.state, code)["is_user_defined"] for code in members):
        raise MagentoError("The attribute group can't be deleted because it contains system attributes.")
    record["attributes"] = {code: number for code, number in record["attributes"].items() if code not in members}
    ctx.state.table("attribute_sets").put(group["attribute_set_id"], record)
    ctx.state.table("attribute_groups").delete(group["attribute_group_id"])
    return True


@route(
    "GET",
    f"{PATH}/:attributeSetId/attributes",
    ACL,
    {"attributeSetId": "int"},
    f"{MANAGEMENT}::getAttributes",
    f"{MODEL}::getAttributes",
)
def members_of_set(ctx: Context) -> Any:
    """The attributes of a set, in the order of their places."""
    record = _set(ctx.state, ctx.inputs["attributeSetId"])
    found = [by_code(ctx.state, code) for code in record["attributes"]]
    orders = record.get("orders", {})
    # Magento orders by the place in the group only, so that the groups come mixed.
    found.sort(key=lambda attribute: (orders.get(attribute["attribute_code"], 0), attribute["attribute_id"]))
    return [attributes.shown(attribute, ctx.store_id) for attribute in found]


@route(
    "GET",
    "/V1/products/media/types/:attributeSetName",
    "Magento_Catalog::attributes_attributes",
    {"attributeSetName": "string"},
    "Magento\\Catalog\\Api\\ProductMediaAttributeManagementInterface::getList",
)
def image_roles(ctx: Context) -> Any:
    """The image roles of a set by its name; none for an unknown set."""
    name = ctx.inputs["attributeSetName"]
    found = ctx.state.table("attribute_sets").find(
        lambda record: bool(collated(record["attribute_set_name"]) == collated(name))
    )
    roles = [by_code(ctx.state, code) for code in (found or {"attributes": ()})["attributes"]]
    return [attributes.shown(role, ctx.store_id) for role in roles if role["frontend_input"] == "media_image"]


@route(
    "POST",
    f"{PATH}/attributes",
    ACL,
    {"attributeSetId": "int", "attributeGroupId": "int", "attributeCode": "string", "sortOrder": "int"},
    f"{MANAGEMENT}::assign",
    f"{MODEL}::assign",
)
def assign(ctx: Context) -> Any:
    """Put an attribute in a group of a set; the answer is the number of that place as text."""
    set_id, group_id, code = (ctx.inputs[name] for name in ("attributeSetId", "attributeGroupId", "attributeCode"))
    if set_id in ctx.state.table("other_attribute_sets"):
        raise MagentoError("The attribute set ID is incorrect. Verify the ID and try again.")
    if set_id not in ctx.state.table("attribute_sets"):
        message = 'The AttributeSet with a "%1" ID doesn\'t exist. Verify the attributeSet and try again.'
        raise NotFound(message, [set_id])
    if _group(ctx.state, group_id)["attribute_set_id"] != set_id:
        raise MagentoError("The attribute group doesn't belong to the attribute set.")
    code = by_code(ctx.state, code)["attribute_code"]
    record = ctx.state.table("attribute_sets").edit(set_id)
    record["attributes"][code] = group_id
    record.setdefault("orders", {})[code] = ctx.inputs["sortOrder"]
    places = record.setdefault("places", {})
    if code not in places:
        places[code] = ctx.state.next_id("entity_attributes", at_least=FIRST_ENTITY_ATTRIBUTE)
    ctx.state.table("attribute_sets").put(set_id, record)
    return str(places[code])


@route(
    "DELETE",
    f"{PATH}/:attributeSetId/attributes/:attributeCode",
    ACL,
    {"attributeSetId": "string", "attributeCode": "string"},
    f"{MANAGEMENT}::unassign",
    f"{MODEL}::unassign",
)
def unassign(ctx: Context) -> Any:
    """Take an attribute out of a set; products keep the value but no longer show it."""
    number, code = ctx.inputs["attributeSetId"], ctx.inputs["attributeCode"]
    if not number.isdigit() or int(number) not in ctx.state.table("attribute_sets"):
        raise NotFound('The "%1" attribute set wasn\'t found. Verify and try again.', [number])
    attribute = by_code(ctx.state, code)
    record = ctx.state.table("attribute_sets").edit(int(number))
    if attribute["attribute_code"] not in record["attributes"]:
        message = 'The "%1" attribute wasn\'t found in the "%2" attribute set. Enter the attribute and try again.'
        raise MagentoError(message, [code, number])
    if not attribute["is_user_defined"]:
        raise MagentoError("The system attribute can't be deleted.")
    del record["attributes"][attribute["attribute_code"]]
    record.get("places", {}).pop(attribute["attribute_code"], None)
    ctx.state.table("attribute_sets").put(int(number), record)
    return True
