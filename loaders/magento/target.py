"""The Magento target: which part delivers which entity, in what batches, and how what is open gets settled."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from koppel.clock import Clock
from koppel.entities import Entity
from koppel.errors import ConfigError
from koppel.magento.client import MagentoClient
from koppel.magento.keys import normalised
from koppel.settings import TargetSettings
from koppel.target import Attempt, Change, Check, Preparation, Receipt, Record
from loaders.magento import doctor
from loaders.magento.attributes import Attributes
from loaders.magento.categories import Categories
from loaders.magento.media import Images
from loaders.magento.prices import Prices
from loaders.magento.products import Products, ProductTexts
from loaders.magento.queue import Queue
from loaders.magento.relations import Relations
from loaders.magento.shop import Shop
from loaders.magento.writer import ProductWriter

IMAGE_RECORDS = 100
"""Galleries are sent with their files; so many at a time stay well within memory."""


class MagentoTarget:
    """A Magento shop. Options: see [targets.shop] in koppel.toml; times are seconds.

    ``patience_seconds`` (300): how long to wait for a queue that makes no progress · ``settle_seconds`` (2): pause before an
    unclear call is looked into · ``bulk_records`` (1000), ``sync_records`` (20): largest bulk, largest plan without one.
    """

    def __init__(self, settings: TargetSettings, clock: Clock | None = None) -> None:
        self.name = settings.name
        self._settings = settings
        self.client = MagentoClient(settings, clock)
        self._shop = Shop(self.client, settings)
        options = settings.options
        patience = float(options.get("patience_seconds", 300))
        self._queue = Queue(self.client, patience, float(options.get("longest_pause_seconds", 60)))
        self._writer = ProductWriter(self.client, self._queue, options)
        self._attributes = Attributes(self._shop)
        self._categories = Categories(self._shop)

    def batch_size(self, entity: Entity, planned: int) -> int:
        """How many records one ``deliver`` takes; smaller once the shop said that it takes fewer."""
        if entity.name == "product_image":
            return IMAGE_RECORDS
        if entity.name == "price":
            return self._prices.limit
        return max(1, min(self._writer.bulk_limit, planned) if entity.name != "category" else planned)

    def normalise_key(self, key: str) -> str:
        """The key without case, accents and outer spaces, as Magento compares it."""
        return normalised(key)

    def preparations(self, entity: Entity, records: Iterable[Record]) -> list[Preparation]:
        """The attribute set, attributes and options that these products need and the shop lacks."""
        return self._attributes.preparations(records) if entity.name == "product" else []

    def prepare(self, preparations: Sequence[Preparation]) -> None:
        """Make what is missing."""
        self._attributes.prepare(preparations)

    def deliver(self, entity: Entity, changes: Sequence[Change], attempt: Attempt) -> Iterator[Receipt]:
        """Bring a batch to the shop; accepted is not done, so this waits for the shop's queue."""
        self._writer.begin()
        if entity.name == "category":
            return self._categories.deliver(changes)
        if entity.name == "price":
            return self._prices.deliver(changes, attempt)
        return self._part(entity).deliver(changes, attempt)

    def read_back(self, entity: Entity, changes: Sequence[Change], reference: str | None) -> Iterator[Receipt]:
        """Wait until nothing of ours is under way, then compare the shop with what would be sent."""
        if entity.name == "category":
            return self._categories.read_back(changes)
        if entity.name == "price":
            return self._prices.read_back(changes)
        self._queue.wait_until_idle(reference.split(",") if reference else [])
        return self._part(entity).read_back(changes)

    def read_all(self, entity: Entity) -> Iterator[Sequence[tuple[str, Record]]]:
        """What the shop holds, in our words."""
        if entity.name == "category":
            return self._categories.read_all()
        if entity.name == "price":
            return self._prices.read_all()
        return self._part(entity).read_all()

    def check(self) -> list[Check]:
        """What ``koppel doctor`` shows about the shop."""
        return doctor.checks(self._shop)

    def _part(self, entity: Entity) -> Products | ProductTexts | Images | Relations:
        parts: dict[str, Products | ProductTexts | Images | Relations] = {
            "product": self._products,
            "product_text": self._texts,
            "product_image": self._images,
            "product_relation": self._relations,
        }
        if entity.name not in parts:
            raise ConfigError(
                f"A Magento shop takes no {entity.name!r}.", do=f"It takes category, price, {', '.join(parts)}."
            )
        return parts[entity.name]

    @cached_property
    def _products(self) -> Products:
        return Products(self._shop, self._writer, self._attributes, self._categories)

    @cached_property
    def _texts(self) -> ProductTexts:
        return ProductTexts(self._shop, self._writer)

    @cached_property
    def _images(self) -> Images:
        return Images(self._shop, self._writer)

    @cached_property
    def _relations(self) -> Relations:
        return Relations(self._shop, self._writer)

    @cached_property
    def _prices(self) -> Prices:
        return Prices(self._shop)
