"""Routes of attribute sets of every entity: products, categories, customers, addresses and sales documents."""

from typing import Any

from sandbox.magento import attribute_sets, search
from sandbox.magento.attribute_sets import NO_ENTITY, PRODUCT_ENTITY, SET_FIELDS, check_name
from sandbox.magento.context import Context
from sandbox.magento.database import Record, Table
from sandbox.magento.errors import MagentoError, NotFound
from sandbox.magento.routing import route
from sandbox.magento.state import State, fixture

ACL = "Magento_Catalog::sets"
SERVICE = "Magento\\Eav\\Api\\AttributeSetRepositoryInterface"
MODEL = "Magento\\Eav\\Model\\AttributeSetRepository"
PATH = "/V1/eav/attribute-sets"
INVALID = 'Invalid value of "%value" provided for the %fieldName field.'
NOT_SAVED = "There was an error saving attribute set."
# The number of an entity type is also that of its default set.
ENTITIES = {"customer": 1, "customer_address": 2, "catalog_category": 3, "catalog_product": 4, "order": 5, "invoice": 6,
            "creditmemo": 7, "shipment": 8}  # fmt: skip
CODES = {number: code for code, number in ENTITIES.items()}
CUSTOMER_ENTITIES = (1, 2)


@fixture
def sets_of_other_entities(state: State) -> None:
    """The default set of every entity but the product."""
    for number in ENTITIES.values():
        if number != PRODUCT_ENTITY:
            order = 2 if number in CUSTOMER_ENTITIES else 1
            values = (number, "Default", order, number)
            state.table("other_attribute_sets").put(number, dict(zip(SET_FIELDS, values, strict=True)))


def _table(state: State, number: int) -> Table:
    """The table that holds the set. Raises NotFound."""
    for name in ("attribute_sets", "other_attribute_sets"):
        if number in state.table(name):
            return state.table(name)
    raise NotFound(NO_ENTITY, {"fieldName": "id", "fieldValue": number})


@route("GET", f"{PATH}/list", ACL, {"searchCriteria": "SearchCriteria"}, f"{SERVICE}::getList", f"{MODEL}::getList")
def list_all(ctx: Context) -> Any:
    """The sets that meet the criteria, which may also name an entity_type_code."""
    records = [*ctx.state.table("attribute_sets"), *ctx.state.table("other_attribute_sets")]
    rows = [{**attribute_sets.shown(record), "entity_type_code": CODES[record["entity_type_id"]]} for record in records]
    rows.sort(key=lambda row: row["attribute_set_id"])
    return search.answer(ctx, rows, attribute_sets.shown)


@route("GET", f"{PATH}/:attributeSetId", ACL, {"attributeSetId": "int"}, f"{SERVICE}::get", f"{MODEL}::get")
def read(ctx: Context) -> Any:
    """One set."""
    number = ctx.inputs["attributeSetId"]
    return attribute_sets.shown(_table(ctx.state, number)[number])


@route(
    "POST",
    PATH,
    ACL,
    {"entityTypeCode": "string", "attributeSet": "AttributeSet", "skeletonId": "int"},
    "Magento\\Eav\\Api\\AttributeSetManagementInterface::create",
)
def create(ctx: Context) -> Any:
    """Copy a set under a new name for an entity type."""
    sent, skeleton, code = (ctx.inputs[name] for name in ("attributeSet", "skeletonId", "entityTypeCode"))
    for name, held, wrong in (("id", sent.get("attribute_set_id"), True), ("skeletonId", skeleton, skeleton == 0)):
        if held is not None and wrong:
            raise MagentoError(INVALID, {"fieldName": name, "value": held})
    model = _table(ctx.state, skeleton)[skeleton]
    entity = ENTITIES.get(code)
    if entity is None:
        raise MagentoError(f"Invalid entity_type specified: {code}")
    if entity == PRODUCT_ENTITY:
        return attribute_sets.copy_set(ctx.state, sent, model)
    name = check_name(ctx.state.table("other_attribute_sets"), sent.get("attribute_set_name"), entity)
    number = ctx.state.next_id("attribute_sets", at_least=attribute_sets.FIRST_SET)
    values = (number, name, sent.get("sort_order") or 0, entity)
    record = dict(zip(SET_FIELDS, values, strict=True))
    ctx.state.table("other_attribute_sets").put(number, record)
    return {**record, "sort_order": sent.get("sort_order")}


@route("PUT", f"{PATH}/:attributeSetId", ACL, {"attributeSet": "AttributeSet"}, f"{SERVICE}::save", f"{MODEL}::save")
def change(ctx: Context) -> Any:
    """Rename or reorder a set; the answer is only what was sent, also when there is no such set."""
    sent = ctx.inputs["attributeSet"]
    number = sent.get("attribute_set_id") or 0
    try:
        table = _table(ctx.state, number)
    except NotFound:
        return {name: sent.get(name) for name in SET_FIELDS}
    record = {**table[number], **{name: sent[name] for name in ("attribute_set_name", "sort_order") if name in sent}}
    if not record["attribute_set_name"] or _name_is_taken(table, record):
        raise MagentoError(NOT_SAVED)
    table.put(number, {**record, "sort_order": record["sort_order"] or 0})
    return {name: sent.get(name) for name in SET_FIELDS}


def _name_is_taken(table: Table, record: Record) -> bool:
    """Whether another set of the entity has that name, which a key of the database forbids."""
    try:
        check_name(table, record["attribute_set_name"], record["entity_type_id"], record["attribute_set_id"])
    except MagentoError:
        return True
    return False


@route(
    "DELETE",
    f"{PATH}/:attributeSetId",
    ACL,
    {"attributeSetId": "int"},
    f"{SERVICE}::deleteById",
    f"{MODEL}::deleteById",
)
def delete(ctx: Context) -> Any:
    """Delete a set, except the default one of its entity."""
    number = ctx.inputs["attributeSetId"]
    table = _table(ctx.state, number)
    if number in CODES:
        raise MagentoError("The default attribute set can't be deleted.")
    if table[number]["entity_type_id"] == PRODUCT_ENTITY:
        return attribute_sets.remove_set(ctx.state, number)
    table.delete(number)
    return True
