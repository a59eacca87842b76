"""What Magento's error messages mean: placeholders filled in, and the few that ask for something other than "no"."""

import re
from collections.abc import Mapping
from typing import Any

from koppel.http import Answer

_PLACEHOLDER = re.compile(r"%(\d+|[A-Za-z_]+)")
_MAXIMUM = re.compile(r"Maximum (?:items of type|SearchCriteria pageSize)\b.*?\bis (\d+)", re.DOTALL)
_ONCE_MORE = re.compile(
    r"unique constraint violation|deadlock|lock wait timeout|server has gone away|lost connection", re.IGNORECASE
)
_EXISTS = re.compile(r"already exist|is already exists|duplicate", re.IGNORECASE)
NO_QUEUE = "Something went wrong while processing the request."
"""What the bulk routes answer when no message queue is set up."""


def filled(message: str, parameters: Any) -> str:
    """The message with %1, %2 or %fieldName replaced; a list without numbers fills named places from left to right."""
    if isinstance(parameters, Mapping):
        return _PLACEHOLDER.sub(lambda found: str(parameters.get(found[1], found[0])), message)
    if not isinstance(parameters, list):
        return message
    if re.search(r"%\d", message):
        return _PLACEHOLDER.sub(lambda found: _numbered(found, parameters), message)
    left = iter(parameters)
    return _PLACEHOLDER.sub(lambda found: str(next(left, found[0])), message)


def words(answer: Answer) -> str:
    """What Magento said, complete and on one line, with the HTTP status when it said nothing of use."""
    body = answer.body
    if not isinstance(body, dict) or "message" not in body:
        return answer.message
    parts = [filled(str(body["message"]), body.get("parameters"))]
    parts += [
        filled(str(error.get("message", "")), error.get("parameters"))
        for error in body.get("errors") or []
        if isinstance(error, dict)
    ]
    return " ".join(" ".join(parts).split())[:1000]


def maximum(message: str) -> int | None:
    """The limit in ``Maximum items of type "X" is N``, or None when the message is another one."""
    found = _MAXIMUM.search(message)
    return max(1, int(found[1])) if found else None


def is_worth_once_more(message: str) -> bool:
    """Whether two writes got in each other's way, so that sending it once more may well work."""
    return bool(_ONCE_MORE.search(message))


def says_exists(message: str) -> bool:
    """Whether what was to be made is there already."""
    return bool(_EXISTS.search(message))


def _numbered(found: re.Match[str], parameters: list[Any]) -> str:
    if not found[1].isdecimal() or not 1 <= int(found[1]) <= len(parameters):
        return found[0]
    return str(parameters[int(found[1]) - 1])
