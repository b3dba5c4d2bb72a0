"""A NAS that sends the accounting packets a test wants, through Debian's radclient."""

import datetime

import processes


class Nas:
    """Sends to a real FreeRADIUS, which keeps them by their Event-Timestamp."""

    def __init__(self, radius, address="10.0.0.1"):
        self.radius = radius
        self.address = address
        self._started = {}

    def _send(self, status, session, user, at, **more):
        fields = {
            "Acct-Status-Type": status, "Acct-Session-Id": session, "NAS-IP-Address": self.address,
            "NAS-Port": 1, "Service-Type": "Framed-User", "Framed-Protocol": "PPP",
            "Calling-Station-Id": "02:00:00:00:00:01", "Event-Timestamp": int(at.timestamp()),
            "Acct-Delay-Time": 0}
        if user is not None:
            fields["User-Name"] = user
        fields.update({name.replace("_", "-"): value for name, value in more.items()})
        text = ", ".join(f'{name} = "{value}"' if isinstance(value, str) and " " in value
                         else f"{name} = {value}" for name, value in fields.items())
        done = processes.run(
            ["radclient", "-r", "5", "-t", "5", "-S", str(self.radius.secret_file),
             self.radius.address, "acct"], stdin=None, input=text + "\n")
        assert done.returncode == 0, done.stdout + done.stderr

    def _counters(self, session, at, upload, download):
        seconds = int((at - self._started[session]).total_seconds())
        return {"Acct_Session_Time": seconds, "Acct_Input_Octets": upload & 0xFFFFFFFF,
                "Acct_Input_Gigawords": upload >> 32, "Acct_Output_Octets": download & 0xFFFFFFFF,
                "Acct_Output_Gigawords": download >> 32}

    def start(self, session, user, at):
        self._started[session] = at
        self._send("Start", session, user, at)

    def interim(self, session, user, at, upload, download):
        self._send("Interim-Update", session, user, at,
                   **self._counters(session, at, upload, download))

    def stop(self, session, user, at, upload, download):
        self._send("Stop", session, user, at, **self._counters(session, at, upload, download))

    def reboot(self, at):
        self._send("Accounting-On", "0", None, at)


def utc(*when):
    """utc(2026, 11, 1, 12, 30)"""
    return datetime.datetime(*when, tzinfo=datetime.timezone.utc)


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def midnight(days_ago=0):
    """When that day began, in UTC."""
    return now().replace(hour=0, minute=0, second=0) - datetime.timedelta(days=days_ago)


def month(months_ago=0):
    """When that month began, in UTC."""
    begin = midnight().replace(day=1)
    for _ in range(months_ago):
        begin = (begin - datetime.timedelta(days=1)).replace(day=1)
    return begin


def hours(count):
    return datetime.timedelta(hours=count)


def seconds(count):
    return datetime.timedelta(seconds=count)
