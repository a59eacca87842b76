"""Defects of short and long texts, each with a look-alike that is fine; the topics are the ids of the rules that find them."""

from sandbox.erp.cases import Case, false, true
from sandbox.erp.edits import both, copy, drop, edit, long, nothing, text

_WORD = '<p class="MsoNormal" style="margin:0cm;font-family:Calibri"><o:p></o:p>'
_LONG = (
    " Wie er één keer mee werkt, wil niet meer terug. We hebben het product zelf getest in onze eigen keuken en "
    "opgeschreven wat ons opviel: het is stevig, het is stil en het is in een oogwenk weer proper."
)
_TASTING = "Zacht Fruitig Kruidig Mout Karamel Hop Honing Citrus Perzik Vanille " * 5
_OTHER_STORAGE = both(
    edit("nl", "LANG", lambda html: html.replace(" GB", " gigabyte")),
    long("<p>Met 64 GB geheugen heb je plaats genoeg.</p>{LANG}"),
)

TEXTS: tuple[Case, ...] = (
    true("short_text_missing", "storage", drop("en", "KORT"), "en", count=3),
    false("short_text_missing", "storage", edit("en", "KORT", lambda short: f"<p>{short}</p>"), "en"),
    true("long_text_missing", "cushion", drop("en", "LANG"), "en", count=3),
    false("long_text_missing", "cushion", edit("en", "LANG", lambda html: html.replace("<p>", "").replace("</p>", " ")), "en"),
    true("short_text_is_name", "candle", text("nl", "KORT", "{NAAM}"), "nl"),
    false("short_text_is_name", "candle", text("nl", "KORT", "{NAAM}: een warme gloed voor lange avonden thuis."), "nl"),
    true("long_text_is_name", "candle", long("<p>{NAAM}</p>"), "nl"),
    false("long_text_is_name", "candle", edit("nl", "LANG", lambda html: f"<h2>Kaars</h2>{html}"), "nl"),
    true("long_text_is_short_text", "towel", long("<p>{KORT}</p>"), "nl"),
    false("long_text_is_short_text", "towel", long("<p>{KORT}</p>{LANG}"), "nl"),
    true("text_unsafe", "phone", edit("fr", "LANG", lambda html: f"{html}<iframe src='//track.example'></iframe>"), "fr"),
    true("text_unsafe", "phone", long("{LANG}<script>steel()</script>"), "nl"),
    false("text_unsafe", "ebook", long("{LANG}<p>Met het manuscript en het script van de tv-reeks.</p>"), "nl"),
    true("text_markup", "coffee_machine", edit("nl", "LANG", lambda html: _WORD + html), "nl"),
    false("text_markup", "coffee_machine", long("{LANG}<p>Met <strong>stijl</strong> en <em>klasse</em>.</p>"), "nl"),
    true("short_text_short", "glass", text("nl", "KORT", "Mooi en handig glas."), "nl"),
    false("short_text_short", "glass", text("nl", "KORT", "Een glas met een verhaal, mondgeblazen in Henegouwen."), "nl"),
    true("long_text_short", "glass", long("<p>Een glas voor elke dag. Het mag in de vaatwasser.</p>"), "nl"),
    false("long_text_short", "service", long("<p>Onze vakman komt bij je langs.</p>"), "nl"),
    true("long_text_long", "blender", edit("nl", "LANG", lambda html: f"{html}<p>{_LONG * 30}</p>"), "nl"),
    false("long_text_long", "blender", edit("nl", "LANG", lambda html: f"{html}<p>{_LONG * 18}</p>"), "nl"),
    true("long_text_does_not_fit", "coffee_machine", edit("nl", "LANG", lambda html: f"{html}<p>{_LONG * 5000}</p>"), "nl"),  # 1 MB
    false("long_text_does_not_fit", "coffee_machine", edit("nl", "LANG", lambda html: f"{html}<p>{_LONG * 20}</p>"), "nl"),
    true("long_text_one_block", "beer", long(f"<p>{_TASTING}</p>"), "nl"),
    false("long_text_one_block", "beer", long(f"<ul><li>{_TASTING.strip().replace(' ', '</li><li>')}</li></ul>"), "nl"),
    true("short_text_language", "knife", copy("KORT", "fr", "nl"), "nl"),
    false("short_text_language", "knife", text("nl", "KORT", "Le Grand Chef, Damas d'Or"), "nl"),
    true("long_text_language", "knife", copy("LANG", "fr", "nl"), "nl", count=2),
    false("long_text_language", "wine", long("{LANG}<p>Domaine des Ormes, mis en bouteille au château.</p>"), "nl"),
    true("long_text_untranslated", "knife", copy("LANG", "nl", "en"), "en"),
    false("long_text_untranslated", "gift_card", text("en", "LANG", "<p>Cadeau!</p>"), "en"),
    true("long_text_shared", "cleaning_tool", long(f"<p>Goed gerei voor elke dag, om lang mee te gaan.{_LONG}</p>"), "nl"),
    true("long_text_shared", "oven_dish", long(f"<p>Goed gerei voor elke dag, om lang mee te gaan.{_LONG}</p>"), "nl"),
    false("long_text_shared", "plate", nothing, "nl", count=2),  # sizes and colours of one model share their text
    true("text_placeholder", "plate", long("<p>Lorem ipsum dolor sit amet, consectetur adipiscing elit.</p>"), "nl"),
    true("text_placeholder", "plate", text("fr", "LANG", "<p>Texte à compléter</p>"), "fr"),
    false("text_placeholder", "plate", long("{LANG}<p>De tekst op de rand volgt de vorm van het bord.</p>"), "nl"),
    true("text_contact", "pan", long("{LANG}<p>Bestellen: verkoop@smidse-groothandel.example of 02 555 12 34.</p>"), "nl"),
    false("text_contact", "pan", long("{LANG}<p>Een vraag? hallo@onshuis.example antwoordt binnen de dag.</p>"), "nl"),
    true("text_competitor", "blender", long("{LANG}<p>Goedkoper dan bij Coolblue.</p>"), "nl"),
    false("text_competitor", "storage", long("{LANG}<p>De blauwe doos houdt je boeken cool en blue.</p>"), "nl"),
    true("text_internal", "towel", long("{LANG}<p>INTERN: prijs nog na te vragen bij Jan.</p>"), "nl"),
    false("text_internal", "phone", long("{LANG}<p>Het intern geheugen is uit te breiden.</p>"), "nl"),
    true("text_claim", "phone", _OTHER_STORAGE, "nl"),
    false("text_claim", "phone", long("{LANG}<p>Inclusief een geheugenkaart van 64 GB.</p>"), "nl"),
    true("text_garbled", "duvet_cover", long("{LANG}<p>Een b\ufffdd om in weg te dromen.</p>"), "nl"),
    false("text_garbled", "duvet_cover", long("{LANG}<p>Dekbed “à la carte”, ça va… voilà.</p>"), "nl"),
)  # fmt: skip
