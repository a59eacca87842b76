"""What config says of work lists: ``[worklist]`` of koppel.toml, checked as it is read."""

from dataclasses import dataclass, fields
from typing import Any

from koppel.errors import ConfigError
from koppel.settings import Settings


@dataclass(frozen=True, slots=True)
class Options:
    """``override_days``: how long a correction stands in for the source; ``waiver_days``: how long a finding is accepted.

    ``most_rows``: lines of one list, those that matter most. ``accept_from_folder``: what is dropped counts without a person
    who says yes. ``settle_seconds``: so long a dropped file must not change before it is read.
    """

    override_days: int = 180
    waiver_days: int = 180
    most_rows: int = 5_000
    settle_seconds: int = 10
    accept_from_folder: bool = False

    @classmethod
    def of(cls, settings: Settings) -> "Options":
        """The options of a config folder. Raises ConfigError for what makes no sense."""
        given = settings.values.get("worklist", {})
        known = {one.name for one in fields(cls)}
        if unknown := [name for name in given if name not in known]:
            raise ConfigError(
                f"{unknown[0]!r} is no setting of [worklist] in koppel.toml.",
                do=f"There are: {', '.join(sorted(known))}.",
            )
        return cls(**{name: _checked(name, value) for name, value in given.items()})


def _checked(name: str, value: Any) -> Any:
    if name == "accept_from_folder":
        fine, wanted = isinstance(value, bool), "true or false"
    else:
        least = 0 if name == "settle_seconds" else 1
        fine = isinstance(value, int) and not isinstance(value, bool) and least <= value <= 36_500
        wanted = f"a whole number from {least} to 36500"
    if not fine:
        raise ConfigError(f"[worklist] {name} is {value!r} in koppel.toml.", do=f"Write {wanted}.")
    return value
