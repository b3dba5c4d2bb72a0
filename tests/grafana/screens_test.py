#!/usr/bin/env python3
"""Every dashboard in a real Grafana, opened in Debian's Chromium on a large and a small screen.

Its pictures are the artefacts: <SCREENS, or build/screens>/NAME-WIDTHxHEIGHT.png. What a person
would see at once fails here: an error on the console, a panel in error, a panel without data.
Skipped where there is no real Grafana; the double of it has no pages.
"""

import json
import os
import pathlib
import shutil
import sys
import unittest
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
for folder in ("dashboards", "e2e", "api"):
    sys.path.insert(0, str(HERE.parent / folder))

import case
import data_test
import model
import server
from exporter import fetch
from orgs import Org
from stack import Stack
from waiting import eventually
from webdriver import Browser

SIZES = ((1500, 1000), (400, 800))
NO_GRAFANA = ("no Grafana here: set GRAFANA_URL (GRAFANA_ADMIN_USER and GRAFANA_ADMIN_PASSWORD, if "
              "not admin), or install Grafana so that `grafana` is found")
AGE = "15m"  # of the time range: of a day a small screen has a point every few minutes
SCREENS = pathlib.Path(os.environ.get("SCREENS", model.ROOT / "build/screens"))

# What Grafana's own pages say on the console, whatever they show: flags that it doesn't give to orgs
# other than the first, and a host outside that it asks for.
OF_GRAFANA = ("features.grafana.app", "OpenFeature", "openfpcdn.io")
# Panels that may be empty: those whose queries may, and where nobody pushes, where sound traffic has
# no doubtful case, and where a step of the time range is longer than there are data.
MAY_BE_EMPTY = {where.rpartition(" ")[0] for where in data_test.MAY_BE_EMPTY} | {
    'tenant/usage.json "Live"', 'operator/trust.json "Doubtful cases"',
    'tenant/history.json "Average session"', 'tenant/history.json "Hotspot and PPPoE"',
    'tenant/history.json "Trend"'}

# What each panel shows: its words, whether it has nothing but its title yet or loads still, and
# whether it has failed.
PANELS = """
  const panels = document.querySelectorAll('section[data-testid^="data-testid Panel header"]');
  return [...panels].map((panel) => {
    const title = panel.dataset.testid.replace("data-testid Panel header ", "");
    const blank = panel.innerText.trim() === title && panel.querySelector("canvas") === null;
    return {
      title,
      text: panel.innerText,
      loading: blank || panel.querySelector('[aria-label="Panel loading bar"]') !== null,
      failed: panel.querySelector('[data-testid="data-testid Panel status error"]') !== null,
    };
  });
"""
SIGN_IN = """
  const [user, password] = arguments;
  return fetch("/login", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ user, password }),
  }).then((answer) => answer.status);
"""


class Screen:
    """One dashboard on one screen."""

    def __init__(self, browser, url, dashboard, size):
        self.browser, self.dashboard, self.size = browser, dashboard, size
        browser.size(*size)
        browser.open(f"{url}/d/{dashboard.uid}?kiosk&from=now-{AGE}")
        self._show_all()
        eventually(f"{dashboard.name} is drawn", self._is_drawn)

    def _show_all(self):
        """Grafana loads a panel when it is in sight: the window becomes as tall as the page."""
        grid = "return document.documentElement.scrollHeight"
        eventually("panels", lambda: self.browser.run(PANELS))
        self.browser.size(self.size[0], max(self.size[1], self.browser.run(grid)))

    def _is_drawn(self):
        panels = self.browser.run(PANELS)
        wanted = {panel.title for panel in self.dashboard.panels}
        return wanted <= {panel["title"] for panel in panels} and \
            not any(panel["loading"] for panel in panels)

    def picture(self, folder):
        width, height = self.size
        name = self.dashboard.name.replace("/", "-").removesuffix(".json")
        self.browser.screenshot(str(folder / f"{name}-{width}x{height}.png"))

    def faults(self):
        """What is wrong, as lines."""
        where = f"{self.dashboard.name} at {self.size[0]}x{self.size[1]}"
        return [f"{where}: {fault}" for fault in (*self._of_the_console(), *self._of_the_panels())]

    def _of_the_console(self):
        for entry in self.browser.log():
            if entry["level"] == "SEVERE" and not any(own in entry["message"] for own in OF_GRAFANA):
                yield f"console: {entry['message']}"

    def _of_the_panels(self):
        shown = {panel["title"]: panel for panel in self.browser.run(PANELS)}
        for panel in self.dashboard.panels:
            words = shown[panel.title]["text"]
            if shown[panel.title]["failed"]:
                yield f'"{panel.title}" has an error: {words!r}'
            elif _is_empty(panel, words) and panel.where not in MAY_BE_EMPTY:
                yield f'"{panel.title}" is empty: {words!r}'


def _is_empty(panel, words):
    return any(text and text in words for text in (panel.defaults.get("noValue"), "No data"))


class Screens(case.SharedCase):
    @classmethod
    def setUpClass(cls):
        if "GRAFANA_URL" not in os.environ and not shutil.which("grafana"):
            raise unittest.SkipTest(NO_GRAFANA)
        cls.stack = cls.share(Stack(cls.make_folder()))
        eventually("there are two minutes of data, for steps of one", cls.has_a_past, 240)
        cls.grafana = cls.share(server.start(cls.make_folder()))
        cls.browser = cls.enterClassContext(Browser())

    @classmethod
    def has_a_past(cls):
        query = urllib.parse.urlencode({"query": "usage_sessions offset 2m"})
        answer = fetch(f"{cls.stack.prometheus.url}/api/v1/query?{query}")
        return json.loads(answer.text)["data"]["result"]

    def open_all(self, name, token, dashboards):
        org = self.use(Org(self.grafana, name, self.stack.gateway.url, token))
        for dashboard in dashboards:
            org.add(dashboard)
        self.browser.open(self.grafana.url + "/login")
        self.assertEqual(self.browser.run(SIGN_IN, org.login, org.password), 200)
        self.browser.log()  # of the page for signing in
        faults = []
        for dashboard in dashboards:
            for size in SIZES:
                screen = Screen(self.browser, self.grafana.url, dashboard, size)
                screen.picture(SCREENS)
                faults += screen.faults()
        self.assertEqual(faults, [], "\n" + "\n".join(faults))

    def test_a_tenants_viewer_sees_every_dashboard_whole(self):
        tenant = self.stack.tenants[0]
        self.open_all("Screens of a tenant", self.stack.tokens[tenant],
                      [d for d in model.load_all() if d.is_tenant])

    def test_the_operator_sees_every_dashboard_whole(self):
        self.open_all("Screens of the operator", self.stack.operator,
                      [d for d in model.load_all() if not d.is_tenant])


if __name__ == "__main__":
    case.main()
