"""Dashboards by Grafana's Kubernetes-like API: the namespace in the path is the org."""

from .. import clock, rights
from ..answers import Failure
from ..auth import NO_ORG, Caller
from ..router import Routes
from ..state import new_uid
from ..wire import Response
from .dashboards import level, save, spec_of

routes = Routes()

_GROUP = "dashboard.grafana.app"
_VERSION = _GROUP + "/v0alpha1"
_PATH = f"/apis/{_VERSION}/namespaces/:namespace/dashboards"


def _status(code, reason, text, name, kind="dashboards", group=_GROUP):
    details = {"group": group, "kind": kind}
    return Failure(Response.json({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": text,
        "reason": reason, "details": {"name": name, **details} if name else details, "code": code,
    }, code))


def _forbidden(caller, verb, name, namespace, why):
    subject = f'dashboards.{_GROUP} "{name}"' if name else f"dashboards.{_GROUP}"
    return _status(403, "Forbidden", f'{subject} is forbidden: User "{caller.shown_name}" cannot '
                   f'{verb} resource "dashboards" in API group "{_GROUP}" in the namespace '
                   f'"{namespace}": {why}', name)


def _enter(call, verb):
    """Moves the call into the namespace's org. Returns (namespace, name). Raises Failure."""
    namespace, name = call.parameters[0], "".join(call.parameters[1:2])
    caller = _caller_in(call, _org_id(namespace))
    if caller.org_id == NO_ORG:
        raise _forbidden(call.caller, verb, name, namespace, "invalid org")
    call.caller = caller
    return namespace, name


def _org_id(namespace):
    """Org 1 is "default". NO_ORG for what names none."""
    if namespace == "default":
        return 1
    digits = namespace.removeprefix("org-")
    is_org = digits != namespace and digits.isascii() and digits.isdigit() and digits[0] != "0"
    return int(digits) if is_org and int(digits) > 1 else NO_ORG


def _caller_in(call, org_id):
    if call.caller.user and org_id != NO_ORG:
        return call.grafana.authenticator.in_org(call.caller.user, org_id)
    return call.caller if call.caller.org_id == org_id else Caller(NO_ORG, "None")


def _must(call, verb, names, least, dashboard):
    mine = level(call, dashboard) if dashboard else rights.level(call.caller, None)
    if mine < least:
        raise _forbidden(call.caller, verb, names[1], names[0], "no permissions")


def _shown(namespace, dashboard):
    annotations = {
        "grafana.app/createdBy": f"user:{dashboard.created_by.uid}",
        "grafana.app/folder": dashboard.folder_uid,
        "grafana.app/updatedBy": f"user:{dashboard.updated_by.uid}",
        "grafana.app/updatedTimestamp": clock.as_text(dashboard.updated)}
    if not dashboard.folder_uid:
        del annotations["grafana.app/folder"]
    return {"kind": "Dashboard", "apiVersion": _VERSION, "metadata": {
        "name": dashboard.uid, "namespace": namespace, "uid": dashboard.k8s_uid,
        "resourceVersion": str(dashboard.version), "generation": dashboard.version,
        "creationTimestamp": clock.as_text(dashboard.created),
        "labels": {"grafana.app/deprecatedInternalID": str(dashboard.id)},
        "annotations": annotations}, "spec": dashboard.spec, "status": {}}


def _stored(call, name):
    dashboard = call.org.dashboards.get(name)
    if dashboard is None:
        raise _status(404, "NotFound", f'dashboards.{_GROUP} "{name}" not found', name)
    return dashboard


@routes.add("GET", _PATH)
def list_all(call):
    namespace, _ = _enter(call, "list")
    seen = [d for d in call.org.dashboards.values() if level(call, d) >= rights.VIEW]
    return Response.json({"kind": "DashboardList", "apiVersion": _VERSION, "metadata": {},
                          "items": [_shown(namespace, dashboard) for dashboard in seen]})


@routes.add("GET", _PATH + "/:name")
def get(call):
    names = _enter(call, "get")
    dashboard = _stored(call, names[1])
    _must(call, "get", names, rights.VIEW, dashboard)
    return Response.json(_shown(names[0], dashboard))


@routes.add("PUT", _PATH + "/:name")
def put(call):
    return _write(call, "update", _enter(call, "update"), call.json())


@routes.add("POST", _PATH)
def post(call):
    namespace, _ = _enter(call, "create")
    body = call.json()
    name = (body.get("metadata") or {}).get("name") or new_uid()
    if name in call.org.dashboards:
        raise _status(409, "AlreadyExists", f'dashboards.{_GROUP} "{name}" already exists', name)
    return _write(call, "create", (namespace, name), body)


def _write(call, verb, names, body):
    namespace, name = names
    metadata, spec = body.get("metadata") or {}, body.get("spec")
    stored = call.org.dashboards.get(name)
    _check_body(metadata, spec, name, stored)
    folder_uid = (metadata.get("annotations") or {}).get("grafana.app/folder", "")
    folder = call.org.folders.get(folder_uid)
    if folder_uid and folder is None:
        raise _status(404, "NotFound", f'folders.folder.grafana.app "{folder_uid}" not found',
                      folder_uid, "folders", "folder.grafana.app")
    _must(call, verb, names, rights.EDIT, stored)
    if rights.level(call.caller, folder) < rights.EDIT:
        raise _forbidden(call.caller, verb, name, namespace, "no permissions")
    dashboard = save(call, name, spec_of(spec), folder_uid)
    return Response.json(_shown(namespace, dashboard), 200 if stored else 201)


def _check_body(metadata, spec, name, stored):
    if not isinstance(spec, dict) or metadata.get("name", name) != name:
        raise _status(400, "BadRequest", "the name of the object does not match that of the URL, "
                      "or there is no spec", name)
    version = metadata.get("resourceVersion")
    if version and stored and version != str(stored.version):
        raise _status(409, "Conflict", f'Operation cannot be fulfilled on dashboards.{_GROUP} '
                      f'"{name}": the object has been modified; please apply your changes to the '
                      "latest version and try again", name)


@routes.add("DELETE", _PATH + "/:name")
def delete(call):
    names = _enter(call, "delete")
    dashboard = _stored(call, names[1])
    _must(call, "delete", names, rights.EDIT, dashboard)
    del call.org.dashboards[dashboard.uid]
    return Response.json({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
                          "details": {"name": dashboard.uid, "group": _GROUP, "kind": "dashboards",
                                      "uid": dashboard.k8s_uid}})
