"""What a hand at the keyboard does to an article: the small functions that the sown defects are made of."""

from collections.abc import Callable

from sandbox.erp.articles import Article, Photo, captions
from sandbox.erp.blocks import LANGUAGES

Change = Callable[[Article], None]


def text(language: str, kind: str, value: str) -> Change:
    """Write a text; ``{NAAM}``, ``{KORT}`` and ``{LANG}`` stand for what is there now."""

    def change(article: Article) -> None:
        texts = article.texts[language]
        texts[kind] = value.format_map(texts) if "{" in value else value

    return change


def called(name: str) -> Change:
    """Give the Dutch name."""
    return text("nl", "NAAM", name)


def long(value: str) -> Change:
    """Give the Dutch long text."""
    return text("nl", "LANG", value)


def edit(language: str, kind: str, how: Callable[[str], str]) -> Change:
    """Rewrite a text."""

    def change(article: Article) -> None:
        article.texts[language][kind] = how(article.texts[language][kind])

    return change


def drop(language: str, *kinds: str) -> Change:
    """Take texts out of one language."""

    def change(article: Article) -> None:
        for kind in kinds:
            article.texts[language].pop(kind, None)

    return change


def copy(kind: str, source: str, target: str) -> Change:
    """Put the text of one language into the slot of another."""

    def change(article: Article) -> None:
        article.texts[target][kind] = article.texts[source][kind]

    return change


def put(**values: object) -> Change:
    """Set columns of the article itself."""

    def change(article: Article) -> None:
        for name, value in values.items():
            setattr(article, name, value)

    return change


def fact(code: str, value: str | None) -> Change:
    """Set a property, or take it out; ``{NOW}`` stands for the value that is there."""

    def change(article: Article) -> None:
        if value is None:
            article.facts.pop(code, None)
        else:
            article.facts[code] = value.replace("{NOW}", article.facts.get(code, ""))

    return change


def photos(*files: str, keep: int = 0) -> Change:
    """Keep the first photos and add files that the article's own pictures are not drawn for."""

    def change(article: Article) -> None:
        names = {language: article.texts[language].get("NAAM", "") for language in LANGUAGES}
        article.photos = article.photos[:keep] + [Photo(file, None, captions(names, "front")) for file in files]

    return change


def alt_texts(*languages: str, value: str | None = None) -> Change:
    """Take the alt texts of some languages out, or write the same one everywhere (``{file}``: the name of the file)."""

    def change(article: Article) -> None:
        for photo in article.photos:
            for language in languages:
                photo.captions.pop(language, None)
                if value is not None:
                    photo.captions[language] = value.replace("{file}", photo.file)

    return change


def relations(*pairs: tuple[str, str]) -> Change:
    """Give the article exactly these relations: (kind, article number); ``{self}`` is the article itself."""

    def change(article: Article) -> None:
        article.has_own_relations = True
        article.relations = [(kind, number.replace("{self}", article.number)) for kind, number in pairs]

    return change


def both(*changes: Change) -> Change:
    """Several changes, one after the other."""

    def change(article: Article) -> None:
        for one in changes:
            one(article)

    return change


def nothing(_: Article) -> None:
    """Leave it as it is: it looks like a defect by nature."""
