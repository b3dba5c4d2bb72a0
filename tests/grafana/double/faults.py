"""Faults that a test orders, what has been asked, and the endpoint for both: /-/double/…

A real Grafana has none of this: tests that use it say so and are left out there.

    GET    /-/double/requests   {"total": 3, "by_kind": {"POST /api/orgs": 2, …}, "log": […]}
    DELETE /-/double/requests   counts from nothing again
    POST   /-/double/faults     {"method": "POST", "path": REGEX, "nth": 1, "times": 1,
                                 "what": "error" | "cut" | "delay" | "stall",
                                 "when": "before" | "after", "seconds": 1, "status": 500}
    DELETE /-/double/faults     no more faults
    POST   /-/double/clock      {"advance": SECONDS, "stand": true}; it stands until it is advanced

`nth` counts matching requests from the order of the fault; `times` is how many in a row it hits.
"after" is after the request took effect. "stall" never answers, and keeps the connection.
"""

import asyncio
import collections
import dataclasses
import json
import re

from .wire import Response

_LOGGED = 10_000


@dataclasses.dataclass
class Fault:
    what: str
    method: str = ""
    path: str = ""
    nth: int = 1
    times: int = 1
    when: str = "before"
    seconds: float = 0.0
    status: int = 500
    seen: int = 0

    def __post_init__(self):
        if self.what not in ("error", "cut", "delay", "stall"):
            raise ValueError(f"what: {self.what!r} is unknown")
        if self.when not in ("before", "after"):
            raise ValueError(f"when: {self.when!r} is neither before nor after")
        self._path = re.compile(self.path)

    def hits(self, request):
        if self.method not in ("", request.method) or not self._path.search(request.target):
            return False
        self.seen += 1
        return self.nth <= self.seen < self.nth + self.times

    async def run(self, answer):
        """The answer in place of what `answer()` gives; that runs or not, as `when` says."""
        done = await _finished(answer()) if self.when == "after" else None
        if self.what == "error":
            return Response.json({"message": "Internal server error (a fault of the double)"},
                                 self.status)
        if self.what == "cut":
            return Response.cut()
        if self.what == "stall":
            await asyncio.Event().wait()
        await asyncio.sleep(self.seconds)
        return done or await _finished(answer())


async def _finished(result):
    return result if isinstance(result, Response) else await result


class Control:
    def __init__(self, clock):
        self._clock = clock
        self._faults = []
        self._forget()

    def _forget(self):
        self._counts = collections.Counter()
        self._log = collections.deque(maxlen=_LOGGED)

    def count(self, request, kind):
        self._counts[kind] += 1
        self._log.append(f"{request.method} {request.target}")

    def fault_for(self, request):
        """All that match count this request; the first that hits it is it."""
        hits = [fault for fault in self._faults if fault.hits(request)]
        return hits[0] if hits else None

    def answer(self, request):
        try:
            handler = getattr(self, f"_{request.method.lower()}_{request.path.split('/')[-1]}")
            return Response.json(handler(json.loads(request.body or b"{}")))
        except AttributeError:
            return Response.json({"message": "Not found"}, 404)
        except (ValueError, TypeError, KeyError, re.error) as error:
            return Response.json({"message": str(error)}, 400)

    def _get_requests(self, _):
        return {"total": self._counts.total(), "by_kind": dict(self._counts),
                "log": list(self._log)}

    def _delete_requests(self, _):
        self._forget()
        return {}

    def _post_faults(self, order):
        self._faults.append(Fault(**order))
        return {}

    def _delete_faults(self, _):
        self._faults.clear()
        return {}

    def _post_clock(self, order):
        if order.get("stand"):
            self._clock.stand()
        self._clock.advance(float(order.get("advance", 0)))
        return {"now": self._clock.now()}
