"""The colour in a name is compared with the property by column; name by name it comes to the same."""

import re
from datetime import UTC, datetime

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from data_quality.assortment import Assortment
from data_quality.catalogue import RULES
from data_quality.expectations import is_fine
from data_quality.facts import Facts

OPTIONS = {
    "black": {"nl": "Zwart", "fr": "Noir"},
    "red": {"nl": "Rood", "fr": "Rouge"},
    "ruby": {"nl": "Rood", "fr": "Rubis"},  # two codes, one word
    "clear": {"nl": "", "fr": "Clair"},  # a code without a word in a language
}
FACTS = Facts(("nl", "fr"), datetime(2026, 11, 26, tzinfo=UTC), Assortment({}), {"color": {"options": OPTIONS}})
RULE = RULES["name_colour"]
WORDS = ("hoesje", "zwart", "ZWART", "rood", "roodborst", "noir", "rouge", "rubis", "clair", "42")
ROWS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join) | st.none(),
        st.sampled_from(["nl", "fr", "de"]) | st.none(),
        st.sampled_from([*OPTIONS, "Rood", "rouge", "paars"]) | st.none(),
    ),
    min_size=1,
    max_size=12,
)


def holds(name: str, word: str) -> bool:
    return bool(word) and re.search(rf"\b{word}\b", name, re.IGNORECASE) is not None


def clashes(name: str | None, language: str | None, colour: str | None) -> bool:
    """What the rule means, told by one name."""
    words = {code: texts.get(language or "", "") for code, texts in OPTIONS.items()}
    if name is None or colour is None or not any(holds(name, word) for word in words.values()):
        return False
    own = [word for code, word in words.items() if word and colour.lower() in (code, word.lower())]
    return any(not holds(name, word) for word in own)


def frame(rows: list[tuple[str | None, str | None, str | None]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["name", "language", "property_color"], dtype="str")
    return table.set_axis(range(3, 3 + len(table)))  # the rows of a part keep their numbers


@settings(max_examples=40, deadline=None)
@given(ROWS)
def test_by_column_is_name_by_name(rows: list[tuple[str | None, str | None, str | None]]) -> None:
    table = frame(rows)
    found = is_fine(RULE, table, FACTS)
    assert list(found) == [not clashes(*row) for row in rows]
    assert found.index.equals(table.index)


def test_no_names_at_all_are_fine() -> None:
    assert is_fine(RULE, frame([]), FACTS).empty
