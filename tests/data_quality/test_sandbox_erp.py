"""The sown defects of the sandbox ERP, all the way from its database: each is found, no look-alike is."""

from datetime import UTC, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pytest

from data_quality.catalogue import RULES
from koppel import registry
from koppel.embedded import EmbeddedPostgres
from koppel.entities import ENTITIES, split_key
from koppel.judging import Context
from koppel.settings import Settings
from koppel.verdicts import _pandas_type
from koppel.window import Window
from sandbox import erp
from sandbox.erp.articles import NOW
from sandbox.erp.catalogue import sown

SOWN = {**sown(), **erp.SOWN_STOCK}
TOPICS = sorted(set(SOWN) & set(RULES))


@pytest.fixture(scope="module")
def findings(postgres: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """What the gate finds in the whole sandbox ERP, with the configuration of the project."""
    media: Path = tmp_path_factory.mktemp("media")
    url = postgres.database("sandbox_erp_judged", template="template0")
    erp.build(url, media)
    settings = Settings.load()
    now = NOW.replace(tzinfo=ZoneInfo("Europe/Brussels")).astimezone(UTC) + timedelta(hours=4)
    options = {**settings.values["transform"], "now": now}
    context = Context(settings.languages, settings.root, options, settings.properties)
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW_CONN_ERP", url)
        source = registry.source(settings, "erp")
        for entity in (ENTITIES[name] for name in {rule.entity: None for rule in RULES.values()}):
            raw = pa.concat_tables(source.read(entity, Window()), promote_options="permissive")
            rows = raw.to_pandas(types_mapper=_pandas_type)
            if (reader := registry.reader(entity.name)) is not None:
                rows = reader(entity, rows, media)
            frame = registry.transform(entity.name)(entity, rows, context).frame
            judgement = registry.gate(settings)(entity, frame, context)
            assert judgement.broken_rules == {}, entity.name
            found.append(judgement.findings)
    return pd.concat(found, ignore_index=True)


def keys(findings: pd.DataFrame, rule: str) -> set[str]:
    return set(findings.loc[findings["rule"] == rule, "key"])


@pytest.mark.parametrize("topic", TOPICS)
def test_every_sown_defect_is_found(findings: pd.DataFrame, topic: str) -> None:
    assert set(SOWN[topic]["true"]) - keys(findings, topic) == set()


@pytest.mark.parametrize("topic", TOPICS)
def test_no_sown_look_alike_is_found(findings: pd.DataFrame, topic: str) -> None:
    assert set(SOWN[topic]["lookalike"]) & keys(findings, topic) == set()


def test_most_of_the_range_is_fit_for_a_customer(findings: pd.DataFrame) -> None:
    """What the gate holds back is what was sown: it is not a gate that finds fault with everything."""
    held = findings[findings["severity"] == "block"]
    products = {key for key, rule in zip(held["key"], held["rule"], strict=True) if RULES[rule].entity == "product"}
    assert 0 < len(products) < 120
    assert all(
        split_key(ENTITIES[RULES[rule].entity], key) for key, rule in zip(held["key"], held["rule"], strict=True)
    )
