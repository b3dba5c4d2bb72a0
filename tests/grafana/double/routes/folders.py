"""Folders and who may do what in them."""

import re

from .. import answers, clock, rights
from ..router import Right, Routes
from ..state import Folder, new_uid
from ..wire import Response

routes = Routes()


def slug(title):
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def url_of(folder):
    return f"/dashboards/f/{folder.uid}/{slug(folder.title)}"


def _shown(call, folder):
    level = rights.level(call.caller, folder)
    can_edit, can_administer = level >= rights.EDIT, level >= rights.ADMINISTER
    return {"id": folder.id, "uid": folder.uid, "orgId": call.org.id, "title": folder.title,
            "url": url_of(folder), "hasAcl": False, "canSave": can_edit, "canEdit": can_edit,
            "canAdmin": can_administer, "canDelete": can_edit, "createdBy": folder.created_by,
            "created": clock.as_text(folder.created), "updatedBy": folder.updated_by,
            "updated": clock.as_text(folder.updated), "version": folder.version}


def _folder_of(call, least=rights.VIEW, action="folders:read"):
    folder = call.org.folders.get(call.parameters[0])
    if folder is None:
        raise answers.failure("folder not found", 404)
    call.must(action, rights.level(call.caller, folder) >= least)
    return folder


def _good_title(body):
    title = body.get("title")
    if not isinstance(title, str) or not title.strip():
        raise answers.failure("folder title cannot be empty", 400)
    return title


@routes.add("GET", "/api/folders", Right("folders:read"))
def list_all(call):
    seen = [folder for folder in call.org.folders.values() if rights.level(call.caller, folder)]
    return Response.json([{"id": folder.id, "uid": folder.uid, "title": folder.title}
                          for folder in sorted(seen, key=lambda folder: folder.title.lower())])


@routes.add("POST", "/api/folders", Right("folders:create"))
def create(call):
    body = call.json()
    title, uid = _good_title(body), body.get("uid") or new_uid()
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", uid):
        raise answers.failure("uid contains illegal characters", 400)
    if uid in call.org.folders:
        raise answers.failure("the folder has been changed by someone else", 412)
    mine = [{"userId": call.caller.user.id, "permission": rights.ADMINISTER}] \
        if call.caller.user else []
    folder = Folder(
        call.state.next_id("dashboard"), uid, title, call.caller.login, call.caller.login, call.now,
        call.now, [*mine, {"role": "Editor", "permission": rights.EDIT},
                   {"role": "Viewer", "permission": rights.VIEW}])
    call.org.folders[uid] = folder
    if call.caller.user:
        call.caller.known_folders = None
        call.grafana.authenticator.memory.forget_folders(call.org, call.caller.user)
    return Response.json(_shown(call, folder))


@routes.add("GET", "/api/folders/:uid", Right("folders:read"))
def get(call):
    return Response.json(_shown(call, _folder_of(call)))


@routes.add("PUT", "/api/folders/:uid")
def update(call):
    """A PUT of the same title makes a version too."""
    folder, body = _folder_of(call, rights.EDIT, "folders:write"), call.json()
    title = _good_title(body)
    if not body.get("overwrite") and body.get("version") != folder.version:
        raise answers.failure("the folder has been changed by someone else", 412)
    folder.title, folder.updated_by, folder.updated = title, call.caller.login, call.now
    folder.version += 1
    return Response.json(_shown(call, folder))


@routes.add("DELETE", "/api/folders/:uid")
def delete(call):
    folder = _folder_of(call, rights.EDIT, "folders:delete")
    del call.org.folders[folder.uid]
    for dashboard in list(call.org.dashboards.values()):
        if dashboard.folder_uid == folder.uid:
            del call.org.dashboards[dashboard.uid]
    return answers.message("Folder deleted")


@routes.add("GET", "/api/folders/:uid/permissions")
def permissions(call):
    folder = _folder_of(call, rights.ADMINISTER, "folders.permissions:read")
    return Response.json([_entry(call, folder, entry) for entry in folder.entries])


def _entry(call, folder, entry):
    user = call.state.users.get(entry.get("userId"))
    names = {rights.VIEW: "View", rights.EDIT: "Edit", rights.ADMINISTER: "Admin"}
    return {"created": clock.as_text(folder.created), "updated": clock.as_text(folder.updated),
            "userId": user.id if user else 0, "userLogin": user.login if user else "",
            "userEmail": user.email if user else "", "teamId": 0, "teamEmail": "", "team": "",
            **({"role": entry["role"]} if "role" in entry else {}),
            "permission": entry["permission"], "permissionName": names[entry["permission"]],
            "uid": folder.uid, "title": folder.title, "slug": slug(folder.title), "isFolder": True,
            "url": url_of(folder), "inherited": False}


@routes.add("POST", "/api/folders/:uid/permissions")
def set_permissions(call):
    """All entries are replaced."""
    folder = _folder_of(call, rights.ADMINISTER, "folders.permissions:write")
    items = call.json().get("items")
    if not isinstance(items, list) or not all(map(_is_entry, items)):
        raise answers.failure("bad request data", 400)
    folder.entries = [{key: item[key] for key in ("role", "userId", "permission") if key in item}
                      for item in items]
    return answers.message("Folder permissions updated")


def _is_entry(item):
    levels = (rights.VIEW, rights.EDIT, rights.ADMINISTER)
    return item.get("permission") in levels and ("role" in item) != ("userId" in item)
