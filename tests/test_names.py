"""The folders have plain names (transformers is also a well-known package), so nothing that is installed may bear them too."""

from importlib.metadata import distributions, packages_distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("extractors", "transformers", "loaders", "data_quality")
FOLDERS = (*PACKAGES, "dags", "plugins", "config", "koppel", "sandbox")


@pytest.fixture(scope="module")
def providers() -> dict[str, set[str]]:
    """Per name at the top of a distribution (a package, a module or a folder) the distributions that install it."""
    found = {name: set(owners) for name, owners in packages_distributions().items()}
    for distribution in distributions():
        owner = distribution.metadata["Name"]  # parsed anew each time that it is asked for
        for top in {file.parts[0].removesuffix(".py") for file in distribution.files or ()}:
            found.setdefault(top, set()).add(owner)
    return found


@pytest.mark.parametrize("name", FOLDERS)
def test_nothing_installed_provides_a_folder_of_ours(name: str, providers: dict[str, set[str]]) -> None:
    assert providers.get(name, set()) <= {"koppel"}


def test_what_is_installed_is_seen(providers: dict[str, set[str]]) -> None:
    assert providers["pandas"] == {"pandas"}
    assert providers["yaml"] == {"PyYAML"}


@pytest.mark.parametrize("name", [*PACKAGES, "koppel"])
def test_a_name_leads_to_our_folder(name: str) -> None:
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin == str(ROOT / name / "__init__.py")


@pytest.mark.parametrize("name", PACKAGES)
def test_the_packages_in_the_middle_say_nothing_themselves(name: str) -> None:
    assert (ROOT / name / "__init__.py").read_bytes() == b""
