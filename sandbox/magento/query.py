"""Query strings as PHP reads them: a[b][0]=c becomes nested dicts."""

import re
from typing import Any
from urllib.parse import parse_qsl


def parse(query: str) -> dict[str, Any]:
    """The query as nested dicts; list elements get the keys "0", "1", ..."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        head, sign, rest = name.partition("[")
        if not head or not sign or "]" not in rest:
            tree[re.sub(r"[ .\[]", "_", name)] = value
            continue
        _put(tree, [re.sub(r"[ .]", "_", head), *re.findall(r"\[([^\]]*)\]", sign + rest)], value)
    return tree


def _put(tree: dict[str, Any], keys: list[str], value: str) -> None:
    for index, given in enumerate(keys):
        key = given or str(_next_index(tree))
        if index == len(keys) - 1:
            tree[key] = value
            return
        if not isinstance(tree.get(key), dict):
            tree[key] = {}
        tree = tree[key]


def _next_index(tree: dict[str, Any]) -> int:
    return max((int(key) for key in tree if key.isdigit()), default=-1) + 1
