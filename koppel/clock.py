"""The clock that waiting code is given, so that a test can wait an hour in no time."""

import time


class Clock:
    """The machine's own clock: seconds that only go forward, and sleep."""

    def now(self) -> float:
        """Seconds since some fixed moment."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)
