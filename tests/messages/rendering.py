"""Alertmanager's templates, filled by amtool as Alertmanager fills them."""

import json
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))

import processes

TEMPLATES = ROOT / "alerts/templates/*.tmpl"
DASHBOARD = "https://grafana.example.org/d/usage?orgId=7"
# What a receiver writes in front of the call; see the head of usage.tmpl.
PREFIX = ('{{ define "usage.dashboard_url" }}' + DASHBOARD + "{{ end }}"
          '{{ define "usage.runbooks_url" }}https://wiki.example.org{{ end }}')
AS_HTML = ("usage.email.html", "usage.telegram")


def alert(name, severity, summary, description="", resolved=False, audience="tenant", **labels):
    """One alert as Alertmanager hands it to a template."""
    return {
        "status": "resolved" if resolved else "firing",
        "labels": {"alertname": name, "severity": severity, "audience": audience, **labels},
        "annotations": {"summary": summary, "description": description,
                        "runbook_url": f"/runbooks/{name}"},
        "startsAt": "2026-07-21T16:05:10Z",
        "endsAt": "2026-07-21T17:40:10Z" if resolved else "0001-01-01T00:00:00Z",
        "generatorURL": "", "fingerprint": ""}


def message(receiver, *alerts):
    """What a template gets for one message."""
    is_over = all(one["status"] == "resolved" for one in alerts)
    return {"receiver": receiver, "status": "resolved" if is_over else "firing",
            "alerts": list(alerts), "groupLabels": {}, "commonLabels": _common("labels", alerts),
            "commonAnnotations": _common("annotations", alerts), "externalURL": ""}


def _common(kind, alerts):
    return dict(set.intersection(*(set(one[kind].items()) for one in alerts)))


def render(template, data, prefix=PREFIX):
    """The text of that define."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(data, file)
        file.flush()
        done = processes.run(
            ["amtool", "template", "render", f"--template.glob={TEMPLATES}",
             f"--template.type={'html' if template in AS_HTML else 'text'}",
             f"--template.data={file.name}",
             f'--template.text={prefix}{{{{ template "{template}" . }}}}'])
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout
