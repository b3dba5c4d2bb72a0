"""Who receives the messages: compose/lib/sink.py, which may be ended and started again."""

import json
import re

import processes
from exporter import fetch
from waiting import eventually

# Debian's, for which its package aiosmtpd is: another one may stand before it on PATH.
PYTHON = "/usr/bin/python3"
PROGRAM = processes.ROOT / "compose/lib/sink.py"


class Sink:
    def __init__(self, folder):
        self._ports = (0, 0)
        self._before = []  # what it had when it was ended
        self.process = processes.Process("sink", [], folder)
        self.start()

    def start(self):
        self.process.command = [PYTHON, str(PROGRAM), "--http-port", str(self._ports[0]),
                                "--smtp-port", str(self._ports[1])]
        self.process.launch()
        self.process.eventually_said("listens on ")
        ports = re.search(r":(\d+)/ and for mail on 127\.0\.0\.1:(\d+)", self.process.said())
        self._ports = tuple(map(int, ports.groups()))

    @property
    def url(self):
        return f"http://127.0.0.1:{self._ports[0]}"

    @property
    def smarthost(self):
        return f"127.0.0.1:{self._ports[1]}"

    def kill(self):
        """It keeps nothing on a disk: what it has is kept here."""
        self._before = self.messages()
        self.process.kill()

    def messages(self, **fields):
        """All that ever came, oldest first: [dict]; those with these fields."""
        new = []
        if self.process.is_running():
            new = json.loads(fetch(self.url + "/messages.json").text)
        return [message for message in self._before + new[::-1]
                if fields.items() <= message.items()]

    def eventually(self, count, seconds=60, **fields):
        """So many with these fields have come, and no more; returns them."""
        def ask():
            found = self.messages(**fields)
            return found if len(found) >= count else None
        found = eventually(f"{count} messages {fields}", ask, seconds)
        assert len(found) == count, f"more than {count}: {found}"
        return found

    def close(self):
        self.process.close()
