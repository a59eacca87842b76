"""Each registered target passes the conformance tests; one that has no way to start in a test fails here."""

from pathlib import Path
from typing import Any

import pytest

from koppel import registry
from koppel.settings import TargetSettings
from koppel.target import Target
from tests.loaders.conformance import TargetConformance


@pytest.fixture(params=sorted(registry.registered("targets")))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def target(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Target:
    """A fresh target of this kind, on nothing but this machine."""
    if kind == "magento":
        return request.getfixturevalue("make_target")()
    settings: dict[str, dict[str, Any]] = {"workbook": {"file": "out/catalogue.xlsx"}}
    own = TargetSettings("t", kind, tmp_path, None, settings[kind], ("nl", "fr", "en"))
    return registry.registered("targets")[kind].load()(own)


class TestRegisteredTargets(TargetConformance):
    """All of them."""
