"""Making a report from beginning to end: today's scores, the model, and its forms in their folder."""

from datetime import datetime

from data_quality import score_days
from data_quality.messages import languages as catalogues
from data_quality.report import store
from data_quality.report.build import build
from data_quality.report.options import Options, target_of
from data_quality.report.store import Published
from koppel.errors import ConfigError
from koppel.ledger import Ledger
from koppel.settings import Settings


def make(
    ledger: Ledger, settings: Settings, now: datetime, *, target: str = "", languages: tuple[str, ...] = ()
) -> Published:
    """Write today's scores, build the report and publish it in these languages (all that have texts, when none is named).

    Made again on the same day, it takes the place of that day's scores. Raises ConfigError, LedgerDown, and NotWritten when the
    disk does not take it.
    """
    wanted = languages or chosen_languages(settings)
    if unknown := [language for language in wanted if language not in catalogues()]:
        raise ConfigError(
            f"There are no texts for {', '.join(unknown)}; there are some for {', '.join(catalogues())}.",
            kept="No report was made; the one before stays.",
            do="Choose among these, in the command or as [report] languages in koppel.toml.",
        )
    chosen = target_of(settings, target)
    score_days.write(ledger, settings, chosen, now)
    return store.publish(build(ledger, settings, now, chosen), settings, wanted)


def chosen_languages(settings: Settings) -> tuple[str, ...]:
    """The languages of the report: ``[report] languages``, or all that have texts."""
    chosen = settings.values.get("report", {}).get("languages", catalogues())
    if not isinstance(chosen, list | tuple) or not chosen or not all(isinstance(one, str) for one in chosen):
        raise ConfigError(f"[report] languages is {chosen!r}.", do='Write a list such as ["nl", "fr"].')
    return tuple(chosen)


def check(settings: Settings) -> str:
    """Whether owners.toml, [report] and [worklist] make sense, in a few words. Raises ConfigError that says what does not."""
    from data_quality.owners import Owners  # noqa: PLC0415
    from data_quality.worklist import options as worklist  # noqa: PLC0415

    owners = Owners.load(settings)
    Options.of(settings)
    worklist.Options.of(settings)
    languages = ", ".join(chosen_languages(settings))
    return f"{len(owners.people)} people, {len(owners.managers)} of them managers; reports in {languages}"
