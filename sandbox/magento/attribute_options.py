"""The options of select attributes: labels per store view, order, default, and their routes.

An option record (in the attribute's `options`): {"value": "4", "sort_order": 1, "labels": {0: "Rood", 3: "Rouge"}}.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.magento import attribute_sources
from sandbox.magento.collation import collated
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import MagentoError, NotFound
from sandbox.magento.inputs import struct
from sandbox.magento.routing import route
from sandbox.magento.state import State

ACL = "Magento_Catalog::attributes_attributes"
SERVICE = "Magento\\Catalog\\Api\\ProductAttributeOptionManagementInterface"
UPDATE = "Magento\\Catalog\\Api\\ProductAttributeOptionUpdateInterface"
MODEL = "Magento\\Catalog\\Model\\Product\\Attribute\\OptionManagement"
PATH = "/V1/products/attributes/:attributeCode/options"
EMPTY_LABEL = "The attribute option label is empty. Enter the value and try again."
FIRST_ID = 4  # the customer attribute gender has the first three
BLANK = {"label": " ", "value": ""}
YES_NO = [{"label": "Yes", "value": "1"}, {"label": "No", "value": "0"}]

struct("Option", label="string", value="string", sort_order="int", is_default="boolean", store_labels="OptionLabel[]")
struct("OptionLabel", store_id="int", label="string")


def by_code(state: State, code: Any) -> Record:
    """The product attribute of that code; raises NotFound."""
    found = state.table("attributes").get(str(code))
    if found is None:
        message = 'The attribute with a "%1" attributeCode doesn\'t exist. Verify the attribute and try again.'
        raise NotFound(message, [code])
    return found


def shown(attribute: Record, store_id: int) -> list[dict[str, str]]:
    """The options as the API lists them in one store view: the empty one, then by sort order and label."""
    kind, options = attribute["frontend_input"], attribute["options"]
    if kind == "boolean":
        return YES_NO if attribute.get("source_model") else []
    if kind not in ("select", "multiselect"):
        return []
    if (fixed := _fixed_list(attribute, store_id)) is not None:
        return fixed
    labelled = [(option["sort_order"], label_of(option, store_id), option["value"]) for option in options]
    labelled.sort(key=lambda option: (option[0], collated(option[1])))
    return [BLANK, *({"label": label, "value": value} for _, label, value in labelled)]


def has_fixed_list(attribute: Mapping[str, Any]) -> bool:
    """Whether code makes its options, so that stored ones are shown nowhere."""
    return attribute["frontend_input"] == "boolean" or _fixed_list(attribute, 0) is not None


def _fixed_list(attribute: Mapping[str, Any], store_id: int) -> attribute_sources.Options | None:
    if attribute["is_user_defined"]:
        return None
    return attribute_sources.options(attribute["attribute_code"], attribute["entity_type_id"], store_id)


def label_of(option: Mapping[str, Any], store_id: int) -> str:
    """An option's label in one store view."""
    labels = option.get("labels") or {0: option.get("label", "")}
    return str(labels.get(store_id) or labels[0])


def with_option(state: State, attribute: Record, sent: Mapping[str, Any], position: int | None = None) -> str:
    """Insert or replace an option in `attribute` (a copy being edited) and return its id as text."""
    known = {option["value"] for option in attribute["options"]}
    number = sent.get("value") if sent.get("value") in known else str(state.next_id("options", at_least=FIRST_ID))
    stores = state.table("stores")
    labels = {0: (sent.get("label") or "").strip()}
    for label in sent.get("store_labels") or ():
        if label.get("store_id") in stores and label.get("label"):
            labels[label["store_id"]] = label["label"]
    option = {"value": number, "sort_order": sent.get("sort_order") or position or 0, "labels": labels}
    attribute["options"] = [other for other in attribute["options"] if other["value"] != number] + [option]
    return str(number)


def save_all(state: State, attribute: Record, options: Sequence[Mapping[str, Any]]) -> None:
    """Insert or replace the options that came with an attribute; those that it has and that were not sent stay."""
    chosen, unplaced = [], 0
    for option in options:
        if option.get("label") is None and not any(
            label.get("store_id") == 0 for label in option.get("store_labels") or ()
        ):
            raise MagentoError("The default option isn't defined. Set the option and try again.")
        number = with_option(state, attribute, option, unplaced)
        unplaced += not option.get("sort_order")
        if option.get("is_default"):
            chosen.append(number)
    if chosen:
        attribute["default_value"] = ",".join(chosen) if attribute["frontend_input"] == "multiselect" else chosen[-1]


@route("GET", PATH, ACL, {"attributeCode": "string"}, f"{SERVICE}::getItems", f"{MODEL}::getItems")
def items(ctx: Context) -> Any:
    """The options of an attribute."""
    return shown(by_code(ctx.state, ctx.inputs["attributeCode"]), ctx.store_id)


@route("POST", PATH, ACL, {"attributeCode": "string", "option": "Option"}, f"{SERVICE}::add", f"{MODEL}::add")
def add(ctx: Context) -> Any:
    """Add an option; the answer is its id as text."""
    attribute, sent = _with_source(ctx), ctx.inputs["option"]
    label = _label(sent)
    if _same_label(attribute, label) is not None:
        raise MagentoError('Admin store attribute option label "%1" is already exists.', [sent["label"]])
    if has_fixed_list(attribute):
        return ""
    number = with_option(ctx.state, attribute, {key: value for key, value in sent.items() if key != "value"})
    ctx.effect("created", f"{attribute['attribute_code']}: {label}", "option")
    return _save(ctx, attribute, sent, number)


@route(
    "PUT",
    f"{PATH}/:optionId",
    ACL,
    {"attributeCode": "string", "optionId": "int", "option": "Option"},
    f"{UPDATE}::update",
    f"{MODEL}::update",
)
def update(ctx: Context) -> Any:
    """Replace an option's labels; those of store views that are not sent are lost."""
    attribute, sent, number = _with_source(ctx), ctx.inputs["option"], str(ctx.inputs["optionId"])
    if number == "0":
        raise MagentoError("The option id is empty. Enter the value and try again.")
    label = _label(sent)
    if number not in {option["value"] for option in shown(attribute, 0)}:
        raise MagentoError(
            "The '%1' attribute doesn't include an option id '%2'.", [attribute["attribute_code"], number]
        )
    if _same_label(attribute, label) not in (None, number):
        raise MagentoError("Admin store attribute option label '%1' is already exists.", [sent["label"]])
    if has_fixed_list(attribute):
        return True
    with_option(ctx.state, attribute, {**sent, "value": number})
    _save(ctx, attribute, sent, number)
    return True


@route(
    "DELETE",
    f"{PATH}/:optionId",
    ACL,
    {"attributeCode": "string", "optionId": "string"},
    f"{SERVICE}::delete",
    f"{MODEL}::delete",
)
def delete(ctx: Context) -> Any:
    """Remove an option, also when products use it."""
    number = ctx.inputs["optionId"]
    if number in ("", "0"):
        raise MagentoError("Invalid option id %1", [number])
    attribute = _with_source(ctx)
    if has_fixed_list(attribute) and number in {option["value"] for option in shown(attribute, 0)}:
        return True
    left = [option for option in attribute["options"] if option["value"] != number]
    if len(left) == len(attribute["options"]):
        message = 'The "%1" attribute doesn\'t include an option with "%2" ID.'
        raise NotFound(message, [attribute["attribute_code"], number])
    ctx.state.table("attributes").put(attribute["attribute_code"], {**attribute, "options": left})
    return True


def _with_source(ctx: Context) -> Record:
    code = by_code(ctx.state, ctx.inputs["attributeCode"])["attribute_code"]
    attribute = ctx.state.table("attributes").edit(code)
    if attribute["frontend_input"] not in ("select", "multiselect", "boolean"):
        raise MagentoError('The "%1" attribute doesn\'t work with options.', [code])
    return attribute


def _label(sent: Mapping[str, Any]) -> str:
    label = (sent.get("label") or "").strip()
    if not label:
        raise MagentoError(EMPTY_LABEL)
    return str(label)


def _same_label(attribute: Record, label: str) -> str | None:
    """The option with that label in any letter case, or with that number."""
    for option in shown(attribute, 0):
        if option["label"].upper() == label.upper() or option["value"] == label:
            return option["value"]
    return None


def _save(ctx: Context, attribute: Record, sent: Mapping[str, Any], number: str) -> str:
    if sent.get("is_default"):
        attribute["default_value"] = number
    ctx.state.table("attributes").put(attribute["attribute_code"], attribute)
    return number
