"""What a person typed in a cell as the source would have it: numbers with a point, codes of lists, barcodes without spaces."""

import re

from data_quality.messages import marked
from data_quality.worklist.choices import Choices
from data_quality.worklist.said import Named, Said, say

LONGEST = {"name": 255, "brand": 255, "short_text": 65_000, "long_text": 65_000}
"""Characters that a shop stores; other fields take 255."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,12}(?:[.,][0-9]{1,6})?")
_GROUPED = re.compile(r"[0-9]{1,3}(?:[ \u00a0\u202f'’][0-9]{3})+(?:[.,][0-9]{1,6})?")
_SPACES = re.compile(r"[\s\u00a0\u202f'’]")
_HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def typed(field: str, text: str, choices: Choices) -> str | Said:
    """The value of a field, or a sentence why it can't be one."""
    text = text.strip()
    if _HIDDEN.search(text):
        return say(marked("The value holds a character that can't be seen. Type it again instead of pasting it."))
    if choices.is_limited(field):
        code = choices.code(field, text)
        return code if code is not None else say(
            marked("“{value}” is not in the list for {field}. Choose from the list, or have it added."),
            value=text, field=Named(field),
        )  # fmt: skip
    if choices.is_number(field):
        return _number(field, text)
    if field == "gtin":
        return _barcode(text)
    if len(text) > (most := LONGEST.get(field, 255)):
        return say(marked("The value has {count} characters; {most} fit. Shorten it."), count=len(text), most=most)
    return text


def _number(field: str, text: str) -> str | Said:
    """A comma and a point both mark the decimals; both at once can't be told apart from thousands."""
    bare = _SPACES.sub("", text) if _GROUPED.fullmatch(text) else text
    if not _NUMBER.fullmatch(bare):
        return say(
            marked("“{value}” is no number for {field}. Type the number alone, such as 0,35."),
            value=text, field=Named(field),
        )  # fmt: skip
    return bare.replace(",", ".").removeprefix("+")


def _barcode(text: str) -> str | Said:
    bare = re.sub(r"[\s\u00a0-]", "", text)
    if not re.fullmatch("[0-9]{7,14}", bare):
        return say(marked("“{value}” is no barcode. A barcode is 8 to 14 digits."), value=text)
    return bare
