"""Defects of names, each with a look-alike that is fine; the topics are the ids of the rules that find them."""

from sandbox.erp.cases import Case, false, true
from sandbox.erp.edits import Change, both, called, drop, edit, fact, put, text

_WITH_EXTRAS = "{NAAM}, met melkopschuimer en kopjeswarmer, voor bonen en gemalen koffie, inclusief waterfilter"
_NUMBER_AS_MODEL = both(put(model="550128"), fact("KLEUR", "zwart"), called("Powerbank Ampère 550128, zwart"))
_WHOLE_AT_50 = both(fact("KLEUR", "zwart"), called("Gietijzeren stoofpot Vuur met deksel, zwart, 24 cm"))
_SAME_GLASS = both(
    called("Waterglas Bistro, set van 4"),
    text("fr", "NAAM", "Verre à eau Bistro, lot de 4"),
    text("en", "NAAM", "Bistro tumbler, set of 4"),
    *(fact(code, value) for code, value in (("KLEUR", "grijs"), ("AANST", "4"), ("INHML", "250"), ("MATER", "glas"))),
    put(model="Kleiwerk Bistro"),
)


def _cut_off(added: str) -> Change:
    """A longer name as a field of 60 characters leaves it, in the middle of a word."""

    def cut(name: str) -> str:
        return name[:60] if name[59] not in " ," else cut(name.replace(",", "", 1))

    return edit("nl", "NAAM", lambda name: cut(name.replace(" x ", "x") + added))


NAMES: tuple[Case, ...] = (
    true("name_missing", "candle", drop("fr", "NAAM"), "fr"),
    true("name_missing", "case", drop("fr", "NAAM", "KORT", "LANG"), "fr", count=18),  # a supplier without French texts
    true("name_missing", "towel", drop("en", "NAAM", "KORT", "LANG"), "en", count=9),
    false("name_missing", "ebook", both(called("Chez Nous"), drop("en", "NAAM")), "en"),
    true("name_capitals", "case", edit("nl", "NAAM", str.upper), "nl", count=4),
    false("name_capitals", "charger", called("LG USB-C HDMI kabel 4K UHD, 2 m"), "nl"),
    true("name_abbreviations", "case", edit("nl", "NAAM", lambda name: name.replace(" voor ", " t.b.v. ") + " ZW"), "nl"),
    true("name_abbreviations", "pan", edit("nl", "NAAM", lambda name: f"{name.split(',')[0]} RVS div. kleuren"), "nl"),
    false("name_abbreviations", "wine", edit("nl", "NAAM", lambda name: name.replace("wijn", "wijn St. Martin")), "nl"),
    true("name_item_code", "storage", called("{NAAM} 40123456"), "nl"),
    false("name_item_code", "charger", _NUMBER_AS_MODEL, "nl"),
    true("name_few_words", "case", called("Hoesje zwart"), "nl"),
    false("name_few_words", "plate", both(fact("KLEUR", "wit"), called("Mok Duin wit")), "nl"),
    true("name_long", "coffee_machine", called(f"{_WITH_EXTRAS} en reinigingsborsteltje, ook voor kantoor en vakantiehuis"), "nl"),
    false("name_long", "coffee_machine", called(_WITH_EXTRAS), "nl"),
    true("name_cut_off", "duvet_cover", _cut_off(", inclusief sloop en bewaarzakje"), "nl", count=16),
    true("name_cut_off", "case", _cut_off(", met levenslange garantie op scheuren en verkleuren"), "nl", count=30),
    false("name_cut_off", "pan", _WHOLE_AT_50, "nl"),
    true("name_only_category", "glass", called("Wijnglas"), "nl"),
    false("name_only_category", "towel", called("Handdoeken met randje, set van 2"), "nl"),
    true("name_shared", "tumbler", _SAME_GLASS, "nl", count=2),
    false("name_shared", "cushion", called("Sierkussen Textura Ribbel van ribfluweel"), "nl", count=2),
    true("name_typing", "kettle", edit("nl", "NAAM", lambda name: name.replace(" ", "  ", 1)), "nl"),
    true("name_typing", "kettle", called("{NAAM} ???"), "nl"),
    false("name_typing", "gift_wrap", edit("nl", "NAAM", lambda name: f"Geschenkpapier Feest – wat zit erin, {name[-6:]}?"), "nl"),
    true("name_markup", "blender", called("{NAAM} <script>alert('koppel')</script>"), "nl"),
    false("name_markup", "ebook", called("Kookboek: klaar in < 30 minuten en > 50 recepten"), "nl"),
    true("name_entity", "oven_dish", called("{NAAM} &amp; deksel"), "nl"),
    false("name_entity", "kitchen_tool", both(put(brand="Peper & Zout"), called("{NAAM} Peper & Zout")), "nl"),
    true("name_promotion", "cleaner", called("ACTIE {NAAM} nu € 2,95"), "nl"),
    false("name_promotion", "kitchen_tool", both(put(brand="Sale & Pepe"), called("Zoutmolen van olijfhout Sale & Pepe")), "nl"),
    true("name_blocked_word", "kettle", called("TEST {NAAM} NIET GEBRUIKEN"), "nl", count=2),
    false("name_blocked_word", "beer", called("Donker bier Oud Bruin van de abdij, fles van 33 cl"), "nl"),
    true("name_garbled", "plate", called("{NAAM}, cr\ufffdme rand"), "nl"),
    false("name_garbled", "coffee_beans", called("Koffiebonen São Tomé ÃÉ, 250 gram"), "nl"),
)  # fmt: skip
