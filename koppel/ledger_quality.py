"""The ledger's tables that people read and correct: what the report is made of, and what comes back from a work list."""

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Index, Integer, Numeric, SmallInteger, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from koppel.ledger_schema import metadata


def _time(name: str, *, null: bool = True) -> "Column[object]":
    return Column(name, DateTime(timezone=True), nullable=null)


judgement = (
    Table(  # one row per judged record of the catalogue's lane and of prices, replaced whenever it is judged again
        "judgement",
        metadata,
        Column("target", Text, primary_key=True),
        Column("entity", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("sku", Text, nullable=False),
        Column("language", Text, nullable=False),  # empty: every language
        Column(
            "questions", JSONB, nullable=False
        ),  # {question: [weight of the rules that applied, of these: broken]}, no hints
        Column("facts", JSONB, nullable=False),  # what the report groups and lists by: name, brand, category_code...
        Column(
            "values", JSONB
        ),  # fields that a person may correct, as the source has them; null where nothing was found
        Column("data_version", BigInteger, nullable=False),  # hash of what was judged, whatever the rules
        Column("rules_version", Text, nullable=False),  # hash of the rules and their settings
        Column("run_id", Text, nullable=False),
        _time("at", null=False),
    )
)

trade = Table(  # what the business knows of a product, read for the report
    "trade",
    metadata,
    Column("source", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("supplier", Text),
    Column("owner", Text),  # a person of config/owners.toml
    Column("revenue_12m_eur", Numeric(14, 2)),  # without VAT; null: not known
    Column("stock_value_eur", Numeric(14, 2)),  # at cost; null: not known
    _time("at", null=False),
)

score = Table(  # one row per day, product and language
    "score",
    metadata,
    Column("day", Date, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("sku", Text, primary_key=True),
    Column("language", Text, primary_key=True),
    Column("score", SmallInteger),  # 0-100; null: no rule applied
    Column("is_held", Boolean, nullable=False),  # any finding that blocks, whatever the score
    Column("worth_eur", Numeric(14, 2)),  # revenue of 12 months, or stock value; null: not known
    Column("data_version", BigInteger, nullable=False),
    Column("rules_version", Text, nullable=False),
)

question_day = Table(  # how many products were in order, per question of a customer
    "question_day",
    metadata,
    Column("day", Date, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("question", Text, primary_key=True),
    Column("language", Text, primary_key=True),
    Column("ok", Integer, nullable=False),
    Column("improve", Integer, nullable=False),
    Column("block", Integer, nullable=False),
    Column("asked", Integer, nullable=False),  # ok + improve + block
)

sheet = Table(  # a work list that was handed out
    "sheet",
    metadata,
    Column("sheet_id", Text, primary_key=True),
    Column("target", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("rows", JSONB, nullable=False),  # {"entity|key|field": hash of the value at that moment}
    Column("made_by", Text, nullable=False),
    _time("made_at", null=False),
    _time("returned_at"),
)

override = Table(  # a correction that stands in for the source's value until the source says the same, or until a day
    "override",
    metadata,
    Column("override_id", BigInteger, primary_key=True, autoincrement=True),
    Column("target", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("replaced", Text, nullable=False),  # what the source said; when it says something else, a person decides
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("sheet_id", Text),
    Column("until", Date, nullable=False),
    Column("state", Text, nullable=False),  # active | retired (the source agrees) | expired | replaced
    _time("made_at", null=False),
    _time("ended_at"),
    Index("override_active", "target", "entity", "key", "field", unique=True, postgresql_where="state = 'active'"),
)

waiver = Table(  # a finding that a person says is none, until a day
    "waiver",
    metadata,
    Column("waiver_id", BigInteger, primary_key=True, autoincrement=True),
    Column("target", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("sheet_id", Text),
    Column("until", Date, nullable=False),
    Column("state", Text, nullable=False),  # active | expired | replaced
    _time("made_at", null=False),
    _time("ended_at"),
    Index("waiver_active", "target", "entity", "key", "rule", unique=True, postgresql_where="state = 'active'"),
)

journal = Table(  # who decided what by hand; only ever added to
    "journal",
    metadata,
    Column("journal_id", BigInteger, primary_key=True, autoincrement=True),
    _time("at", null=False),
    Column("who", Text, nullable=False),
    Column(
        "what", Text, nullable=False
    ),  # override accepted | override retired | override expired | waiver accepted | ...
    Column("target", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    Index("journal_of_record", "target", "key"),
)
