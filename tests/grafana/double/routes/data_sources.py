"""Data sources as an org's Admin writes them and its members see them."""

import re
import urllib.parse

from .. import answers
from ..router import Right, Routes
from ..state import DataSource, new_uid
from ..wire import Response

routes = Routes()

_UID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_FIELDS = {"user": "", "database": "", "basicAuth": False, "basicAuthUser": "",
           "withCredentials": False}


def _right(action):
    return Right("datasources:" + action)


def _shown(source):
    return {"id": source.id, "uid": source.uid, "orgId": source.org_id, "name": source.name,
            "type": source.type, "typeLogoUrl": _logo(source), "access": source.access,
            "url": source.url, **source.fields, "isDefault": source.is_default,
            "jsonData": source.json_data, "secureJsonFields": {key: True for key in source.secrets},
            "version": source.version, "readOnly": False, "apiVersion": ""}


def _row(source):
    shown = _shown(source)
    for hidden in ("secureJsonFields", "version", "apiVersion", "basicAuthUser", "withCredentials"):
        del shown[hidden]
    return {**shown, "typeName": source.type.capitalize()}


def _logo(source):
    return f"public/plugins/{source.type}/img/{source.type}_logo.svg"


def by_uid(call, uid):
    """Raises answers.Failure."""
    source = call.org.data_sources.get(uid)
    if source is None:
        raise answers.failure("Data source not found", 404)
    return source


def by_id(call, number):
    """As by_uid: an id of another org is as unknown as one of none."""
    found = [source for source in call.org.data_sources.values() if str(source.id) == number]
    if not found:
        raise answers.failure("Data source not found", 404)
    return found[0]


def _by_name(call):
    named = [s for s in call.org.data_sources.values() if s.name == call.parameters[0]]
    if not named:
        raise answers.failure("Data source not found", 404)
    return named[0]


@routes.add("GET", "/api/datasources", _right("read"))
def list_all(call):
    return Response.json(sorted(map(_row, call.org.data_sources.values()),
                                key=lambda row: row["name"].lower()))


@routes.add("GET", "/api/datasources/uid/:uid", _right("read"))
def get_by_uid(call):
    return Response.json(_shown(by_uid(call, call.parameters[0])))


@routes.add("GET", "/api/datasources/name/:name", _right("read"))
def get_by_name(call):
    return Response.json(_shown(_by_name(call)))


@routes.add("GET", "/api/datasources/:id", _right("read"))
def get_by_id(call):
    return Response.json(_shown(by_id(call, call.parameters[0])))


@routes.add("POST", "/api/datasources", _right("create"))
def create(call):
    body = _good_body(call)
    uid = body.get("uid") or new_uid()
    if not _UID.fullmatch(uid):
        raise answers.error_id(400, "datasource.uidInvalid", "Invalid datasource UID.")
    _check_name(call, body, None)
    if uid in call.org.data_sources:
        raise answers.failure("data source with the same uid already exists", 409)
    source = DataSource(call.state.next_id("data source"), call.org.id, uid, "", "", "", "", {},
                        False, {}, {}, 1, call.now)
    _write(call, source, body)
    call.org.data_sources[uid] = source
    return _written(source, "Datasource added")


def _good_body(call):
    body = call.json()
    if not all(isinstance(body.get(key), str) and body[key] for key in ("name", "type", "access")):
        raise answers.failure("bad request data", 400)
    if not _is_url(body.get("url") or ""):
        raise answers.failure("Validation error, invalid URL", 400)
    return body


def _is_url(text):
    try:
        parts = urllib.parse.urlsplit(text if "://" in text else "http://" + text)
        return parts.port != 0
    except ValueError:
        return False


def _check_name(call, body, source):
    others = (other for other in call.org.data_sources.values() if other is not source)
    if any(other.name == body["name"] for other in others):
        raise answers.failure("data source with the same name already exists", 409)


def _write(call, source, body):
    """Secrets that are not sent stay; "" deletes one."""
    source.name, source.type, source.access = body["name"], body["type"], body["access"]
    source.url = body.get("url") or ""
    source.fields = {key: body.get(key, default) for key, default in _FIELDS.items()}
    source.json_data = body.get("jsonData") or {}
    secrets = {**source.secrets, **(body.get("secureJsonData") or {})}
    source.secrets = {key: value for key, value in secrets.items() if value}
    source.updated = call.now
    source.is_default = bool(body.get("isDefault"))
    if source.is_default:
        for other in call.org.data_sources.values():
            other.is_default = other is source


def _written(source, text):
    return Response.json({"datasource": _shown(source), "id": source.id, "message": text,
                          "name": source.name})


@routes.add("PUT", "/api/datasources/uid/:uid", _right("write"))
def update_by_uid(call):
    return _update(call, by_uid(call, call.parameters[0]))


@routes.add("PUT", "/api/datasources/:id", _right("write"))
def update_by_id(call):
    return _update(call, by_id(call, call.parameters[0]))


def _update(call, source):
    """Without a version there is no check, and the version becomes 1."""
    body = _good_body(call)
    _check_name(call, body, source)
    version = body.get("version") or 0
    if version not in (0, source.version):
        raise answers.failure("Datasource has already been updated by someone else. Please reload "
                              "and try again", 409)
    _write(call, source, body)
    source.version = version + 1
    return _written(source, "Datasource updated")


@routes.add("DELETE", "/api/datasources/uid/:uid", _right("delete"))
def delete_by_uid(call):
    return _delete(call, by_uid(call, call.parameters[0]))


@routes.add("DELETE", "/api/datasources/name/:name", _right("delete"))
def delete_by_name(call):
    return _delete(call, _by_name(call))


@routes.add("DELETE", "/api/datasources/:id", _right("delete"))
def delete_by_id(call):
    return _delete(call, by_id(call, call.parameters[0]))


def _delete(call, source):
    del call.org.data_sources[source.uid]
    return Response.json({"id": source.id, "message": "Data source deleted"})
