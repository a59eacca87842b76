"""Reads a Tryton ERP (8.2) over JSON-RPC: products, texts, categories, base prices, and stock by location.

The connection is http://login:password@host:port/database. Options: ``company`` (name, needed where the login sees several),
``languages`` (list, or ours to Tryton's), ``domain`` (which variants), ``constants`` (per entity what Tryton doesn't hold),
``locations``, ``reserved`` ("planned" or "assigned"), ``order_days``, ``page_rows``, ``calls_per_minute``, ``read_seconds``,
``retry_seconds``. What a window of time reads is told at extractors/tryton_catalogue.py and tryton_stock.py.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any

import pyarrow as pa

from extractors import shape, tryton_catalogue
from extractors.tryton_catalogue import Assortment
from extractors.tryton_rpc import KEPT, Row, Tryton
from extractors.tryton_stock import Stock, StockOptions
from koppel.connections import connection
from koppel.entities import Entity
from koppel.errors import ConfigError, KoppelError
from koppel.http import Limits
from koppel.settings import SourceSettings
from koppel.target import Check
from koppel.window import Window

_PRODUCT = ["sku", "name", "gtin", "category_code", "weight_kg", "status", "first_price_eur_excl_vat", "modified_at"]
_LEVEL = [
    "location", "sku", "on_hand", "reserved", "incoming", "incoming_at", "unit_size", "sold_by_measure", "category_code",
    "taken_for_orders", "modified_at",
]  # fmt: skip
COLUMNS = {
    "category": ["category_code", "language", "name", "parent_code", "modified_at"],
    "product": _PRODUCT,
    "product_text": ["language", "sku", "name", "short_text", "long_text", "category_code", "modified_at"],
    "price": ["sku", "price_eur_excl_vat", "cost_eur", "currency", "modified_at"],
    "stock_level": _LEVEL,
    "stock_location": ["location", "heard_at", "modified_at"],
}
"""Per entity the columns that Tryton gives; ``constants`` adds to them. It has no short texts: that column is empty, and there
because the gate asks for it."""

_TYPES = {"number": pa.float64(), "integer": pa.int64(), "boolean": pa.bool_(), "time": shape.UTC_TIME}
_SLICE_ROWS = 10_000
_RESERVED = {"planned": ("draft", "assigned"), "assigned": ("assigned",)}
_LIMITS = ("calls_per_minute", "read_seconds", "retry_seconds")


class TrytonSource:
    """A database of a Tryton server as a source."""

    def __init__(self, settings: SourceSettings) -> None:
        self.name = settings.name
        self.settings = settings

    @cached_property
    def tryton(self) -> Tryton:
        """The server, as the company that prices and stock are those of. Raises ConfigError or SourceDown."""
        if not self.settings.connection:
            raise ConfigError(
                f"[sources.{self.name}] has no connection.", do='Add connection = "..." below its heading.'
            )
        place, options = connection(self.settings.connection), self.settings.options
        if not place.path.strip("/"):
            raise ConfigError(
                f"The connection {place.name!r} names no database.",
                do="Write it behind the port: http://...:8000/DATABASE",
            )
        limits = Limits(**{name: options[name] for name in _LIMITS if name in options})
        tryton = Tryton(place, limits, max(1, min(1_000, int(options.get("page_rows", 200)))))
        tryton.context["company"] = _company(tryton, options.get("company"))
        return tryton

    @cached_property
    def _assortment(self) -> Assortment:
        languages = self.settings.options.get("languages", {})
        named = languages if isinstance(languages, dict) else {code: code for code in languages}
        return Assortment(self.settings.options.get("domain", ()), named)

    def _stock(self) -> Stock:
        options = self.settings.options
        how = options.get("reserved", "planned")
        if how not in _RESERVED:
            raise ConfigError(
                f"reserved is {how!r} in [sources.{self.name}].", do=f"It may be {' or '.join(_RESERVED)}."
            )
        return Stock(
            self.tryton,
            self._assortment,
            StockOptions(options.get("locations", {}), _RESERVED[how], int(options.get("order_days", 30))),
        )

    def read(self, entity: Entity, window: Window) -> Iterator[pa.Table]:
        """The rows of an entity, in slices of about 10,000 rows; one empty table when there are none.

        Raises ConfigError, SourceDown or SourceShape.
        """
        reader = self._reader(entity)
        constants = self._constants(entity)
        schema = _schema(entity, constants)
        waiting: list[pa.Table] = []
        is_empty = True
        for page in reader(window):
            waiting.append(_table(page, schema, constants))
            if sum(table.num_rows for table in waiting) >= _SLICE_ROWS:
                is_empty = False
                yield pa.concat_tables(waiting).combine_chunks()
                waiting = []
        if waiting or is_empty:
            yield pa.concat_tables([schema.empty_table(), *waiting]).combine_chunks()

    def accounted(self, entity: Entity, run_id: str) -> None:
        """Tryton keeps no account of who read it."""

    def check(self) -> list[Check]:
        """Whether it answers and lets us in, which company, locations and languages it has, and what it can't tell."""
        subject = f"source {self.name}"
        try:
            tryton = self.tryton
            checks = [Check(subject, True, f"Tryton {tryton.version}, database {tryton.database}")]
        except KoppelError as error:
            return [Check(subject, False, error.what, error.do)]
        checks.append(self._checked("locations", lambda: ", ".join(place.name for place in self._stock().places())))
        checks.append(self._checked("languages", self._languages))
        checks.append(self._checked("fields", self._missing))
        return checks

    def _checked(self, part: str, look: Callable[[], str]) -> Check:
        try:
            return Check(f"source {self.name}: {part}", True, look())
        except KoppelError as error:
            return Check(f"source {self.name}: {part}", False, error.what, error.do)

    def _languages(self) -> str:
        tryton_catalogue.check_languages(self.tryton, self._assortment.languages)
        return ", ".join(self._assortment.languages or tryton_catalogue.spoken(self.tryton))

    def _missing(self) -> str:
        known = self.tryton.fields(tryton_catalogue.VARIANT)
        modules = {"weight": "product_measurements", "salable": "sale", "quantity": "stock"}
        missing = [f"no {name} (module {module})" for name, module in modules.items() if name not in known]
        return ", ".join(missing) or "weight, for sale, stock"

    def _reader(self, entity: Entity) -> Callable[[Window], Iterator[list[Row]]]:
        """What gives the rows of an entity, page by page."""
        catalogue = {
            "category": tryton_catalogue.categories,
            "product": tryton_catalogue.products,
            "product_text": tryton_catalogue.texts,
            "price": tryton_catalogue.prices,
        }
        if entity.name in catalogue:
            return lambda window: catalogue[entity.name](self.tryton, self._assortment, window)
        if entity.name == "stock_level":
            return lambda window: self._stock().levels(window)
        if entity.name == "stock_location":
            return lambda window: iter([self._stock().heard(window)])
        raise ConfigError(
            f"Tryton gives no {entity.name}; it gives {', '.join(COLUMNS)}.",
            do=f"Leave {entity.name} out of the flow of source {self.name}, or take it from another source.",
        )

    def _constants(self, entity: Entity) -> dict[str, Any]:
        """What config says of every record of an entity; never instead of what Tryton gives."""
        constants = dict(self.settings.options.get("constants", {}).get(entity.name, {}))
        wrong = [name for name in constants if name in COLUMNS[entity.name] or not shape.is_known(entity, name)]
        if wrong:
            raise ConfigError(
                f"constants of {entity.name} can't give {', '.join(wrong)}.",
                do=f"Leave it out of [sources.{self.name}]: Tryton gives it, or {entity.name} has no such column.",
            )
        return constants


def _company(tryton: Tryton, wanted: str | None) -> int:
    """The company that config names, else the only one that the login sees."""
    own = tryton.call("res.user", "get_preferences", True).get("companies") or []
    known = {row["rec_name"]: int(row["id"]) for row in tryton.call("company.company", "read", own, ["rec_name"])}
    found = [number for name, number in known.items() if wanted in {None, name}]
    if len(found) != 1:
        names = ", ".join(sorted(known)) or "none"
        raise ConfigError(
            f"Prices and stock belong to a company, and the login sees {names}.",
            kept=KEPT,
            do='Name one as company = "..." of this source, or give the login one company in Tryton.',
        )
    return found[0]


def _schema(entity: Entity, constants: dict[str, Any]) -> pa.Schema:
    """Money and text go as text: the transformer reads them, and no digit is lost."""
    names = [*COLUMNS[entity.name], *constants]
    kinds = {name: column.dtype for name in names if (column := entity.column(name))}
    return pa.schema([(name, _TYPES.get(kinds[name], pa.string())) for name in names])


def _table(rows: list[Row], schema: pa.Schema, constants: dict[str, Any]) -> pa.Table:
    columns = [
        pa.array([_cell(constants.get(name, row.get(name)), kind) for row in rows], kind)
        for name, kind in zip(schema.names, schema.types, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _cell(value: Any, kind: pa.DataType) -> Any:
    if value is None or kind == shape.UTC_TIME:
        return value
    if kind == pa.string():
        return format(value, "f") if isinstance(value, Decimal) else str(value)
    return {pa.bool_(): bool, pa.int64(): int}.get(kind, float)(value)
