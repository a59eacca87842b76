"""The Magento target: which part delivers which entity, in what batches, and how what is open gets settled."""

from collections.abc import Iterable, Iterator, Sequence

from koppel.clock import Clock
from koppel.entities import Entity
from koppel.errors import ConfigError
from koppel.magento.client import MagentoClient
from koppel.magento.keys import normalised
from koppel.settings import TargetSettings
from koppel.target import Attempt, Change, Check, Preparation, Receipt, Record
from loaders.magento import attributes, doctor, sources, stock_doctor
from loaders.magento.attributes import Attributes
from loaders.magento.categories import Categories
from loaders.magento.media import Images
from loaders.magento.part import Part
from loaders.magento.prices import Prices
from loaders.magento.products import Products, ProductTexts
from loaders.magento.queue import Queue
from loaders.magento.relations import Relations
from loaders.magento.shop import Shop
from loaders.magento.sources import Sources
from loaders.magento.stock import StockLevels
from loaders.magento.writer import ProductWriter


class MagentoTarget:
    """A Magento shop. Options: see [targets.shop] in koppel.toml; times are seconds.

    ``patience_seconds`` (300): how long to wait for a queue that makes no progress · ``settle_seconds`` (2): pause before an
    unclear call is looked into · ``bulk_records`` (1000), ``sync_records`` (20): largest bulk, largest plan without one ·
    ``stock_records`` (500): rows of stock in one call · ``create_sources`` (false), ``stock`` ("Koppel"): see sources.py.
    """

    def __init__(self, settings: TargetSettings, clock: Clock | None = None) -> None:
        self.name = settings.name
        self.client = MagentoClient(settings, clock)
        self._shop = Shop(self.client, settings)
        options = settings.options
        patience = float(options.get("patience_seconds", 300))
        self._queue = Queue(self.client, patience, float(options.get("longest_pause_seconds", 60)))
        self._writer = ProductWriter(self.client, self._queue, options)
        self._attributes = Attributes(self._shop)
        self._sources = Sources(self._shop)
        self._parts = self._made()

    def batch_size(self, entity: Entity, planned: int) -> int:
        """How many records one ``deliver`` takes; smaller once the shop said that it takes fewer."""
        return self._part(entity).batch_size(planned)

    def normalise_key(self, key: str) -> str:
        """The key without case, accents and outer spaces, as Magento compares it."""
        return normalised(key)

    def preparations(self, entity: Entity, records: Iterable[Record]) -> list[Preparation]:
        """What these records need and the shop lacks: attributes and options of products, sources of stock."""
        return self._part(entity).preparations(records)

    def prepare(self, preparations: Sequence[Preparation]) -> None:
        """Make what is missing."""
        for maker, kinds in ((self._attributes, attributes.MAKES), (self._sources, sources.MAKES)):
            if wanted := [one for one in preparations if one.kind in kinds]:
                maker.prepare(wanted)

    def deliver(self, entity: Entity, changes: Sequence[Change], attempt: Attempt) -> Iterator[Receipt]:
        """Bring a batch to the shop; accepted is not done, so this waits for the shop's queue."""
        part = self._part(entity)
        if part.uses_queue:
            self._writer.begin()
        return part.deliver(changes, attempt)

    def read_back(self, entity: Entity, changes: Sequence[Change], reference: str | None) -> Iterator[Receipt]:
        """Wait until nothing of ours is under way, then compare the shop with what would be sent."""
        part = self._part(entity)
        if part.uses_queue:
            self._queue.wait_until_idle(reference.split(",") if reference else [])
        return part.read_back(changes)

    def read_all(self, entity: Entity) -> Iterator[Sequence[tuple[str, Record]]]:
        """What the shop holds, in our words."""
        return self._part(entity).read_all()

    def check(self) -> list[Check]:
        """What ``koppel doctor`` shows about the shop."""
        return doctor.checks(self._shop, *stock_doctor.looks(self._sources))

    def _part(self, entity: Entity) -> Part:
        if entity.name not in self._parts:
            raise ConfigError(f"A Magento shop takes no {entity.name!r}.", do=f"It takes {', '.join(self._parts)}.")
        return self._parts[entity.name]

    def _made(self) -> dict[str, Part]:
        categories = Categories(self._shop)
        return {
            "category": categories,
            "product": Products(self._shop, self._writer, self._attributes, categories),
            "product_text": ProductTexts(self._shop, self._writer),
            "product_image": Images(self._shop, self._writer),
            "product_relation": Relations(self._shop, self._writer),
            "price": Prices(self._shop),
            "stock_level": StockLevels(self._shop, self._sources),
        }
