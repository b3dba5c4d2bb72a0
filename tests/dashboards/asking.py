"""Asks a panel's queries through usage_gateway, as Grafana's Prometheus data source does."""

import json
import re
import time
import urllib.parse
import urllib.request

import promql

SCRAPE_INTERVAL = 5  # seconds; the data source's jsonData.timeInterval
PANEL_WIDTH = 1000  # points that a panel asks for at most
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "M": 30 * 86400, "y": 365 * 86400}
# Steps that Grafana rounds to.
_STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600,
          43200, 86400)


def seconds(text):
    """Of 5s, 24h, 31d; a month has 30 days, as Grafana's intervals have."""
    number, unit = re.fullmatch(r"(\d+)([smhdwMy])", text).groups()
    return int(number) * _UNITS[unit]


def moment(text, now):
    """Of now, now-24h, now/d, now-30d/d; days are UTC's."""
    back, rounding = re.fullmatch(r"now(?:-(\w+))?(?:/(\w))?", text).groups()
    at = now - (seconds(back) if back else 0)
    return at - at % _UNITS[rounding] if rounding else at


class Window:
    """A time range and the step of one query in it, in seconds."""

    def __init__(self, target, now, span=None):
        """`span` instead of the dashboard's own."""
        panel = target.panel.raw
        chosen = target.panel.dashboard.raw.get("time", {"from": "now-6h"})
        begin = "now-" + panel["timeFrom"] if panel.get("timeFrom") else chosen["from"]
        self.end = int(now)
        self.start = self.end - span if span else int(moment(begin, now))
        least = target.interval.lstrip(">") if target.interval else f"{SCRAPE_INTERVAL}s"
        self.least = max(1, seconds(least))
        points = panel.get("maxDataPoints") or PANEL_WIDTH
        self.step = max(self.least, _rounded((self.end - self.start) / points))

    @property
    def first_point(self):
        """So that the last one is now. Grafana takes multiples of the step, and the last of them
        may be older than what a test has started.
        """
        return self.end - (self.end - self.start) // self.step * self.step

    def values(self):
        """Grafana's own variables."""
        span = self.end - self.start
        rate = max(self.step + self.least, 4 * self.least)
        return {"__interval": f"{self.step}s", "__interval_ms": self.step * 1000,
                "__rate_interval": f"{rate}s", "__range": f"{span}s", "__range_s": span,
                "__range_ms": span * 1000, "__from": self.start * 1000, "__to": self.end * 1000}


def _rounded(step):
    return next((known for known in _STEPS if known >= step), _STEPS[-1])


class Refusal(Exception):
    """An answer that is no success; its text."""


class DataSource:
    """The data source of one org: a gateway's URL and a token."""

    def __init__(self, url, token):
        self.url, self.token = url, token

    def call(self, path, **form):
        """`data` of the answer."""
        request = urllib.request.Request(
            self.url + path, urllib.parse.urlencode(form, doseq=True).encode(),
            {"Authorization": "Bearer " + self.token})
        try:
            with urllib.request.urlopen(request, timeout=300) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise Refusal(error.read().decode(errors="replace")) from None

    def ask(self, target, values, now=None, span=None, stats=None):
        """`data` of a target's query with the dashboard's variables."""
        window = Window(target, now or time.time(), span)
        query = promql.substituted(target.expression, {**window.values(), **values})
        form = {"query": query, **({"stats": stats} if stats else {})}
        if target.is_instant:
            return self.call("/api/v1/query", time=window.end, **form)
        return self.call("/api/v1/query_range", start=window.first_point, end=window.end,
                         step=window.step, **form)

    def choices(self, variable, values, at=None):
        """What a query variable offers: [value], in the order of the answer."""
        query = promql.substituted(promql.of_variable(variable), values)
        texts = self._texts(variable, query, at or time.time())
        pattern = variable.get("regex", "").strip("/")
        if not pattern:
            return texts
        found = [re.search(pattern.replace("(?<", "(?P<"), text) for text in texts]
        return [match.groupdict().get("value") or match[1] for match in found if match]

    def _texts(self, variable, query, at):
        label = _label_of(variable)
        found = self.call("/api/v1/query", query=query, time=at)["result"]
        series = [sample["metric"] for sample in found]
        if label:
            return sorted({labels[label] for labels in series if label in labels})
        return [_as_text(labels) for labels in series]


def _label_of(variable):
    query = variable.get("query", "")
    text = query.get("query", "") if isinstance(query, dict) else query
    call = re.fullmatch(r"\s*label_values\(.*?([\w]+)\s*\)\s*", text, re.DOTALL)
    return call[1] if call else ""


def _as_text(labels):
    """A line of query_result()."""
    inner = ",".join(f'{name}="{value}"' for name, value in labels.items() if name != "__name__")
    return f"{labels.get('__name__', '')}{{{inner}}} 1 0"


def variables(dashboard, source, values=None, at=None):
    """A value for each variable: the first that it offers, else what `values` has."""
    chosen = dict(values or {})
    for variable in dashboard.variables:
        name, kind = variable["name"], variable.get("type")
        if name in chosen:
            continue
        if kind == "query":
            offered = source.choices(variable, chosen, at)
            assert offered, f"{dashboard.name}: ${name} offers nothing"
            chosen[name] = offered[0]
        elif kind in ("custom", "interval"):
            chosen[name] = variable["query"].split(",")[0].split(" : ")[-1].strip()
        else:
            chosen[name] = (variable.get("current") or {}).get("value", "")
    return chosen


def numbers(data):
    """Of an answer; NaN is none."""
    values = [value for series in data["result"]
              for value in series.get("values", [series.get("value")])]
    return [float(text) for _, text in values if text != "NaN"]
