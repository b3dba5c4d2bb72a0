"""What a Grafana knows: orgs, users, and what belongs to an org. Nothing here knows HTTP."""

import dataclasses
import itertools
import secrets

ROLES = ("None", "Viewer", "Editor", "Admin")


def new_uid():
    return secrets.token_hex(7)


@dataclasses.dataclass
class User:
    id: int
    login: str
    email: str
    name: str
    password: str
    org_id: int  # the active one; it may be gone
    created: float
    uid: str = dataclasses.field(default_factory=new_uid)
    is_server_admin: bool = False
    is_disabled: bool = False
    preferences: dict = dataclasses.field(default_factory=dict)
    updated: float = 0.0
    seen: float = 0.0


@dataclasses.dataclass
class Token:
    id: int
    name: str
    key: str
    account_id: int
    org_id: int
    created: float
    expires: float | None = None
    is_orphan: bool = False  # its org was deleted: another 401 than for an unknown one


@dataclasses.dataclass
class ServiceAccount:
    id: int
    org_id: int
    name: str
    login: str
    role: str
    uid: str = dataclasses.field(default_factory=new_uid)
    is_disabled: bool = False
    tokens: dict = dataclasses.field(default_factory=dict)  # id -> Token


@dataclasses.dataclass
class DataSource:
    id: int
    org_id: int
    uid: str
    name: str
    type: str
    access: str
    url: str
    fields: dict  # user, database, basicAuth, …: as they are shown
    is_default: bool
    json_data: dict
    secrets: dict
    version: int
    updated: float


@dataclasses.dataclass
class Folder:
    id: int
    uid: str
    title: str
    created_by: str
    updated_by: str
    created: float
    updated: float
    entries: list  # of its permissions: {"role" or "userId": …, "permission": 1, 2 or 4}
    version: int = 1


@dataclasses.dataclass
class Dashboard:
    id: int
    uid: str
    spec: dict  # without id, uid and version
    folder_uid: str
    created_by: User
    updated_by: User
    created: float
    updated: float
    k8s_uid: str = dataclasses.field(default_factory=new_uid)
    version: int = 1

    @property
    def title(self):
        return self.spec.get("title", "")

    @property
    def tags(self):
        return self.spec.get("tags") or []


@dataclasses.dataclass
class Org:
    id: int
    name: str
    members: dict = dataclasses.field(default_factory=dict)  # user id -> role
    accounts: dict = dataclasses.field(default_factory=dict)  # id -> ServiceAccount
    data_sources: dict = dataclasses.field(default_factory=dict)  # uid -> DataSource
    folders: dict = dataclasses.field(default_factory=dict)  # uid -> Folder
    dashboards: dict = dataclasses.field(default_factory=dict)  # uid -> Dashboard
    preferences: dict = dataclasses.field(default_factory=dict)

    def is_last_admin(self, user_id):
        admins = [member for member, role in self.members.items() if role == "Admin"]
        return admins == [user_id]

    def token_names(self):
        return {token.name for account in self.accounts.values()
                for token in account.tokens.values()}


class State:
    """Ids grow and are never used again; service accounts and users share a sequence."""

    def __init__(self, clock, login="admin", password="admin"):
        self.clock = clock
        self._sequences = {}
        self.orgs, self.users, self.tokens = {}, {}, {}
        self._org_ids, self._user_ids = {}, {}  # by name; by login and email in lower case
        main = self.add_org("Main Org.")
        admin = self.add_user(login, f"{login}@localhost", "", password, main.id)
        admin.is_server_admin = True
        main.members[admin.id] = "Admin"

    def next_id(self, of):
        return next(self._sequences.setdefault(of, itertools.count(1)))

    def add_org(self, name):
        org = Org(self.next_id("org"), name)
        self.orgs[org.id] = org
        self._org_ids[name] = org.id
        return org

    def org_named(self, name):
        return self.orgs.get(self._org_ids.get(name))

    def rename_org(self, org, name):
        del self._org_ids[org.name]
        org.name = name
        self._org_ids[name] = org.id

    def delete_org(self, org):
        """Its users stay, and its tokens stay known as those of nobody."""
        del self.orgs[org.id], self._org_ids[org.name]
        for account in org.accounts.values():
            for token in account.tokens.values():
                token.is_orphan = True

    def add_user(self, login, email, name, password, org_id):
        now = self.clock.now()
        user = User(self.next_id("user"), login, email, name, password, org_id, now, updated=now)
        self.users[user.id] = user
        self._user_ids[login.lower()] = self._user_ids[email.lower()] = user.id
        return user

    def user_called(self, login_or_email):
        return self.users.get(self._user_ids.get(login_or_email.lower()))

    def rename_user(self, user, login, email, name):
        self._forget_names(user)
        user.login, user.email, user.name = login, email, name
        self._user_ids[login.lower()] = self._user_ids[email.lower()] = user.id

    def delete_user(self, user):
        del self.users[user.id]
        self._forget_names(user)
        for org in self.orgs.values():
            org.members.pop(user.id, None)

    def _forget_names(self, user):
        self._user_ids.pop(user.login.lower(), None)
        self._user_ids.pop(user.email.lower(), None)

    def orgs_of(self, user):
        return [org for org in self.orgs.values() if user.id in org.members]

    def active_org(self, user):
        """The id of the org that the user works in, 0 when it has none."""
        active = self.orgs.get(user.org_id)
        if active and user.id in active.members:
            return active.id
        return next((org.id for org in self.orgs_of(user)), 0)

    def drop_token(self, token):
        self.tokens.pop(token.key, None)
