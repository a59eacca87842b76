"""What the shop is made of, read once: its store views, websites and the attribute set that our products use."""

from functools import cached_property
from typing import Any

from koppel.errors import ConfigError
from koppel.magento.client import MagentoClient
from koppel.settings import TargetSettings


class Shop:
    """One shop's fixed parts, and the options in config that name them."""

    def __init__(self, client: MagentoClient, settings: TargetSettings) -> None:
        self.client = client
        self.settings = settings
        self.options: dict[str, Any] = settings.options

    @property
    def stores(self) -> dict[str, str]:
        """Language to store view code, from config; a language without a line is its own code."""
        named = self.options.get("stores", {})
        return {language: str(named.get(language, language)) for language in self.settings.languages or tuple(named)}

    @property
    def default_language(self) -> str:
        """The language of what stands at ``all`` where a shop needs one text (labels, names of categories)."""
        return next(iter(self.stores))

    @property
    def attribute_set_name(self) -> str:
        """The attribute set that our products use."""
        return str(self.options.get("attribute_set", "Koppel"))

    @property
    def root_category(self) -> int:
        """Below this category our tree stands."""
        return int(self.options.get("root_category", 2))

    @cached_property
    def store_ids(self) -> dict[str, int]:
        """Store view code to its number."""
        return {view["code"]: int(view["id"]) for view in self.client.value("/V1/store/storeViews")}

    @cached_property
    def website_id(self) -> int:
        """The number of the website that sells our products."""
        code = str(self.options.get("website", "base"))
        known = {site["code"]: int(site["id"]) for site in self.client.value("/V1/store/websites")}
        if code not in known:
            raise ConfigError(f"The shop has no website {code!r}.", do=f"It knows: {', '.join(known)}.")
        return known[code]

    @cached_property
    def attribute_set_id(self) -> int:
        """The number of our attribute set."""
        number = self.find_attribute_set(self.attribute_set_name)
        if number is None:
            raise ConfigError(
                f"The shop has no attribute set {self.attribute_set_name!r}.",
                do="Run the plan again: it makes the set before the first product.",
            )
        return number

    def store(self, language: str) -> str:
        """The store view of a language."""
        if language not in self.stores:
            raise ConfigError(
                f"No store view is configured for language {language!r}.", do="Add it to stores = { ... }."
            )
        return self.stores[language]

    def labels(self, texts: dict[str, str]) -> list[dict[str, Any]]:
        """Texts per language as Magento's labels per store view; a language that the shop does not have is left out."""
        return [
            {"store_id": self.store_ids[self.stores[language]], "label": text}
            for language, text in texts.items()
            if self.stores.get(language) in self.store_ids
        ]

    def find_attribute_set(self, name: str) -> int | None:
        """The number of an attribute set, or None."""
        items = self.client.everything(
            "/V1/products/attribute-sets/sets/list",
            [[("attribute_set_name", "eq", name)]],
            "attribute_set_id,attribute_set_name",
        )
        return next((int(item["attribute_set_id"]) for item in items if item["attribute_set_name"] == name), None)
