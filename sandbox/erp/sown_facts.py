"""Defects of what is the same in every language, each with a look-alike that is fine, and rows that no shop can take."""

from datetime import timedelta

from sandbox.erp.articles import NOW, Article, check_digit
from sandbox.erp.cases import Case, false, numbered, true
from sandbox.erp.edits import alt_texts, both, called, edit, fact, nothing, photos, put, relations

OLD = NOW - timedelta(days=9)
NO_PHOTO = "algemeen/geen_foto.jpg"
PINNED = {"GLA-0001", "WAT-0001", "BOR-0001", "BIE-0002", *(f"LAD-{serial:04}" for serial in range(1, 22))}
"""Articles that others refer to: always there, and without defects."""
LONG_NUMBER = "KUS-" + "0123456789" * 6 + "X"  # 65 characters; Magento takes 64


def _shift_check_digit(article: Article) -> None:
    code = str(article.ean)
    article.ean = code[:-1] + str((int(code[-1]) + 1) % 10)


def _carton_code(article: Article) -> None:
    digits = "1" + str(article.ean)[:12]
    article.ean = digits + check_digit(digits)


def _in_house_code(article: Article) -> None:
    digits = f"2012{article.variant.serial:08}"
    article.ean = digits + check_digit(digits)


def _upc_without_zero(article: Article) -> None:
    digits = f"061414{article.variant.serial:05}"
    article.ean = (digits + check_digit(digits)).lstrip("0")


def _weight_of_carton(article: Article) -> None:
    article.weight, article.carton_count = str(article.carton_weight), 6


def _weight_is_carton_of_one(article: Article) -> None:
    article.carton_count, article.carton_weight = 1, int(str(article.weight))


def _below_cost(article: Article) -> None:
    article.price, article.cost = "9,90", "14,25"


def _shouted_colour(article: Article) -> None:
    article.facts["KLEUR"] = f"{article.facts['KLEUR'].upper()} "


def _many_relations(count: int) -> Case:
    related = [("S", number) for number in sorted(PINNED) if number.startswith("LAD")][:count]
    return Case("relations_many", count > 20, "charger", relations(*related))


_FILLED_IN = ("towel", "cushion", "plate", "storage")

FACTS: tuple[Case, ...] = (
    true("gtin_wrong", "kettle", _shift_check_digit),
    true("gtin_wrong", "kettle", put(ean="54129")),
    false("gtin_wrong", "coffee_beans", _upc_without_zero),  # a spreadsheet took the zero
    true("gtin_in_house", "coffee_beans", _in_house_code),
    true("gtin_in_house", "oilcloth", put(ean="0000000000000")),
    false("gtin_in_house", "oilcloth", nothing),
    true("gtin_shared", "gift_wrap", put(ean="5412000000013", carton_count=12)),
    true("gtin_shared", "candle", put(ean="5412000000013", carton_count=12)),
    false("gtin_shared", "gift_wrap", put(ean="5412000000020", carton_count=12)),
    true("gtin_of_carton", "cleaner", both(_carton_code, put(carton_count=1))),
    false("gtin_of_carton", "cleaner", both(_carton_code, put(carton_count=12))),
    true("gtin_missing", "oilcloth", put(ean=None)),
    false("gtin_missing", "cleaner", nothing),
    true("weight_missing", "phone", put(weight=None), count=4),
    true("weight_missing", "plate", put(weight=None), count=6),
    false("weight_missing", "gift_card", nothing),
    false("weight_missing", "ebook", nothing),
    false("weight_missing", "service", nothing),
    true("weight_not_positive", "cutlery", put(weight="0")),
    true("weight_not_positive", "knife", put(weight="-250")),
    false("weight_not_positive", "gift_wrap", put(weight="2")),
    true("weight_unit", "phone", put(weight_unit="KG", carton_weight=None), count=2),
    false("weight_unit", "phone", both(put(weight="0,361", weight_unit="KG"))),
    true("weight_of_carton", "kitchen_tool", _weight_of_carton),
    false("weight_of_carton", "kitchen_tool", _weight_is_carton_of_one),
    *(true("weight_filled_in", family, put(weight="1000", carton_weight=None), count=16) for family in _FILLED_IN),
    false("weight_filled_in", "duvet_cover", put(weight="1001")),
    true("properties_required", "phone", fact("GEHGB", None)),
    true("properties_required", "case", fact("VRMOD", None)),  # a case that does not say for which phone
    false("properties_required", "charger", nothing),
    true("property_filling", "pan", fact("MATER", "n.v.t.")),
    true("property_filling", "pan", fact("DIAM", "-")),
    false("property_filling", "beer", fact("ALCPCT", "0")),  # a beer without any alcohol
    true("property_value", "cushion", fact("KLEUR", "zwrt")),
    false("property_value", "cushion", _shouted_colour),
    true("property_number", "phone", fact("SCHERM", "ca. 6 inch")),
    false("property_number", "phone", fact("SCHERM", "6,1")),
    true("name_colour", "case", both(fact("KLEUR", "blauw"), called("Rood hoesje voor je telefoon")), "nl"),
    false("name_colour", "glass", both(fact("KLEUR", "transparant"), called("Wijnglas voor rode wijn Val Clair Nuit, los")), "nl"),
    true("brand_missing", "cleaning_tool", put(brand=None)),
    false("brand_missing", "cleaning_tool", put(brand="Ö")),
    true("brand_spelling", "oven_dish", put(brand="KLEIWERK N.V.")),
    false("brand_spelling", "cleaning_tool", put(brand="Kleinwerk")),
    true("category_missing", "gift_wrap", put(group=None)),
    false("category_missing", "gift_wrap", nothing),
    true("tax_class_known", "coffee_beans", put(vat="9")),
    false("tax_class_known", "gift_card", nothing),
    true("status_known", "soft_drink", put(status="?")),
    false("status_known", "soft_drink", put(status="U")),
    true("relations_none", "phone", relations()),
    false("relations_none", "charger", relations()),
    true("relation_unknown", "wine", relations(("G", "GLA-9999"))),
    false("relation_unknown", "wine", relations(("G", "GLA-0001"))),
    true("relation_ended", "glass", relations(("G", "BIE-OUD"))),
    false("relation_ended", "glass", relations(("G", "BIE-0002"))),
    true("relation_to_itself", "tumbler", relations(("S", "{self}"))),
    false("relation_to_itself", "tumbler", relations(("S", "WAT-0001"))),
    true("relation_twice", "soft_drink", relations(("G", "WAT-0001"), ("G", "WAT-0001"))),
    false("relation_twice", "soft_drink", relations(("G", "WAT-0001"), ("S", "WAT-0001"))),
    true("relation_kind", "cutlery", relations(("X", "BOR-0001"))),
    _many_relations(21),
    _many_relations(20),
    true("photos_none", "phone", photos(), count=5),
    true("photos_none", "case", photos(), count=16),  # ordered yesterday, not photographed yet
    true("photos_none", "candle", photos(), count=4),
    false("photos_none", "service", photos()),
    true("photos_one", "storage", photos(keep=1)),
    false("photos_one", "gift_card", photos(keep=1)),
    true("photo_unusable", "phone", photos("defect/pagina.jpg", keep=2)),  # an error page saved as a photo
    true("photo_unusable", "phone", photos("defect/afgebroken.jpg", keep=2)),
    true("photo_unusable", "phone", photos("defect/bestaat-niet.jpg", keep=2)),
    false("photo_unusable", "phone", photos("bijzonder/eigenlijk-png.jpg", keep=2)),
    true("photo_small", "cushion", photos("defect/klein.jpg", keep=2)),
    false("photo_small", "cushion", photos("bijzonder/net-groot-genoeg.jpg", keep=2)),
    true("photo_tiny", "cushion", photos("defect/postzegel.jpg", keep=2)),
    false("photo_tiny", "towel", photos("bijzonder/honderd.jpg", keep=2)),
    true("photo_shape", "knife", photos("defect/lint.jpg", keep=2)),
    false("photo_shape", "knife", photos("bijzonder/breed.jpg", keep=2)),
    true("photo_shared", "case", photos(NO_PHOTO), count=6),
    true("photo_shared", "plate", photos(NO_PHOTO), count=4),
    false("photo_shared", "pan", nothing, count=2),  # sizes of one pan share a photo
    true("photo_twice", "blender", photos("bijzonder/dubbel.jpg", "bijzonder/dubbel.jpg", keep=1)),
    false("photo_twice", "blender", nothing),
    true("alt_text_missing", "towel", alt_texts("fr", "en")),
    false("alt_text_missing", "towel", alt_texts("nl", "fr", "en", value="Textura")),
    true("alt_text_is_file", "candle", alt_texts("nl", "fr", "en", value="{file}")),
    false("alt_text_is_file", "candle", alt_texts("nl", value="Kaars voor een jpg-scherm in de woonkamer")),
    true("stock_status_missing", "storage", put(stock=None)),
    false("stock_status_missing", "storage", put(stock="0", stock_code="N")),
    true("stock_status_known", "storage", put(stock_code="Z")),
    false("stock_status_known", "coffee_machine", put(stock="0", stock_code="M")),
    true("stock_negative", "plate", put(stock="-4", stock_code="N")),
    false("stock_negative", "plate", put(stock="0", stock_code="N")),
    true("stock_fraction", "plate", put(stock="7.5", stock_code="V")),
    false("stock_fraction", "oilcloth", put(stock="12.5", stock_code="V")),
    true("stock_contradiction", "tumbler", put(stock="0", stock_code="V")),
    false("stock_contradiction", "tumbler", put(stock="0", stock_code="D")),  # sent by the supplier
    true("stock_stale", "beer", put(counted=OLD, modified=NOW - timedelta(hours=2)), count=3),
    false("stock_stale", "beer", put(counted=OLD, modified=NOW - timedelta(hours=2), status="U")),
    true("price_missing", "tumbler", put(price=None)),
    true("price_zero", "case", put(price="0,00"), count=3),
    false("price_zero", "gift_wrap", put(price="0,09", cost="0,04")),
    true("price_below_cost", "kitchen_tool", _below_cost),
    false("price_below_cost", "kitchen_tool", put(price="9,90", cost="9,90")),
    true("price_currency", "phone", put(currency="USD")),
    false("price_currency", "phone", put(currency="EUR")),
)  # fmt: skip

BAD: tuple[Case, ...] = (
    numbered("ended", "beer", put(status="U"), "BIE-OUD"),
    numbered("sku_duplicate", "wine", nothing, "WIJ-DUBBEL", "WIJ-DUBBEL"),
    numbered("sku_space", "towel", nothing, " HAN-SPATIE "),
    numbered("sku_space", "towel", nothing, "HAN 77 GR", is_true=False),
    numbered("sku_slash", "towel", nothing, "HAN/77/GR", is_true=False),
    numbered("sku_quote", "towel", nothing, "HAN'77\"GR", "HAN';drop table artikel;--", is_true=False),
    numbered("sku_too_long", "cushion", nothing, LONG_NUMBER),
    numbered("sku_too_long", "cushion", nothing, LONG_NUMBER[:64], is_true=False),
    numbered("sku_case_twin", "cushion", nothing, "KUS-Twee", "kus-twee"),
    true("formula_in_name", "storage", called('=HYPERLINK("http://x.example";"Mand voor alles")'), "nl"),
    false("formula_in_name", "storage", edit("nl", "NAAM", lambda name: f"{name} = handig"), "nl"),
    true("text_mended", "soft_drink", edit("nl", "LANG", lambda long: f"{long}<p>Zacht\x85 en\x99 fris.</p>"), "nl"),
    true("text_mended", "plate", edit("nl", "LANG", lambda long: f"{long}<p>Met crÃ¨me rand.</p>"), "nl"),
    true("weight_not_number", "duvet_cover", put(weight="ca. 900 gr")),
    false("weight_not_number", "duvet_cover", put(weight="920,5")),
    true("price_not_number", "case", put(price="op aanvraag")),
    true("price_not_number", "case", put(price="EUR", currency="19,95")),
    false("price_not_number", "case", put(price=" 19,95 ")),
    true("category_loop", "cleaner", put(group="LUS-A")),
    false("category_loop", "cleaner", nothing),
)  # fmt: skip
