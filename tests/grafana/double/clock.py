"""The double's own time: a test moves it where a real Grafana would make it wait."""

import datetime
import time


class Clock:
    def __init__(self):
        self._ahead = 0.0
        self._stands_at = None  # of the machine's clock

    def now(self):
        """Seconds since 1970."""
        machine = time.time() if self._stands_at is None else self._stands_at
        return machine + self._ahead

    def advance(self, seconds):
        self._ahead += seconds

    def stand(self):
        """Only advance() moves it from now on."""
        self._stands_at = time.time()


def as_text(seconds):
    """As Grafana writes a time: 2026-11-23T15:00:00Z."""
    at = datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
