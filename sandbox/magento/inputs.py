"""Checks and converts what callers send, as Magento's ServiceInputProcessor does, with its messages.

Types: string, int, float, boolean, mixed, the name of a struct, and any of these with [] for a list. A struct is declared once:
`struct("ProductLink", sku="string", link_type="string", position="int")`. A converted struct is a dict that holds only the
keys that were sent, so a handler can tell "not sent" from "null". A field of type "attributes" (custom_attributes) becomes a
dict {code: value}, checked against the storage type of each attribute.
"""

import math
import re
import uuid
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sandbox.magento.errors import ApplicationCrash, MagentoError, required

STRUCTS: dict[str, dict[str, str]] = {}
SIMPLE = {"string", "int", "float", "double", "boolean", "mixed"}
ATTRIBUTE_TYPES = {"varchar": "string", "text": "string", "datetime": "string", "int": "int", "decimal": "double"}
BackendType = Callable[[str], str | None]


class InvalidType(MagentoError):
    """A value that does not fit; every level that it passes on its way out adds the field's name."""

    def within(self, field: str) -> "InvalidType":
        """The same, one level up."""
        return InvalidType(f'Error occurred during "{field}" processing. {self.message}')


def struct(name: str, /, **fields: str) -> None:
    """Declare a data interface: its fields and their types."""
    STRUCTS[name] = fields


@lru_cache(maxsize=10_000)
def snake(name: str) -> str:
    """camelCase to snake_case."""
    return re.sub(r"(?<=\w)(?=[A-Z])", "_", name).lower()


def process(
    parameters: Mapping[str, str],
    sent: Mapping[str, Any],
    backend_type: BackendType = lambda _: None,
    list_limit: int | None = None,
) -> dict[str, Any]:
    """The service's parameters from what was sent.

    Raises MagentoError for missing parameters and wrong types, ApplicationCrash where PHP breaks down.
    """
    converter = Converter(backend_type, list_limit)
    values: dict[str, Any] = {}
    missing: list[str] = []
    for declared, kind in parameters.items():
        name, optional = declared.removesuffix("?"), declared.endswith("?")
        value = sent.get(name)
        value = sent.get(snake(name)) if value is None else value
        if value is not None:
            values[name] = converter.convert(value, kind)
            if values[name] is None and kind.endswith("[]"):
                # A service declares its lists as PHP arrays, and a text where objects belong has become nothing.
                raise ApplicationCrash
        elif optional:
            values[name] = None
        else:
            missing.append(name)
    if missing:
        raise required(missing)
    return values


class Converter:
    """Converts values to their declared types."""

    def __init__(self, backend_type: BackendType, list_limit: int | None = None) -> None:
        self._backend_type = backend_type
        self._list_limit = list_limit

    def convert(self, value: Any, kind: str) -> Any:
        """One value to its declared type."""
        if kind == "attributes":
            return self._custom_attributes(value)
        if kind.endswith("[]"):
            return self._list(value, kind[:-2])
        return simple(value, kind) if kind in SIMPLE else self._struct(value, kind)

    def _list(self, value: Any, item: str) -> Any:
        if not is_array(value):
            if item in SIMPLE and value is not None:
                raise wrong_type(value, f"{item}[]")
            return None
        elements = list(value.values()) if isinstance(value, dict) else list(value)
        if self._list_limit is not None and len(elements) > self._list_limit and item not in SIMPLE:
            php = f"\\Magento\\Catalog\\Api\\Data\\{item}Interface"
            raise MagentoError('Maximum items of type "%type" is %max', {"type": php, "max": self._list_limit})
        return [settype(element, item) if item in SIMPLE else self.convert(element, item) for element in elements]

    def _struct(self, value: Any, name: str) -> dict[str, Any]:
        fields = STRUCTS[name]
        data = value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, list) else {}
        result: dict[str, Any] = {}
        for key, element in data.items():
            known = snake(str(key))
            if known not in fields:
                raise internal_error()
            try:
                result[known] = self.convert(element, fields[known])
            except InvalidType as error:
                raise error.within(str(key)) from error
        return result

    def _custom_attributes(self, value: Any) -> dict[str, Any]:
        if not is_array(value):
            raise ApplicationCrash
        result: dict[str, Any] = {}
        for entry in value.values() if isinstance(value, dict) else value:
            if not isinstance(entry, dict):
                raise ApplicationCrash
            code = entry.get("attribute_code") or entry.get("attributeCode")
            if not code:
                raise InvalidType(_without_code(entry))
            if "value" not in entry:
                raise InvalidType(
                    f'The "{code}" attribute code doesn\'t have a value set. Enter the value and try again.'
                )
            result[str(code)] = self._attribute_value(str(code), entry["value"])
        return result

    def _attribute_value(self, code: str, value: Any) -> Any:
        kind = ATTRIBUTE_TYPES.get(self._backend_type(code) or "", "mixed")
        try:
            return simple(value, kind)
        except InvalidType as error:
            raise InvalidType(f'Attribute "{code}" has invalid value. {error.message}') from error


def _without_code(entry: Mapping[str, Any]) -> str:
    if entry.get("value") is None:
        return "There is an empty custom attribute specified. Enter the attribute and try again."
    return "A custom attribute is specified with a missing attribute code. Verify the code and try again."


def is_array(value: Any) -> bool:
    """Whether PHP would hold it in an array."""
    return isinstance(value, list | dict)


def internal_error() -> MagentoError:
    """Magento's answer to its own exceptions, such as a field that a data interface does not have."""
    report = uuid.uuid4().hex[:13]
    return MagentoError(
        f"Internal Error. Details are available in Magento log file. Report ID: webapi-{report}", status=500
    )


def wrong_type(value: Any, kind: str) -> InvalidType:
    """The message for a value that does not fit its type."""
    shown = "array" if is_array(value) else php_text(value)
    return InvalidType(f'The "{shown}" value\'s type is invalid. The "{kind}" type was expected. Verify and try again.')


def php_text(value: Any) -> str:
    """A scalar as PHP prints it."""
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, float):
        text = f"{value:.14G}"
        return text if "E" not in text else text.replace("E+0", "E+").replace("E-0", "E-")
    return str(value)


def simple(value: Any, kind: str) -> Any:
    """A scalar to string, int, float, double (PHP's settype, which takes anything), boolean or mixed."""
    if value is None or kind == "mixed":
        return value
    if is_array(value):
        raise wrong_type(value, kind)
    if kind == "string":
        return php_text(value)
    if kind == "boolean":
        return php_text(value).strip().lower() in ("1", "true", "on", "yes")  # filter_var: any other text is false
    if kind == "double":
        return leading_number(php_text(value))
    number = _number(value)
    if number is None:
        raise wrong_type(value, kind)
    return int(number) if kind == "int" else number


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        return numeric(value)
    return None if isinstance(value, bool) or not math.isfinite(value) else float(value)


def settype(value: Any, kind: str) -> Any:
    """An element of a list of scalars: PHP forces it into its type without a word."""
    if kind == "mixed" or value is None:
        return value
    text = "Array" if is_array(value) else php_text(value)
    if kind == "boolean":
        return text not in ("", "0")
    if kind == "string":
        return text
    number = float(bool(value)) if is_array(value) else leading_number(text)
    return int(number) if kind == "int" else number


# PHP knows no digits but these ten.
NUMBER = r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
NUMERIC = re.compile(rf"\s*{NUMBER}\s*")
LEADING = re.compile(rf"\s*({NUMBER})")


def numeric(text: str) -> float | None:
    """The number in a PHP numeric string (spaces around it allowed), else None."""
    return float(text) if NUMERIC.fullmatch(text) else None


def leading_number(text: str) -> float:
    """What PHP and MySQL make of a text where a number is expected: the number it starts with, or 0."""
    found = LEADING.match(text)
    return float(found.group(1)) if found else 0.0
