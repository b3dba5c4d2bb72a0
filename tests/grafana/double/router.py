"""Which function answers a method and path, and what right it takes."""

import dataclasses
import typing
import urllib.parse

PUBLIC = "public"
SIGNED_IN = "signed in"


@dataclasses.dataclass(frozen=True)
class Right:
    """`where` it must be held: "org", the caller's; "path", the org that :org names, or everywhere;
    "everywhere", as only server admins do."""

    action: str
    where: str = "org"
    shown: str = ""  # in a refusal, where it is more than the action


@dataclasses.dataclass(frozen=True)
class Route:
    pattern: str
    needs: typing.Any
    handler: typing.Callable


class Routes:
    """A list of routes; each module of routes/ has one.

    A pattern's segment `:name` takes any one segment, a last `*` takes the rest as it was typed.
    """

    def __init__(self):
        self.entries = []

    def add(self, methods, pattern, needs=SIGNED_IN):
        def register(handler):
            for method in methods.split():
                self.entries.append((method, Route(pattern, needs, handler)))
            return handler
        return register


class _Node:
    __slots__ = ("literal", "any", "rest", "methods")

    def __init__(self):
        self.literal = {}
        self.any = self.rest = None
        self.methods = {}


class Router:
    """A literal segment wins over `:name`, and that over `*`."""

    def __init__(self, *lists):
        self._root = _Node()
        for routes in lists:
            for method, route in routes.entries:
                self._insert(method, route)

    def _insert(self, method, route):
        node = self._root
        for segment in route.pattern.split("/")[1:]:
            if segment == "*":
                node.rest = node.rest or _Node()
                node = node.rest
            elif segment.startswith(":"):
                node.any = node.any or _Node()
                node = node.any
            else:
                node = node.literal.setdefault(segment, _Node())
        assert method not in node.methods, f"{method} {route.pattern} is there twice"
        node.methods[method] = route

    def find(self, method, path):
        """(route, [the path's parameters, decoded; the rest as typed]) or None."""
        return self._walk(self._root, method, path.split("/")[1:], 0, [])

    def _walk(self, node, method, segments, at, found):
        if at == len(segments):
            route = node.methods.get(method) or node.methods.get("ANY")
            return (route, found) if route else None
        child = node.literal.get(segments[at])
        if child and (result := self._walk(child, method, segments, at + 1, found)):
            return result
        if node.any and segments[at]:
            value = urllib.parse.unquote(segments[at])
            result = self._walk(node.any, method, segments, at + 1, [*found, value])
            if result:
                return result
        route = node.rest and (node.rest.methods.get(method) or node.rest.methods.get("ANY"))
        return (route, [*found, "/".join(segments[at:])]) if route else None
