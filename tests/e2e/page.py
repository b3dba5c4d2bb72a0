"""A page of /metrics, read."""

import re

_SERIES = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$')
_LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')
_ESCAPES = {r"\n": "\n", r"\"": '"', r"\\": "\\"}

COUNTERS = ("usage_upload_bytes_total", "usage_download_bytes_total",
            "usage_sessions_started_total", "usage_sessions_ended_total")


def _unescaped(text):
    return re.sub(r"\\.", lambda found: _ESCAPES[found.group()], text)


def number(text):
    """An int where it is one: floats lose bytes."""
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)


class Page:
    """`values`: {(name, ((label, value), ...)): number}, labels in order."""

    def __init__(self, text):
        self.text = text
        self.values = {}
        for line in text.splitlines():
            if not line or line.startswith("#"):
                continue
            name, labels, value = _SERIES.match(line).groups()
            pairs = tuple(sorted((k, _unescaped(v)) for k, v in _LABEL.findall(labels or "")))
            assert (name, pairs) not in self.values, f"twice on the page: {line}"
            self.values[name, pairs] = number(value)

    def get(self, name, **labels):
        """The value of one series; KeyError when the page has none."""
        return self.values[name, tuple(sorted(labels.items()))]

    def has(self, name, **labels):
        return any(True for _ in self.series(name, **labels))

    def series(self, name, **labels):
        """(labels as dict, value) of the series of that name that have these labels."""
        for (series, pairs), value in self.values.items():
            if series == name and set(labels.items()) <= set(pairs):
                yield dict(pairs), value

    def sum(self, name, **labels):
        return sum(value for _, value in self.series(name, **labels))

    def counters(self):
        """The usage counters, which must never fall."""
        return {key: value for key, value in self.values.items() if key[0] in COUNTERS}
