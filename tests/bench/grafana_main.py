#!/usr/bin/env python3
"""Measures usagectl grafana: new tenants beside the same requests sent bare, then nothing to do.

The bare requests are those of a new tenant, from as many connections, to a Grafana of their own,
before usagectl and after it: the quicker time counts. Grafana is this machine's `grafana` where there
is one, else the double: then the ratio says little, since the double takes a fraction of the time
that Grafana does. Prints a table, and PASS or MISS for each target; exits 1 on a MISS.
"""

import argparse
import concurrent.futures
import http.client
import itertools
import json
import os
import pathlib
import resource
import shutil
import sys
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
for folder in ("e2e", "grafana"):
    sys.path.insert(0, str(ROOT / "tests" / folder))

import house  # noqa: E402
import postgres  # noqa: E402
import processes  # noqa: E402
import server  # noqa: E402

LIMIT_CPU, LIMIT_RATIO, LIMIT_IDLE = 10, 1.1, 3


def new_grafana(folder):
    program = server.installed_program()
    folder.mkdir()
    return server.Installed(folder, program) if program else server.Double(folder)


def dashboards():
    """The tenants', as files have them."""
    return [(json.loads(file.read_text())["uid"], json.loads(file.read_text()))
            for file in sorted((ROOT / "dashboards/tenant").glob("*.json"))]


class Bare:
    """The requests of a new tenant on one connection, with nothing around them."""

    def __init__(self, grafana, cookie, parts):
        where = urllib.parse.urlsplit(grafana.url)
        self.connection = http.client.HTTPConnection(where.hostname, where.port, timeout=300)
        self.headers = {"Cookie": cookie, "Content-Type": "application/json"}
        self.parts = parts

    def ask(self, method, path, body, org=None):
        headers = {**self.headers, **({"X-Grafana-Org-Id": str(org)} if org else {})}
        self.connection.request(method, path, json.dumps(body), headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {text[:200]}")
        return json.loads(text)

    def make(self, number):
        org = self.ask("POST", "/api/orgs", {"name": f"Tenant {number}"})["orgId"]
        self.ask("POST", "/api/admin/users", {"login": f"owner{number}", "name": f"owner{number}",
                 "email": f"owner{number}@x.example", "password": "bare-password", "OrgId": org})
        account = self.ask("POST", "/api/serviceaccounts", {"name": "usage-live", "role": "None"}, org)
        self.ask("POST", f"/api/serviceaccounts/{account['id']}/tokens", {"name": "usage-live"}, org)
        self.ask("POST", "/api/datasources", {
            "name": "Usage", "uid": "usage-prometheus", "type": "prometheus", "access": "proxy",
            "url": house.GATEWAY, "isDefault": True,
            "jsonData": {"httpHeaderName1": "X-Usage-Token", "httpMethod": "POST"},
            "secureJsonData": {"httpHeaderValue1": "usage_" + "x" * 43}}, org)
        self.ask("POST", "/api/folders", {"uid": "usage", "title": "Usage"}, org)
        self.ask("POST", "/api/folders/usage/permissions", {"items": [
            {"role": "Viewer", "permission": 1}, {"role": "Editor", "permission": 1}]}, org)
        for uid, spec in self.parts:
            self.ask("PUT", f"/apis/dashboard.grafana.app/v0alpha1/namespaces/org-{org}/dashboards/{uid}",
                     {"apiVersion": "dashboard.grafana.app/v0alpha1", "kind": "Dashboard",
                      "metadata": {"name": uid, "annotations": {"grafana.app/folder": "usage"}},
                      "spec": spec})
        self.ask("PUT", "/api/org/preferences", {"homeDashboardUID": "usage", "theme": "system",
                 "timezone": "Africa/Nairobi", "weekStart": "monday"}, org)


def run_bare(grafana, tenants, parallel):
    """Seconds."""
    answer = grafana.ask("POST", "/login", {"user": grafana.login, "password": grafana.password})
    cookie = next(value.split(";")[0] for value in answer.headers.get_all("Set-Cookie")
                  if value.startswith("grafana_session="))
    numbers, lock, parts = itertools.count(), threading.Lock(), dashboards()

    def work(_):
        bare = Bare(grafana, cookie, parts)
        while True:
            with lock:
                number = next(numbers)
            if number >= tenants:
                return
            bare.make(number)

    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(parallel) as pool:
        list(pool.map(work, range(parallel)))
    return time.monotonic() - begin


def new_house(folder, grafana, tenants):
    database = postgres.Database()
    made = house.House(folder, database, grafana)
    shutil.rmtree(folder / "dashboards")
    shutil.copytree(ROOT / "dashboards", folder / "dashboards")
    database.sql("INSERT INTO tenants SELECT 't' || i, 'Tenant ' || i, 'Africa/Nairobi' "
                 f"FROM generate_series(0, {tenants - 1}) i;"
                 "INSERT INTO people SELECT id, 'owner-' || id, 'owner@' || id || '.example', id, "
                 "'viewer' FROM tenants")
    return made


def measured(made, *arguments):
    """Seconds, and CPU-seconds of usagectl."""
    def cpu():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime
    begin, used = time.monotonic(), cpu()
    _, said = made.apply(*arguments[1:], parallel=arguments[0])
    return time.monotonic() - begin, cpu() - used, said.splitlines()[-1]


def bare_time(folder, options):
    grafana = new_grafana(folder)
    seconds = run_bare(grafana, options.tenants, options.parallel)
    grafana.close()
    print(f"bare requests      {seconds:8.1f} s", flush=True)
    return seconds


def verdict(name, value, limit, unit):
    good = value <= limit
    print(f"{'PASS' if good else 'MISS'}  {name}: {value:.2f}{unit}, target {limit}{unit}")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tenants", type=int, default=1000, help="default %(default)s")
    parser.add_argument("--parallel", type=int, default=4,
                        help="connections to Grafana, default %(default)s; 1 for one on SQLite")
    options = parser.parse_args()
    folder = processes.make_folder()
    print(f"Grafana: {server.installed_program() or 'the double'}; {options.tenants} tenants, "
          f"{options.parallel} connections, {os.cpu_count()} cores", flush=True)
    before = bare_time(folder / "before", options)
    grafana = new_grafana(folder / "usagectl")
    made = new_house(folder, grafana, options.tenants)
    full, cpu, said = measured(made, options.parallel)
    print(f"usagectl apply     {full:8.1f} s  {cpu:6.2f} s of its own CPU; {said}", flush=True)
    idle, idle_cpu, said = measured(made, options.parallel)
    print(f"nothing to do      {idle:8.2f} s  {idle_cpu:6.2f} s of its own CPU; {said}", flush=True)
    verify, verify_cpu, said = measured(made, options.parallel, "--verify")
    print(f"--verify           {verify:8.1f} s  {verify_cpu:6.2f} s of its own CPU; {said}", flush=True)
    grafana.close()
    bare = min(before, bare_time(folder / "after", options))
    good = [verdict("CPU of usagectl for new tenants", cpu, LIMIT_CPU, " s"),
            verdict("time beside the bare requests", full / bare, LIMIT_RATIO, " x"),
            verdict("a pass with nothing to do", idle, LIMIT_IDLE, " s")]
    shutil.rmtree(folder, ignore_errors=True)
    postgres.close_shared_server()
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
