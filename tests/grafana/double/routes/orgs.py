"""Orgs and their members, for server admins and for an org's own Admins."""

from .. import answers, clock
from ..router import Right, Routes
from ..state import ROLES
from ..wire import Response

routes = Routes()

_NO_ADDRESS = {"address1": "", "address2": "", "city": "", "zipCode": "", "state": "",
               "country": ""}
_MAX_NAME = 190


def _everywhere(action):
    return Right(action, "everywhere")


def _there(action):
    return Right(action, "path")


def _shown(org):
    return Response.json({"id": org.id, "name": org.name, "address": _NO_ADDRESS})


def _org_of(call):
    org = call.state.orgs.get(call.number())
    if org is None:
        raise answers.failure("Organization not found", 404)
    return org


@routes.add("GET", "/api/orgs", _everywhere("orgs:read"))
def list_orgs(call):
    """Pages count from 0."""
    name, part = call.request.parameter("name"), call.request.parameter("query").lower()
    size = int(call.request.parameter("perpage") or 1000)
    start = int(call.request.parameter("page") or 0) * size
    found = [{"id": org.id, "name": org.name} for org in call.state.orgs.values()
             if name in ("", org.name) and part in org.name.lower()]
    return Response.json(found[start:start + size])


@routes.add("POST", "/api/orgs", _everywhere("orgs:create"))
def create_org(call):
    name = _good_name(call)
    if call.state.org_named(name):
        raise answers.failure("Organization name taken", 409)
    org = call.state.add_org(name)
    org.members[call.caller.user.id] = "Admin"
    return Response.json({"message": "Organization created", "orgId": org.id})


def _good_name(call):
    name = call.json().get("name")
    if not isinstance(name, str) or not name:
        raise answers.failure("bad request data", 400)
    if "\0" in name or len(name) > _MAX_NAME:
        raise answers.failure("Failed to create organization", 500)
    return name


@routes.add("GET", "/api/orgs/name/:name", _everywhere("orgs:read"))
def org_by_name(call):
    org = call.state.org_named(call.parameters[0])
    if org is None:
        raise answers.failure("Organization not found", 404)
    return _shown(org)


@routes.add("GET", "/api/orgs/:org", _there("orgs:read"))
def org_by_id(call):
    return _shown(_org_of(call))


@routes.add("PUT", "/api/orgs/:org", _there("orgs:write"))
def rename_org(call):
    name, org = _good_name(call), call.state.orgs.get(call.number())
    other = call.state.org_named(name)
    if other and other is not org:
        raise answers.failure("Organization name taken", 400)
    if org is None:
        raise answers.failure("Failed to update organization", 500)
    call.state.rename_org(org, name)
    return answers.message("Organization updated")


@routes.add("DELETE", "/api/orgs/:org", _everywhere("orgs:delete"))
def delete_org(call):
    if call.number() == call.caller.org_id:
        raise answers.failure("Cannot delete your active organization. Please switch to a "
                              "different organization first.", 400)
    call.state.delete_org(_org_of(call))
    return answers.message("Organization deleted")


@routes.add("GET", "/api/orgs/:org/users", _there("org.users:read"))
def list_members(call):
    return _members(call, call.state.orgs.get(call.number()))


@routes.add("GET", "/api/org/users", Right("org.users:read"))
def list_own_members(call):
    return _members(call, call.org)


def _members(call, org):
    members = [(call.state.users[user_id], role)
               for user_id, role in (org.members.items() if org else ())]
    members.sort(key=lambda member: member[0].email)
    return Response.json([_member(org, user, role) for user, role in members])


def _member(org, user, role):
    return {"orgId": org.id, "userId": user.id, "uid": user.uid, "email": user.email,
            "name": user.name, "avatarUrl": f"/avatar/{user.uid}", "login": user.login,
            "role": role, "lastSeenAt": clock.as_text(user.seen or user.created),
            "lastSeenAtAge": "< 1 minute", "isDisabled": user.is_disabled, "authLabels": None,
            "isExternallySynced": False, "isProvisioned": False}


def _good_role(body):
    role = body.get("role")
    if role not in ROLES:
        raise answers.failure("Invalid role specified", 400)
    return role


@routes.add("POST", "/api/orgs/:org/users", _there("org.users:add"))
def add_member(call):
    body = call.json()
    role = _good_role(body)
    user = call.state.user_called(str(body.get("loginOrEmail", "")))
    if user is None:
        raise answers.failure("User not found", 404)
    org = call.state.orgs.get(call.number())
    if org is None:
        raise answers.failure("Could not add user to organization", 500)
    if user.id in org.members:
        raise answers.failure("User is already member of this organization", 409, userId=user.id)
    org.members[user.id] = role
    return answers.message("User added to organization", userId=user.id)


@routes.add("PATCH", "/api/orgs/:org/users/:user", _there("org.users:write"))
def change_role(call):
    role, user_id = _good_role(call.json()), call.number(1)
    org = call.state.orgs.get(call.number())
    if org is None or user_id not in org.members:
        raise answers.failure("Failed update org user", 500)
    if org.is_last_admin(user_id) and role != "Admin":
        raise answers.failure("Cannot change role so that there is no organization admin left", 400)
    org.members[user_id] = role
    return answers.message("Organization user updated")


@routes.add("DELETE", "/api/orgs/:org/users/:user", _there("org.users:remove"))
def remove_member(call):
    org, user_id = call.state.orgs.get(call.number()), call.number(1)
    if org and org.is_last_admin(user_id):
        raise answers.failure("Cannot remove last organization admin", 400)
    if org:
        org.members.pop(user_id, None)
    return answers.message("User removed from organization")


@routes.add("GET", "/api/org", Right("orgs:read"))
def own_org(call):
    return _shown(call.org)


@routes.add("PUT", "/api/org", Right("orgs:write"))
def rename_own_org(call):
    call.parameters = [str(call.org.id)]
    return rename_org(call)
