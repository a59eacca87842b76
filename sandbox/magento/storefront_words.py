"""What the storefront itself says, per language, and how a language writes a price."""

from decimal import ROUND_HALF_UP, Decimal

NO_BREAK = "\u00a0"

WORDS: dict[str, dict[str, str]] = {
    "nl": {
        "shop": "Voorbeeldwinkel", "home": "Begin", "skip": "Naar de inhoud", "menu": "Categorieën", "languages": "Taal",
        "search": "Zoeken", "search_label": "Zoek een product", "results": "Resultaten voor", "newest": "Nieuw in de winkel",
        "empty_category": "Hier staat nog niets te koop.", "empty_search": "Niets gevonden. Probeer een ander woord.",
        "empty_shop": "De winkel is nog leeg. Zodra de catalogus geladen is, staan de producten hier.",
        "products": "producten", "product": "product", "page": "Pagina", "of": "van", "previous": "Vorige", "next": "Volgende",
        "description": "Beschrijving", "properties": "Eigenschappen", "weight": "Gewicht", "number": "Artikelnummer",
        "in_stock": "Op voorraad", "out_of_stock": "Niet op voorraad", "no_photo": "Nog geen foto", "photo": "foto",
        "related": "Past hierbij", "upsell": "Vergelijkbaar", "crosssell": "Vaak samen gekocht", "was": "vroeger", "now": "nu",
        "missing_title": "Deze pagina bestaat niet", "yes": "Ja", "no": "Nee", "no_price": "Prijs op aanvraag",
        "missing_text": "Het product is misschien niet meer te koop, of het adres klopt niet.",
        "available": "{} te koop", "at_source": "{} in {}", "buy": "Koop er één",
        "bought": "Bedankt, uw bestelling heeft nummer {}.", "not_bought": "Dit is nu niet te koop; er is niets besteld.",
        "footer": "Dit is een nagebouwde winkel om mee te oefenen: niets wordt betaald of verstuurd.",
    },
    "fr": {
        "shop": "Boutique exemple", "home": "Accueil", "skip": "Aller au contenu", "menu": "Catégories", "languages": "Langue",
        "search": "Rechercher", "search_label": "Chercher un produit", "results": "Résultats pour",
        "newest": "Nouveautés", "empty_category": "Rien à vendre ici pour le moment.",
        "empty_search": "Aucun résultat. Essayez un autre mot.",
        "empty_shop": "La boutique est encore vide. Les produits apparaîtront ici dès que le catalogue sera chargé.",
        "products": "produits", "product": "produit", "page": "Page", "of": "sur", "previous": "Précédente", "next": "Suivante",
        "description": "Description", "properties": "Caractéristiques", "weight": "Poids", "number": "Référence",
        "in_stock": "En stock", "out_of_stock": "Épuisé", "no_photo": "Pas encore de photo", "photo": "photo",
        "related": "Va bien avec", "upsell": "Produits similaires", "crosssell": "Souvent achetés ensemble", "was": "avant",
        "now": "maintenant", "missing_title": "Cette page n'existe pas", "yes": "Oui", "no": "Non",
        "no_price": "Prix sur demande",
        "missing_text": "Le produit n'est peut-être plus en vente, ou l'adresse est incorrecte.",
        "available": "{} disponible(s)", "at_source": "{} à {}", "buy": "En acheter un",
        "bought": "Merci, votre commande porte le numéro {}.",
        "not_bought": "Ceci n'est pas disponible pour le moment ; rien n'a été commandé.",
        "footer": "Ceci est une boutique reconstituée pour s'exercer : rien n'est payé ni expédié.",
    },
    "en": {
        "shop": "Sample shop", "home": "Home", "skip": "Skip to content", "menu": "Categories", "languages": "Language",
        "search": "Search", "search_label": "Search for a product", "results": "Results for", "newest": "New in the shop",
        "empty_category": "Nothing is for sale here yet.", "empty_search": "Nothing found. Try another word.",
        "empty_shop": "The shop is still empty. As soon as the catalogue is loaded, the products appear here.",
        "products": "products", "product": "product", "page": "Page", "of": "of", "previous": "Previous", "next": "Next",
        "description": "Description", "properties": "Details", "weight": "Weight", "number": "Item number",
        "in_stock": "In stock", "out_of_stock": "Out of stock", "no_photo": "No photo yet", "photo": "photo",
        "related": "Goes well with", "upsell": "Similar products", "crosssell": "Often bought together", "was": "was",
        "now": "now", "missing_title": "This page does not exist", "yes": "Yes", "no": "No", "no_price": "Price on request",
        "missing_text": "The product may no longer be for sale, or the address is wrong.",
        "available": "{} available", "at_source": "{} in {}", "buy": "Buy one", "bought": "Thank you, your order is number {}.",
        "not_bought": "This is not available now; nothing was ordered.",
        "footer": "This is a rebuilt shop to practise with: nothing is paid or sent.",
    },
}  # fmt: skip


def words(language: str) -> dict[str, str]:
    """The storefront's words in a language; English for one that it does not speak."""
    return WORDS.get(language, WORDS["en"])


def price_text(amount: float | Decimal, language: str) -> str:
    """1234.5 as a shop in that language writes it: "€ 1.234,50", "1 234,50 €" or "€1,234.50"."""
    cents = Decimal(str(amount)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    english = f"{cents:,.2f}"
    if language == "fr":
        return english.replace(",", NO_BREAK).replace(".", ",") + f"{NO_BREAK}€"
    if language in ("nl", "de"):
        swapped = english.translate(str.maketrans(",.", ".,"))
        return f"€{NO_BREAK}{swapped}" if language == "nl" else f"{swapped}{NO_BREAK}€"
    return f"€{english}"


def quantity_text(quantity: float, language: str) -> str:
    """3 as "3", 2.5 as "2,5" or, in English, "2.5"; at most four decimals."""
    text = f"{quantity:.4f}".rstrip("0").rstrip(".")
    return text if language == "en" else text.replace(".", ",")
