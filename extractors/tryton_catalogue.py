"""What Tryton holds of products: variants with their template, texts per language, categories, prices; one row each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from extractors.queries import chunks_of
from extractors.tryton_rpc import KEPT, Domain, Row, Tryton
from koppel.errors import ConfigError
from koppel.window import Window

VARIANT, TEMPLATE, CATEGORY = "product.product", "product.template", "product.category"
SOURCE_LANGUAGE = "en"
"""The language of what stands in Tryton's own tables; all others are translations."""
_TIMES = ("write_date", "create_date")
_KEYS_AT_ONCE = 200
_NAME, _DESCRIPTION, _CATEGORY_NAME = "product.template,name", "product.product,description", "product.category,name"


@dataclass(frozen=True, slots=True)
class Assortment:
    """Which variants are read (a domain of Tryton), and in which languages (ours to Tryton's; none: those that Tryton has)."""

    domain: Domain = ()
    languages: dict[str, str] = field(default_factory=dict)


def changed(window: Window, *paths: str) -> list[Any]:
    """The domain of what was created or changed since; ``paths`` lead to the records that count, ``""`` to the own one.

    ``write_date`` is empty until the first change, so creation counts besides; a change is never before it.
    """
    if not window.since:
        return []
    return [["OR", *([[path + name, ">=", window.since]] for path in paths for name in _TIMES)]]


def stamp(row: Row) -> datetime | None:
    """When a record was last changed, else when it was created."""
    times = [row.get(name) for name in _TIMES]
    return max((time for time in times if time), default=None)


def narrowings(window: Window) -> Iterator[list[Any]]:
    """The window as domains of variants, one after the other: chunks of keys, else one."""
    if window.keys:
        for chunk in chunks_of(window.keys, _KEYS_AT_ONCE):
            yield [["code", "in", chunk]]
    else:
        yield changed(window, "", "template.")


def variants(tryton: Tryton, assortment: Assortment, fields: Sequence[str], window: Window) -> Iterator[list[Row]]:
    """Pages of variants, each with its ``modified_at``: the later change of variant and template, because either counts.

    It never lies after the newest change at the start: the cursor must not pass what changes while the pages are read.
    """
    mark = latest(tryton, window, VARIANT, TEMPLATE)
    times = [path + name for path in ("", "template.") for name in _TIMES]
    for narrowing in narrowings(window):
        for page in tryton.pages(VARIANT, [*assortment.domain, *narrowing], [*fields, *times]):
            for row in page:
                own = max((time for time in (stamp(row), stamp(row["template."])) if time), default=None)
                row["modified_at"] = min(own, mark) if own and mark else own
                row["sku"] = row.get("code") or None
            yield [
                row for row in page if not (window.until and row["modified_at"] and row["modified_at"] > window.until)
            ]


def latest(tryton: Tryton, window: Window, *models: str) -> datetime | None:
    """The newest change of any record of these models."""
    times = [tryton.newest(model, changed(window, "")) for model in models]
    return max((time for time in times if time), default=None)


def products(tryton: Tryton, assortment: Assortment, window: Window) -> Iterator[list[Row]]:
    """Product rows; archived, or no longer for sale, is ``ended``."""
    known = tryton.fields(VARIANT)
    fields = ["code", "name", "active", "template.active", "categories.code", "list_price_used"]
    for name, wanted in (
        ("identifiers", ["identifiers.code", "identifiers.type"]),
        ("weight", ["weight", "weight_uom.factor"]),
        ("salable", ["salable"]),
    ):
        fields += wanted if name in known else []
    for page in variants(tryton, assortment, fields, window):
        yield [_product(row) for row in page]


def _product(row: Row) -> Row:
    is_sold = row["active"] and row["template."]["active"] and row.get("salable", True)
    barcodes = [one["code"] for one in row.get("identifiers.") or () if one["type"] == "ean"]
    return row | {
        "gtin": barcodes[0] if barcodes else None,
        "category_code": category_of(row),
        "weight_kg": weight_kg(row),
        "status": "active" if is_sold else "ended",
        "first_price_eur_excl_vat": row["list_price_used"],
    }


def category_of(row: Row) -> str | None:
    """The code of the category that a product was given first (the one with the lowest id), where it has several."""
    found = sorted(row.get("categories.") or (), key=lambda one: int(one["id"]))
    return category_code(found[0]) if found else None


def category_code(category: Row) -> str:
    """The category's code; its id as ``id-12`` where it has none."""
    return str(category["code"]) if category.get("code") else f"id-{category['id']}"


def weight_kg(row: Row) -> float | None:
    """The weight in kilograms, whatever unit it was entered in; Tryton's factors are to the kilogram."""
    unit = row.get("weight_uom.")
    if row.get("weight") is None or not unit:
        return None
    return round(float(row["weight"]) * float(unit["factor"]), 6)


def prices(tryton: Tryton, assortment: Assortment, window: Window) -> Iterator[list[Row]]:
    """Price rows: the variant's own list price, else its template's, in the company's currency and without VAT."""
    company = tryton.search_read("company.company", [["id", "=", tryton.context["company"]]], ["currency.code"])
    currency = company[0]["currency."]["code"]
    for page in variants(tryton, assortment, ["code", "list_price_used", "cost_price"], window):
        for row in page:
            cost = row["cost_price"] or None  # 0 is what Tryton holds where nobody gave a cost
            row |= {"price_eur_excl_vat": row["list_price_used"], "cost_eur": cost, "currency": currency}
        yield page


def texts(tryton: Tryton, assortment: Assortment, window: Window) -> Iterator[list[Row]]:
    """Text rows of variants, one per language in which it has a name or a description of its own.

    Where a translation is missing Tryton answers with the source text; that is no text in this language.
    """
    languages = assortment.languages or {code: code for code in spoken(tryton)}
    check_languages(tryton, languages)
    for page in variants(tryton, assortment, ["code", "template", "categories.code"], window):
        ids = [row["id"] for row in page]
        done = _translated(tryton, _NAME, [row["template"] for row in page], languages)
        done |= _translated(tryton, _DESCRIPTION, ids, languages)
        rows: list[Row] = []
        for ours, theirs in languages.items() if ids else ():
            found = tryton.call(VARIANT, "read", ids, ["name", "description"], language=theirs)
            said = {one["id"]: one for one in found}
            rows += filter(None, (_text(row, ours, theirs, said[row["id"]], done) for row in page if row["id"] in said))
        yield rows


def spoken(tryton: Tryton) -> list[str]:
    """The languages that Tryton translates into, the source language first."""
    found = [row["code"] for row in tryton.search_read("ir.lang", [["translatable", "=", True]], ["code"])]
    return [SOURCE_LANGUAGE, *(code for code in found if code != SOURCE_LANGUAGE)]


def check_languages(tryton: Tryton, languages: dict[str, str]) -> None:
    """Raise ConfigError for a language that Tryton does not translate into: it would answer with the source text."""
    if unknown := sorted(set(languages.values()) - set(spoken(tryton))):
        raise ConfigError(
            f"Tryton does not translate into {', '.join(unknown)}; it does into {', '.join(spoken(tryton))}.",
            kept=KEPT,
            do="Correct languages in koppel.toml, or make the language translatable in Tryton.",
        )


def _translated(tryton: Tryton, name: str, ids: list[int], languages: dict[str, str]) -> set[tuple[str, str, int]]:
    """(field, language, id) of every translation that is there and up to date."""
    others = sorted(set(languages.values()) - {SOURCE_LANGUAGE})
    if not ids or not others:
        return set()
    domain = [["name", "=", name], ["res_id", "in", ids], ["lang", "in", others], ["type", "=", "model"]]
    domain += [["fuzzy", "=", False], ["value", "!=", None], ["value", "!=", ""]]
    pages = tryton.pages("ir.translation", domain, ["lang", "res_id"])
    return {(name, row["lang"], row["res_id"]) for page in pages for row in page}


def _text(row: Row, ours: str, theirs: str, said: Row, done: set[tuple[str, str, int]]) -> Row | None:
    is_source = theirs == SOURCE_LANGUAGE
    has_name = is_source or (_NAME, theirs, row["template"]) in done
    has_text = is_source or (_DESCRIPTION, theirs, row["id"]) in done
    name, text = said["name"] if has_name else None, said["description"] if has_text else None
    if not name and not text:
        return None
    return row | {"language": ours, "name": name, "long_text": text, "category_code": category_of(row)}


def categories(tryton: Tryton, assortment: Assortment, window: Window) -> Iterator[list[Row]]:
    """Category rows, ordered by code, one per language that it is named in; those for accounting are not for customers.

    All are read, being few; the window is applied to them here.
    """
    domain = [["accounting", "=", False]] if "accounting" in tryton.fields(CATEGORY) else []
    languages = assortment.languages or {code: code for code in spoken(tryton)}
    check_languages(tryton, languages)
    fields = ["code", "name", "parent.code", *_TIMES]
    rows: list[Row] = []
    for ours, theirs in languages.items():
        for page in tryton.pages(CATEGORY, domain, fields, language=theirs):
            done = _translated(tryton, _CATEGORY_NAME, [row["id"] for row in page], {ours: theirs})
            is_own = {
                row["id"] for row in page if theirs == SOURCE_LANGUAGE or (_CATEGORY_NAME, theirs, row["id"]) in done
            }
            rows += [_category(row, ours) for row in page if row["id"] in is_own]
    kept = [row for row in rows if _is_within(row, window)]
    yield sorted(kept, key=lambda row: (row["category_code"].encode(), row["language"]))


def _category(row: Row, language: str) -> Row:
    parent = row.get("parent.")
    return {
        "category_code": category_code(row),
        "language": language,
        "name": row["name"],
        "parent_code": category_code(parent) if parent else None,
        "modified_at": stamp(row),
    }


def _is_within(row: Row, window: Window) -> bool:
    if window.keys:
        return row["category_code"] in window.keys
    at = row["modified_at"]
    is_late_enough = not window.since or at is None or at >= window.since
    return is_late_enough and (not window.until or at is None or at <= window.until)
