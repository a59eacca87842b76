"""Scores: what the rules said of each record, put together per product and language; by column, never by row.

Readiness and score are two numbers and never mixed: ``scored`` knows nothing of what is held back, ``held`` nothing of points.
"""

from collections.abc import Mapping, Sequence

import polars as pl

ABOUT_A_PRODUCT = ("product", "product_text", "product_image", "product_relation", "price")
"""Entities whose records are judged as parts of a product. A block of one of them holds the product back."""

_FACTORS = {"product": 1, "product_text": 0x5BD1_E995, "product_image": 0x27D4_EB2F, "product_relation": 0x1656_67B1,
            "price": 0x7ED5_5D17}  # fmt: skip
"""Odd, so that no version is lost; different, so that the same change of two records does not look like none."""

_NEARLY = 1e-9
"""What sums of fractions may be off by; a half that is a hair below is still rounded up."""


def applied(question: str) -> str:
    """The column of the summed weights of a question's rules that applied."""
    return f"{question}_applied"


def broken(question: str) -> str:
    """The column of the summed weights of those that are broken."""
    return f"{question}_broken"


def decoded(judged: pl.DataFrame, questions: Sequence[str]) -> pl.DataFrame:
    """``questions``, JSON such as ``{"name": [3, 1]}``, as columns ``name_applied``, ``name_broken`` (Int32; null: not asked).

    Each different text is read once: among a million records there are some hundreds.
    """
    kinds = judged.select("questions").unique()
    pairs = pl.Struct({name: pl.List(pl.Int32) for name in questions})
    sums = [
        pl.col("pairs").struct.field(name).list.get(place, null_on_oob=True).alias(column(name))
        for name in questions
        for place, column in enumerate((applied, broken))
    ]
    kinds = kinds.with_columns(pl.col("questions").str.json_decode(pairs).alias("pairs")).select("questions", *sums)
    return judged.join(kinds, on="questions", how="left").drop("questions")


def scored(parts: pl.DataFrame, languages: Sequence[str], weights: Mapping[str, int]) -> pl.DataFrame:
    """One row per product and language: ``sku``, ``language``, ``score``, the two versions, and the questions' sums.

    ``parts``: judged records with ``entity``, ``sku``, ``language`` (empty: every language), ``data_version`` (int64),
    ``rules_version`` and what ``decoded`` gives. Products are what has a record of the entity ``product``. ``score``: Int16,
    0-100, rounded half up; null where no question applied. A question that did not apply is left out, not rewarded.
    """
    columns = [column(name) for name in weights for column in (applied, broken)]
    products = parts.filter(pl.col("entity") == "product").select("sku").unique()
    everywhere = products.join(_summed(parts, "", columns), on="sku", how="left")
    tables = [
        _together(
            everywhere.join(_summed(parts, language, columns), on="sku", how="left", suffix=_OWN), columns
        ).with_columns(pl.lit(language).alias("language"), _points(weights).alias("score"))
        for language in languages
    ]
    order = ["sku", "language", "score", "data_version", "rules_version", *columns]
    return pl.concat(tables).select(order).sort("sku", "language") if tables else _nothing(order)


_OWN = "_own"
"""What the columns of a language's own records end in, beside those of every language."""


def _summed(parts: pl.DataFrame, language: str, columns: list[str]) -> pl.DataFrame:
    """Per product the sums and versions of its records of a language."""
    absent = [pl.lit(None, dtype=pl.Int32).alias(name) for name in columns if name not in parts.columns]
    factor = pl.col("entity").replace_strict(_FACTORS, default=3, return_dtype=pl.Int64)
    records = parts.filter(pl.col("language") == language).with_columns(
        pl.col("data_version") * factor,  # what is beyond 64 bits falls off
        *absent,
    )
    return records.group_by("sku").agg(
        pl.col(columns).sum(),
        pl.col("data_version").bitwise_xor(),
        pl.col("rules_version").min().alias("first_rules"),
        pl.col("rules_version").max().alias("last_rules"),
    )


def _together(sums: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """What a product has in every language, and in one: summed, with one version of each.

    The version of the rules is the one that all records were judged by; the first and the last where there are several.
    """
    first = pl.min_horizontal("first_rules", f"first_rules{_OWN}")
    last = pl.max_horizontal("last_rules", f"last_rules{_OWN}")
    return sums.with_columns(
        *[pl.col(name).fill_null(0) + pl.col(f"{name}{_OWN}").fill_null(0) for name in columns],
        pl.col("data_version").xor(pl.col(f"data_version{_OWN}").fill_null(0)),
        pl.when(first == last).then(first).otherwise(first + "+" + last).alias("rules_version"),
    )


def _nothing(order: list[str]) -> pl.DataFrame:
    kinds = {
        "sku": pl.String, "language": pl.String, "score": pl.Int16, "data_version": pl.Int64, "rules_version": pl.String,
    }  # fmt: skip
    return pl.DataFrame(schema={name: kinds.get(name, pl.Int32) for name in order})


def share(question: str) -> pl.Expr:
    """The part of a question that is in order (0-1); null where it did not apply."""
    asked, wrong = pl.col(applied(question)), pl.col(broken(question)).clip(0)
    return pl.when(asked > 0).then(1 - pl.min_horizontal(wrong, asked) / asked)


def _points(weights: Mapping[str, int]) -> pl.Expr:
    counting = {name: weight for name, weight in weights.items() if weight > 0}
    if not counting:
        return pl.lit(None, dtype=pl.Int16)
    got = pl.sum_horizontal(weight * share(name) for name, weight in counting.items())
    most = pl.sum_horizontal(pl.when(pl.col(applied(name)) > 0).then(weight) for name, weight in counting.items())
    points = (100 * got / most + 0.5 + _NEARLY).floor().clip(0, 100)
    return pl.when(most > 0).then(points).cast(pl.Int16)


def held(findings: pl.DataFrame, languages: Sequence[str]) -> pl.DataFrame:
    """``sku`` and ``language`` of what is held back: any block of the product, its gallery, relations, price, or that text.

    ``findings``: ``entity``, ``sku``, ``language`` (empty: every language), ``severity``.
    """
    blocks = findings.filter((pl.col("severity") == "block") & pl.col("entity").is_in(ABOUT_A_PRODUCT))
    places = blocks.select("sku", "language").unique()
    everywhere = places.filter(pl.col("language") == "").select("sku")
    all_languages = pl.DataFrame({"language": list(languages)}, schema={"language": pl.String})
    there = places.filter(pl.col("language").is_in(list(languages))).select("sku", "language")
    return pl.concat([there, everywhere.join(all_languages, how="cross")]).unique().sort("sku", "language")
