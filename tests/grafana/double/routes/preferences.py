"""Home dashboard, theme, time zone and start of the week, of an org and of a user."""

from .. import answers
from ..router import Right, Routes
from ..wire import Response

routes = Routes()

_KEYS = ("homeDashboardUID", "timezone", "weekStart", "theme", "language")
_THEMES = ("", "light", "dark", "system")


def _good_changes(call, body):
    """Time zone and week start are not checked, as by Grafana."""
    if body.get("theme", "") not in _THEMES:
        raise answers.failure("Invalid theme", 400)
    home = body.get("homeDashboardUID")
    if home and home not in call.org.dashboards:
        raise answers.failure("Dashboard not found", 404)
    return {key: body[key] for key in _KEYS if key in body}


def _shown(preferences):
    return Response.json({key: value for key, value in preferences.items() if value})


def _replace(call, owner):
    """The home dashboard stays where it is left out."""
    changes = _good_changes(call, call.json())
    home = owner.preferences.get("homeDashboardUID", "")
    owner.preferences = {"homeDashboardUID": home, **changes}
    return answers.message("Preferences updated")


def _merge(call, owner):
    owner.preferences = {**owner.preferences, **_good_changes(call, call.json())}
    return answers.message("Preferences updated")


def _own(call):
    if call.caller.user is None or call.caller.org_id < 1:
        raise answers.access_denied("preferences:write")
    return call.caller.user


@routes.add("GET", "/api/org/preferences", Right("orgs.preferences:read"))
def of_org(call):
    return _shown(call.org.preferences)


@routes.add("PUT", "/api/org/preferences", Right("orgs.preferences:write"))
def replace_of_org(call):
    return _replace(call, call.org)


@routes.add("PATCH", "/api/org/preferences", Right("orgs.preferences:write"))
def merge_of_org(call):
    return _merge(call, call.org)


@routes.add("GET", "/api/user/preferences")
def of_user(call):
    return _shown(_own(call).preferences)


@routes.add("PUT", "/api/user/preferences")
def replace_of_user(call):
    return _replace(call, _own(call))


@routes.add("PATCH", "/api/user/preferences")
def merge_of_user(call):
    return _merge(call, _own(call))
