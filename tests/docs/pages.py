"""The pages of the documentation, and the blocks of code in them."""

import re
import types
from pathlib import Path

ROOT = Path(__file__).parents[2]


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language, in their order; a page without any is an error."""
    found = re.findall(
        rf"^```{language}\n(.*?)^```", (ROOT / "docs" / page).read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    assert found, f"{page} has no block in {language}"
    return found


def module(page: str, number: int = 0) -> types.ModuleType:
    """A block of Python as a module; what it defines is found by its names."""
    made = types.ModuleType(f"docs_{page.removesuffix('.md').replace('-', '_')}_{number}")
    code = blocks(page, "python")[number]
    exec(compile(code, f"docs/{page}", "exec"), made.__dict__)  # the project's own page
    return made
