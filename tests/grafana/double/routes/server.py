"""What the server says of itself, and what a browser loads first."""

import json

from .. import answers
from ..router import PUBLIC, Right, Routes
from ..wire import Response

routes = Routes()

VERSION = "12.3.0"
_STRANGER = {"user": {"isSignedIn": False, "id": 0, "login": "", "orgId": 0}}


@routes.add("GET", "/api/health", PUBLIC)
def health(call):
    is_hidden = call.grafana.settings.is_on("auth.anonymous", "hide_version")
    build = {} if is_hidden else {"version": VERSION, "commit": "NA"}
    return Response.json({"database": "ok", **build},
                         content_type="application/json; charset=UTF-8")


@routes.add("GET", "/metrics", PUBLIC)
def metrics(call):
    """Switched off, it is a page that does not exist: strangers have to sign in first."""
    if not call.grafana.settings.is_on("metrics", "enabled"):
        return Response(302, headers=[("Location", "/login?redirectTo=%2Fmetrics")])
    text = f'# TYPE grafana_build_info gauge\ngrafana_build_info{{version="{VERSION}"}} 1\n'
    return Response(200, text.encode(), "text/plain; version=0.0.4; charset=utf-8")


@routes.add("GET", "/api/admin/settings", Right("settings:read", "everywhere"))
def shown_settings(call):
    return Response.json(call.grafana.settings.shown())


@routes.add("GET", "/api/admin/stats", Right("server.stats:read", "everywhere"))
def stats(call):
    state = call.state
    return Response.json({
        "orgs": len(state.orgs), "users": len(state.users),
        "dashboards": sum(len(org.dashboards) for org in state.orgs.values()),
        "datasources": sum(len(org.data_sources) for org in state.orgs.values())})


@routes.add("GET", "/api/frontend/settings")
def frontend_settings(call):
    return Response.json(_frontend(call))


@routes.add("GET", "/bootdata", PUBLIC)
def boot_data(call):
    call.caller = call.grafana.authenticator.caller_of(call.request)
    return Response.json(_boot_data(call) if call.caller else _STRANGER)


def _boot_data(call):
    user, org = call.caller.user, call.state.orgs.get(call.caller.org_id)
    return {"settings": _frontend(call), "user": {
        "isSignedIn": True, "id": user.id if user else 0, "login": call.caller.login,
        "orgId": call.caller.org_id, "orgName": org.name if org else "",
        "orgRole": call.caller.role, "isGrafanaAdmin": call.caller.is_server_admin}}


def _frontend(call):
    org, settings = call.state.orgs.get(call.caller.org_id), call.grafana.settings
    sources = {source.name: _frontend_source(source)
               for source in (org.data_sources.values() if org else ())}
    default = next((source.name for source in (org.data_sources.values() if org else ())
                    if source.is_default), "-- Grafana --")
    return {"appSubUrl": "", "buildInfo": {"version": VERSION, "edition": "Open Source"},
            "datasources": sources, "defaultDatasource": default,
            "exploreEnabled": settings.is_on("explore", "enabled"), "liveEnabled": True,
            "snapshotEnabled": settings.is_on("snapshots", "enabled"),
            "publicDashboardsEnabled": settings.is_on("public_dashboards", "enabled"),
            "unifiedAlertingEnabled": settings.is_on("unified_alerting", "enabled"),
            "pluginAdminEnabled": settings.is_on("plugins", "plugin_admin_enabled")}


def _frontend_source(source):
    """The data source's own URL is not in it: browsers go through the proxy."""
    return {"id": source.id, "uid": source.uid, "type": source.type, "name": source.name,
            "url": f"/api/datasources/proxy/uid/{source.uid}", "access": source.access,
            "isDefault": source.is_default, "jsonData": source.json_data, "readOnly": False}


@routes.add("POST", "/api/plugins/:id/install", Right("plugins:install", "everywhere"))
def install_plugin(call):
    if not call.grafana.settings.is_on("plugins", "plugin_admin_enabled"):
        raise answers.not_found()
    raise answers.failure("The double installs nothing", 501)


@routes.add("GET", "/login", PUBLIC)
def sign_in_page(call):
    return _page(call, _STRANGER)


@routes.add("GET", "/")
@routes.add("GET", "/explore")
@routes.add("GET", "/d/:uid")
@routes.add("GET", "/d/:uid/:slug")
def page(call):
    """One page for all: what it shows, its script asks for."""
    return _page(call, _boot_data(call))


def _page(call, boot):
    settings = call.grafana.settings
    headers = []
    if not settings.is_on("security", "allow_embedding"):
        headers.append(("X-Frame-Options", "deny"))
    if settings.is_on("security", "content_security_policy"):
        template = settings.get("security", "content_security_policy_template")
        headers.append(("Content-Security-Policy", template))
    data = json.dumps(boot).replace("<", "\\u003c")
    text = ("<!DOCTYPE html><title>Grafana</title>"
            f"<script>window.grafanaBootData = {data}</script>")
    return Response(200, text.encode(), "text/html; charset=UTF-8", headers)
