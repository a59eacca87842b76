"""Websites, store groups, store views, their configuration, and the small reference lists (currency, countries, tax)."""

from typing import Any

from sandbox.magento import search
from sandbox.magento.context import Context
from sandbox.magento.database import Record
from sandbox.magento.errors import NotFound
from sandbox.magento.routing import ANONYMOUS, route
from sandbox.magento.state import State, fixture

ACL = "Magento_Backend::store"
STATIC_VERSION = "static/version1795468068/"
TAX_CLASSES = (
    {"class_id": 2, "class_name": "Taxable Goods", "class_type": "PRODUCT"},
    {"class_id": 3, "class_name": "Retail Customer", "class_type": "CUSTOMER"},
)
BELGIUM = {
    "id": "BE", "two_letter_abbreviation": "BE", "three_letter_abbreviation": "BEL", "full_name_locale": "België",
    "full_name_english": "Belgium",
    "available_regions": [
        {"id": number, "code": code, "name": name}
        for number, code, name in (
            ("620", "VAN", "Antwerpen"), ("621", "WBR", "Brabant wallon"), ("622", "BRU", "Brussels-Capital Region"),
            ("623", "WHT", "Hainaut"), ("625", "WLG", "Liège"), ("624", "VLI", "Limburg"), ("626", "WLX", "Luxembourg"),
            ("627", "WNA", "Namur"), ("628", "VOV", "Oost-Vlaanderen"), ("629", "VBR", "Vlaams-Brabant"),
            ("630", "VWV", "West-Vlaanderen"),
        )
    ],
}  # fmt: skip
# Neighbours without regions in Magento's directory.
OTHER_COUNTRIES = (
    ("NL", "NLD", "Nederland", "Netherlands"), ("LU", "LUX", "Luxemburg", "Luxembourg"),
    ("DE", "DEU", "Duitsland", "Germany"), ("FR", "FRA", "Frankrijk", "France"),
    ("GB", "GBR", "Verenigd Koninkrijk", "United Kingdom"),
)  # fmt: skip


@fixture
def countries(state: State) -> None:
    """The countries of the reference list."""
    state.table("countries").put("BE", dict(BELGIUM))
    for two, three, local, english in OTHER_COUNTRIES:
        state.table("countries").put(
            two,
            {"id": two, "two_letter_abbreviation": two, "three_letter_abbreviation": three, "full_name_locale": local,
             "full_name_english": english},
        )  # fmt: skip


def _service(name: str) -> str:
    return f"Magento\\Store\\Api\\{name}RepositoryInterface::getList"


@route("GET", "/V1/store/websites", ACL, service=_service("Website"))
def websites(ctx: Context) -> Any:
    """All websites, that of the administration included."""
    return list(ctx.state.table("websites"))


@route("GET", "/V1/store/storeGroups", ACL, service=_service("Group"))
def store_groups(ctx: Context) -> Any:
    """All store groups."""
    return list(ctx.state.table("store_groups"))


@route("GET", "/V1/store/storeViews", ACL, service=_service("Store"))
def store_views(ctx: Context) -> Any:
    """All store views."""
    keys = ("id", "code", "name", "website_id", "store_group_id", "is_active")
    return [{key: store[key] for key in keys} for store in ctx.state.table("stores")]


@route(
    "GET", "/V1/store/storeConfigs", ACL, {"storeCodes?": "string[]"},
    "Magento\\Store\\Api\\StoreConfigManagerInterface::getStoreConfigs",
)  # fmt: skip
def store_configs(ctx: Context) -> Any:
    """The configuration of the store views, or of those that are named."""
    wanted = ctx.inputs["storeCodes"]
    stores = [store for store in ctx.state.table("stores") if store["id"]]
    return [_config(ctx.state, store) for store in stores if not wanted or store["code"] in wanted]


def _config(state: State, store: Record) -> Record:
    base = state.settings.base_url
    addresses = {"base_url": base, "base_link_url": base, "base_static_url": base + STATIC_VERSION,
                 "base_media_url": base + "media/"}  # fmt: skip
    return {
        "id": store["id"], "code": store["code"], "website_id": store["website_id"], "locale": store["locale"],
        "base_currency_code": "EUR", "default_display_currency_code": "EUR", "timezone": "Europe/Brussels",
        "weight_unit": "lbs", **addresses, **{f"secure_{name}": address for name, address in addresses.items()},
    }  # fmt: skip


@route(
    "GET", "/V1/directory/currency", ANONYMOUS,
    service="Magento\\Directory\\Api\\CurrencyInformationAcquirerInterface::getCurrencyInfo",
)  # fmt: skip
def currency(_: Context) -> Any:
    """Euro, and nothing else."""
    return {
        "base_currency_code": "EUR", "base_currency_symbol": "€", "default_display_currency_code": "EUR",
        "default_display_currency_symbol": "€", "available_currency_codes": ["EUR"],
        "exchange_rates": [{"currency_to": "EUR", "rate": 1}],
    }  # fmt: skip


COUNTRY_SERVICE = "Magento\\Directory\\Api\\CountryInformationAcquirerInterface::"


@route("GET", "/V1/directory/countries", ANONYMOUS, service=COUNTRY_SERVICE + "getCountriesInfo")
def all_countries(ctx: Context) -> Any:
    """The countries."""
    return list(ctx.state.table("countries"))


@route(
    "GET", "/V1/directory/countries/:countryId", ANONYMOUS, {"countryId": "string"}, COUNTRY_SERVICE + "getCountryInfo"
)
def country(ctx: Context) -> Any:
    """One country."""
    found = ctx.state.table("countries").get(ctx.inputs["countryId"])
    if found is None:
        raise NotFound("The country isn't available.")
    return found


@route(
    "GET", "/V1/taxClasses/search", "Magento_Tax::manage_tax", {"searchCriteria": "SearchCriteria"},
    "Magento\\Tax\\Api\\TaxClassRepositoryInterface::getList",
)  # fmt: skip
def tax_classes(ctx: Context) -> Any:
    """The two tax classes of a fresh shop."""
    return search.answer(ctx, TAX_CLASSES)


@route(
    "GET", "/V1/modules", "Magento_Backend::admin", {"searchCriteria?": "SearchCriteria"},
    "Magento\\Backend\\Api\\ModuleServiceInterface::getModules",
)  # fmt: skip
def php_modules(_: Context) -> Any:
    """Names of the modules that matter to a coupling."""
    return ["Magento_AdminAnalytics", "Magento_Store", "Magento_AsynchronousOperations", "Magento_Catalog",
            "Magento_CatalogInventory", "Magento_Inventory", "Magento_InventoryApi", "Magento_WebapiAsync"]  # fmt: skip
