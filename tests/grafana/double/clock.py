"""The double's own time: a test moves it where a real Grafana would make it wait."""

import datetime
import time


class Clock:
    def __init__(self):
        self._ahead = 0.0

    def now(self):
        """Seconds since 1970."""
        return time.time() + self._ahead

    def advance(self, seconds):
        self._ahead += seconds


def as_text(seconds):
    """As Grafana writes a time: 2026-11-23T15:00:00Z."""
    at = datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
