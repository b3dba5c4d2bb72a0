"""Signing in and out, and what users do for themselves."""

from .. import answers
from ..auth import session_cookies
from ..router import PUBLIC, Routes
from ..wire import Response
from .users import account_profile, orgs_of, profile

routes = Routes()


def _myself(call):
    """Raises answers.Failure for a service account."""
    if call.caller.user is None:
        raise answers.failure("Endpoint only available for users", 400)
    return call.caller.user


@routes.add("POST", "/login", PUBLIC)
def sign_in(call):
    body = call.json()
    grafana = call.grafana
    user = grafana.authenticator.password_user(str(body.get("user")), str(body.get("password")))
    session = grafana.authenticator.sessions.open(user)
    answer = Response.json({"message": "Logged in", "redirectUrl": "/"})
    answer.headers += session_cookies(session, grafana.settings, call.now)
    return answer


@routes.add("GET", "/logout", PUBLIC)
def sign_out(call):
    name = call.grafana.settings.get("auth", "login_cookie_name")
    call.grafana.authenticator.sessions.close(call.request.cookie(name))
    gone = f"{name}=; Path=/; Max-Age=0; HttpOnly"
    return Response(302, headers=[("Location", "/login"), ("Set-Cookie", gone)])


@routes.add("POST", "/api/user/auth-tokens/rotate", PUBLIC)
def rotate(call):
    settings = call.grafana.settings
    cookie = call.request.cookie(settings.get("auth", "login_cookie_name"))
    session = call.grafana.authenticator.sessions.rotate(cookie)
    answer = Response.json({})
    if session:
        answer.headers += session_cookies(session, settings, call.now)
    return answer


@routes.add("GET", "/api/user")
def own_profile(call):
    if call.caller.account:
        return Response.json(account_profile(call.caller.account))
    return Response.json(profile(call, _myself(call)))


@routes.add("GET", "/api/user/orgs")
def own_orgs(call):
    return Response.json(orgs_of(call, _myself(call)))


@routes.add("POST", "/api/user/using/:org")
def use_org(call):
    user, org = _myself(call), call.state.orgs.get(call.number())
    if org is None or user.id not in org.members:
        raise answers.failure("Not a valid organization", 401)
    user.org_id = org.id
    return answers.message("Active organization changed")


@routes.add("PUT", "/api/user/password")
def change_own_password(call):
    user, body = _myself(call), call.json()
    if body.get("oldPassword") != user.password:
        raise answers.failure("Invalid old password", 401)
    if len(body.get("newPassword") or "") < 4:
        raise answers.error_id(400, "password.password-policy-too-short",
                               "New password is too short")
    user.password = body["newPassword"]
    return answers.message("User password changed")


@routes.add("POST", "/api/user/signup", PUBLIC)
def sign_up(call):
    if not call.grafana.settings.is_on("users", "allow_sign_up"):
        raise answers.failure("User signup is disabled", 401)
    raise answers.failure("The double makes no users this way", 501)
