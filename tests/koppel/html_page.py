"""A page taken apart: its elements, their text, and what a browser or a screen reader would trip over."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "img", "input", "hr", "line", "path", "rect"}
FOCUSABLE = {"a", "button", "input", "select", "textarea", "summary", "details", "iframe"}


@dataclass
class Element:
    """One element; ``text`` is that of everything in it."""

    tag: str
    attributes: dict[str, str]
    parents: tuple["Element", ...]
    text: str = ""


@dataclass
class Page(HTMLParser):
    """All elements of a page in their order; raises where a tag is closed that is not open."""

    html: str
    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[Element] = []
        self.feed(self.html)
        self.close()
        assert not self._open, f"never closed: {[one.tag for one in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice in <{tag}>"
        element = Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open))
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1].tag == tag, f"</{tag}> closes <{self._open[-1].tag}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """The elements of this name that have these attributes."""
        return [
            one
            for one in self.elements
            if one.tag == tag and all(one.attributes.get(name) == value for name, value in attributes.items())
        ]

    def rows(self, body: str) -> list[list[str]]:
        """The cells' text of the table body with this id, row by row."""
        rows = [one for one in self.all("tr") if any(parent.attributes.get("id") == body for parent in one.parents)]
        return [
            [" ".join(cell.text.split()) for cell in self.elements if cell.tag in {"td", "th"} and row in cell.parents]
            for row in rows
        ]

    def check(self) -> None:
        """What every page owes its readers, and what its policy would not run."""
        ids = [one.attributes["id"] for one in self.elements if "id" in one.attributes]
        assert len(ids) == len(set(ids)), "ids are unique"
        assert [one.attributes.get("lang") for one in self.all("html")] == ["en"]
        assert len(self.all("h1")) == 1
        assert len(self.all("main")) == 1
        assert self.all("title")[0].text
        for one in self.elements:
            for name in ("aria-labelledby", "aria-describedby", "for"):
                assert set(one.attributes.get(name, "").split()) <= set(ids), f"{name} leads nowhere"
            assert "style" not in one.attributes
            assert not [name for name in one.attributes if name.startswith("on")]
            assert one.tag not in {"script", "style"} or one.attributes.get("nonce")
            assert one.tag != "th" or one.attributes.get("scope"), "a heading cell says of what"
            if any("data-live" in parent.attributes for parent in one.parents):
                assert one.tag not in FOCUSABLE, "what is replaced must not hold the focus"
                assert "tabindex" not in one.attributes
