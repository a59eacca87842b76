"""URL keys and the addresses that follow from them; an address exists once per store view.

Table `url_rewrites` by (store_id, path): {entity, id, path}.
"""

import re
import unicodedata

from sandbox.magento.collation import collated
from sandbox.magento.errors import MagentoError
from sandbox.magento.state import State

SUFFIX = ".html"
PATH_LENGTH = 255
LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "Æ": "ae", "ø": "o", "Ø": "o", "œ": "oe", "Œ": "oe", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d",
     "þ": "th", "Þ": "th", "ð": "d", "@": "at", "©": "c", "®": "r"}
)  # fmt: skip


def url_key(text: str) -> str:
    """ "Met Spaties & Ümlaut" becomes "met-spaties-umlaut"."""
    bare = unicodedata.normalize("NFKD", text.translate(LETTERS)).encode(
        "ascii", "ignore" if _latin(text) else "replace"
    )
    return re.sub(r"[^0-9a-z]+", "-", bare.decode().lower()).strip("-")


def _latin(text: str) -> bool:
    return all(unicodedata.combining(sign) or sign.isascii() for sign in unicodedata.normalize("NFKD", text))


def replace(state: State, entity: str, number: int, old: dict[int, str], new: dict[int, str]) -> None:
    """Give an entity its addresses, per store view. Raises MagentoError when one is taken."""
    table = state.table("url_rewrites")
    for store, path in new.items():
        if old.get(store) == path:
            continue
        taken = table.get((store, collated(path[:PATH_LENGTH])))
        if taken and (taken["entity"], taken["id"]) != (entity, number):
            if len(path) > PATH_LENGTH:
                # The check looks for the whole path, the column holds 255 characters: only the database notices.
                raise MagentoError("Unique constraint violation found")
            raise MagentoError("URL key for specified store already exists.")
    for store, path in old.items():
        if new.get(store) != path:
            table.delete((store, collated(path[:PATH_LENGTH])))
    for store, path in new.items():
        if old.get(store) != path:
            table.put(
                (store, collated(path[:PATH_LENGTH])), {"entity": entity, "id": number, "path": path[:PATH_LENGTH]}
            )
