"""Service accounts and their tokens."""

import re
import secrets

from .. import answers, clock
from ..router import Right, Routes
from ..state import ROLES, ServiceAccount, Token
from ..wire import Response

routes = Routes()


def _right(action):
    return Right("serviceaccounts:" + action)


def _account_of(call):
    account = call.org.accounts.get(call.number())
    if account is None:
        raise answers.error_id(404, "serviceaccounts.ErrNotFound", "service account not found")
    return account


def _shown(account, avatar=""):
    return {"id": account.id, "uid": account.uid, "name": account.name, "login": account.login,
            "orgId": account.org_id, "isDisabled": account.is_disabled, "role": account.role,
            "tokens": len(account.tokens), "avatarUrl": avatar}


@routes.add("POST", "/api/serviceaccounts", _right("create"))
def create(call):
    body, org = call.json(), call.org
    name, role = body.get("name") or "", body.get("role") or "Viewer"
    if not name or role not in ROLES:
        raise answers.failure("Bad request data", 400)
    login = f"sa-{org.id}-" + re.sub(r"\s", "-", name.lower())
    if any(account.login == login for account in org.accounts.values()):
        raise answers.error_id(400, "serviceaccounts.ErrAlreadyExists",
                               "service account already exists")
    account = ServiceAccount(call.state.next_id("user"), org.id, name, login, role,
                             is_disabled=bool(body.get("isDisabled")))
    org.accounts[account.id] = account
    return Response.json(_shown(account), 201)


@routes.add("GET", "/api/serviceaccounts/search", _right("read"))
def search(call):
    part = call.request.parameter("query").lower()
    size = int(call.request.parameter("perpage") or 1000)
    page = max(1, int(call.request.parameter("page") or 1))
    found = sorted((account for account in call.org.accounts.values()
                    if part in account.name.lower() or part in account.login),
                   key=lambda account: account.name)
    shown = [_shown(account, f"/avatar/{account.uid}")
             for account in found[(page - 1) * size:page * size]]
    return Response.json({"totalCount": len(found), "serviceAccounts": shown, "page": page,
                          "perPage": size})


@routes.add("GET", "/api/serviceaccounts/:id", _right("read"))
def get(call):
    account = _account_of(call)
    return Response.json(_shown(account, f"/avatar/{account.uid}"))


@routes.add("PATCH", "/api/serviceaccounts/:id", _right("write"))
def change(call):
    account, body = _account_of(call), call.json()
    role = body.get("role", account.role)
    if role not in ROLES:
        raise answers.failure("invalid role", 400)
    account.role, account.name = role, body.get("name") or account.name
    account.is_disabled = bool(body.get("isDisabled", account.is_disabled))
    return Response.json({"message": "Service account updated", "id": account.id,
                          "name": account.name, "serviceaccount": _shown(account)})


@routes.add("DELETE", "/api/serviceaccounts/:id", _right("delete"))
def delete(call):
    account = _account_of(call)
    for token in account.tokens.values():
        call.state.drop_token(token)
    del call.org.accounts[account.id]
    return answers.message("Service account deleted")


@routes.add("GET", "/api/serviceaccounts/:id/tokens", _right("read"))
def list_tokens(call):
    account = call.org.accounts.get(call.number())
    return Response.json([{
        "id": token.id, "name": token.name, "created": clock.as_text(token.created),
        "lastUsedAt": None, "expiration": token.expires and clock.as_text(token.expires),
        "secondsUntilExpiration": 0 if token.expires is None else token.expires - call.now,
        "hasExpired": token.expires is not None and token.expires <= call.now, "isRevoked": False,
    } for token in (account.tokens.values() if account else ())])


@routes.add("POST", "/api/serviceaccounts/:id/tokens", _right("write"))
def create_token(call):
    account, body = _account_of(call), call.json()
    name, life = body.get("name") or "", body.get("secondsToLive") or 0
    if not name or not isinstance(life, int) or life < 0:
        raise answers.failure("Bad request data", 400)
    if name in call.org.token_names():
        raise answers.error_id(400, "serviceaccounts.ErrTokenAlreadyExists",
                               "service account token with given name already exists in the "
                               "organization")
    token = Token(call.state.next_id("token"), name, _new_key(), account.id, account.org_id,
                  call.now, call.now + life if life else None)
    account.tokens[token.id] = call.state.tokens[token.key] = token
    return Response.json({"id": token.id, "name": name, "key": token.key})


def _new_key():
    return f"glsa_{secrets.token_hex(16)}_{secrets.token_hex(4)}"


@routes.add("DELETE", "/api/serviceaccounts/:id/tokens/:token", _right("write"))
def delete_token(call):
    token = _account_of(call).tokens.pop(call.number(1), None)
    if token is None:
        raise answers.error_id(404, "serviceaccounts.ErrTokenNotFound",
                               "service account token not found")
    call.state.drop_token(token)
    return answers.message("Service account token deleted")
