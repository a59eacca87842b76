"""Rules for the question: is the name understandable, in each language?"""

import pandas as pd

from data_quality.facts import Facts
from data_quality.rule import BuiltIn, Rule, Show
from data_quality.widths import cut_off
from data_quality.words import any_word, count_of, has, has_words, holds, none_of, still_holds, swapped, without

_PRICED = r"[€$£] ?[0-9]|[0-9] ?(?:€|EUR|euros?)(?:$|[^A-Za-z])|- ?[0-9]{1,2} ?%"
_ENTITY = r"&(?:[a-zA-Z]{2,10}|#[0-9]{2,5}|#x[0-9a-fA-F]{2,4});"


def _speaks(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """Names of books and the like are the same in every language, and may be missing or short."""
    return ~facts.assortment.flags(rows["category_code"], "neutral_names", default=False)


def _not_shouting(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """Brands, models, sizes and words such as HDMI are in capitals by right."""

    def apart(some: pd.DataFrame) -> "pd.Series[bool]":
        rest = swapped(without(without(some["name"], some["brand"]), some["model"]), r"\S*[0-9]\S*", " ")
        for word in {word for language in some["language"].unique() for word in facts.words("acronyms", str(language))}:
            rest = rest.str.replace(word, " ", regex=False)
        return _mostly_capitals(rest, facts)

    return ~still_holds(_mostly_capitals(rows["name"], facts), rows, apart)


def _mostly_capitals(names: "pd.Series[str]", facts: Facts) -> "pd.Series[bool]":
    capitals = count_of(names, "[A-ZÀ-ÖØ-Þ]")
    letters = count_of(names, "[A-Za-zÀ-ÖØ-öø-ÿ]")
    found: pd.Series[bool] = (letters >= facts.options["letters"]) & (capitals > letters * facts.options["share"])
    return found.astype(bool)


def _no_abbreviation(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    return ~has_words(rows["name"], facts, "abbreviations", rows["language"])


def _no_item_code(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """The number of a model is no item number: customers search for it."""
    digits = f"[0-9]{{{facts.options['digits']}}}"
    code_like = has(rows["sku"], "[0-9]") & rows["sku"].str.len().ge(5)

    def coded(names: "pd.Series[str]") -> "pd.Series[bool]":
        return has(names, digits) | holds(names, rows["sku"].where(code_like).reindex(names.index))

    return ~still_holds(coded(rows["name"]), rows, lambda some: coded(without(some["name"], some["model"])))


def _enough_words(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    return rows["name"].isna() | count_of(rows["name"], r"\S+").ge(facts.options["words"])


def _whole(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    return ~cut_off(rows["name"], rows["language"], facts.options["widths"], facts.options["peak"])


def _more_than_category(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    vague = none_of(rows)
    for language in rows["language"].unique():
        words = [word.lower() for word in facts.words("generic_names", str(language))]
        vague |= rows["language"].eq(language) & rows["name"].str.lower().isin(words)
    return ~vague


def _own_name(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    """Variants may share a name when something that a customer can see tells them apart."""
    traits = [name for name in rows.columns if name == "model" or name.startswith("property_")]
    return ~(rows["name"].notna() & rows.duplicated(["language", "name", *traits], keep=False))


def _no_promotion(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """A brand may be called Sale & Pepe, and a gift card names its amount."""

    def offers(names: "pd.Series[str]") -> "pd.Series[bool]":
        return has(names, _PRICED) | has_words(names, facts, "promotion", rows["language"].reindex(names.index))

    def apart(some: pd.DataFrame) -> "pd.Series[bool]":
        is_gift_card = has_words(some["name"], facts, "gift_cards", some["language"])
        return offers(without(some["name"], some["brand"])) & ~is_gift_card

    return ~still_holds(offers(rows["name"]), rows, apart)


def _no_blocked_word(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    def blocked(names: "pd.Series[str]") -> "pd.Series[bool]":
        return has_words(names, facts, "blocked", rows["language"].reindex(names.index))

    def apart(some: pd.DataFrame) -> "pd.Series[bool]":
        return blocked(without(without(some["name"], some["brand"]), some["model"]))

    return ~still_holds(blocked(rows["name"]), rows, apart)


def _found_word(list_name: str) -> Show:
    """Shows the word of the list that was found."""

    def show(rows: pd.DataFrame, facts: Facts) -> "pd.Series[str]":
        found = rows["name"].astype("str").copy()
        for language in rows["language"].unique():
            pattern = any_word(facts.words(list_name, str(language)))
            own = rows["language"].eq(language)
            if pattern:
                inner = rows.loc[own, "name"].str.extract(f"({pattern})", expand=False)
                found[own] = inner.str.strip(" ()[],;:-/").fillna(rows.loc[own, "name"])
        return found

    return show


RULES = (
    Rule(
        id="name_missing", entity="product_text", fields=("name",), also=("category_code",), severity="block",
        question="name", title="The product has a name in this language", check=BuiltIn("ExpectColumnValuesToNotBeNull"),
        reason="The product has no name in this language. Write one that a customer understands.",
        applies_to=_speaks, role="marketing", minutes=4,
    ),
    Rule(
        id="name_capitals", entity="product_text", fields=("name", "language"), also=("brand", "model"), severity="improve",
        question="name", title="The name is not written in capitals", check=_not_shouting,
        reason="The name '{value}' is mostly in capitals, which is hard to read. Write it as you would in a sentence.",
        role="marketing", minutes=2, options={"letters": 6, "share": 0.5},
    ),
    Rule(
        id="name_abbreviations", entity="product_text", fields=("name", "language"), severity="improve", question="name",
        title="The name holds no abbreviations of the ERP", check=_no_abbreviation, shows=_found_word("abbreviations"),
        reason="The name holds the abbreviation '{value}'. Write the word in full.", role="marketing", minutes=2,
    ),
    Rule(
        id="name_item_code", entity="product_text", fields=("name", "sku"), also=("model",), severity="improve",
        question="name", title="The name holds no item number", check=_no_item_code,
        reason="The name '{value}' holds an item number, which says nothing to a customer. Take it out.",
        role="marketing", minutes=1, options={"digits": 6},
    ),
    Rule(
        id="name_few_words", entity="product_text", fields=("name",), also=("category_code",), severity="improve",
        question="name", title="The name has at least three words", check=_enough_words, applies_to=_speaks,
        reason="The name '{value}' is too short to know what it is. Say what it is, of which brand, and which kind.",
        role="marketing", minutes=3, options={"words": 3},
    ),
    Rule(
        id="name_long", entity="product_text", fields=("name",), severity="improve", question="name",
        title="The name is not too long", reason="The name '{value}' has more than {longest} characters. Shorten it.",
        check=BuiltIn("ExpectColumnValueLengthsToBeBetween", lambda facts: {"max_value": facts.options["longest"]}),
        role="marketing", minutes=3, options={"longest": 150},
    ),
    Rule(
        id="name_does_not_fit", entity="product_text", fields=("name",), severity="block", question="name",
        title="The name fits into the shop",
        reason="The name '{value}' has more than {longest} characters, which the shop can't store. Shorten it.",
        check=BuiltIn("ExpectColumnValueLengthsToBeBetween", lambda facts: {"max_value": facts.options["longest"]}),
        role="marketing", minutes=3, options={"longest": 255},
    ),
    Rule(
        id="name_cut_off", entity="product_text", fields=("name", "language"), severity="improve", question="name",
        title="The name is not cut off by the ERP", check=_whole,
        reason="The name '{value}' looks cut off: many names end at exactly this length. Complete it.",
        role="it", minutes=3, options={"peak": 8, "widths": [30, 35, 40, 50, 60]},
    ),
    Rule(
        id="name_only_category", entity="product_text", fields=("name", "language"), severity="improve", question="name",
        title="The name says more than the category", check=_more_than_category,
        reason="The name '{value}' only names a kind of product. Add the brand and what sets it apart.",
        role="marketing", minutes=3,
    ),
    Rule(
        id="name_shared", entity="product_text", fields=("name", "language"), also=("model", "property_*"),
        severity="improve", question="name", title="No two products have the same name", check=_own_name,
        reason="Several products are called '{value}' and nothing sets them apart. Say in the name what differs.",
        role="marketing", minutes=4,
    ),
    Rule(
        id="name_typing", entity="product_text", fields=("name",), severity="improve", question="name",
        title="The name is typed with care",
        reason="The name '{value}' holds double spaces or a row of signs. Type it again.",
        check=BuiltIn("ExpectColumnValuesToNotMatchRegex", lambda _: {"regex": r"[ \t][ \t]|\?\?|!!|\.\.\.\.|,,|__"}),
        role="marketing", minutes=1,
    ),
    Rule(
        id="name_markup", entity="product_text", fields=("name",), severity="block", question="name",
        title="The name holds no HTML", check=BuiltIn("ExpectColumnValuesToNotMatchRegex", lambda _: {"regex": r"<[a-zA-Z/!]"}),
        reason="The name '{value}' holds HTML code. Keep only the words that a customer should read.",
        role="it", minutes=2,
    ),
    Rule(
        id="name_entity", entity="product_text", fields=("name",), severity="improve", question="name",
        title="The name holds no coded characters",
        check=BuiltIn("ExpectColumnValuesToNotMatchRegex", lambda _: {"regex": _ENTITY}),
        reason="The name '{value}' holds a coded character such as &amp;. Type the character itself.",
        role="it", minutes=1,
    ),
    Rule(
        id="name_promotion", entity="product_text", fields=("name", "language"), also=("brand",), severity="improve",
        question="name", title="The name holds no price and no advertising", check=_no_promotion,
        reason="The name '{value}' holds a price or an offer, which will be wrong one day. Take it out.",
        role="marketing", minutes=1,
    ),
    Rule(
        id="name_blocked_word", entity="product_text", fields=("name", "language"), also=("brand", "model"),
        severity="block", question="name", title="The name holds no word that keeps a product out of the shop",
        check=_no_blocked_word, shows=_found_word("blocked"),
        reason="The name holds '{value}', a word for products that customers should not see. Change the name, or end the product.",
        role="purchasing", minutes=3,
    ),
)  # fmt: skip
