"""Reads the stock's status for many viewers at once without burdening the ledger, and turns what goes wrong into sentences."""

import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import ProgrammingError, SQLAlchemyError

from koppel.errors import LedgerDown
from koppel.ledger import Ledger
from koppel.settings import Settings
from koppel.stock_status import StockStatus, read_status

log = logging.getLogger(__name__)
SHARE = 0.1
"""Of the time, that reading for this page may take of the ledger's: what took a second is shown for ten."""
PATIENCE = 30.0
"""Seconds that a viewer waits for another viewer's reading."""


class StockReader:
    """Gives the status to whoever asks; one reading at a time, and its result serves everyone for a while."""

    def __init__(
        self, read: Callable[[], StockStatus] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read, self._clock = read or _read, clock
        self._lock = threading.Lock()
        self._kept: tuple[StockStatus, float] | None = None

    def status(self) -> StockStatus:
        """How the stock stands. Raises a KoppelError, whose words hold nothing that a viewer must not see."""
        if not self._lock.acquire(timeout=PATIENCE):
            raise LedgerDown("The ledger does not answer in time.", do="Look whether PostgreSQL is overloaded.")
        try:
            if self._kept and self._clock() < self._kept[1]:
                return self._kept[0]
            began = self._clock()
            status = _in_words(self._read)
            ended = self._clock()
            self._kept = status, ended + (ended - began) / SHARE
            return status
        finally:
            self._lock.release()


def _read() -> StockStatus:
    return read_status(Ledger.from_environment(), Settings.load())


def _in_words(read: Callable[[], StockStatus]) -> StockStatus:
    """What a driver says may name hosts, users or addresses: it goes to the log, and the page says what to do."""
    try:
        return read()
    except LedgerDown as error:
        log.warning("The page of the stock can't read the ledger: %s", error.what)
        raise LedgerDown(
            "The ledger does not answer.",
            kept="Nothing is lost: what runs goes on, or waits for it as well.",
            do="Look whether PostgreSQL runs and KOPPEL_LEDGER_URL is right; koppel doctor checks both.",
        ) from error
    except ProgrammingError as error:
        log.warning("The page of the stock can't read the ledger: %s", error.orig)
        raise LedgerDown(
            "The ledger is not of this version of Koppel.", do="Run koppel migrate, then open this page again."
        ) from error
    except (SQLAlchemyError, ImportError, ValueError) as error:
        log.warning("The page of the stock can't read the ledger: %s", type(error).__name__)
        raise LedgerDown(
            "The ledger can't be read.",
            do="Run koppel doctor on Airflow's machine; it says what is wrong with KOPPEL_LEDGER_URL.",
        ) from error
