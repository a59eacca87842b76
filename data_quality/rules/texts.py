"""Rules for the questions: is there a short and a long text that sells, in each language?"""

import pandas as pd

from data_quality.facts import ANY, Facts
from data_quality.languages import identified, suspects
from data_quality.rule import BuiltIn, Predicate, Rule, Show
from data_quality.widths import cut_off
from data_quality.words import by_language, has, has_words, none_of, still_holds, without

GARBLED = "\ufffd|[ÃÂ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œ]|â€|Ã\\?|[a-z]\\?\\?[a-z]"
"""What is left of a wrong encoding when it can't be mended with certainty."""

UNSAFE = "script|iframe|object|embed|form|event handler"

_ADDRESS = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+\.[A-Za-z]{2,}|https?://\S+|www\.\S+"
_PHONE = r"\+[0-9]{2}[ ./()0-9-]{7,14}[0-9]|(?:^|[^0-9,.+/-])0[1-9][0-9]{0,2}[ /][0-9]{2,3}[ .]?[0-9]{2}[ .]?[0-9]{2}(?:$|[^0-9])"


def _explained(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """Spare parts and the like need no long story."""
    return ~facts.assortment.flags(rows["category_code"], "short_texts", default=False)


def _not_garbled(*columns: str) -> Predicate:
    def check(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
        found = none_of(rows)
        for column in columns:
            found |= has(rows[column], GARBLED)
        return ~found

    return check


def _garbled_word(*columns: str) -> Show:
    def show(rows: pd.DataFrame, _: Facts) -> "pd.Series[str]":
        words = pd.Series(pd.NA, index=rows.index, dtype="str")
        for column in columns:
            words = words.fillna(rows[column].str.extract(rf"(\S*(?:{GARBLED})\S*)", expand=False))
        return words

    return show


def _differ(first: str, second: str) -> Predicate:
    def check(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
        one, other = rows[first].str.lower().str.strip(" ."), rows[second].str.lower().str.strip(" .")
        return ~(one.eq(other) & one.notna()).fillna(value=False).astype(bool)

    return check


def _right_language(column: str) -> Predicate:
    """Too short is undecidable; only a confident answer counts."""

    def check(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
        texts = rows[column]
        decidable = texts.str.len().ge(facts.options["characters"])

        def wrong(own: "pd.Series[str]", language: str) -> "pd.Series[bool]":
            doubtful = _unbranded(own[suspects(own, language, facts.languages)], rows["brand"])
            doubtful = doubtful[doubtful.str.len().ge(facts.options["characters"])]
            found = identified(doubtful, facts.languages, facts.options["confidence"])
            return (found.notna() & found.ne(language)).reindex(own.index, fill_value=False)

        return ~by_language(texts[decidable], rows.loc[decidable, "language"], wrong).reindex(
            rows.index, fill_value=False
        )

    return check


def _unbranded(texts: "pd.Series[str]", brands: "pd.Series[str]") -> "pd.Series[str]":
    """A foreign brand says nothing about the language of a text."""
    return without(texts, brands.reindex(texts.index))


def _whole(column: str) -> Predicate:
    def check(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
        return ~cut_off(rows[column], rows["language"], facts.options["widths"], facts.options["peak"])

    return check


def _in_sentences(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    long_enough = rows["long_text_plain"].str.len().ge(facts.options["characters"]).fillna(value=False)
    divided = has(rows["long_text"], r"[.!?](?:\s|<|$)|<li|<p>.*<p>|<br")
    return ~(long_enough & ~divided).astype(bool)


def _no_words(list_name: str) -> Predicate:
    def check(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
        return ~(
            has_words(rows["long_text_plain"], facts, list_name, rows["language"])
            | has_words(rows["short_text_plain"], facts, list_name, rows["language"])
        )

    return check


def _no_placeholder(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """Words of a placeholder count in a short text only: in a long one they are part of a sentence."""
    found = none_of(rows)
    for column in ("long_text_plain", "short_text_plain"):
        brief = rows[column].where(rows[column].str.len().le(facts.options["longest"]))
        found |= has_words(brief, facts, "placeholders", rows["language"]) | has(rows[column], "(?i)lorem ipsum")
    return ~found


def _no_competitor(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """A competitor that is also the brand of the product may be named."""
    found = none_of(rows)
    for column in ("short_text_plain", "long_text_plain"):

        def apart(some: pd.DataFrame, column: str = column) -> "pd.Series[bool]":
            return has_words(without(some[column], some["brand"]), facts, "competitors", some["language"])

        found |= still_holds(has_words(rows[column], facts, "competitors", rows["language"]), rows, apart)
    return ~found


def _without_own(texts: "pd.Series[str]", facts: Facts) -> "pd.Series[str]":
    for own in facts.words("own_contacts", ANY):
        texts = texts.str.replace(own, " ", regex=False)
    return texts


def _no_contact(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    found = none_of(rows)
    for column in ("short_text", "long_text"):

        def apart(some: pd.DataFrame, column: str = column) -> "pd.Series[bool]":
            return has(_without_own(some[column], facts), f"(?:{_ADDRESS}|{_PHONE})")

        found |= still_holds(has(rows[column], f"(?:{_ADDRESS}|{_PHONE})"), rows, apart)
    return ~found


def _contact(rows: pd.DataFrame, facts: Facts) -> "pd.Series[str]":
    texts = rows["short_text"].fillna("").str.cat(rows["long_text"].fillna(""), sep=" \n ")
    return _without_own(texts, facts).str.extract(f"({_ADDRESS}|{_PHONE})", expand=False).str.strip()


def _claims_agree(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """A text that names amounts of a unit, none of which is the property's; bundles (2 x 64 GB) can't be told."""
    clash = none_of(rows)
    for name, unit in facts.options["units"].items():
        if name not in rows.columns:
            continue
        amount = rf"(?:^|[^0-9.,x×]|[^x× ] )([0-9]+) ?{unit}(?:$|[^A-Za-z])"
        stated = rows[name].str.extract("([0-9]+)", expand=False)
        some = rows[stated.notna() & has(rows["long_text_plain"], rf"[0-9] ?{unit}")]
        some = some[~has(some["long_text_plain"], rf"[0-9] ?[x×] ?[0-9]+ ?{unit}")]
        told = some["long_text_plain"].str.findall(amount)
        pairs = zip(told, stated[some.index], strict=True)
        wrong = [bool(amounts) and own not in amounts for amounts, own in pairs]
        clash |= pd.Series(wrong, index=some.index, dtype=bool).reindex(rows.index, fill_value=False)
    return ~clash


def _bytes(column: str) -> Predicate:
    def check(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
        limit = facts.options["bytes"]
        long = rows[column].str.len().gt(limit / 4).fillna(value=False).astype(bool)
        sizes = rows.loc[long, column].map(lambda text: len(text.encode()))
        return ~long | sizes.le(limit).reindex(rows.index, fill_value=True)

    return check


def _lengths(name: str, option: str) -> BuiltIn:
    return BuiltIn("ExpectColumnValueLengthsToBeBetween", lambda facts: {name: facts.options[option]})


RULES = (
    Rule(
        id="short_text_missing", entity="product_text", fields=("short_text",), severity="improve", question="short_text",
        title="The product has a short text in this language", check=BuiltIn("ExpectColumnValuesToNotBeNull"),
        reason="The short text is missing in this language. Write one or two sentences on why someone would want it.",
        role="marketing", minutes=8,
    ),
    Rule(
        id="long_text_missing", entity="product_text", fields=("long_text",), severity="improve", question="long_text",
        title="The product has a long text in this language", check=BuiltIn("ExpectColumnValuesToNotBeNull"),
        reason="The long text is missing in this language. Tell what it does, what is in the box and for whom it is.",
        role="marketing", minutes=15,
    ),
    Rule(
        id="short_text_is_name", entity="product_text", fields=("short_text_plain", "name"), severity="improve",
        question="short_text", title="The short text is more than the name", check=_differ("short_text_plain", "name"),
        reason="The short text only repeats the name '{value}'. Tell what the name does not.", role="marketing", minutes=8,
    ),
    Rule(
        id="long_text_is_name", entity="product_text", fields=("long_text_plain", "name"), severity="improve",
        question="long_text", title="The long text is more than the name", check=_differ("long_text_plain", "name"),
        reason="The long text only repeats the name '{value}'. Tell what the name does not.", role="marketing", minutes=15,
    ),
    Rule(
        id="long_text_is_short_text", entity="product_text", fields=("long_text_plain", "short_text_plain"),
        severity="improve", question="long_text", title="The long text is more than the short text",
        check=_differ("long_text_plain", "short_text_plain"),
        reason="The long text is the same as the short text. Tell more: what it does, and what is in the box.",
        role="marketing", minutes=15,
    ),
    Rule(
        id="text_unsafe", entity="product_text", fields=("removed_markup",), severity="block", question="long_text",
        title="The texts hold no program code",
        check=BuiltIn("ExpectColumnValuesToNotMatchRegex", lambda _: {"regex": rf"(?:^|, )(?:{UNSAFE}|script link)(?:,|$)"}),
        reason="The text holds code that runs or loads something ({value}). Find out how it came there and take it out.",
        role="it", minutes=10,
    ),
    Rule(
        id="text_markup", entity="product_text", fields=("removed_markup",), severity="improve", question="long_text",
        title="The texts hold no styling of their own",
        check=BuiltIn("ExpectColumnValuesToNotMatchRegex", lambda _: {"regex": r"style|Word markup|font|span|div|[ovw]:[a-z]"}),
        reason="The text was pasted with its styling ({value}), which was taken off. Paste it as plain text.",
        role="marketing", minutes=2,
    ),
    Rule(
        id="short_text_short", entity="product_text", fields=("short_text_plain",), also=("category_code",),
        severity="improve", question="short_text", title="The short text is long enough to sell",
        check=_lengths("min_value", "shortest"), applies_to=_explained,
        reason="The short text has fewer than {shortest} characters. Add why someone would want it.",
        role="marketing", minutes=6, options={"shortest": 50},
    ),
    Rule(
        id="long_text_short", entity="product_text", fields=("long_text_plain",), also=("category_code",),
        severity="improve", question="long_text", title="The long text is long enough to inform",
        check=_lengths("min_value", "shortest"), applies_to=_explained,
        reason="The long text has fewer than {shortest} characters. Tell what it does and what is in the box.",
        role="marketing", minutes=12, options={"shortest": 200},
    ),
    Rule(
        id="long_text_long", entity="product_text", fields=("long_text_plain",), severity="improve", question="long_text",
        title="The long text is not too long to read", check=_lengths("max_value", "longest"),
        reason="The long text has more than {longest} characters. Keep what helps someone to choose.",
        role="marketing", minutes=15, options={"longest": 5000},
    ),
    Rule(
        id="long_text_does_not_fit", entity="product_text", fields=("long_text",), severity="block", question="long_text",
        title="The long text fits into the shop", check=_bytes("long_text"),
        reason="The long text needs more than {bytes} bytes, which the shop would cut off. Shorten it.",
        role="marketing", minutes=15, options={"bytes": 65535},
    ),
    Rule(
        id="short_text_does_not_fit", entity="product_text", fields=("short_text",), severity="block", question="short_text",
        title="The short text fits into the shop", check=_bytes("short_text"),
        reason="The short text needs more than {bytes} bytes, which the shop would cut off. Shorten it.",
        role="marketing", minutes=10, options={"bytes": 65535},
    ),
    Rule(
        id="long_text_one_block", entity="product_text", fields=("long_text", "long_text_plain"), severity="improve",
        question="long_text", title="The long text is divided into sentences", check=_in_sentences, shows="long_text_plain",
        reason="The long text runs on without a full stop or a list. Divide it into sentences.",
        role="marketing", minutes=8, options={"characters": 200},
    ),
    Rule(
        id="short_text_language", entity="product_text", fields=("short_text_plain", "language"), also=("brand",),
        severity="improve", question="short_text", title="The short text is in the right language",
        check=_right_language("short_text_plain"),
        reason="The short text seems to be in another language: '{value}'. Put the translation here.",
        role="marketing", minutes=8, options={"characters": 40, "confidence": 0.95},
    ),
    Rule(
        id="long_text_language", entity="product_text", fields=("long_text_plain", "language"), also=("brand",),
        severity="improve", question="long_text", title="The long text is in the right language",
        check=_right_language("long_text_plain"),
        reason="The long text seems to be in another language: '{value}'. Put the translation here.",
        role="marketing", minutes=12, options={"characters": 40, "confidence": 0.95},
    ),
    Rule(
        id="text_placeholder", entity="product_text", fields=("long_text_plain", "short_text_plain", "language"),
        severity="block", question="long_text", title="The texts are no placeholders", check=_no_placeholder,
        reason="The text is only a placeholder: '{value}'. Write the real text, or leave it empty.",
        role="marketing", minutes=12, options={"longest": 80},
    ),
    Rule(
        id="text_contact", entity="product_text", fields=("short_text", "long_text"), severity="block", question="long_text",
        title="The texts hold no address of others", check=_no_contact, shows=_contact,
        reason="The text sends customers elsewhere: '{value}'. Take the address or phone number out.",
        role="marketing", minutes=3,
    ),
    Rule(
        id="text_competitor", entity="product_text", fields=("long_text_plain", "short_text_plain", "language"),
        also=("brand",), severity="block", question="long_text", title="The texts name no competitor", check=_no_competitor,
        reason="The text names a competitor. Take that name out.", role="marketing", minutes=3,
    ),
    Rule(
        id="text_internal", entity="product_text", fields=("long_text_plain", "short_text_plain", "language"),
        severity="block", question="long_text", title="The texts hold no remarks for colleagues",
        check=_no_words("internal"),
        reason="The text holds a remark that was meant for colleagues. Take it out.", role="marketing", minutes=3,
    ),
    Rule(
        id="text_claim", entity="product_text", fields=("long_text_plain",), also=("property_*",), severity="hint",
        question="properties", title="The long text agrees with the properties", check=_claims_agree,
        reason="The long text names another amount than the properties do. Correct the one that is wrong.",
        role="marketing", minutes=5, options={"units": {"property_storage_gb": "GB"}},
    ),
    Rule(
        id="name_garbled", entity="product_text", fields=("name",), severity="improve", question="name",
        title="The name shows every letter as it should", check=_not_garbled("name"), shows=_garbled_word("name"),
        reason="The name holds letters that were damaged: '{value}'. Type that word again.", role="it", minutes=1,
    ),
    Rule(
        id="text_garbled", entity="product_text", fields=("short_text", "long_text"), severity="improve",
        question="long_text", title="The texts show every letter as they should",
        check=_not_garbled("short_text", "long_text"), shows=_garbled_word("short_text", "long_text"),
        reason="The text holds letters that were damaged: '{value}'. Type that word again.", role="it", minutes=2,
    ),
    Rule(
        id="short_text_cut_off", entity="product_text", fields=("short_text", "language"), severity="improve",
        question="short_text", title="The short text is not cut off by the ERP", check=_whole("short_text"),
        reason="The short text looks cut off: many end at exactly this length. Complete it.",
        role="it", minutes=4, options={"peak": 8, "widths": [60, 80, 100, 120, 128, 160, 200, 250, 254, 255, 256, 500]},
    ),
    Rule(
        id="long_text_cut_off", entity="product_text", fields=("long_text", "language"), severity="improve",
        question="long_text", title="The long text is not cut off by the ERP", check=_whole("long_text"),
        reason="The long text looks cut off: many end at exactly this length. Complete it.",
        role="it", minutes=6, options={"peak": 8, "widths": [250, 254, 255, 256, 500, 512, 1000, 1024, 2000, 2048, 4000, 4096]},
    ),
)  # fmt: skip
