"""The first step of a run: read the source once, and stage only the rows that differ from what the ledger knows.

A record that did not change costs one hash. The hash covers all columns of the raw row, the key included, so one
look-up among the ledger's hashes (64 bits each) tells "known and the same" without comparing keys.
"""

import hashlib
import importlib
import tomllib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from koppel.entities import NO_KEY, Entity, split_key
from koppel.errors import SourceEmpty, SourceShape
from koppel.known import KnownAll, KnownByKey
from koppel.ledger import Ledger, now
from koppel.source import OfMembers, Source
from koppel.staging import Staging
from koppel.window import Window

SLICE_ROWS = 100_000
"""Rows in one staged slice: what a mapped task takes, and what bounds its memory."""

_JUDGE_NOTHING = {"owners.toml"}
"""Configuration that says who mends a record, and nothing of how it is judged."""

VERSION = "_version"
"""The column of a staged raw frame that holds the record's hash (int64)."""


@dataclass(slots=True)
class Extract:
    """What reading one entity found; JSON between tasks. Counts are records, not rows."""

    entity: str
    read: int = 0
    unchanged: int = 0
    still_held: int = 0
    staged: int = 0
    slices: list[dict[str, Any]] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    vanished: int = 0
    newest: str | None = None
    """The latest time in what was read (ISO, UTC), up to ``began``; ``began`` where all times are in the future."""
    has_future: bool = False
    began: str = ""
    """When the reading began (ISO, UTC): what another run brought to the target since then may be newer than what was read."""
    known: int = 0
    """Records that the ledger knew, without those that were withdrawn; of a small window only those that it brought."""


def find_changes(
    source: Source,
    target: str,
    entity: Entity,
    window: Window,
    ledger: Ledger,
    staging: Staging,
    salt: str,
    *,
    with_waiting: bool = True,
) -> Extract:
    """Stream an entity, stage the changed rows in slices and name what vanished.

    ``with_waiting``: a window that starts at a cursor also brings what failed or waits. Raises SourceEmpty when a full read
    finds nothing where the ledger knows records.
    """
    began = now()
    known = (KnownAll if window.is_full else KnownByKey)(ledger, target, entity.name)
    stager = _Stager(staging, entity)
    extract = Extract(entity.name, began=began.isoformat())
    waiting = ledger.waiting(target, entity) if with_waiting else set[str]()
    for raw in _looked_at(source, entity, window, salt, waiting):
        _note_times(extract, raw, began)
        records = raw.unique("_key", maintain_order=True) if entity.many else raw
        is_new = known.mark(records["_key"], records[VERSION].to_numpy())
        if is_new.any():
            fresh = records["_key"].filter(pl.Series(is_new))
            stager.add(raw.filter(pl.col("_key").is_in(fresh.implode())), fresh)
    stager.close()
    _close(extract, entity, known, stager)
    if isinstance(source, OfMembers) and source.has_left_out:
        extract.newest = None  # the cursor stays where the one that is down was last read
    if window.is_full and not extract.read and extract.vanished:
        raise SourceEmpty(
            f"The source holds no {entity.name} at all, where the ledger knows some.",
            kept="Nothing was withdrawn or changed in the target.",
            do="Look at the source and its query; what really should be empty is left out of the flow in koppel.toml.",
        )
    staging.write_json(f"extract/{entity.name}", asdict(extract))
    return extract


def _close(extract: Extract, entity: Entity, known: KnownAll | KnownByKey, stager: "_Stager") -> None:
    """What can only be said when the whole stream was seen: duplicates, what vanished, and the counts."""
    keys, twice = stager.keys()
    also_unchanged, vanished = known.compared(keys)
    extract.duplicates = sorted({*twice, *also_unchanged})
    stager.staging.write(f"vanished/{entity.name}", vanished.to_frame("key").to_arrow())
    extract.vanished = len(vanished)
    extract.unchanged, extract.still_held = known.marked()
    extract.staged, extract.known = len(keys), known.count
    extract.read = extract.unchanged + extract.still_held + extract.staged
    extract.slices = stager.slices
    if extract.newest is None and extract.has_future:
        extract.newest = extract.began


def salt_of(config_root: Path, today: date | None = None) -> str:
    """A text that changes with whatever decides how a record is judged: configuration, rules, transformers, versions.

    With another salt every record is judged once more; what comes out the same is not sent again. So it is on the day (UTC) after
    a waiver of rules.toml ends: the finding that it stood against would otherwise wait for a change of the record.
    """
    digest = hashlib.blake2b(_code(), digest_size=8)
    for file in sorted(path for path in config_root.glob("*.toml") if path.name not in _JUDGE_NOTHING):
        digest.update(file.read_bytes())
    digest.update(" ".join(_ended_waivers(config_root / "rules.toml", today or now().date())).encode())
    return digest.hexdigest()


def _ended_waivers(rules: Path, today: date) -> Iterator[str]:
    """The last days of the waivers that are over. A file that makes no sense has none; the gate says what is wrong with it."""
    try:
        waivers = tomllib.loads(rules.read_text("utf-8")).get("waivers", [])
    except (OSError, ValueError):
        return
    for waiver in waivers if isinstance(waivers, list) else []:
        until = waiver.get("until") if isinstance(waiver, dict) else None
        if type(until) is date and until < today:
            yield until.isoformat()


@cache
def _code() -> bytes:
    """A digest of the code that judges: a process has loaded it once, so it reads it once."""
    digest = hashlib.blake2b(pl.__version__.encode())
    for package in ("koppel", "transformers", "data_quality"):
        folder = importlib.import_module(package).__path__[0]
        for file in sorted(Path(folder).glob("**/*.py")):
            digest.update(file.read_bytes())
    return digest.digest()


def _looked_at(source: Source, entity: Entity, window: Window, salt: str, waiting: set[str]) -> Iterator[pl.DataFrame]:
    """What the window holds. A window of time gives whole records also where only one row of a record lies in it; and one
    that starts at a cursor has what failed or waits besides, because their own time will not bring them again.
    """
    if window.keys or window.is_full or (window.until and not entity.many):
        yield from _whole_records(source.read(entity, window), entity, salt)
        return
    wanted = set() if window.until else {key for key in waiting if not key.startswith(NO_KEY)}
    if entity.many:
        for raw in _whole_records(source.read(entity, window), entity, salt):
            wanted |= set(raw["_key"])
    skus = tuple(sorted({split_key(entity, key)[-1] for key in wanted}))
    names = pl.Series("_key", sorted(wanted), dtype=pl.String)
    for raw in _whole_records(source.read(entity, Window(keys=skus)), entity, salt) if skus else ():
        yield raw.filter(pl.col("_key").is_in(names.implode()))
    if not entity.many:
        for raw in _whole_records(source.read(entity, window), entity, salt):
            yield raw.filter(~pl.col("_key").is_in(names.implode()))


def _whole_records(tables: Iterator[Any], entity: Entity, salt: str) -> Iterator[pl.DataFrame]:
    """Raw frames with the key text and the record's version; a record of many rows is never cut in two."""
    carried: pl.DataFrame | None = None
    for table in tables:
        if not table.num_rows:
            continue
        frame = _with_key(pl.DataFrame(pl.from_arrow(table)), entity, salt)
        if not entity.many:
            yield frame
            continue
        frame = frame if carried is None else pl.concat([carried, frame], how="vertical_relaxed")
        is_last = frame["_key"] == frame["_key"][-1]
        carried = frame.filter(is_last)
        if not is_last.all():
            yield _many(frame.filter(~is_last))
    if carried is not None:
        yield _many(carried)


def _with_key(frame: pl.DataFrame, entity: Entity, salt: str) -> pl.DataFrame:
    missing = [name for name in entity.required if name not in frame.columns]
    if missing:
        raise SourceShape(
            f"The source gives no column {', '.join(missing)} for {entity.name}; it gives {', '.join(frame.columns)}.",
            kept="Nothing was changed.",
            do="Mend the query or the mapping of this entity.",
        )
    version = frame.hash_rows(seed=int(salt, 16)).reinterpret(signed=True)
    # The ledger can't hold a NUL; where it stood must show, and the record is refused for it later.
    texts = [pl.col(name).cast(pl.String).str.replace_all("\0", "\ufffd", literal=True) for name in entity.key]
    is_blank = pl.any_horizontal(text.fill_null("").str.strip_chars() == "" for text in texts)
    # A row without a key must still be accounted for, so it gets a name of its own.
    stand_in = pl.format(NO_KEY + " {}", pl.lit(version))
    key = pl.when(is_blank).then(stand_in).otherwise(pl.concat_str(texts, separator=":"))
    named = [text for name, text in zip(entity.key, texts, strict=True) if frame.schema[name] == pl.String]
    return frame.with_columns(version.alias(VERSION), key.alias("_key"), *named)


def _many(frame: pl.DataFrame) -> pl.DataFrame:
    """Every row gets the version of its record: the sum of its rows' hashes, which no order of rows changes."""
    return frame.with_columns(pl.col(VERSION).reinterpret(signed=False).sum().over("_key").reinterpret(signed=True))


def _note_times(extract: Extract, raw: pl.DataFrame, began: datetime) -> None:
    """The latest time that is not in the future: a record from there would take the cursor beyond what a source whose clock is
    behind changes next."""
    if "modified_at" not in raw.columns or not isinstance(raw.schema["modified_at"], pl.Datetime):
        return
    times = raw["modified_at"].drop_nulls()
    newest: Any = times.filter(times <= began).max()
    extract.has_future |= bool((times > began).any())
    if newest is not None:
        text = newest.astimezone(UTC).isoformat()
        extract.newest = max(extract.newest or text, text)


def _on_its_own(rows: pl.DataFrame) -> pl.DataFrame:
    """A copy of a few rows. The texts of a filtered frame are views: ten rows would keep a batch of 16 MB in memory."""
    return pl.DataFrame(pl.from_arrow(rows.to_arrow(compat_level=pl.CompatLevel.oldest())))


class _Stager:
    """Gathers changed rows and writes them as slices of bounded size."""

    def __init__(self, staging: Staging, entity: Entity) -> None:
        self.staging, self._entity = staging, entity
        self.slices: list[dict[str, Any]] = []
        self._frames: list[pl.DataFrame] = []
        self._keys: list[pl.Series] = []

    def add(self, rows: pl.DataFrame, keys: pl.Series) -> None:
        """Keep the rows of these records for the next slice."""
        self._frames.append(_on_its_own(rows))
        self._keys.append(_on_its_own(keys.to_frame()).to_series())
        if sum(len(frame) for frame in self._frames) >= SLICE_ROWS:
            self.close()

    def close(self) -> None:
        """Write what was gathered."""
        if not self._frames:
            return
        rows = pl.concat(self._frames, how="vertical_relaxed")
        number = len(self.slices)
        self.staging.write(f"raw/{self._entity.name}-{number:04d}", rows.to_arrow())
        self.slices.append({"entity": self._entity.name, "number": number, "rows": len(rows)})
        self._frames = []

    def keys(self) -> tuple[pl.Series, list[str]]:
        """The keys that were staged, each once, and those that came more than once."""
        keys = pl.concat(self._keys) if self._keys else pl.Series("_key", [], dtype=pl.String)
        return keys.unique(), keys.filter(keys.is_duplicated()).unique().to_list()
