"""Checks and converts what callers send, as Magento's ServiceInputProcessor does, with its messages.

Types: string, int, float, boolean, mixed, the name of a struct, and any of these with [] for a list. A struct is declared once:
`struct("ProductLink", sku="string", link_type="string", position="int")`. A converted struct is a dict that holds only the
keys that were sent, so a handler can tell "not sent" from "null". custom_attributes becomes a dict {code: value}.
"""

import re
from collections.abc import Mapping
from typing import Any

from sandbox.magento.errors import ApplicationCrash, MagentoError, required

STRUCTS: dict[str, dict[str, str]] = {}
SIMPLE = {"string", "int", "float", "boolean", "mixed"}


def struct(name: str, /, **fields: str) -> None:
    """Declare a data interface: its fields and their types."""
    STRUCTS[name] = fields


def snake(name: str) -> str:
    """camelCase to snake_case."""
    return re.sub(r"(?<=\w)(?=[A-Z])", "_", name).lower()


def process(parameters: Mapping[str, str], sent: Mapping[str, Any]) -> dict[str, Any]:
    """The service's parameters from what was sent.

    Raises MagentoError for missing parameters and wrong types, ApplicationCrash where PHP breaks down.
    """
    values: dict[str, Any] = {}
    missing: list[str] = []
    for declared, kind in parameters.items():
        name, optional = declared.removesuffix("?"), declared.endswith("?")
        value = sent.get(name, sent.get(snake(name)))
        if value is not None:
            values[name] = convert(value, kind)
        elif optional:
            values[name] = None
        else:
            missing.append(name)
    if missing:
        raise required(missing)
    return values


def convert(value: Any, kind: str) -> Any:
    """One value to its declared type."""
    if kind.endswith("[]"):
        item = kind[:-2]
        if item in SIMPLE:
            return _simple_list(value, item)
        return [_struct(element, item) for element in _elements(value)] if _is_array(value) else None
    return _simple(value, kind) if kind in SIMPLE else _struct(value, kind)


def _is_array(value: Any) -> bool:
    return isinstance(value, list | dict)


def _elements(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else list(value)


def _struct(value: Any, name: str) -> dict[str, Any]:
    fields = STRUCTS[name]
    data = value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, list) else {}
    result: dict[str, Any] = {}
    for key, element in data.items():
        known = snake(str(key))
        if known not in fields:
            raise unknown_property(str(key), name)
        if known == "custom_attributes":
            result[known] = custom_attributes(element)
        else:
            try:
                result[known] = convert(element, fields[known])
            except MagentoError as error:
                raise _within(str(key), error) from error
    return result


def _within(key: str, error: MagentoError) -> MagentoError:
    return MagentoError(f'Error occurred during "{key}" processing. {error.message}', status=error.status)


def unknown_property(key: str, name: str) -> MagentoError:
    """A field that the data interface does not have."""
    upper = "".join(part[:1].upper() + part[1:] for part in key.split("_"))
    return MagentoError(
        f'Property "{upper}" does not have accessor method "get{upper}" in class "{name}".', status=500
    )


def custom_attributes(value: Any) -> dict[str, Any]:
    """[{attribute_code, value}] or {code: value} to {code: value}."""
    if not _is_array(value):
        raise ApplicationCrash
    result: dict[str, Any] = {}
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, entry in pairs:
        entry = entry if _is_array(entry) else {"attribute_code": key, "value": entry}
        code = entry.get("attribute_code") or entry.get("attributeCode") if isinstance(entry, dict) else None
        if not code:
            raise MagentoError("There is an empty custom attribute specified.")
        if isinstance(entry, dict) and "value" not in entry:
            raise MagentoError(f'Value is not set for attribute code "{code}"')
        result[str(code)] = entry["value"] if isinstance(entry, dict) else None
    return result


def _simple_list(value: Any, item: str) -> Any:
    if not _is_array(value):
        raise wrong_type(value, f"{item}[]")
    return [_simple(element, item) for element in _elements(value)]


def wrong_type(value: Any, kind: str) -> MagentoError:
    """The message for a value that does not fit its type."""
    shown = "array" if _is_array(value) else php_text(value)
    return MagentoError(f'The "{shown}" value\'s type is invalid. The "{kind}" type was expected. Verify and try again.')


def php_text(value: Any) -> str:
    """A scalar as PHP prints it."""
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _simple(value: Any, kind: str) -> Any:
    if value is None or kind == "mixed":
        return value
    if kind == "string" and not _is_array(value):
        return php_text(value)
    if kind == "boolean" and not _is_array(value):
        return _boolean(value)
    if kind in ("int", "float") and not isinstance(value, bool) and not _is_array(value):
        number = numeric(str(value))
        if number is not None and (kind == "float" or float(number).is_integer()):
            return int(number) if kind == "int" else float(number)
    raise wrong_type(value, kind)


def numeric(text: str) -> float | None:
    """The number in a PHP numeric string (spaces around it allowed), else None."""
    if not re.fullmatch(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*", text):
        return None
    return float(text)


def _boolean(value: Any) -> bool:
    if isinstance(value, str):
        return value not in ("", "0", "false")
    return bool(value)
