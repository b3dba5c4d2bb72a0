"""Users of the server, for server admins."""

from .. import answers, clock
from ..router import Right, Routes
from ..wire import Response

routes = Routes()

_MIN_PASSWORD = 4


def _everywhere(action):
    return Right(action, "everywhere")


def _user_of(call):
    user = call.state.users.get(call.number())
    if user is None:
        raise answers.failure("user not found", 404)
    return user


def profile(call, user):
    """As lookups and GET /api/user show it."""
    return {"id": user.id, "uid": user.uid, "email": user.email, "name": user.name,
            "login": user.login, "theme": user.preferences.get("theme", ""),
            "orgId": call.state.active_org(user), "isGrafanaAdmin": user.is_server_admin,
            "isDisabled": user.is_disabled, "isExternal": False, "isExternallySynced": False,
            "isGrafanaAdminExternallySynced": False, "authLabels": None,
            "updatedAt": clock.as_text(user.updated), "createdAt": clock.as_text(user.created),
            "avatarUrl": "", "isProvisioned": False}


def account_profile(account):
    """Of a service account, as GET /api/user shows it to its token."""
    never = "0001-01-01T00:00:00Z"
    return {"id": 0, "uid": f"service-account:{account.id}", "email": account.login,
            "name": account.name, "login": account.login, "theme": "", "orgId": account.org_id,
            "isGrafanaAdmin": False, "isDisabled": False, "isExternal": False,
            "isExternallySynced": False, "isGrafanaAdminExternallySynced": False,
            "authLabels": None, "updatedAt": never, "createdAt": never, "avatarUrl": "",
            "isProvisioned": False}


def _good_password(body):
    password = body.get("password") or ""
    if len(password) < _MIN_PASSWORD:
        raise answers.error_id(400, "password.password-policy-too-short",
                               "New password is too short")
    return password


@routes.add("POST", "/api/admin/users", _everywhere("users:create"))
def create_user(call):
    body = call.json()
    login = body.get("login") or body.get("email") or ""
    if not login:
        raise answers.failure("Validation error, need specify either username or email", 400)
    password, email = _good_password(body), body.get("email") or login
    if call.state.user_called(login) or call.state.user_called(email):
        raise answers.failure(f"User with email '{body.get('email') or ''}' or username '{login}' "
                              "already exists", 412)
    org = _home_org(call, body, login)
    user = call.state.add_user(login, email, body.get("name") or "", password, org.id)
    is_own = not call.grafana.settings.is_on("users", "auto_assign_org")
    org.members[user.id] = "Admin" if is_own else "Viewer"
    return Response.json({"id": user.id, "uid": user.uid, "message": "User created"})


def _home_org(call, body, login):
    """With auto_assign_org off the body's OrgId is not heeded: the user gets an org of its own."""
    if not call.grafana.settings.is_on("users", "auto_assign_org"):
        return call.state.add_org(login)
    org = call.state.orgs.get(body.get("OrgId") or body.get("orgId") or 1)
    if org is None:
        raise answers.failure("Failed to create user", 500)
    return org


@routes.add("PUT", "/api/admin/users/:id/password", _everywhere("users.password:write"))
def set_password(call):
    password, user = _good_password(call.json()), call.state.users.get(call.number())
    if user is None:
        raise answers.failure("Failed to update user password", 500)
    user.password = password
    call.grafana.authenticator.sessions.close_all_of(user.id)
    return answers.message("User password updated")


@routes.add("PUT", "/api/admin/users/:id/permissions", _everywhere("users.permissions:write"))
def set_server_admin(call):
    is_admin, user = bool(call.json().get("isGrafanaAdmin")), _user_of(call)
    others = any(u.is_server_admin for u in call.state.users.values() if u is not user)
    if not is_admin and not others:
        raise answers.failure("cannot remove last grafana admin", 400)
    user.is_server_admin = is_admin
    return answers.message("User permissions updated")


@routes.add("DELETE", "/api/admin/users/:id", _everywhere("users:delete"))
def delete_user(call):
    user = _user_of(call)
    call.grafana.authenticator.sessions.close_all_of(user.id)
    call.state.delete_user(user)
    return answers.message("User deleted")


@routes.add("POST", "/api/admin/users/:id/disable", _everywhere("users:disable"))
def disable_user(call):
    user = _user_of(call)
    user.is_disabled = True
    call.grafana.authenticator.sessions.close_all_of(user.id)
    return answers.message("User disabled")


@routes.add("POST", "/api/admin/users/:id/enable", _everywhere("users:enable"))
def enable_user(call):
    _user_of(call).is_disabled = False
    return answers.message("User enabled")


@routes.add("POST", "/api/admin/users/:id/logout", _everywhere("users.logout"))
def sign_out_everywhere(call):
    user = _user_of(call)
    if user is call.caller.user:
        raise answers.failure("You cannot logout yourself", 400)
    call.grafana.authenticator.sessions.close_all_of(user.id)
    return answers.message("User logged out")


@routes.add("GET", "/api/users", _everywhere("users:read"))
def list_users(call):
    """Pages count from 1."""
    return Response.json(_page(call)[0])


@routes.add("GET", "/api/users/search", _everywhere("users:read"))
def search_users(call):
    found, total, page, size = _page(call)
    return Response.json({"totalCount": total, "users": found, "page": page, "perPage": size})


def _page(call):
    part = call.request.parameter("query").lower()
    size = int(call.request.parameter("perpage") or 1000)
    page = max(1, int(call.request.parameter("page") or 1))
    found = sorted((user for user in call.state.users.values()
                    if part in f"{user.login}\n{user.email}\n{user.name}".lower()),
                   key=lambda user: user.login)
    shown = [_row(user) for user in found[(page - 1) * size:page * size]]
    return shown, len(found), page, size


def _row(user):
    return {"id": user.id, "uid": user.uid, "name": user.name, "login": user.login,
            "email": user.email, "avatarUrl": "", "isAdmin": user.is_server_admin,
            "isDisabled": user.is_disabled, "isProvisioned": False,
            "lastSeenAt": clock.as_text(user.seen or user.created),
            "lastSeenAtAge": "< 1 minute", "authLabels": []}


@routes.add("GET", "/api/users/lookup", _everywhere("users:read"))
def look_up(call):
    user = call.state.user_called(call.request.parameter("loginOrEmail"))
    if user is None:
        raise answers.failure("user not found", 404)
    return Response.json(profile(call, user))


@routes.add("GET", "/api/users/:id", _everywhere("users:read"))
def user_by_id(call):
    return Response.json(profile(call, _user_of(call)))


@routes.add("PUT", "/api/users/:id", _everywhere("users:write"))
def update_user(call):
    body, user = call.json(), _user_of(call)
    login = body.get("login") or user.login
    email = body.get("email") or user.email
    taken = [call.state.user_called(name) for name in (login, email)]
    if any(other not in (None, user) for other in taken):
        raise answers.failure("user already exists", 409)
    call.state.rename_user(user, login, email, body.get("name") or user.name)
    user.updated = call.now
    return answers.message("User updated")


def orgs_of(call, user):
    return [{"orgId": org.id, "name": org.name, "role": org.members[user.id]}
            for org in call.state.orgs_of(user)]


@routes.add("GET", "/api/users/:id/orgs", _everywhere("users:read"))
def user_orgs(call):
    user = call.state.users.get(call.number())
    return Response.json(orgs_of(call, user) if user else [])
