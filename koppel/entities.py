"""What flows through Koppel: each entity declared once, with its columns, types, key and units."""

from dataclasses import dataclass
from typing import Literal

Dtype = Literal["text", "integer", "number", "money", "boolean", "time"]
"""text: str · integer: Int64 · number: Float64 · money: Decimal · boolean: boolean · time: aware UTC timestamp."""

Role = Literal["key", "sent", "judged", "first", "told"]
"""key: identifies the record · sent: part of what a target receives · judged: only there for the rules ·
first: needed to create a record, never sent again, because another entity looks after it from then on ·
told: kept with what was sent, to explain it; another explanation of the same record sends nothing."""


CATALOGUE = "catalogue"
"""The lane of what has no other one."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of an entity frame; a name that ends in ``*`` stands for a family (``property_*``, ``alt_text_*``)."""

    name: str
    dtype: Dtype = "text"
    role: Role = "sent"
    required: bool = False

    @property
    def is_family(self) -> bool:
        """Whether the name stands for every column with this prefix."""
        return self.name.endswith("*")

    def covers(self, column: str) -> bool:
        """Whether ``column`` is this column, or a member of this family."""
        return column.startswith(self.name[:-1]) if self.is_family else column == self.name


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of record: its columns, its key, and what it waits for.

    ``many``: a record is all rows that share the key (a gallery, the relations of a product); the source query must be
    ordered by the key. ``parent``: entity that must stand in the target first, found by the key column ``sku``.
    ``needs``: a new record is only created when a record of that entity about the same SKU passed the gate.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    many: bool = False
    parent: str | None = None
    needs: str | None = None
    parent_must_be_fit: bool = False
    """Also wait when the parent stands in the target but is held back now (texts do, prices keep flowing)."""
    refers: tuple[str, str] | None = None
    """(column, entity): rows that name a record which does not stand in the target are left out until it does."""
    lane: str = CATALOGUE
    """Each lane of a target has a writer of its own: what is urgent never waits for what is long."""
    oldest_first: bool = False
    """What waited longest is sent first."""
    emptied: str | None = None
    """The column whose fall to 0 is an emptying: too many of them at once wait for a person."""
    emptied_unless: str | None = None
    """The told column that says that the settings ask for the fall."""

    def column(self, name: str) -> Column | None:
        """The declaration that covers a column name, or None for a column this entity does not know."""
        return next((column for column in self.columns if column.covers(name)), None)

    def names(self, role: Role, present: list[str]) -> list[str]:
        """The columns among ``present`` that have a role, in the order of ``present``."""
        return [name for name in present if (column := self.column(name)) is not None and column.role == role]

    @property
    def previous(self) -> dict[str, str]:
        """The judged columns ``previous_X`` that the engine fills with what the target was last sent, by sent column X."""
        names = (column.name for column in self.columns if column.name.startswith("previous_"))
        return {name.removeprefix("previous_"): name for name in names}

    @property
    def first(self) -> tuple[str, ...]:
        """The columns without which no record is created."""
        return tuple(column.name for column in self.columns if column.role == "first")

    @property
    def told(self) -> tuple[str, ...]:
        """The columns that explain a record."""
        return tuple(column.name for column in self.columns if column.role == "told")

    @property
    def not_compared(self) -> frozenset[str]:
        """The columns of a record that are no part of its fingerprint."""
        return frozenset(column.name for column in self.columns if column.role in {"first", "told"})

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that a source must deliver."""
        return tuple(column.name for column in self.columns if column.required)


def _key(name: str) -> Column:
    return Column(name, role="key", required=True)


def _judged(name: str, dtype: Dtype = "text") -> Column:
    return Column(name, dtype, role="judged")


MODIFIED = Column("modified_at", "time", role="judged")
"""When the source last changed the record (UTC); the cursor is made of it."""

CATEGORY = Entity(
    "category",
    key=("category_code",),
    many=True,  # one row per language
    columns=(
        _key("category_code"),
        Column("language", required=True),
        Column("name", required=True),
        Column("parent_code"),
        Column("position", "integer"),
        MODIFIED,
    ),
)

PRODUCT = Entity(
    "product",
    key=("sku",),
    needs="product_text",
    columns=(
        _key("sku"),
        Column("name", required=True),  # the ERP's own name: what staff see, never what a customer reads
        Column("gtin"),
        Column("brand"),
        Column("category_code"),
        Column("weight_kg", "number"),  # of one packed unit
        Column("tax_class"),
        Column("status"),  # active | ended
        Column(
            "first_price_eur_excl_vat", "money", role="first"
        ),  # or the shop would sell it for nothing until prices come
        Column("property_*"),
        _judged("model"),
        _judged("carton_weight_kg", "number"),
        _judged("pack_size", "integer"),
        _judged("photo_count", "integer"),
        _judged("accessory_count", "integer"),
        _judged("stock_quantity", "number"),
        _judged("stock_status"),
        _judged("stock_checked_at", "time"),
        MODIFIED,
    ),
)

PRODUCT_TEXT = Entity(
    "product_text",
    key=("language", "sku"),
    parent="product",
    parent_must_be_fit=True,
    columns=(
        _key("language"),
        _key("sku"),
        Column("name"),
        Column("short_text"),
        Column("long_text"),
        _judged("brand"),
        _judged("model"),
        _judged("category_code"),
        _judged("property_*"),
        _judged("removed_markup"),  # what cleaning took out of the texts, as "script, style attribute"
        MODIFIED,
    ),
)

PRODUCT_IMAGE = Entity(
    "product_image",
    key=("sku",),
    many=True,
    parent="product",
    parent_must_be_fit=True,
    columns=(
        _key("sku"),
        Column("position", "integer", required=True),
        Column("file"),  # path below the media root of the source
        Column("alt_text_*"),
        Column("content_hash"),  # sha256 of the file, hex; filled in by extractors/images.py
        Column("mime_type"),
        _judged("width_px", "integer"),
        _judged("height_px", "integer"),
        _judged("size_bytes", "integer"),
        _judged(
            "look_hash"
        ),  # what the picture looks like: 64 bits, hex; much alike, few bits apart (extractors/images.py)
        _judged("problem"),  # why the file can't be used, empty when it can
        _judged("is_usable", "boolean"),  # False: judged, but not sent
        MODIFIED,
    ),
)

PRODUCT_RELATION = Entity(
    "product_relation",
    key=("sku",),
    many=True,
    parent="product",
    parent_must_be_fit=True,
    refers=("related_sku", "product"),
    columns=(
        _key("sku"),
        Column("relation", required=True),  # accessory | similar | goes_well_with
        Column("related_sku", required=True),
        Column("position", "integer"),
        _judged("related_status"),  # status of the related product in the source, empty when it is unknown there
        _judged("is_usable", "boolean"),  # False: judged, but not sent
        MODIFIED,
    ),
)

PRICE = Entity(
    "price",
    key=("sku",),
    parent="product",
    columns=(
        _key("sku"),
        Column("price_eur_excl_vat", "money", required=True),
        _judged("cost_eur", "money"),
        _judged("currency"),
        _judged("category_code"),
        _judged("previous_price_eur_excl_vat", "money"),  # what the target was last sent; filled in by the engine
        MODIFIED,
    ),
)

STOCK_LEVEL = Entity(
    "stock_level",
    key=("location", "sku"),
    parent="product",
    lane="stock",
    oldest_first=True,
    emptied="quantity",
    emptied_unless="is_stale",
    columns=(
        _key("location"),
        _key("sku"),
        Column("quantity", "number"),  # pieces (or metres...) that the shop's source is to hold; docs/stock.md
        Column("is_in_stock", "boolean"),
        Column("moves"),  # what the shop itself took off or put back lately, as "ORDER:SHIPPED/REFUNDED ..."
        Column("arithmetic", role="told"),  # how the quantity came about, as JSON
        Column("on_hand", "number", role="judged", required=True),  # in units of the source
        _judged("reserved", "number"),
        _judged("incoming", "number"),
        _judged("incoming_at", "time"),
        _judged("counted_at", "time"),
        _judged("unit_size", "number"),  # pieces in one unit of the source: 12 for a carton of twelve
        _judged("status"),  # in_stock | out_of_stock | on_order | made_to_order | drop_ship
        _judged("category_code"),
        _judged("sold_by_measure", "boolean"),
        _judged("taken_for_orders"),  # pieces that the ERP took off here for orders of the shop, as "ORDER=PIECES ..."
        _judged("taken", "number"),  # of these, what the shop has not shipped yet
        _judged("claimed", "number"),  # what the shop sold or shipped and the ERP did not take off yet
        _judged("components"),  # of a set: JSON, what it is made of and what is there of that
        Column("is_stale", "boolean", role="told"),  # nobody heard of the location for longer than its limit
        _judged("safety", "number"),
        _judged("previous_quantity", "number"),  # what the target was last sent; filled in by the engine
        MODIFIED,
    ),
)

STOCK_LOCATION = Entity(
    "stock_location",
    key=("location",),
    columns=(_key("location"), Column("heard_at", "time", required=True), MODIFIED),
)

STOCK_COMPONENT = Entity(
    "stock_component",
    key=("sku", "component_sku"),
    columns=(_key("sku"), _key("component_sku"), Column("quantity", "number", required=True), MODIFIED),
)

ORDER_LINE = Entity(
    "order_line",
    key=("order_number", "sku"),
    columns=(
        _key("order_number"),
        _key("sku"),
        Column("ordered", "number", required=True),  # pieces, like all that follow
        Column("shipped", "number"),
        Column("cancelled", "number"),
        Column("refunded", "number"),
        Column("shipped_from"),  # "SOURCE=PIECES ..."
        Column("state"),  # as the shop calls it
        MODIFIED,
    ),
)

PRODUCT_TRADE = Entity(  # what the business knows of a product: for the report, never sent to a target
    "product_trade",
    key=("sku",),
    lane="trade",
    columns=(
        _key("sku"),
        _judged("supplier"),
        _judged("owner"),  # a person of config/owners.toml
        _judged("revenue_12m_eur", "money"),  # without VAT; empty: not known
        _judged("stock_value_eur", "money"),  # at cost; empty: not known
        MODIFIED,
    ),
)

ENTITIES: dict[str, Entity] = {
    entity.name: entity
    for entity in (
        CATEGORY, PRODUCT, PRODUCT_TEXT, PRODUCT_IMAGE, PRODUCT_RELATION, PRICE,
        STOCK_LEVEL, STOCK_LOCATION, STOCK_COMPONENT, ORDER_LINE, PRODUCT_TRADE,
    )
}  # fmt: skip


_UNITS = {
    "_eur_excl_vat": " (euro, without VAT)", "_eur": " (euro)", "_kg": " (kg)", "_px": " (pixels)", "_bytes": " (bytes)",
}  # fmt: skip
_NAMES = {
    "sku": "SKU", "gtin": "barcode", "modified_at": "time of the last change", "stock_checked_at": "time of the last count",
}  # fmt: skip


def spoken(name: str) -> str:
    """A column as people call it, for sentences: ``weight (kg)`` for ``weight_kg``, ``price (euro, without VAT)``."""
    name = name.removeprefix("property_").removeprefix("first_")
    unit = next((unit for unit in _UNITS if name.endswith(unit)), "")
    plain = name.removesuffix(unit)
    return _NAMES.get(plain, plain.replace("_", " ")) + _UNITS.get(unit, "")


NO_KEY = "(no key)"
"""What the ledger key of a row starts with that the source gave without a key."""


def record_key(entity: Entity, values: tuple[str, ...]) -> str:
    """The one text that names a record in the ledger: the SKU, or ``nl:SKU`` for a text.

    The language stands first because it never holds a colon, so that ``split_key`` is exact for any SKU.
    """
    return ":".join(values) if len(entity.key) > 1 else values[0]


def split_key(entity: Entity, key: str) -> tuple[str, ...]:
    """The key columns' values of a ledger key, in the order of ``entity.key``."""
    return tuple(key.split(":", len(entity.key) - 1))
