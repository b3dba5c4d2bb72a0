#!/usr/bin/env python3
"""The rendered file: as a golden one, by amtool's check, and route by route by amtool's test."""

import os
import pathlib
import random
import re
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests/e2e"), str(ROOT / "tests/alerting")]

import case  # noqa: E402
import processes  # noqa: E402
from alertmanager import amtool  # noqa: E402
from house import TEMPLATES, House  # noqa: E402

EXAMPLE = ROOT / "tests/alerting/example"
GOLDEN = EXAMPLE / "alertmanager.yml"
SEVERITIES = ["info", "warning", "critical"]
TENANT_OF_THE_EXAMPLE = "a/b, \"c\" \\ d {{ . }} ☃"
ESCAPED = "a%2Fb%2C%20%22c%22%20%5C%20d%20%7B%7B%20.%20%7D%7D%20%E2%98%83"

# (tenant, least severity) of each receiver of a tenant's, as the example has them.
RECEIVERS = {
    "tenant/acme": ("acme", "info"),
    "tenant/acme/warning": ("acme", "warning"),
    "tenant/harbour.example/22:00-06:30": ("harbour.example", "info"),
    "tenant/harbour.example/critical": ("harbour.example", "critical"),
    "tenant/yes/sunday": ("yes", "info"),
    f"tenant/{ESCAPED}/warning": (TENANT_OF_THE_EXAMPLE, "warning"),
}
OPERATORS = {
    "operator": "info",
    "operator/warning/18:00-08:00+saturday+sunday": "warning",
    "operator/critical": "critical",
}


def quoted(text):
    """A label's value, as amtool reads it on its command line."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def labels_of(**labels):
    return [f"{name}={quoted(value)}" for name, value in labels.items()]


def reaches(severity, least):
    return SEVERITIES.index(severity) >= SEVERITIES.index(least)


class Routes(case.Case):
    def check(self, file):
        done = amtool("check-config", file)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def expect(self, file, receivers, **labels):
        """An alert with those labels goes to just these."""
        done = amtool("config", "routes", "test", "--config.file", file,
                      "--verify.receivers", ",".join(receivers), *labels_of(**labels))
        self.assertEqual(done.returncode, 0, f"{labels}: {done.stdout}{done.stderr}")
        return receivers

    def render_example(self):
        shutil.copytree(EXAMPLE, self.folder, dirs_exist_ok=True)
        shutil.copy(TEMPLATES, self.folder)
        (self.folder / "telegram.token").write_text("12:token\n")
        done = processes.run([processes.binary("usagectl"), "alertmanager", "render",
                              "--config.file", str(self.folder / "usage_exporter.yaml"),
                              "--output", str(self.folder / "alertmanager.yml")])
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return self.folder / "alertmanager.yml"


class Example(Routes):
    def test_it_is_the_golden_file_whatever_the_order_of_its_sources(self):
        text = self.render_example().read_text().replace(str(self.folder), "/etc/usage")
        text = re.sub("sha256 .*", "sha256 …", text)
        if os.environ.get("USAGE_REGENERATE") == "1":
            GOLDEN.write_text(text)
        self.assertEqual(text, GOLDEN.read_text())

    def test_amtool_finds_no_fault(self):
        self.check(self.render_example())

    def test_every_receiver_gets_its_own_alerts_and_no_other(self):
        file = self.render_example()
        seen = set(self.expect(file, ["watchdog"], alertname="UsageWatchdog", severity="none",
                               audience="operator"))
        for severity in SEVERITIES:
            for tenant in ("acme", "harbour.example", "yes", TENANT_OF_THE_EXAMPLE, "lonely", "gone"):
                seen.update(self.expect_tenant(file, tenant, severity))
            # The pager is for what is the operator's own.
            own = [name for name, least in OPERATORS.items() if reaches(severity, least)]
            for tenant in ("", "acme"):
                seen.update(self.expect(file, sorted(own, key=lambda name: (
                    name == "operator", SEVERITIES.index(OPERATORS[name]))),
                    audience="operator", severity=severity, alertname="UsageDataStale",
                    tenant_id=tenant))
        named = set(re.findall('^  - name: "(.*)"$', file.read_text().split("receivers:\n")[1],
                               re.MULTILINE))
        self.assertEqual(seen, named)

    def expect_tenant(self, file, tenant, severity):
        own = [name for name, (whose, least) in RECEIVERS.items()
               if whose == tenant and reaches(severity, least)]
        has_contacts = tenant in {whose for whose, _ in RECEIVERS.values()}
        return self.expect(file, own or ["nobody" if has_contacts else "operator"],
                           audience="tenant", tenant_id=tenant, severity=severity,
                           alertname="UsageQuotaWarning")


def odd_texts(count):
    """As ids and names: whatever YAML, matchers, templates or shells could take for theirs."""
    pieces = ["yes", "~", "1e3", "0x1F", "{{ . }}", "}}", "'", '"', "\\", "\\n", "\n", "\t", " ", "#",
              ": ", "- ", ",", "=", "=~", "{", "}", "[", "|", ">", "*", "&", "!", "%", "@", "`", "$",
              "é", "☃", "😀", "\u2028", "\x7f", "\x85", "\ufeff", "/2", "/critical", "%2F", "a"]
    dice = random.Random(6)
    texts = {"".join(dice.choices(pieces, k=dice.randint(1, 5))) for _ in range(count * 2)}
    return sorted(text for text in texts if text.strip())[:count]


class Names(Routes):
    def test_no_tenants_name_or_id_is_taken_for_anything_else(self):
        texts = odd_texts(40)
        house = House(self.folder)
        house.set_tenants(*({"id": text, "name": text[::-1]} for text in texts))
        house.alerting["contacts"] = [{"tenant": text, "webhook": "http://127.0.0.1:9/x"}
                                      for text in texts]
        house.render()
        self.check(house.file)
        routes = house.file.read_text().split("receivers:\n")[0]
        names = re.findall('receiver: "(tenant/.*)"$', routes, re.MULTILINE)
        self.assertEqual(len(set(names)), len(texts))
        for text, name in zip(sorted(texts, key=str.encode), names):
            self.expect(house.file, [name], audience="tenant", tenant_id=text, severity="info")


class AThousandTenants(Routes):
    def test_the_file_is_good_and_some_of_its_routes_are_tried(self):
        house = House(self.folder)
        house.set_tenants(*({"id": f"t{i:04}", "time_zone": "Africa/Nairobi"} for i in range(1000)))
        house.alerting["contacts"] = [
            {"tenant": f"t{i:04}", "webhook": f"http://127.0.0.1:9/{i}", "severity": severity}
            for i in range(1000) for severity in ("info", "critical")]
        house.render()
        self.check(house.file)
        for i in range(0, 1000, 333):
            name = f"tenant/t{i:04}"
            self.expect(house.file, [name], audience="tenant", tenant_id=f"t{i:04}", severity="info")
            self.expect(house.file, [name, name + "/critical"], audience="tenant",
                        tenant_id=f"t{i:04}", severity="critical")


if __name__ == "__main__":
    case.main()
