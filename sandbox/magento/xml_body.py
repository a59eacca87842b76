"""Request bodies in XML, as Magento reads them: the root falls away, children become fields, <item> elements a list."""

from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

from sandbox.magento.errors import MagentoError


def decoded(body: bytes) -> Any:
    """The body as data; every scalar is text. Raises MagentoError when it is no XML."""
    if not body:
        return {}
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError):
        raise MagentoError("Decoding error.") from None
    return _value(root) if len(root) else {}


def _value(element: Element) -> Any:
    children = list(element)
    if not children:
        return element.text or ""
    names = [child.tag for child in children]
    if set(names) == {"item"}:
        return [_value(child) for child in children]
    result: dict[str, Any] = {}
    for name in dict.fromkeys(names):
        found = [_value(child) for child in children if child.tag == name]
        result[name] = found[0] if len(found) == 1 else found
    return result
