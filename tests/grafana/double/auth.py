"""Who asks: password, token or cookie, and the org that the request is for."""

import base64
import binascii
import dataclasses
import secrets

from . import answers
from .memory import Memory
from .state import ServiceAccount, User

NO_ORG = -1  # of whom asks for an org that it is no member of

_ATTEMPTS = 5
_ATTEMPTS_WITHIN = 300.0  # seconds
_NOT_AGAIN_WITHIN = 5.0  # seconds, between two rotations of a cookie


@dataclasses.dataclass
class Caller:
    """`org_id` is NO_ORG and `role` "None" where the caller is no member."""

    org_id: int
    role: str
    user: User | None = None
    account: ServiceAccount | None = None
    known_folders: frozenset | None = None  # by uid; None: all that are there

    @property
    def is_server_admin(self):
        return self.user is not None and self.user.is_server_admin

    @property
    def login(self):
        return (self.user or self.account).login if self.user or self.account else ""

    @property
    def uid(self):
        return (self.user or self.account).uid if self.user or self.account else "anonymous"

    @property
    def shown_name(self):
        return (self.user.name or self.user.login) if self.user else self.login


@dataclasses.dataclass
class Session:
    user_id: int
    token: str
    rotated: float
    previous: str = ""


class Sessions:
    """Cookies. One has to be rotated after some minutes; the one before serves that purpose."""

    def __init__(self, clock, settings):
        self._clock = clock
        self.life = 60.0 * float(settings.get("auth", "token_rotation_interval_minutes"))
        self._by_token = {}

    def open(self, user):
        session = Session(user.id, secrets.token_hex(16), self._clock.now())
        self._by_token[session.token] = session
        return session

    def user_id(self, token):
        """Raises answers.Failure when it is unknown or has to be rotated."""
        session = self._by_token.get(token)
        if session is None:
            raise answers.plainly_unauthorized()
        if self._clock.now() - session.rotated >= self.life:
            raise answers.unauthorized("session.token.rotate")
        return session.user_id

    def rotate(self, token):
        """The session with its new token, or None where the last one is only seconds old.

        Raises answers.Failure.
        """
        session = self._by_token.get(token)
        if session is None:
            raise answers.failure("Unauthorized", 401)
        if self._clock.now() - session.rotated < _NOT_AGAIN_WITHIN:
            return None
        self._by_token.pop(session.previous, None)
        session.previous, session.token = session.token, secrets.token_hex(16)
        session.rotated = self._clock.now()
        self._by_token[session.token] = session
        return session

    def close(self, token):
        session = self._by_token.pop(token, None)
        if session:
            self._by_token.pop(session.previous, None)

    def close_all_of(self, user_id):
        gone = [token for token, session in self._by_token.items() if session.user_id == user_id]
        for token in gone:
            del self._by_token[token]


class Authenticator:
    def __init__(self, state, settings):
        self._state = state
        self._settings = settings
        self.sessions = Sessions(state.clock, settings)
        self.memory = Memory(state.clock, settings.is_on("rbac", "permission_cache"))
        self._attempts = {}  # login -> times of wrong passwords
        self._is_guarded = not any(
            settings.is_on("security", f"disable_{what}_login_protection")
            for what in ("brute_force", "username"))

    def caller_of(self, request):
        """None for a request without credentials. Raises answers.Failure for bad ones."""
        asked = requested_org(request)
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return self._token_caller(value.strip(), asked)
        if scheme.lower() == "basic" and (pair := _login_and_password(value)):
            return self.in_org(self.password_user(*pair), asked)
        cookie = request.cookie(self._settings.get("auth", "login_cookie_name"))
        if cookie:
            return self.in_org(self._session_user(cookie), asked)
        return self._anonymous()

    def in_org(self, user, org_id):
        """The caller that `user` is in an org; 0: in its active one."""
        org = self._state.orgs.get(org_id or self._state.active_org(user) or user.org_id)
        role = self.memory.role(org, user) if org else None
        user.seen = self._state.clock.now()
        if role is None:
            return Caller(NO_ORG, "None", user)
        return Caller(org.id, role, user, known_folders=self.memory.folders(org, user))

    def password_user(self, login, password):
        """Raises answers.Failure."""
        wrong = answers.unauthorized("password-auth.failed", "Invalid username or password")
        if self._is_locked(login):
            raise wrong
        user = self._state.user_called(login)
        if user is None or user.password != password:
            self._attempts.setdefault(login.lower(), []).append(self._state.clock.now())
            raise wrong
        if user.is_disabled:
            raise answers.unauthorized("identity.disabled")
        self._attempts.pop(login.lower(), None)
        return user

    def _is_locked(self, login):
        times = self._attempts.get(login.lower(), ())
        since = self._state.clock.now() - _ATTEMPTS_WITHIN
        return self._is_guarded and sum(at > since for at in times) >= _ATTEMPTS

    def _session_user(self, cookie):
        user = self._state.users.get(self.sessions.user_id(cookie))
        if user is None or user.is_disabled:
            raise answers.plainly_unauthorized()
        return user

    def _token_caller(self, key, asked):
        token = self._state.tokens.get(key)
        if token is None:
            raise answers.unauthorized("api-key.invalid", "Invalid API key")
        if token.is_orphan:
            raise answers.plainly_unauthorized()
        if token.expires is not None and token.expires <= self._state.clock.now():
            raise answers.unauthorized("api-key.expired", "Expired API key")
        if asked and asked != token.org_id:
            raise answers.unauthorized("api-key.organization-mismatch",
                                       "API key does not belong to the requested organization")
        account = self._state.orgs[token.org_id].accounts[token.account_id]
        if account.is_disabled:
            raise answers.unauthorized("identity.disabled")
        return Caller(token.org_id, account.role, account=account)

    def _anonymous(self):
        if not self._settings.is_on("auth.anonymous", "enabled"):
            return None
        org = self._state.org_named(self._settings.get("auth.anonymous", "org_name"))
        return org and Caller(org.id, self._settings.get("auth.anonymous", "org_role"))


def _login_and_password(value):
    """None for what is no base64 of "login:password": then there are no credentials."""
    try:
        login, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (login, password) if colon else None


def requested_org(request):
    """The org that the URL or the header names; 0, as if none were named, for what is no number."""
    return (_positive(request.parameter("targetOrgId")) or
            _positive(request.headers.get("x-grafana-org-id", "")))


def _positive(text):
    # As Go's ParseInt: no spaces, no underscores, 64 bits.
    digits = text.removeprefix("+")
    if not digits.isascii() or not digits.isdigit() or int(digits) >= 2**63:
        return 0
    return int(digits)


def session_cookies(session, settings, now):
    """Headers that set the session's cookie, and the one that tells a browser when to rotate."""
    life = 60 * int(settings.get("auth", "token_rotation_interval_minutes"))
    place = "; Path=/; Max-Age=2592000"
    guard = "; SameSite=" + settings.get("security", "cookie_samesite").capitalize()
    if settings.is_on("security", "cookie_secure"):
        guard = "; Secure" + guard
    name = settings.get("auth", "login_cookie_name")
    return [("Set-Cookie", f"{name}={session.token}{place}; HttpOnly{guard}"),
            ("Set-Cookie", f"grafana_session_expiry={int(now) + life - 5}{place}{guard}")]
