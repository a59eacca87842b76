"""Looks at everything a run needs, and says what is wrong and how to mend it."""

from collections.abc import Callable, Iterator
from functools import partial

from koppel import registry
from koppel.entities import ENTITIES, STOCK_LEVEL
from koppel.errors import KoppelError
from koppel.ledger import Ledger
from koppel.settings import Settings
from koppel.staging import Staging
from koppel.stock_settings import StockSettings
from koppel.target import Check


def examine() -> Iterator[Check]:
    """Settings, rules, ledger, staging, then each source and target that a flow names; goes on after whatever is wrong.

    What several of them say alike, such as a source that flows read by itself and as a part of another one, is said once.
    """
    said: set[tuple[str, str]] = set()
    for check in _all():
        same = (check.subject if check.is_fine else "", check.detail)
        if same not in said:
            said.add(same)
            yield check


def _all() -> Iterator[Check]:
    settings: list[Settings] = []
    yield from _guarded("settings", lambda: _settings(settings))
    if not settings:
        return
    yield from _guarded("rules", lambda: _rules(settings[0]))
    for name in sorted(registry.registered("checks")):
        yield from _guarded(name, partial(_registered, settings[0], name))
    yield from _guarded("stock.toml", lambda: _places(settings[0]))
    yield from _guarded("ledger", _ledger)
    yield from _guarded("staging", lambda: _staging(settings[0]))
    flows = settings[0].values.get("flows", {})
    for name in dict.fromkeys(flow["source"] for flow in flows.values()):
        yield from _guarded(f"source {name}", partial(_source, settings[0], name))
    for name in dict.fromkeys(flow["target"] for flow in flows.values()):
        yield from _guarded(f"target {name}", partial(_target, settings[0], name))


def _guarded(subject: str, look: Callable[[], list[Check]]) -> Iterator[Check]:
    """A check that ends in an error is a finding like any other, so that the ones after it still run."""
    try:
        yield from look()
    except KoppelError as error:
        yield Check(subject, is_fine=False, detail=error.what, mend=error.do)
    except Exception as error:  # noqa: BLE001 (whatever a plug-in raises is what the reader came to learn)
        yield Check(
            subject, is_fine=False, detail=f"{type(error).__name__}: {error}", mend="See the log for the cause."
        )


def _source(settings: Settings, name: str) -> list[Check]:
    return registry.source(settings, name).check()


def _target(settings: Settings, name: str) -> list[Check]:
    return registry.target(settings, name).check()


def _settings(found: list[Settings]) -> list[Check]:
    settings = Settings.load()
    found.append(settings)
    checks = [Check("settings", is_fine=True, detail=f"{settings.root / 'koppel.toml'} is read")]
    for name in settings.values.get("flows", {}):
        flow = settings.flow(name)
        settings.source(flow.source)
        settings.target(flow.target)
        unknown = [entity for entity in flow.entities if entity not in ENTITIES]
        mend = f"There are: {', '.join(ENTITIES)}." if unknown else ""
        brings = f"{', '.join(flow.entities)}, from {flow.source} to {flow.target}"
        detail = f"unknown entities: {', '.join(unknown)}" if unknown else brings
        checks.append(Check(f"flow {name}", is_fine=not unknown, detail=detail, mend=mend))
    return checks


def _rules(settings: Settings) -> list[Check]:
    return [Check("rules", is_fine=True, detail=registry.check_gate(settings))]


def _registered(settings: Settings, name: str) -> list[Check]:
    return [Check(name, is_fine=True, detail=registry.check(name)(settings))]


def _places(settings: Settings) -> list[Check]:
    """Where stock lies, for those who bring stock to a target that wants to know."""
    sections = settings.values.get("flows", {}).items()
    sources = [
        settings.flow(name).source for name, section in sections if STOCK_LEVEL.name in section.get("entities", ())
    ]
    if not sources:
        return []
    places = StockSettings.load(settings.root).locations
    if places:
        return [Check("stock.toml", is_fine=True, detail=f"stock lies in {', '.join(places)}")]
    if all(settings.source(source).options.get("combine") for source in sources):
        return [Check("stock.toml", is_fine=True, detail="names no place: all count, and are added up")]
    detail = f"{settings.root / 'stock.toml'} names no place where stock lies, so no stock can be brought to a shop"
    return [Check("stock.toml", is_fine=False, detail=detail, mend="Name them: docs/stock.md shows how.")]


def _ledger() -> list[Check]:
    has, needs = Ledger.from_environment().versions()
    if has == needs:
        return [Check("ledger", is_fine=True, detail=f"answers; its schema is version {has}")]
    detail = f"its schema is version {has or 'none'}; this Koppel needs {needs}"
    return [Check("ledger", is_fine=False, detail=detail, mend="Run: koppel migrate")]


def _staging(settings: Settings) -> list[Check]:
    staging = Staging(settings.staging_root, "doctor")
    staging.write_json("check", {"written": True})
    is_fine = staging.read_json("check") == {"written": True}
    return [Check("staging", is_fine=is_fine, detail=f"{settings.staging_root} can be written and read")]
