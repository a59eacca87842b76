"""What a sown case is: a topic, whether it is a real defect or only looks like one, and what is done to which article."""

from dataclasses import dataclass

from sandbox.erp.edits import Change


@dataclass(frozen=True, slots=True)
class Case:
    """``count`` articles of a family get ``change``; ``language`` for a case about a text, ``numbers`` for new article numbers."""

    topic: str
    is_true: bool
    family: str
    change: Change
    language: str | None = None
    count: int = 1
    numbers: tuple[str, ...] = ()

    def key(self, number: str) -> str:
        """How the case names its record: the article number, with the language before it for a text."""
        return f"{self.language}:{number}" if self.language else number


def true(topic: str, family: str, change: Change, language: str | None = None, count: int = 1) -> Case:
    """A real defect: the rule must find it."""
    return Case(topic, True, family, change, language, count)


def false(topic: str, family: str, change: Change, language: str | None = None, count: int = 1) -> Case:
    """A look-alike: the rule must leave it alone."""
    return Case(topic, False, family, change, language, count)


def numbered(topic: str, family: str, change: Change, *numbers: str, is_true: bool = True) -> Case:
    """A defect of the article number itself: the articles are renumbered."""
    return Case(topic, is_true, family, change, None, len(numbers), numbers)
