"""The queries of dashboards, read as Grafana and as the gateway read them."""

import functools
import pathlib
import re
import sys

import yaml

import model

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import processes  # noqa: E402

RULES = (model.FOLDER / "rules.yaml", model.ROOT / "alerts/recording.yaml")
GOLDEN = model.ROOT / "tests/metrics/golden"
GATEWAY_DOCUMENT = model.ROOT / "docs/gateway.md"
# What Prometheus itself has of the jobs, the rules and itself.
OF_PROMETHEUS = {
    "ALERTS", "up", "scrape_duration_seconds", "scrape_samples_scraped", "prometheus_build_info",
    "prometheus_rule_group_last_duration_seconds", "prometheus_tsdb_head_series",
}
BUILT_IN = ("__rate_interval", "__interval", "__interval_ms", "__range", "__range_s", "__range_ms",
            "__from", "__to")
# Not $1, which is label_replace()'s.
_VARIABLE = re.compile(r"\$\{([A-Za-z_]\w*)(?::\w+)?\}|\$([A-Za-z_]\w*)|\[\[(\w+)\]\]")
_SELECTOR = re.compile(
    r'(?:(\w+)\()?([A-Za-z_:][\w:]*)?\{((?:[^"{}]|"(?:[^"\\]|\\.)*")*)\}')
_MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"((?:[^"\\]|\\.)*)"')
_PROBE = "the_probe"


def substituted(expression, values):
    """With variables replaced as Grafana does; KeyError names one that is not in `values`."""
    return _VARIABLE.sub(lambda found: str(values[found[1] or found[2] or found[3]]), expression)


def example_values(dashboard):
    """Something for each variable that its queries may name."""
    values = dict.fromkeys(BUILT_IN, "1m")
    values.update({"__range_s": 60, "__range_ms": 60000, "__interval_ms": 60000, "__from": 0,
                   "__to": 60000})
    values.update({variable["name"]: f"the_{variable['name']}" for variable in dashboard.variables})
    return values


def of_variable(variable):
    """The PromQL of a query variable; '' if it has none."""
    query = variable.get("query", "")
    text = query.get("query", "") if isinstance(query, dict) else query
    call = re.fullmatch(r"\s*(label_values|query_result)\((.*)\)\s*", text, re.DOTALL)
    if not call:
        return text
    if call[1] == "query_result":
        return call[2]
    return call[2].rpartition(",")[0]


@functools.cache
def enforced(expression, label, value):
    """usage_gateway's way to say it; ValueError with its caret for what is none."""
    done = processes.run([processes.binary("usage_gateway"), "enforce", "--label",
                          f"{label}={value}", expression])
    if done.returncode != 0:
        raise ValueError(done.stderr.strip())
    return done.stdout.strip()


class Selector:
    """`function`: what it stands in directly, as rate(…), or ''. `text`: as PromQL."""

    def __init__(self, function, name, matchers):
        self.function, self.matchers = function, matchers
        inner = ",".join(f'{label}{operator}"{value}"' for label, operator, value in matchers)
        self.text = f"{name}{{{inner}}}"
        by_label = next((value for label, _, value in matchers if label == "__name__"), "")
        self.names = {name} if name else set(by_label.split("|"))


def selectors(expression):
    """Each Selector of a substituted expression, found by the gateway's parser."""
    found = []
    for function, name, braces in _SELECTOR.findall(enforced(expression, _PROBE, "x")):
        matchers = [matcher for matcher in _MATCHER.findall(braces) if matcher[0] != _PROBE]
        found.append(Selector(function, name, matchers))
    return found


def names(expression):
    """Every metric that it names."""
    return set().union(*(selector.names for selector in selectors(expression)))


class Rule:
    """Of a recording rule: `name`, and what it is made of."""

    def __init__(self, raw):
        self.name, self.expression = raw["record"], raw["expr"]


def rules(paths=RULES):
    """The recording rules of these files."""
    groups = [group for path in paths
              for group in yaml.safe_load(path.read_text(encoding="utf-8"))["groups"]]
    return [Rule(raw) for group in groups for raw in group["rules"] if "record" in raw]


def _names_of_pages():
    pages = (path.read_text(encoding="utf-8", errors="replace") for path in GOLDEN.glob("*.txt"))
    return {name for page in pages for name in re.findall(r"^([A-Za-z_:][\w:]*)[{ ]", page, re.M)}


def _names_of_the_gateway():
    names = set(re.findall(r"`(usage_gateway_\w+)`", GATEWAY_DOCUMENT.read_text(encoding="utf-8")))
    return names | {f"{name}_{part}" for name in names if name.endswith("_seconds")
                    for part in ("bucket", "sum", "count")}


def known_names():
    """Every metric that a query may name."""
    recorded = {rule.name for rule in rules()}
    return _names_of_pages() | _names_of_the_gateway() | recorded | OF_PROMETHEUS
