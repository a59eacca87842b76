"""Rules for what is the same in every language: status, tax, category, brand and barcode."""

import numpy as np
import pandas as pd

from data_quality.facts import Facts
from data_quality.rule import BuiltIn, Rule
from data_quality.words import none_of

_NO_LETTERS = "[^a-z0-9]+"
_LEGAL_FORMS = r"\b(?:bv|nv|sa|srl|sprl|gmbh|ag|inc|ltd|llc|bvba|sas|co|kg)\b"


def _digits(codes: "pd.Series[str]") -> "np.ndarray[tuple[int, int], np.dtype[np.uint8]]":
    """Codes of 1 to 14 digits as rows of 14 digits."""
    text = "".join(codes.str.zfill(14))
    return np.frombuffer(text.encode("ascii"), dtype=np.uint8).reshape(-1, 14) - 48


def _readable(codes: "pd.Series[str]") -> "pd.Series[bool]":
    return codes.str.fullmatch("[0-9]{7,14}", na=False).astype(bool)


def _check_digit(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    """Zeros that a spreadsheet took off the front are forgiven: they do not change the check digit."""
    codes = rows["gtin"]
    fine = codes.isna()
    readable = codes[_readable(codes)]
    sums = (_digits(readable) * np.array([3, 1] * 7, dtype=np.int64)).sum(axis=1)
    return fine | pd.Series(sums % 10 == 0, index=readable.index).reindex(rows.index, fill_value=False)


def _is_worldwide(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    """No code from a range that each company fills for itself, and no row of equal digits."""
    codes = rows["gtin"].where(_readable(rows["gtin"]))
    padded = codes.str.zfill(14)
    is_short = codes.str.len().le(8)
    in_house = padded.str.contains("^0(?:2|02|04)", na=False) & ~is_short
    short_in_house = padded.str.contains("^000000(?:0|2)", na=False) & is_short & codes.str.len().eq(8)
    filled = codes.str.fullmatch("0+|9+", na=False)
    return ~(in_house | short_in_house | filled).astype(bool)


def _own_barcode(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    """A box of six may carry the code of one piece; two single products may not."""
    codes = rows["gtin"].where(_readable(rows["gtin"])).str.zfill(14)
    packs = rows["pack_size"].fillna(1)
    pairs = pd.DataFrame({"code": codes, "pack": packs})
    return ~(codes.notna() & pairs.duplicated(keep=False))


def _is_of_one_piece(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    carton = rows["gtin"].str.fullmatch("[1-8][0-9]{13}", na=False).astype(bool)
    return ~(carton & rows["pack_size"].fillna(1).le(1).astype(bool))


def same_however_spelled(names: "pd.Series[str]") -> "pd.Series[str]":
    """Names of brands without accents, capitals, signs and legal forms."""
    plain = names.str.normalize("NFKD").str.replace("[\u0300-\u036f]", "", regex=True).str.lower()
    plain = plain.str.replace(".", "", regex=False).str.replace(_LEGAL_FORMS, "", regex=True)
    return plain.str.replace(_NO_LETTERS, "", regex=True)


def _of_one_brand(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    """A box of six may carry the code of one piece, never one of another maker; spellings are for their own rule."""
    codes = rows["gtin"].where(_readable(rows["gtin"])).str.zfill(14)
    again = codes.notna() & codes.duplicated(keep=False)
    brands = same_however_spelled(rows.loc[again, "brand"]).replace("", None)
    several = brands.groupby(codes[again]).transform("nunique").gt(1)
    return ~several.reindex(rows.index, fill_value=False).astype(bool)


def _in_a_leaf(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """A category that others among these products stand below is a step on the way, unless it says otherwise."""
    used = [str(code) for code in rows["category_code"].dropna().unique()]
    above: set[str] = set()
    for code in used:
        while code := facts.assortment.above(code):
            above.add(code)
    holds = facts.assortment.flags(rows["category_code"], "holds_products", default=False)
    return ~rows["category_code"].isin(above) | holds if above else ~none_of(rows)


def _taxed_like_its_category(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    wrong = none_of(rows)
    for allowed, asked in facts.assortment.groups(rows["category_code"], "tax_classes").items():
        wrong |= asked & rows["tax_class"].notna() & ~rows["tax_class"].isin(allowed)
    return ~wrong


def _one_spelling(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    """The most frequent spelling of a brand is the right one."""
    brands = rows["brand"].dropna()
    counts = brands.value_counts()
    names = counts.index.to_series().astype("str")
    plain = same_however_spelled(names)
    first = ~plain.duplicated() | plain.eq("")
    wrong = set(names[~first])
    return ~rows["brand"].isin(wrong) if wrong else ~none_of(rows)


RULES = (
    Rule(
        id="status_known", entity="product", fields=("status",), severity="block", question="status",
        title="The status says whether the product is sold",
        check=BuiltIn("ExpectColumnValuesToBeInSet", lambda facts: {"value_set": facts.options["known"]}),
        reason="The status '{value}' says nothing to the shop. Set it to active or ended.",
        role="purchasing", minutes=1, options={"known": ["active", "ended"]},
    ),
    Rule(
        id="tax_class_known", entity="product", fields=("tax_class",), severity="block", question="price",
        title="The VAT rate is known",
        check=BuiltIn("ExpectColumnValuesToBeInSet", lambda facts: {"value_set": facts.options["known"]}),
        reason="The VAT class '{value}' is not known here, so the shop can't show a price. Correct it.",
        role="it", minutes=2, options={"known": ["standard", "reduced", "zero"]},
    ),
    Rule(
        id="tax_class_category", entity="product", fields=("tax_class",), also=("category_code",), severity="block",
        question="price", title="The VAT rate is one of its category", check=_taxed_like_its_category,
        reason="The VAT class '{value}' is not allowed in this category. Correct the class or the category.",
        role="it", minutes=3,
    ),
    Rule(
        id="category_missing", entity="product", fields=("category_code",), severity="improve", question="category",
        title="The product stands in a category", check=BuiltIn("ExpectColumnValuesToNotBeNull"),
        reason="The product stands in no category, so customers only find it by searching. Choose one.",
        role="purchasing", minutes=2,
    ),
    Rule(
        id="category_not_leaf", entity="product", fields=("category_code",), severity="improve", question="category",
        title="The product stands in the narrowest category", check=_in_a_leaf,
        reason="The category '{value}' is divided further, and customers look in its parts. Choose the part that fits.",
        role="purchasing", minutes=2,
    ),
    Rule(
        id="brand_missing", entity="product", fields=("brand",), severity="improve", question="brand",
        title="The brand is known", check=BuiltIn("ExpectColumnValuesToNotBeNull"),
        reason="The brand is missing. Fill it in, so that customers can filter on it.", role="purchasing", minutes=1,
    ),
    Rule(
        id="brand_spelling", entity="product", fields=("brand",), severity="improve", question="brand",
        title="Each brand is spelled one way", check=_one_spelling,
        reason="The brand '{value}' is mostly spelled in another way. Use that one, so that the filter shows it once.",
        role="purchasing", minutes=1,
    ),
    Rule(
        id="gtin_missing", entity="product", fields=("gtin",), severity="hint", question="gtin",
        title="The product has a barcode", check=BuiltIn("ExpectColumnValuesToNotBeNull"),
        reason="The barcode is missing. Price comparison sites and marketplaces ask for it.", role="purchasing", minutes=3,
    ),
    Rule(
        id="gtin_wrong", entity="product", fields=("gtin",), severity="improve", question="gtin",
        title="The barcode is a real one", check=_check_digit,
        reason="The barcode '{value}' has a typing error: its digits do not add up. Scan it again.",
        role="purchasing", minutes=3,
    ),
    Rule(
        id="gtin_in_house", entity="product", fields=("gtin",), severity="block", question="gtin",
        title="The barcode is not one of our own", check=_is_worldwide,
        reason="The barcode '{value}' is an internal number and means another product elsewhere. Use the maker's, or none.",
        role="purchasing", minutes=3,
    ),
    Rule(
        id="gtin_shared", entity="product", fields=("gtin",), also=("pack_size",), severity="block", question="gtin",
        title="No two products have the same barcode", check=_own_barcode,
        reason="Another product has the barcode '{value}' too. Scan both again.", role="purchasing", minutes=5,
    ),
    Rule(
        id="gtin_brands", entity="product", fields=("gtin", "brand"), severity="improve", question="gtin",
        title="A barcode belongs to one brand", check=_of_one_brand,
        reason="A product of another brand has the barcode '{value}' too. Scan both, and correct the wrong one.",
        role="purchasing", minutes=5,
    ),
    Rule(
        id="gtin_of_carton", entity="product", fields=("gtin",), also=("pack_size",), severity="improve", question="gtin",
        title="The barcode is that of one piece", check=_is_of_one_piece,
        reason="The barcode '{value}' is that of a carton. Scan the piece that a customer buys.",
        role="warehouse", minutes=3,
    ),
)  # fmt: skip
