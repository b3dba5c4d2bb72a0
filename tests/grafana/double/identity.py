"""What Grafana adds to each request to a data source, and which client headers it lets through."""

import base64
import json
import re

USER_AGENT = "Grafana/12.3.0"

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_LIFE = 600  # seconds
_HOP_BY_HOP = {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization",
               "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}
_NEVER = _HOP_BY_HOP | {"accept-encoding", "authorization", "content-length", "cookie", "expect",
                        "host", "origin", "referer", "user-agent", "x-forwarded-host",
                        "x-forwarded-port", "x-forwarded-proto", "x-grafana-id",
                        "x-grafana-referer"}


def canonical(name):
    """As Go writes a header's name: X-Scope-OrgID is X-Scope-Orgid."""
    if not _NAME.fullmatch(name):
        return name
    return "-".join(part[:1].upper() + part[1:].lower() for part in name.split("-"))


def id_token(caller, now):
    """A JWT of the right form that nobody signed: no part of this project trusts one."""
    claims = {"aud": f"org:{caller.org_id}", "sub": f"user:{caller.uid}", "iat": int(now),
              "exp": int(now) + _LIFE, "namespace": f"org-{caller.org_id}"}
    return ".".join(map(_encoded, ({"alg": "ES256", "typ": "jwt"}, claims, {"unsigned": True})))


def _encoded(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def of_grafana(call):
    return {"User-Agent": USER_AGENT, "X-Grafana-Id": id_token(call.caller, call.now)}


def of_client(request):
    """Nearly all that the client sent, under Go's names."""
    passed = {canonical(name): value for name, value in request.pairs if name.lower() not in _NEVER}
    return {**passed, "X-Grafana-Referer": request.headers.get("referer", "")}


def configured(source):
    """Headers httpHeaderName1 and so on, with their secret values."""
    found = {}
    for key, name in source.json_data.items():
        number = key.removeprefix("httpHeaderName")
        if number != key and f"httpHeaderValue{number}" in source.secrets:
            found[canonical(name)] = source.secrets[f"httpHeaderValue{number}"]
    return found


def forwarded_for(request, times):
    """The client's own list, and its address, added by each of Grafana's layers."""
    own = request.headers.get("x-forwarded-for")
    return ", ".join(([own] if own else []) + [request.peer] * times)
