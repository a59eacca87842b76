"""AdventureWorks and an empty shop, coupled; anew for each file of tests."""

from collections.abc import Iterator

import pytest

from koppel.embedded import EmbeddedPostgres
from koppel.ledger import Ledger
from sandbox.magento.testing import running_shop
from tests import adventureworks
from tests.examples.nights import CONFIG, Coupled, Night
from tests.loaders.conftest import shop_connection


@pytest.fixture(scope="module")
def coupled(
    postgres: EmbeddedPostgres, ledger_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Coupled]:
    """The sample and an empty shop, coupled by the folder examples/adventureworks and nothing else."""
    home = tmp_path_factory.mktemp("adventureworks")
    database = postgres.database("adventureworks_coupled", template="template0")
    adventureworks.load(database)
    ledger_url = postgres.database("adventureworks_ledger", template=ledger_template)
    with running_shop() as shop, pytest.MonkeyPatch.context() as patch:
        for name in ("KOPPEL_MEDIA", "KOPPEL_STAGING", "KOPPEL_CONNECTIONS"):
            patch.delenv(name, raising=False)
        patch.setenv("KOPPEL_CONFIG", str(CONFIG))
        patch.setenv("KOPPEL_HOME", str(home))
        patch.setenv("KOPPEL_LEDGER_URL", ledger_url)
        patch.setenv("AIRFLOW_CONN_ADVENTUREWORKS", database)
        patch.setenv("AIRFLOW_CONN_SHOP", shop_connection(shop))
        ledger = Ledger.from_environment()
        yield Coupled(database, shop, ledger, home / "media")
        ledger.close()
    for name in ("adventureworks_coupled", "adventureworks_ledger"):
        postgres.drop(name)


@pytest.fixture(scope="module")
def first(coupled: Coupled) -> Night:
    return coupled.night()
