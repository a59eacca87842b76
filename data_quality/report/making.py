"""Making a report from beginning to end: today's scores, the model, and its forms in their folder."""

from datetime import datetime

from data_quality import score_days
from data_quality.report import store
from data_quality.report.build import build
from data_quality.report.store import Published
from data_quality.texts import LANGUAGES
from koppel.errors import ConfigError
from koppel.ledger import Ledger
from koppel.settings import Settings


def make(
    ledger: Ledger, settings: Settings, now: datetime, *, target: str = "", languages: tuple[str, ...] = ()
) -> Published:
    """Write today's scores, build the report and publish it in these languages (all that have texts, when none is named).

    Made again on the same day, it takes the place of that day's scores. Raises ConfigError, LedgerDown, OSError.
    """
    if unknown := [language for language in languages if language not in LANGUAGES]:
        raise ConfigError(
            f"There are no texts for {', '.join(unknown)}.",
            kept="No report was made.",
            do=f"Choose among {', '.join(LANGUAGES)}, or add a catalogue: docs/add-a-language.md.",
        )
    chosen = target_of(settings, target)
    score_days.write(ledger, settings, chosen, now)
    return store.publish(build(ledger, settings, now, chosen), settings, languages or LANGUAGES)


def target_of(settings: Settings, target: str = "") -> str:
    """The target whose report is meant: the named one, or that of the flow ``catalogue``."""
    return settings.target(target).name if target else settings.flow("catalogue").target
