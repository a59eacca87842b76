"""In which language a text is written, where that is certain."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import pandas as pd

from data_quality.words import has

TELLING_WORDS = {
    "nl": "het|een|voor|met|niet|zijn|wordt|deze|ook|maar|naar|bij|uit|jouw|onze|geen|gemaakt",
    "fr": "les|des|du|avec|pour|une|est|dans|sur|cette|votre|vous|qui|aux|ses|grâce|sans|et",
    "en": "the|with|and|for|this|your|from|you|are|can|has|without|made",
    "de": "der|die|das|und|mit|für|eine|ist|nicht|auf|auch|aus|dem|den|ein",
}
"""Small words that the neighbouring languages do not share: a cheap first look that saves most texts the second."""

LONGEST_LOOK = 600
"""Characters that are looked at; more adds nothing."""


def suspects(texts: "pd.Series[str]", language: str, languages: Iterable[str]) -> "pd.Series[bool]":
    """Texts that hold telling words of another language, or none of their own: only they are worth identifying."""
    texts = texts.str.slice(0, LONGEST_LOOK)
    foreign = "|".join(TELLING_WORDS[other] for other in languages if other != language and other in TELLING_WORDS)
    found = _any(texts, foreign) if foreign else pd.Series(data=False, index=texts.index)
    return found | ~_any(texts, TELLING_WORDS[language]) if language in TELLING_WORDS else texts.notna()


def identified(texts: "pd.Series[str]", languages: tuple[str, ...], confidence: float) -> "pd.Series[Any]":
    """The language of each text (a code among ``languages``), missing where ``confidence`` (0 to 1) is not reached."""
    identifier = _identifier(languages)
    found = [identifier.classify(text[:LONGEST_LOOK]) for text in texts]
    codes = [code if float(sure) >= confidence else None for code, sure in found]
    return pd.Series(codes, index=texts.index, dtype="str")


def _any(texts: "pd.Series[str]", words: str) -> "pd.Series[bool]":
    return has(texts, f"(?:^|[ ,.;:(])(?:{words})(?:$|[ ,.;:)])", ignore_case=True)


@lru_cache(maxsize=4)
def _identifier(languages: tuple[str, ...]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 (takes most of a second; rarely needed)

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([code for code in languages if code in identifier.labels])
    return identifier
