"""Lines of Influx's protocol, as Grafana Live turns them into frames."""

import dataclasses
import math
import re

_PART = r'((?:[^\\\s"]|\\.|"(?:[^"\\]|\\.)*"|\\$)+)'
_LINE = re.compile(rf"\s*{_PART}\s+{_PART}(?:\s+{_PART})?\s*")
_PAIR = re.compile(r'((?:[^\\,=]|\\.)+)=("(?:[^"\\]|\\.)*"|(?:[^\\,"]|\\.)+)(?:,|$)')
_NUMBER = re.compile(r"-?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_BOOLEANS = {"t": True, "T": True, "true": True, "True": True, "TRUE": True,
             "f": False, "F": False, "false": False, "False": False, "FALSE": False}


class BadLine(ValueError):
    pass


@dataclasses.dataclass
class Line:
    name: str
    tags: list  # [(key, value)], by key
    values: dict  # field -> float, bool, str, or None for an unsigned number
    time: int  # nanoseconds since 1970


@dataclasses.dataclass
class Frame:
    schema: dict
    data: dict


def parse(text, now):
    """[Line]; `now`, in nanoseconds, is of those that have no time. Raises BadLine."""
    return [_line(line, now) for line in text.split("\n") if line.strip() and line[0] != "#"]


def _line(text, now):
    parts = _LINE.fullmatch(text)
    if not parts:
        raise BadLine(f"not a line: {text[:80]}")
    name, tags = _name_and_tags(parts[1])
    values = {key: _value(value) for key, value in _pairs(parts[2])}
    return Line(name, sorted(tags.items()), values, now if parts[3] is None else _time(parts[3]))


def _time(text):
    try:
        return int(text)
    except ValueError as error:
        raise BadLine(f"not a time: {text[:80]}") from error


def _name_and_tags(text):
    name, comma, tags = re.match(r"((?:[^\\,]|\\.)+)(,?)(.*)", text, re.S).groups()
    if not comma:
        return _plain(name), {}
    return _plain(name), {key: _plain(value) for key, value in _pairs(tags)}


def _pairs(text):
    found = _PAIR.findall(text)
    if not found or sum(len(key) + len(value) + 2 for key, value in found) != len(text) + 1:
        raise BadLine(f"not key=value: {text[:80]}")
    return [(_plain(key), value) for key, value in found]


def _plain(text):
    return re.sub(r"\\([,= ])", r"\1", text) if "\\" in text else text


def _value(text):
    if text.startswith('"'):
        return re.sub(r'\\(["\\])', r"\1", text[1:-1])
    if text in _BOOLEANS:
        return _BOOLEANS[text]
    number = text[:-1] if text[-1] in "iu" else text
    if not _NUMBER.fullmatch(number) or not math.isfinite(float(number)):
        raise BadLine(f"not a value: {text[:80]}")
    return None if text[-1] == "u" else float(number)  # of unsigned ones Grafana makes null


_KINDS = {float: ("number", "float64"), bool: ("boolean", "bool"), str: ("string", "string"),
          type(None): ("number", "float64")}
_TIME = {"name": "time", "type": "time", "typeInfo": {"frame": "time.Time"}}
_LABELS = {"name": "labels", "type": "string", "typeInfo": {"frame": "string"}}


def _field(name, kind, labels=None):
    type_name, frame = _KINDS[kind]
    field = {"name": name, "type": type_name, "typeInfo": {"frame": frame, "nullable": True}}
    return field if labels is None else {**field, "labels": labels}


def _shown(value, kind):
    if not isinstance(value, kind):
        return None
    is_whole = kind is float and value.is_integer() and abs(value) < 1e21
    return int(value) if is_whole else value


def by_labels(lines):
    """[(measurement, Frame)], a row for each line, its tags as one text: Live's usual form."""
    tables = {}
    for line in lines:
        tables.setdefault(line.name, []).append(line)
    return [(name, _table(name, rows)) for name, rows in tables.items()]


def _table(name, rows):
    """A field is of its first value's type; values of others are null."""
    kinds = {}
    for row in rows:
        for field, value in row.values.items():
            kinds.setdefault(field, type(value))
    names = sorted(kinds)
    fields = [_LABELS, _TIME] + [_field(field, kinds[field]) for field in names]
    values = [[", ".join(f"{key}={value}" for key, value in row.tags) for row in rows],
              [row.time // 1_000_000 for row in rows]]
    values += [[_shown(row.values.get(field), kinds[field]) for row in rows] for field in names]
    return Frame({"name": name, "fields": fields}, _data(values, 1, [row.time for row in rows]))


def _data(values, at, times):
    rests = [time % 1_000_000 for time in times]
    data = {"values": values}
    if any(rests):
        data["nanos"] = [rests if column == at else None for column in range(len(values))]
    return data


def wide(lines):
    """[(measurement, Frame)], one for each time: each series a field of its own."""
    tables = {}
    for line in lines:
        tables.setdefault((line.name, line.time), []).append(line)
    found = []
    for (name, time), rows in tables.items():
        cells = [(_field(field, type(row.values[field]), dict(row.tags)), row.values[field])
                 for row in rows for field in sorted(row.values)]
        values = [[time // 1_000_000]] + [[_shown(value, type(value))] for _, value in cells]
        schema = {"name": name, "fields": [_TIME] + [field for field, _ in cells]}
        found.append((name, Frame(schema, _data(values, 0, [time]))))
    return found


FORMS = {"": by_labels, "labels_column": by_labels, "wide": wide}
