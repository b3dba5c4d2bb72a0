"""Dashboards by Grafana's own API, and what both APIs share."""

from .. import answers, clock, rights
from ..router import Right, Routes
from ..state import Dashboard, new_uid
from ..wire import Response
from . import folders

routes = Routes()


def as_stored(value):
    """As Go's JSON keeps it: 1.0 becomes 1, and whole numbers beyond 2^53 lose digits."""
    if isinstance(value, dict):
        return {key: as_stored(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_stored(item) for item in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool) and value == value // 1:
        return int(float(value))
    return value


def spec_of(dashboard):
    return as_stored({key: value for key, value in dashboard.items()
                      if key not in ("id", "uid", "version")})


def url_of(dashboard):
    return f"/d/{dashboard.uid}/{folders.slug(dashboard.title)}"


def folder_of(call, dashboard):
    return call.org.folders.get(dashboard.folder_uid)


def level(call, dashboard):
    return rights.level(call.caller, folder_of(call, dashboard))


def save(call, uid, spec, folder_uid):
    """Makes or replaces it. The caller has checked versions and rights."""
    author = call.caller.user or call.caller.account
    dashboard = call.org.dashboards.get(uid)
    if dashboard is None:
        dashboard = Dashboard(call.state.next_id("dashboard"), uid, spec, folder_uid, author,
                              author, call.now, call.now)
        call.org.dashboards[uid] = dashboard
        return dashboard
    dashboard.spec, dashboard.folder_uid = spec, folder_uid
    dashboard.updated_by, dashboard.updated = author, call.now
    dashboard.version += 1
    return dashboard


@routes.add("POST", "/api/dashboards/db",
            Right("dashboards:create", shown="any of dashboards:create, dashboards:write"))
def post(call):
    body = call.json()
    sent, folder_uid = body.get("dashboard"), body.get("folderUid") or ""
    if not isinstance(sent, dict) or not sent.get("title"):
        raise answers.failure("Dashboard title cannot be empty", 400, status="empty-name")
    if folder_uid and folder_uid not in call.org.folders:
        raise answers.failure("folder not found", 400)
    stored = call.org.dashboards.get(sent.get("uid") or "")
    _check_may_save(call, stored, folder_uid)
    _check_version(body, sent, stored)
    return _saved(call, sent, stored, folder_uid)


def _check_may_save(call, stored, folder_uid):
    places = [call.org.folders.get(folder_uid)] + ([folder_of(call, stored)] if stored else [])
    if any(rights.level(call.caller, place) < rights.EDIT for place in places):
        raise answers.failure("Access denied to save dashboard", 403)


def _check_version(body, sent, stored):
    if stored and not body.get("overwrite") and sent.get("version") != stored.version:
        raise answers.failure("The dashboard has been changed by someone else", 412,
                              status="version-mismatch")


def _saved(call, sent, stored, folder_uid):
    """The same content again makes a version, which the answer does not show."""
    spec = spec_of(sent)
    is_same = stored and stored.spec == spec and stored.folder_uid == folder_uid
    dashboard = save(call, sent.get("uid") or new_uid(), spec, folder_uid)
    return Response.json({
        "folderUid": folder_uid, "id": dashboard.id, "slug": folders.slug(dashboard.title),
        "status": "success", "uid": dashboard.uid, "url": url_of(dashboard),
        "version": dashboard.version - (1 if is_same else 0)})


def _dashboard_of(call, least=rights.VIEW, action="dashboards:read"):
    dashboard = call.org.dashboards.get(call.parameters[0])
    if dashboard is None:
        raise answers.failure("Dashboard not found", 404)
    call.must(action, level(call, dashboard) >= least)
    return dashboard


@routes.add("GET", "/api/dashboards/uid/:uid", Right("dashboards:read"))
def get(call):
    dashboard = _dashboard_of(call)
    return Response.json({"meta": _meta(call, dashboard), "dashboard": {
        **dashboard.spec, "id": dashboard.id, "uid": dashboard.uid, "version": dashboard.version}})


def _meta(call, dashboard):
    mine, folder = level(call, dashboard), folder_of(call, dashboard)
    can_edit, can_administer = mine >= rights.EDIT, mine >= rights.ADMINISTER
    annotate = {"canAdd": can_edit, "canEdit": can_edit, "canDelete": can_edit}
    return {"type": "db", "canSave": can_edit, "canEdit": can_edit, "canAdmin": can_administer,
            "canStar": call.caller.user is not None, "canDelete": can_edit,
            "slug": folders.slug(dashboard.title), "url": url_of(dashboard),
            "expires": "0001-01-01T00:00:00Z", "created": clock.as_text(dashboard.created),
            "updated": clock.as_text(dashboard.updated), "updatedBy": dashboard.updated_by.login,
            "createdBy": dashboard.created_by.login, "version": dashboard.version, "hasAcl": False,
            "isFolder": False, "apiVersion": "v0alpha1", "folderId": folder.id if folder else 0,
            "folderUid": dashboard.folder_uid, "folderTitle": folder.title if folder else "General",
            "folderUrl": folders.url_of(folder) if folder else "", "provisioned": False,
            "provisionedExternalId": "",
            "annotationsPermissions": {"dashboard": annotate, "organization": annotate}}


@routes.add("DELETE", "/api/dashboards/uid/:uid")
def delete(call):
    dashboard = _dashboard_of(call, rights.EDIT, "dashboards:delete")
    del call.org.dashboards[dashboard.uid]
    return answers.message(f"Dashboard {dashboard.title} deleted", title=dashboard.title,
                           uid=dashboard.uid)


@routes.add("GET", "/api/dashboards/home")
def home(call):
    org = call.state.orgs.get(call.caller.org_id)
    own = call.caller.user.preferences if call.caller.user else {}
    uid = own.get("homeDashboardUID") or (org.preferences.get("homeDashboardUID") if org else "")
    dashboard = org.dashboards.get(uid) if org else None
    if dashboard:
        return Response.json({"redirectUri": url_of(dashboard)})
    return Response.json({"meta": {"canSave": False, "canEdit": False, "canStar": False},
                          "dashboard": {"title": "Home", "panels": []}})


@routes.add("POST", "/api/snapshots")
def snapshot(call):
    if not call.grafana.settings.is_on("snapshots", "enabled"):
        raise answers.refused("Dashboard Snapshots are disabled")
    key = new_uid()
    return Response.json({"key": key, "deleteKey": new_uid(), "id": call.state.next_id("snapshot"),
                          "url": f"/dashboard/snapshot/{key}",
                          "deleteUrl": f"/api/snapshots-delete/{key}"})


@routes.add("POST", "/api/dashboards/uid/:uid/public-dashboards")
def make_public(call):
    if not call.grafana.settings.is_on("public_dashboards", "enabled"):
        raise answers.not_found()
    dashboard = _dashboard_of(call, rights.ADMINISTER, "dashboards.public:write")
    return Response.json({"uid": new_uid(), "dashboardUid": dashboard.uid, "isEnabled": True,
                          "accessToken": new_uid() + new_uid()})
