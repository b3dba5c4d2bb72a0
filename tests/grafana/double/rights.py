"""Who may do what: the actions of each role, as Grafana's own roles grant them."""

_VIEWER = frozenset("""
    annotations:read dashboards:read datasources:query datasources:read folders:read orgs:read
    plugins.app:access""".split())
_EDITOR = _VIEWER | frozenset("""
    annotations:create annotations:delete annotations:write dashboards:create dashboards:write
    datasources:explore folders:create""".split())
_ADMIN = _EDITOR | frozenset("""
    dashboards:delete dashboards.permissions:read dashboards.permissions:write
    datasources:create datasources:delete datasources:write
    folders:delete folders:write folders.permissions:read folders.permissions:write
    org.users:add org.users:read org.users:remove org.users:write
    orgs:write orgs.preferences:read orgs.preferences:write
    serviceaccounts:create serviceaccounts:delete serviceaccounts:read serviceaccounts:write
    teams:create""".split())
_BY_ROLE = {"None": frozenset(), "Viewer": _VIEWER, "Editor": _EDITOR, "Admin": _ADMIN}

_SERVER_ADMIN = frozenset("""
    org.users:add org.users:read org.users:remove org.users:write
    orgs:create orgs:delete orgs:read orgs:write plugins:install plugins:write
    server.stats:read settings:read
    users:create users:delete users:disable users:enable users:read users:write
    users.logout users.password:write users.permissions:write""".split())

VIEW, EDIT, ADMINISTER = 1, 2, 4
_ROLES_OF = {"None": (), "Viewer": ("Viewer",), "Editor": ("Viewer", "Editor")}
_TOP_LEVEL = {"None": 0, "Viewer": VIEW, "Editor": EDIT}


def may_everywhere(caller, action):
    return caller.is_server_admin and action in _SERVER_ADMIN


def may_in(role, action):
    return action in _BY_ROLE[role]


def level(caller, folder):
    """0, VIEW, EDIT or ADMINISTER on what is in `folder`; None is the top level."""
    if caller.role == "Admin":
        return ADMINISTER
    if folder is None:
        return _TOP_LEVEL[caller.role]
    if caller.known_folders is not None and folder.uid not in caller.known_folders:
        return 0
    mine = [entry["permission"] for entry in folder.entries if _is_for(entry, caller)]
    return max(mine, default=0)


def _is_for(entry, caller):
    if "role" in entry:
        return entry["role"] in _ROLES_OF[caller.role]
    return caller.user is not None and entry.get("userId") == caller.user.id
