"""Search over the folders and dashboards of the caller's org."""

from .. import rights
from ..router import Routes
from ..wire import Response
from . import dashboards, folders

routes = Routes()


@routes.add("GET", "/api/search")
def search(call):
    """Empty, never refused, in an org that the caller is no member of."""
    org = call.state.orgs.get(call.caller.org_id)
    found = _matching(call, org) if org else []
    size = int(call.request.parameter("limit") or 1000)
    start = (max(1, int(call.request.parameter("page") or 1)) - 1) * size
    rows = found[start:start + size]
    if len(rows) == 1:
        rows[0]["tags"] = []  # as Grafana 12.3 has it
    return Response.json(rows)


def _matching(call, org):
    query = call.request.query
    kind, tags = call.request.parameter("type"), set(query.get("tag", ()))
    places, uids = query.get("folderUIDs", ()), query.get("dashboardUIDs", ())
    part = call.request.parameter("query").lower()
    rows = []
    if kind != "dash-db" and not (tags or places or uids):
        rows += [_folder_row(org, folder) for folder in org.folders.values()
                 if rights.level(call.caller, folder) and part in folder.title.lower()]
    if kind != "dash-folder":
        rows += [_dashboard_row(org, dashboard) for dashboard in org.dashboards.values()
                 if rights.level(call.caller, org.folders.get(dashboard.folder_uid))
                 and part in dashboard.title.lower() and tags <= set(dashboard.tags)
                 and (not places or dashboard.folder_uid in places)
                 and (not uids or dashboard.uid in uids)]
    return sorted(rows, key=lambda row: row["title"].lower())


def _row(org, kind, found, url):
    return {"id": found.id, "uid": found.uid, "orgId": org.id, "title": found.title,
            "uri": "db/" + folders.slug(found.title), "url": url, "slug": "", "type": kind,
            "tags": [], "isStarred": False, "sortMeta": 0, "isDeleted": False}


def _folder_row(org, folder):
    return _row(org, "dash-folder", folder, folders.url_of(folder))


def _dashboard_row(org, dashboard):
    row = _row(org, "dash-db", dashboard, dashboards.url_of(dashboard))
    row["tags"] = list(dashboard.tags)
    folder = org.folders.get(dashboard.folder_uid)
    if folder:
        row |= {"folderId": folder.id, "folderUid": folder.uid, "folderTitle": folder.title,
                "folderUrl": folders.url_of(folder)}
    return row
