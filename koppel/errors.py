"""Every error that Koppel raises, grouped by what the reader should do about it.

KoppelError
├── ConfigError        mend config/, a connection or the command line, then run again
├── SourceError        the source can't be read as it is; nothing was changed
│   ├── SourceDown         not reachable: runs again by itself
│   ├── SourceEmpty        read nothing where something was before: look before you run again
│   └── SourceShape        a column is missing or of the wrong type: mend the query or the mapping
├── TargetError        the target did not take part; what was delivered before stays delivered
│   ├── TargetDown         not reachable or in maintenance: runs again by itself
│   │   └── TargetBusy         another run is writing to it: runs again by itself
│   └── TargetRefused      credentials, permissions or a contract that does not fit: mend, then run again
├── LedgerDown             the ledger does not answer: runs again by itself
├── LimitExceeded      the plan is larger than a person allowed: look at it, then accept it
└── NotReconciled      the numbers of a run do not add up: a defect of Koppel, report it
"""


class KoppelError(Exception):
    """Root of all: ``what`` happened, what was ``kept`` safe, and what to ``do`` next."""

    def __init__(self, what: str, *, kept: str = "", do: str = "") -> None:
        self.what, self.kept, self.do = what, kept, do
        super().__init__(" ".join(part for part in (what, kept, do) if part))


class ConfigError(KoppelError):
    """A setting, a mapping or an argument is wrong."""


class SourceError(KoppelError):
    """A source can't be read as it is."""


class SourceDown(SourceError):
    """A source is not reachable."""


class SourceEmpty(SourceError):
    """A source holds nothing where something was before."""


class SourceShape(SourceError):
    """A source answers with other columns or types than declared."""


class TargetError(KoppelError):
    """A target did not take part."""


class TargetDown(TargetError):
    """A target is not reachable, overloaded or in maintenance."""


class TargetBusy(TargetDown):
    """Another run is writing to a target."""


class TargetRefused(TargetError):
    """A target refuses who we are or what we ask."""


class LedgerDown(KoppelError):
    """The ledger does not answer."""


def ledger_down(error: object) -> LedgerDown:
    """What a driver says of a ledger that can't be reached."""
    return LedgerDown(
        f"The ledger does not answer: {error}".strip(),
        kept="Nothing was sent that the ledger does not know of.",
        do="Look whether PostgreSQL runs and KOPPEL_LEDGER_URL is right, then run again.",
    )


class LimitExceeded(KoppelError):
    """A plan is larger than what may go without a person."""


class NotReconciled(KoppelError):
    """The numbers of a run do not add up."""
