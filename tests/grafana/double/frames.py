"""What Prometheus answered, as the frames that /api/ds/query gives to a browser."""

import re


def _number(text):
    """(value, name of what JSON can't say or None)."""
    value = float(text)
    if value != value:
        return None, "NaN"
    if value in (float("inf"), float("-inf")):
        return None, "Inf" if value > 0 else "NegInf"
    # As Go writes a float: with an exponent from 1e21 on.
    return (int(value) if value.is_integer() and abs(value) < 1e21 else value), None


def _entities(names):
    found = {}
    for at, name in enumerate(names):
        if name:
            found.setdefault(name, []).append(at)
    return found or None


def _metric_text(labels):
    pairs = ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items())
                      if name != "__name__")
    name = labels.get("__name__", "")
    return name + f"{{{pairs}}}" if pairs or not name else name


def _display_name(query, labels):
    form = query.get("legendFormat") or ""
    if form == "__auto":
        return "" if labels else query["expr"]
    if form:
        return re.sub(r"\{\{\s*(.+?)\s*\}\}", lambda match: labels.get(match[1], ""), form)
    text = _metric_text(labels)
    return query["expr"] if text == "{}" else text


class Maker:
    """Frames of one query of the request. `executed`: what Grafana says that it ran."""

    def __init__(self, query, steps, executed):
        self._query, self._steps = query, steps
        self._executed = executed

    def empty(self, is_counted=True):
        """`is_counted`: with the step, as where the data source has said why it refuses."""
        schema = self._schema([0, 0])
        if is_counted:
            schema["meta"]["custom"] = {"calculatedMinStep": self._steps.step}
        return {"schema": {**schema, "fields": []}, "data": {"values": []}}

    def of(self, data):
        """Of the `data` of a successful answer; at least one frame."""
        kind, result = data["resultType"], data["result"]
        if kind == "scalar":
            return [self._frame("scalar", "numeric-multi", {}, [result])]
        if kind == "string":
            return [self._text_frame(result)]
        if kind == "vector":
            return self._many(kind, "numeric-multi", [(s["metric"], [s["value"]]) for s in result])
        return self._many(kind, "timeseries-multi", [(s["metric"], s["values"]) for s in result])

    def _many(self, kind, form, series):
        """The first one tells what was asked, for all."""
        frames = [self._frame(kind, form, labels, samples) for labels, samples in series]
        for frame in frames[1:]:
            meta = frame["schema"]["meta"]
            del meta["executedQueryString"], meta["custom"]["calculatedMinStep"]
        return frames or [self.empty()]

    def _schema(self, version, form=None, kind=None):
        meta = {"typeVersion": version, "executedQueryString": self._executed}
        if form:
            meta["type"] = form
            meta["custom"] = {"calculatedMinStep": self._steps.step, "resultType": kind}
        return {"refId": self._query.get("refId", "A"), "meta": meta}

    def _frame(self, kind, form, labels, samples):
        numbers = [_number(text) for _, text in samples]
        config = {"displayNameFromDS": _display_name(self._query, labels)}
        value = {"name": labels.get("__name__", "Value"), "type": "number",
                 "typeInfo": {"frame": "float64"}, "labels": labels, "config": config}
        if not config["displayNameFromDS"]:
            del value["config"]
        time = {"name": "Time", "type": "time", "typeInfo": {"frame": "time.Time"},
                "config": {"interval": self._steps.step}}
        data = {"values": [[round(float(at) * 1000) for at, _ in samples],
                           [number for number, _ in numbers]]}
        entities = _entities([name for _, name in numbers])
        if entities:
            data["entities"] = [None, entities]
        return {"schema": {**self._schema([0, 1], form, kind), "fields": [time, value]},
                "data": data}

    def _text_frame(self, sample):
        fields = [{"name": "Time", "type": "time", "typeInfo": {"frame": "time.Time"}},
                  {"name": "Value", "type": "string", "typeInfo": {"frame": "string"}}]
        return {"schema": {**self._schema([0, 1]), "fields": fields},
                "data": {"values": [[round(sample[0] * 1000)], [sample[1]]]}}
