"""Answers that many routes give."""

import secrets

from .wire import Response

CHARSET = "application/json; charset=UTF-8"  # of what middleware says; handlers say it without


class Failure(Exception):
    """Ends a handler with this answer."""

    def __init__(self, response):
        super().__init__(response.body)
        self.response = response


def message(text, code=200, **more):
    """`more` stands beside the message."""
    return Response.json({"message": text, **more}, code)


def failure(text, code, **more):
    return Failure(message(text, code, **more))


def error_id(status, message_id, text):
    """The form of Grafana's newer errors."""
    return Failure(Response.json(
        {"statusCode": status, "messageId": message_id, "message": text}, status))


def unauthorized(message_id="auth.unauthorized", text="Unauthorized"):
    return Failure(Response.json(
        {"extra": None, "message": text, "messageId": message_id, "statusCode": 401, "traceID": ""},
        401, CHARSET))


def plainly_unauthorized():
    """To a token whose org was deleted, and to an unknown cookie."""
    return Failure(Response.json({"message": "Unauthorized", "traceID": ""}, 401, CHARSET))


def refused(text, status=403):
    """By middleware, before the handler."""
    return Failure(Response.json({"message": text}, status, CHARSET))


def not_found():
    return refused("Not found", 404)


def access_denied(permission):
    return Failure(Response.json({
        "accessErrorId": f"ACE{secrets.randbelow(10**10):010}", "title": "Access denied",
        "message": "You'll need additional permissions to perform this action. "
                   f"Permissions needed: {permission}"}, 403, CHARSET))
