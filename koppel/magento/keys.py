"""The keys of a Magento shop, as it compares them."""

import unicodedata


def normalised(key: str) -> str:
    """A key as Magento compares SKUs: without case, accents and outer spaces."""
    while (simpler := _without_accents(key).casefold().strip()) != key:
        key = simpler
    return key


def _without_accents(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
