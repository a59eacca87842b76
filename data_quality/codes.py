"""Codes of the report in words: the messages in English; data_quality/locale has the other languages."""

from data_quality.messages import marked

QUESTIONS = {
    "name": marked("Is the name understandable?"),
    "short_text": marked("Is there a short text that sells?"),
    "long_text": marked("Is there a long text that informs?"),
    "weight": marked("Is the weight of one piece known?"),
    "properties": marked("Are the properties known that matter?"),
    "relations": marked("Does it say what goes well with it?"),
    "photos": marked("Are there several good photos?"),
    "stock": marked("Is it known whether it is in stock?"),
    "price": marked("Is the price right?"),
    "gtin": marked("Is the barcode right?"),
    "brand": marked("Is the brand known?"),
    "category": marked("Does it stand where customers look?"),
    "status": marked("Is it known whether it is sold?"),
}

SHORT_QUESTIONS = {
    "name": marked("Name"),
    "short_text": marked("Short text"),
    "long_text": marked("Long text"),
    "weight": marked("Weight"),
    "properties": marked("Properties"),
    "relations": marked("Goes well with"),
    "photos": marked("Photos"),
    "stock": marked("Stock"),
    "price": marked("Price"),
    "gtin": marked("Barcode"),
    "brand": marked("Brand"),
    "category": marked("Category"),
    "status": marked("Status"),
}
"""For the heads of tables and for labels of charts."""

SEVERITIES = {
    "block": marked("held back"),
    "improve": marked("to improve"),
    "hint": marked("a hint"),
}

ROLES = {
    "purchasing": marked("purchasing"),
    "marketing": marked("marketing"),
    "warehouse": marked("warehouse"),
    "it": marked("IT"),
}

VERDICTS = {
    "good": marked("On course"),
    "attention": marked("Needs attention"),
    "alarm": marked("Act now"),
}

DIMENSIONS = {
    "category": marked("Category"),
    "brand": marked("Brand"),
    "supplier": marked("Supplier"),
    "owner": marked("Owner"),
}

HELD_GROUPS = {
    "new": marked("new"),
    "waiting": marked("waiting"),
    "overdue": marked("overdue"),
    "released": marked("released"),
}

SHOWS = {
    "nothing": marked("nothing"),
    "last good version": marked("the last good version"),
    "this": marked("this version"),
}
"""What the shop shows now of a product that is held back."""

STOCK_STATUSES = {
    "in_stock": marked("in stock"),
    "out_of_stock": marked("out of stock"),
    "on_order": marked("on order"),
    "made_to_order": marked("made to order"),
    "drop_ship": marked("sent by the supplier"),
}

STATUSES = {
    "active": marked("sold"),
    "ended": marked("no longer sold"),
}

RUN_STATUSES = {
    "running": marked("running"),
    "waiting": marked("waits for a person"),
    "overtaken": marked("overtaken by a later run"),
    "interrupted": marked("interrupted"),
    "reconciled": marked("done, every record accounted for"),
    "failed": marked("failed"),
    "dry run": marked("dry run"),
}

ENTITIES = {
    "category": marked("categories"),
    "product": marked("products"),
    "product_text": marked("texts"),
    "product_image": marked("photos"),
    "product_relation": marked("relations"),
    "price": marked("prices"),
    "stock_level": marked("stock"),
    "product_trade": marked("sales figures"),
}

FLOWS = {
    "catalogue": marked("Catalogue"),
    "prices": marked("Prices"),
    "stock": marked("Stock"),
}

FIELDS = {
    "sku": marked("item number"),
    "name": marked("name"),
    "short_text": marked("short text"),
    "long_text": marked("long text"),
    "gtin": marked("barcode"),
    "brand": marked("brand"),
    "category_code": marked("category"),
    "weight_kg": marked("weight (kg)"),
    "tax_class": marked("VAT class"),
    "status": marked("status"),
    "model": marked("model"),
    "stock_status": marked("stock status"),
    "stock_quantity": marked("stock"),
    "stock_checked_at": marked("time of the last count"),
    "photo_count": marked("number of photos"),
    "accessory_count": marked("number of accessories"),
    "carton_weight_kg": marked("weight of a carton (kg)"),
    "pack_size": marked("pieces in a carton"),
    "price_eur_excl_vat": marked("price (euro, without VAT)"),
    "first_price_eur_excl_vat": marked("price (euro, without VAT)"),
    "cost_eur": marked("purchase price (euro)"),
    "supplier": marked("supplier"),
    "owner": marked("owner"),
    "language": marked("language"),
    "file": marked("photo"),
    "related_sku": marked("related product"),
    "relation": marked("kind of relation"),
    "on_hand": marked("count"),
    "location": marked("place"),
}
"""Columns as people call them; a property has its own label in config/properties.toml."""

RELATIONS = {
    "accessory": marked("accessory"),
    "similar": marked("similar"),
    "goes_well_with": marked("goes well with"),
}

REMOVED = {
    "script": marked("program code"),
    "script link": marked("a link that starts something"),
    "event handler": marked("code that reacts to a click"),
    "iframe": marked("a window onto another page"),
    "object": marked("a foreign object"),
    "embed": marked("a foreign object"),
    "form": marked("a form"),
    "style": marked("own styling"),
    "style attribute": marked("own styling"),
    "font": marked("own styling"),
    "span": marked("own styling"),
    "div": marked("own styling"),
    "Word markup": marked("layout of Word"),
}
"""What cleaning took out of a text (transformers/text.py), for people who write texts."""
