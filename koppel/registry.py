"""Finds what pyproject.toml registers under ``koppel.*``: sources, targets, transformers, readers, gates, commands, checks."""

import sys
from collections.abc import Callable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, cast

from koppel.errors import ConfigError
from koppel.judging import Context, Judge, ReadFacts, Transform
from koppel.settings import Settings
from koppel.source import Source
from koppel.target import Target


def source(settings: Settings, name: str) -> Source:
    """The source that config calls ``name``."""
    own = settings.source(name)
    return cast("Source", _load("sources", own.kind)(own))


def target(settings: Settings, name: str) -> Target:
    """The target that config calls ``name``."""
    own = settings.target(name)
    return cast("Target", _load("targets", own.kind)(own))


def transform(entity: str) -> Transform:
    """The transformer of an entity."""
    return cast("Transform", _load("transformers", entity))


def reader(entity: str) -> ReadFacts | None:
    """What fills in the facts of an entity's files, where it has any."""
    return cast("ReadFacts", _load("readers", entity)) if entity in registered("readers") else None


def gate(settings: Settings) -> Judge:
    """The gate that config chose."""
    return cast("Judge", _load("gates", settings.values.get("gate", {}).get("kind", "great_expectations")))


def check_gate(settings: Settings) -> str:
    """Have the gate check its configuration, and tell it in a few words. Raises ConfigError that says what is wrong.

    A gate that has something to check has a function ``check`` (Context to text) beside it in its module.
    """
    check = getattr(sys.modules.get(gate(settings).__module__), "check", None)
    options = {**settings.values.get("transform", {}), **settings.values.get("gate", {})}
    context = Context(settings.languages, settings.root, options, settings.properties)
    return str(check(context)) if check else "nothing to check"


def check(name: str) -> Callable[[Settings], str]:
    """What looks whether a part of the configuration makes sense, for ``koppel doctor``; it tells it in a few words."""
    return cast("Callable[[Settings], str]", _load("checks", name))


@cache
def registered(group: str) -> dict[str, EntryPoint]:
    """Everything registered in a group, by name."""
    return {entry.name: entry for entry in entry_points(group=f"koppel.{group}")}


def _load(group: str, name: str) -> Callable[..., Any]:
    known = registered(group)
    if name not in known:
        raise ConfigError(
            f"Nothing is registered as {name!r} among the {group}; there are: {', '.join(sorted(known)) or 'none'}.",
            do="Mend the kind in koppel.toml, or register it in pyproject.toml and run make setup.",
        )
    return cast("Callable[..., Any]", known[name].load())
