"""Waits for a database to say that something changed: PostgreSQL's LISTEN and NOTIFY; any other database is just waited for."""

import contextlib
import logging
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from koppel.clock import Clock
from koppel.errors import KoppelError

log = logging.getLogger(__name__)
_ALIVE = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
"""A connection that a firewall dropped without a word is found out after a minute."""
_CONNECT_SECONDS = 5


class Signal:
    """One channel of one database, listened to over a connection of its own that stays open.

    ``name``: of the source; ``address``: gives the database's URL when it is needed, and may raise a KoppelError. Where the
    database does not answer, or can't signal, the time is just waited, with one line in the log until it answers again.
    """

    def __init__(self, name: str, address: Callable[[], URL], channel: str, clock: Clock) -> None:
        self._name, self._address, self._channel, self._clock = name, address, channel, clock
        self._session: psycopg.Connection[Any] | None = None
        self._is_out = False

    def wait(self, seconds: float) -> bool:
        """Wait at most so long; True as soon as a message came, also before this call.

        True too for a connection that was just made: who knows what changed before it stood. Never raises.
        """
        began = self._clock.now()
        try:
            if self._session is None:
                self._session = self._opened()
                self._is_out = False
                return True
            return bool(list(self._session.notifies(timeout=max(seconds, 0.0), stop_after=1)))
        except (KoppelError, psycopg.Error, OSError) as error:
            self.close()
            self._tell(error)
        self._clock.sleep(max(0.0, began + seconds - self._clock.now()))
        return False

    def close(self) -> None:
        """Let go of the connection; the next wait makes a new one."""
        if self._session is not None:
            with contextlib.suppress(psycopg.Error):
                self._session.close()
        self._session = None

    def _opened(self) -> psycopg.Connection[Any]:
        url = self._address()
        if url.get_backend_name() != "postgresql":
            raise NoSignal(f"{url.get_backend_name()} can't signal.", do="Leave signal out of its settings.")
        address = url.set(drivername="postgresql").render_as_string(hide_password=False)
        options: dict[str, Any] = {**_ALIVE, "connect_timeout": _CONNECT_SECONDS}
        session = psycopg.connect(address, autocommit=True, **options)
        session.execute(sql.SQL("listen {}").format(sql.Identifier(self._channel)))
        return session

    def _tell(self, error: Exception) -> None:
        """Once, until it works again. The driver's words may hold the address, so they stay out of the log."""
        if not self._is_out:
            why = error.what if isinstance(error, KoppelError) else f"{type(error).__name__}."
            log.warning("No signal from source %s: %s It is looked at again and again instead.", self._name, why)
        self._is_out = True


class NoSignal(KoppelError):
    """The database can't say that something changed."""
