"""Rules for the question: are there several good photos?"""

import pandas as pd

from data_quality.facts import Facts
from data_quality.looks import like_any
from data_quality.rule import BuiltIn, Rule
from data_quality.words import has, none_of

BLANK = "0" * 16
"""The look of a picture of one colour."""


def _needs_photos(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    return facts.assortment.flags(rows["category_code"], "needs_photos", default=True)


def _needs_several(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    one_is_enough = facts.assortment.flags(rows["category_code"], "one_photo_is_enough", default=False)
    return _needs_photos(rows, facts) & ~one_is_enough & rows["photo_count"].ge(1).fillna(value=False).astype(bool)


def _readable(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    return rows["problem"].isna() & rows["file"].notna()


def _shortest(rows: pd.DataFrame) -> "pd.Series[float]":
    return rows[["width_px", "height_px"]].min(axis=1, skipna=False).astype("Float64")


def _sharp(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """Tiny ones are for their own rule."""
    shortest = _shortest(rows)
    return ~(shortest.lt(facts.options["shortest"]) & shortest.ge(facts.options["tiny"])).fillna(value=False).astype(
        bool
    )


def _not_tiny(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    return ~_shortest(rows).lt(facts.options["shortest"]).fillna(value=False).astype(bool)


def _normal_shape(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    longest = rows[["width_px", "height_px"]].max(axis=1).astype("Float64")
    return ~longest.gt(_shortest(rows) * facts.options["ratio"]).fillna(value=False).astype(bool)


def _own_photo(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """A photo that many products share says "no photo yet"; a few variants may share one."""
    return ~_stands_for_none(rows, facts)


def _stands_for_none(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    sharing = rows.groupby("content_hash")["sku"].transform("nunique")
    many = sharing.ge(facts.options["products"]).reindex(rows.index, fill_value=False)
    return (many | rows["content_hash"].isin(facts.options["no_photo"])).astype(bool)


def _looks_like_a_photo(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    """Only against pictures that are no photo of anything: two products in the same box may well look alike."""
    no_photo = _stands_for_none(rows, facts) & ~rows["look_hash"].eq(BLANK).fillna(value=False)
    return ~(like_any(rows["look_hash"], rows.loc[no_photo, "look_hash"], facts.options["bits"]) & ~no_photo)


def _shows_something(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    return ~rows["look_hash"].eq(BLANK).fillna(value=False).astype(bool)


def _once(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    return ~(rows["content_hash"].notna() & rows.duplicated(["sku", "content_hash"]))


def _told(rows: pd.DataFrame, facts: Facts) -> "pd.Series[bool]":
    return _languages_without(rows, facts).eq("")


def _languages_without(rows: pd.DataFrame, facts: Facts) -> "pd.Series[str]":
    missing = pd.Series("", index=rows.index, dtype="str")
    for language in facts.languages:
        column = f"alt_text_{language}"
        empty = rows[column].isna() if column in rows else ~none_of(rows)
        missing = missing.where(~empty, (missing + ", " + language).str.removeprefix(", "))
    return missing


def _no_file_name(rows: pd.DataFrame, _: Facts) -> "pd.Series[bool]":
    stems = rows["file"].str.extract(r"([^/\\]+?)(?:\.[A-Za-z]{3,4})?$", expand=False).str.lower()
    broken = none_of(rows)
    for column in [name for name in rows.columns if name.startswith("alt_text_")]:
        texts = rows[column].str.lower()
        broken |= has(texts, r"\.(?:jpe?g|png|gif|webp)$") | (texts.eq(stems) & stems.notna())
    return ~broken.astype(bool)


RULES = (
    Rule(
        id="photos_none", entity="product", fields=("photo_count",), also=("category_code",), severity="block",
        question="photos", title="The product has a photo", applies_to=_needs_photos,
        check=BuiltIn("ExpectColumnValuesToBeBetween", lambda _: {"min_value": 1}),
        reason="The product has no photo. Add one that shows all of it.", role="marketing", minutes=15,
    ),
    Rule(
        id="photos_one", entity="product", fields=("photo_count",), also=("category_code",), severity="improve",
        question="photos", title="The product has several photos", applies_to=_needs_several,
        check=BuiltIn("ExpectColumnValuesToBeBetween", lambda _: {"min_value": 2}),
        reason="The product has only one photo. Add one of a detail, and one of it in use.", role="marketing", minutes=15,
    ),
    Rule(
        id="photo_unusable", entity="product_image", fields=("file", "problem"), severity="improve", question="photos",
        title="The photo can be opened", check=_readable, shows="file",
        reason="The photo '{value}' can't be used, and the shop does not get it. Save it again as a JPEG or PNG.",
        role="marketing", minutes=5,
    ),
    Rule(
        id="photo_small", entity="product_image", fields=("width_px", "height_px"), severity="improve",
        question="photos", title="The photo is large enough to look at closely", check=_sharp, shows="file",
        reason="The photo '{value}' has fewer than {shortest} pixels on its short side. Use a larger one.",
        role="marketing", minutes=8, options={"shortest": 500, "tiny": 100},
    ),
    Rule(
        id="photo_tiny", entity="product_image", fields=("width_px", "height_px"), severity="block", question="photos",
        title="The photo is more than a stamp", check=_not_tiny, shows="file",
        reason="The photo '{value}' has fewer than {shortest} pixels on its short side. Replace it or remove it.",
        role="marketing", minutes=8, options={"shortest": 100},
    ),
    Rule(
        id="photo_heavy", entity="product_image", fields=("size_bytes",), severity="improve", question="photos",
        title="The photo is not too heavy to load", shows="file",
        check=BuiltIn("ExpectColumnValuesToBeBetween", lambda facts: {"max_value": facts.options["bytes"]}),
        reason="The photo '{value}' is larger than 16 MB. Save it smaller.", role="marketing", minutes=3,
        options={"bytes": 16 * 1024 * 1024},
    ),
    Rule(
        id="photo_shape", entity="product_image", fields=("width_px", "height_px"), severity="improve", question="photos",
        title="The photo has a usual shape", check=_normal_shape, shows="file",
        reason="The photo '{value}' is more than {ratio} times as long as wide. Cut it to a usual shape.",
        role="marketing", minutes=4, options={"ratio": 4},
    ),
    Rule(
        id="photo_shared", entity="product_image", fields=("content_hash", "sku"), severity="improve", question="photos",
        title="The photo is of this product", check=_own_photo, shows="file",
        reason="Many products show the photo '{value}', so it is no photo of this one. Replace it.",
        role="marketing", minutes=15, options={"products": 5, "no_photo": []},
    ),
    Rule(
        id="photo_twice", entity="product_image", fields=("content_hash", "sku"), severity="improve", question="photos",
        title="Each photo stands there once", check=_once, shows="file",
        reason="The photo '{value}' is there twice. Remove one of the two.", role="marketing", minutes=1,
    ),
    Rule(
        id="alt_text_missing", entity="product_image", fields=("alt_text_*",), severity="improve", question="photos",
        title="The photo is described in each language", check=_told, shows=_languages_without,
        reason="The description of a photo is missing in: {value}. Say in a few words what it shows.",
        role="marketing", minutes=2,
    ),
    Rule(
        id="alt_text_is_file", entity="product_image", fields=("file", "alt_text_*"), severity="improve",
        question="photos", title="The description of a photo is not its file name", check=_no_file_name, shows="file",
        reason="The description of the photo '{value}' is only its file name. Say in a few words what it shows.",
        role="marketing", minutes=2,
    ),
    Rule(
        id="photo_like_no_photo", entity="product_image", fields=("content_hash", "sku"), also=("look_hash",),
        severity="improve", question="photos", title="The photo is no copy of a picture that many products show",
        check=_looks_like_a_photo, shows="file",
        reason="The photo '{value}' looks like a picture that many products show, saved anew. Replace it.",
        role="marketing", minutes=15, options={"products": 5, "bits": 4, "no_photo": []},
    ),
    Rule(
        id="photo_blank", entity="product_image", fields=("file",), also=("look_hash",), severity="improve",
        question="photos", title="The photo shows something", check=_shows_something, shows="file",
        reason="The photo '{value}' is of one colour and shows nothing. Replace it or remove it.",
        role="marketing", minutes=8,
    ),
)  # fmt: skip
