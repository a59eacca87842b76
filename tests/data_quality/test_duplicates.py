"""Long texts that differ in names and numbers only: what was exchanged does not count, and nothing is told twice."""

from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from data_quality.assortment import Assortment
from data_quality.catalogue import RULES
from data_quality.facts import Facts

RULE = RULES["long_text_alike"]
COLOURS = {"black": {"nl": "Zwart", "fr": "Noir"}, "cream": {"nl": "Crème", "fr": "Crème"}}
FACTS = Facts(("nl", "fr"), datetime(2026, 11, 26, tzinfo=UTC), Assortment({}), {"color": {"options": COLOURS}})
STORY = (
    "De {model} van {brand} met {number} messen is {colour} en {little} stil: hij klopt eiwit, hakt noten, kneedt deeg en "
    "maalt koffie zonder dat je hem moet vasthouden, en de kom gaat gewoon in de afwasmachine. De garantie duurt jaren."
)
NAMES = st.sampled_from(["Nubo", "Vesta", "Crème & Co", "ÉLAN", "300", "D'Or", "Nubo Pro"])
NUMBERS = st.one_of(st.integers(0, 10**9).map(str), st.sampled_from(["1,5", "2 × 3", "½", "-7"]))
LITTLE = st.sampled_from(["", "een", "zo", "“zo”", "er ook", "– ja –"])


def product(brand: str, model: str, color: str, number: str = "2", little: str = "") -> dict[str, str]:
    told = STORY.format(model=model, brand=brand, number=number, colour=COLOURS[color]["nl"], little=little)
    return {"language": "nl", "long_text_plain": told, "brand": brand, "model": model, "property_color": color}


def found(*products: dict[str, str], facts: Facts = FACTS) -> list[bool]:
    rows = pd.DataFrame(products, dtype="str").assign(category_code="KEU").set_axis(range(7, 7 + len(products)))
    fine = RULE.check(rows, facts.for_rule(RULE.options, RULE.id))  # type: ignore[operator]
    assert list(fine.index) == list(rows.index)
    return (~fine).tolist()


@given(NAMES, NAMES, st.sampled_from([*COLOURS]), NUMBERS, LITTLE)
def test_it_does_not_matter_what_the_names_colours_and_numbers_are(
    brand: str, model: str, color: str, number: str, little: str
) -> None:
    assert found(product("Bravo", "Bravo 1", "black"), product(brand, model, color, number, little)) == [True, True]


def test_one_other_word_makes_it_another_text() -> None:
    other = product("Vesta", "Vesta 2", "cream")
    other["long_text_plain"] = other["long_text_plain"].replace("kneedt", "mengt")
    assert found(product("Nubo", "Nubo 1", "black"), other) == [False, False]


def test_what_stands_there_twice_to_the_letter_is_not_told_twice() -> None:
    one = product("Nubo", "Nubo", "black")
    same = {**one, "brand": "Vesta"}
    other = product("Bravo", "Bravo", "black")
    assert found(one, {**one, "property_color": "black"}, other) == [False, False, True]
    assert found(one, same) == [False, False]


def test_it_is_told_where_the_other_rule_is_switched_off() -> None:
    off = replace(FACTS, settings={"long_text_shared": {"enabled": False}})
    one = product("Nubo", "Nubo", "black")
    assert found(one, one, product("Bravo", "Bravo", "black"), facts=off) == [True, True, True]


def test_the_sizes_of_one_model_and_texts_that_are_missing_or_short_are_left_alone() -> None:
    one = product("Nubo", "Nubo", "black")
    missing = {**one, "model": "Vesta", "long_text_plain": None}
    short = {**one, "model": "Vesta", "long_text_plain": "De Nubo 2."}
    assert found(one, product("Nubo", "Nubo", "cream", "3")) == [False, False]
    assert found(missing, short, {**short, "model": "Bravo"}) == [False, False, False]  # type: ignore[arg-type]
