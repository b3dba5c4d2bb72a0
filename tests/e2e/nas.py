"""A NAS that sends the accounting packets a test wants, through Debian's radclient."""

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

