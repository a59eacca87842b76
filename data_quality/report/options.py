"""What config says of the report: ``[report]`` and ``[retention]`` of koppel.toml, checked as they are read."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from koppel.errors import ConfigError
from koppel.settings import Settings

ReadyIn = Literal["all", "one"]


@dataclass(frozen=True, slots=True)
class Options:
    """``ready_in``: a product is ready when nothing holds it back in all languages, or in one at least.

    ``deadline_days``: how long a product may be held back before it is overdue; ``deadline_days_dear``: the same for the
    dearest quarter, which costs more each day. ``new_days``: so long a product is new, and that it sold nothing says nothing.
    ``score_days``: how long the scores of a day are kept; the trend needs 98 of them.
    """

    ready_in: ReadyIn = "all"
    timezone: str = "Europe/Brussels"
    deadline_days: int = 7
    deadline_days_dear: int = 3
    new_days: int = 60
    score_days: int = 100

    @classmethod
    def of(cls, settings: Settings) -> "Options":
        """The options of a config folder. Raises ConfigError for what makes no sense."""
        report, retention = settings.values.get("report", {}), settings.values.get("retention", {})
        ready_in = report.get("ready_in", cls().ready_in)
        if ready_in not in get_args(ReadyIn):
            raise _wrong("report", "ready_in", ready_in, '"all" or "one"')
        timezone = report.get("timezone", cls().timezone)
        _zone(timezone)
        days = {
            name: _days("report", name, report.get(name, default))
            for name, default in (("deadline_days", 7), ("deadline_days_dear", 3), ("new_days", 60))
        }
        kept = _days("retention", "score_days", retention.get("score_days", cls().score_days))
        return cls(ready_in, timezone, **days, score_days=kept)

    def day_of(self, moment: datetime) -> date:
        """The day that people had at a moment, where they work."""
        return moment.astimezone(_zone(self.timezone)).date()


def _zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, TypeError, OSError) as error:
        raise _wrong("report", "timezone", name, 'a name such as "Europe/Brussels"') from error


def _days(section: str, name: str, value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 36_500:
        return value
    raise _wrong(section, name, value, "a whole number of days, 0 or more")


def _wrong(section: str, name: str, value: Any, expected: str) -> ConfigError:
    return ConfigError(
        f"[{section}] {name} in koppel.toml is {value!r}; {expected} is expected.",
        kept="The reports that were made before stay as they are.",
        do="Mend that line and make the report again.",
    )


def target_of(settings: Settings, name: str = "") -> str:
    """The target whose report is meant: the named one, else that of the flow ``catalogue``, else of the first that brings products.

    Raises ConfigError where there is none.
    """
    if name:
        return settings.target(name).name
    flows = settings.values.get("flows", {})
    if "catalogue" in flows:
        return settings.flow("catalogue").target
    for flow in flows.values():
        if "product" in flow["entities"]:
            return str(flow["target"])
    raise ConfigError(
        f"No flow in {settings.root / 'koppel.toml'} brings products anywhere, so there is nothing to report on.",
        do='Add "product" to the entities of a flow, or name the target of the report.',
    )
