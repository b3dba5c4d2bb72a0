"""Grafana's arithmetic of steps: $__interval, $__rate_interval, aligned ranges."""

import re
import time

_UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
          "M": 2_592_000_000, "y": 31_536_000_000}
_SAFE_POINTS = 11_000  # of a series: more is refused by Prometheus
_USUAL_POINTS = 1_500
# As Grafana rounds an interval: below the limit it is the second number; milliseconds.
_ROUNDED = ((10, 1), (15, 10), (35, 20), (75, 50), (150, 100), (350, 200), (750, 500),
            (1500, 1000), (3500, 2000), (7500, 5000), (12500, 10000), (17500, 15000),
            (25000, 20000), (45000, 30000), (90000, 60000), (210000, 120000), (450000, 300000),
            (750000, 600000), (1050000, 900000), (1500000, 1200000), (2700000, 1800000),
            (5400000, 3600000), (9000000, 7200000), (16200000, 10800000), (32400000, 21600000),
            (86400000, 43200000), (604800000, 86400000), (1814400000, 604800000),
            (3628800000, 2592000000))
_YEAR = 31_536_000_000


_INTERVAL = re.compile(r"\s*>?\s*([0-9.]+)\s*(ms|[smhdwMy]?)\s*")


def milliseconds(text):
    """Of "15s"; a bare number counts seconds. Raises ValueError."""
    parts = _INTERVAL.fullmatch(text)
    if not parts:
        raise ValueError(f"{text!r} is no interval")
    return int(float(parts[1]) * _UNITS[parts[2] or "s"])


def as_go(duration):
    """Milliseconds as Go writes a duration: 240000 is 4m0s."""
    seconds, rest = divmod(duration, 1000)
    if not seconds:
        return f"{rest}ms" if rest else "0s"
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    tail = f"{seconds}.{rest:03}".rstrip("0") if rest else str(seconds)
    if hours:
        return f"{hours}h{minutes}m{tail}s"
    return f"{minutes}m{tail}s" if minutes else f"{tail}s"


def as_grafana(duration):
    """Milliseconds as $__interval: the largest unit that leaves at least one, whole."""
    for unit in ("y", "d", "h", "m", "s"):
        if duration >= _UNITS[unit]:
            return f"{duration // _UNITS[unit]}{unit}"
    return f"{duration}ms"


def rounded(duration):
    return next((to for below, to in _ROUNDED if duration < below), _YEAR)


def instant(text, now):
    """Milliseconds since 1970 of "1700000000000", "now" or "now-1h"."""
    text = str(text)
    if text.isdigit():
        return int(text)
    sign = -1 if text.startswith("now-") else 1
    offset = milliseconds(text[4:]) if len(text) > 3 else 0
    return int(now * 1000) + sign * offset


class Steps:
    """All in milliseconds. `query` is one of /api/ds/query's. Raises ValueError.

    `step` is what the query asks for, or more, so that a series has no more points than the panel
    can show; `rate` is $__rate_interval.
    """

    def __init__(self, query, source, begin, end):
        self.begin, self.end = begin, end
        scrape = milliseconds(source.json_data.get("timeInterval") or "15s")
        text = query.get("interval") or ""
        asked = milliseconds(text) if text and "$" not in text else 0
        points = int(query.get("maxDataPoints") or 0) or _USUAL_POINTS
        self.step = max(asked or int(query.get("intervalMs") or scrape),
                        *(rounded((end - begin) // most) for most in (points, _SAFE_POINTS)))
        base = self.step if "$" in text else asked or scrape
        self.rate = max(self.step + base, 4 * base)

    def interpolated(self, expression):
        span = self.end - self.begin
        values = {"__rate_interval": as_go(self.rate), "__interval_ms": str(self.step),
                  "__interval": as_grafana(self.step), "__range_ms": str(span),
                  "__range_s": str(round(span / 1000)), "__range": f"{round(span / 1000)}s"}
        for name, value in values.items():
            expression = expression.replace("${" + name + "}", value)
        # The longer names come first: $__interval is the beginning of $__interval_ms.
        return re.sub(r"\$(__rate_interval|__interval_ms|__interval|__range_ms|__range_s|__range)",
                      lambda match: values[match[1]], expression)

    def aligned(self):
        """(start, end) in milliseconds, multiples of the step in the machine's time zone."""
        offset = time.localtime(self.begin / 1000).tm_gmtoff * 1000
        return tuple((at + offset) // self.step * self.step - offset
                     for at in (self.begin, self.end))
