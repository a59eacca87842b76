"""Turns a service result into the answer: the `fields=` filter, JSON as PHP writes it, and XML."""

import json
import re
from typing import Any
from xml.sax.saxutils import escape

from sandbox.magento.errors import ApplicationCrash

Tree = dict[str, Any]


def parse_fields(text: str) -> Tree | None:
    """ "items[sku,name],total_count" to a tree; None when it is empty, unbalanced or has other characters."""
    if not text or re.search(r"[^\w\[\],]", text):
        return None
    root: Tree = {}
    stack: list[Tree] = []
    current, name = root, ""
    for sign in text:
        if sign not in "[],":
            name += sign
            continue
        if sign == "[":
            child: Tree = {}
            current[name] = child
            stack.append(current)
            current = child
        else:
            if name:
                current[name] = 1
            if sign == "]":
                if not stack:
                    return None
                current = stack.pop()
        name = ""
    if stack:
        return None
    if name:
        current[name] = 1
    return root


def filtered(result: Any, fields: str) -> Any:
    """The result with only the wanted fields; scalars pass, a wrong filter gives an empty list."""
    if not isinstance(result, dict | list):
        return result
    tree = parse_fields(fields)
    return [] if tree is None else _apply(result, tree)


def _apply(value: Any, tree: Tree) -> Any:
    if isinstance(value, dict) and value:
        return _intersect(value, tree)
    # An empty list never enters the loop of Magento's filter, and its result is null.
    return [_intersect(item, tree) for item in value] or None


def _intersect(value: Any, tree: Tree) -> Any:
    if isinstance(value, list):
        return []
    if not isinstance(value, dict):
        raise ApplicationCrash
    kept = {}
    for key, item in value.items():
        if key in tree:
            deeper = isinstance(item, dict | list) and isinstance(tree[key], dict)
            kept[key] = _apply(item, tree[key]) if deeper else item
    return kept


def plain(value: Any) -> Any:
    """As PHP encodes it: an empty object is an empty list, a whole float has no decimals."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()} or []
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e14:
        return int(value)
    return value


def to_json(value: Any) -> bytes:
    """JSON with the escapes of PHP's json_encode."""
    return json.dumps(plain(value)).replace("/", "\\/").encode()


def to_xml(value: Any) -> bytes:
    """XML with a <response> root and <item> for list elements."""
    lines = ['<?xml version="1.0"?>']
    value = plain(value)
    if isinstance(value, dict | list) and value:
        lines += ["<response>", *_xml_children(value, 1), "</response>"]
    else:
        text = "" if isinstance(value, list) else _xml_text(value)
        lines.append(f"<response>{text}</response>" if text else "<response/>")
    return ("\n".join(lines) + "\n").encode()


def _xml_children(value: Any, depth: int) -> list[str]:
    pairs = value.items() if isinstance(value, dict) else (("item", item) for item in value)
    lines: list[str] = []
    for key, item in pairs:
        name, pad = re.sub(r"[^\w.-]", "_", str(key)), "  " * depth
        name = f"item_{name}" if name[:1].isdigit() else name
        if isinstance(item, dict | list) and item:
            lines += [f"{pad}<{name}>", *_xml_children(item, depth + 1), f"{pad}</{name}>"]
        else:
            text = "" if isinstance(item, dict | list) else _xml_text(item)
            lines.append(f"{pad}<{name}>{text}</{name}>" if text else f"{pad}<{name}/>")
    return lines


def _xml_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else escape(str(value))
