"""What Grafana remembers of users' rights while [rbac] permission_cache is on, the default."""

_ROLE_SECONDS = 5.0
_FOLDER_SECONDS = 60.0


class Memory:
    """A removal from an org is seen after seconds, a new folder after up to a minute.

    Other changes of roles are seen at once. Admins see every folder at once, for their right names
    none, and so does the one who makes it.
    """

    def __init__(self, clock, is_on):
        self._clock, self._is_on = clock, is_on
        self._roles = {}  # (org, user) -> (until, role)
        self._folders = {}  # (org, user) -> (until, {uid})

    def role(self, org, user):
        """The user's role in the org as it is believed to be, or None."""
        key, now, role = (org.id, user.id), self._clock.now(), org.members.get(user.id)
        if role and self._is_on:
            self._roles[key] = (now + _ROLE_SECONDS, role)
        until, before = self._roles.get(key, (0.0, None))
        return role or (before if until > now else None)

    def folders(self, org, user):
        """The uids of the folders that are believed to be there; None: all that are."""
        if not self._is_on or org.members.get(user.id) == "Admin":
            return None
        key, now = (org.id, user.id), self._clock.now()
        if self._folders.get(key, (0.0,))[0] <= now:
            self._folders[key] = (now + _FOLDER_SECONDS, frozenset(org.folders))
        return self._folders[key][1]

    def forget_folders(self, org, user):
        self._folders.pop((org.id, user.id), None)
