"""Debian's prometheus-snmp-exporter, which reads routers by SNMP whenever it is scraped.

It walks what usage_exporter walks of a router: names, bytes, packets and ages of the interfaces,
who is on by PPP, the hotspot's clients, and the uptime. v2c or v3 as the routers' list says."""

import pathlib
import re
import subprocess
import sys
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from cycle_database import free_port

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

from processes import as_user  # noqa: E402

PROGRAM = "/usr/bin/prometheus-snmp-exporter"
AT_ONCE = 16  # as many as usage_exporter polls

INTERFACES = "1.3.6.1.2.1.31.1.1.1"
CLIENTS = "1.3.6.1.4.1.14988.1.1.5.1.1"
SESSIONS = "1.3.6.1.4.1.9.9.150.1.1.3.1"
# Name, column, type; the index of each is one number.
COLUMNS = [
    ("ifHCInOctets", INTERFACES + ".6", "counter"),
    ("ifHCOutOctets", INTERFACES + ".10", "counter"),
    ("ifHCInUcastPkts", INTERFACES + ".7", "counter"),
    ("ifHCOutUcastPkts", INTERFACES + ".11", "counter"),
    ("ifLastChange", "1.3.6.1.2.1.2.2.1.9", "gauge"),
    ("clientBytesIn", CLIENTS + ".12", "counter"),
    ("clientBytesOut", CLIENTS + ".13", "counter"),
    ("clientPacketsIn", CLIENTS + ".14", "counter"),
    ("clientPacketsOut", CLIENTS + ".15", "counter"),
    ("clientAddress", CLIENTS + ".5", "IpAddr"),
    ("clientMac", CLIENTS + ".6", "PhysAddress48"),
    ("sessionAddress", SESSIONS + ".3", "IpAddr"),
]
# The column that names the rows of a table.
NAMES = {"if": INTERFACES + ".1", "client": CLIENTS + ".3", "session": SESSIONS + ".2"}


def _metric(name, oid, kind):
    naming = next(column for begin, column in NAMES.items() if name.startswith(begin))
    return (f"  - {{name: {name}, oid: {oid}, type: {kind}, help: {name},\n"
            "     indexes: [{labelname: row, type: gauge}],\n"
            f"     lookups: [{{labels: [row], labelname: name, oid: {naming}, "
            "type: DisplayString}]}\n")


def _module(name, auth):
    walks = [oid for _, oid, _ in COLUMNS] + list(NAMES.values())
    return (f"{name}:\n  walk: [{', '.join(walks)}]\n  get: [1.3.6.1.2.1.1.3.0]\n"
            "  max_repetitions: 50\n  timeout: 10s\n" + auth +
            "  metrics:\n" + "".join(_metric(*column) for column in COLUMNS) +
            "  - {name: sysUpTime, oid: 1.3.6.1.2.1.1.3, type: gauge, help: sysUpTime}\n")


def _configuration(password):
    return (_module("v2", f"  version: 2\n  auth: {{community: {password}}}\n") +
            _module("v3", "  version: 3\n  auth: {username: usage, security_level: authPriv, "
                          f"password: {password}, auth_protocol: SHA256,\n"
                          f"         priv_password: {password}, priv_protocol: AES}}\n"))


class SnmpExporter:
    """Use it in a with statement."""

    name = "prometheus-snmp-exporter"

    def __init__(self, folder, routers):
        self._port = free_port()
        self._file = pathlib.Path(folder, "snmp.yml")
        self._file.touch(mode=0o600)
        self._file.write_text(_configuration(routers.password))
        self._targets = re.findall(r"address: (\S+)\n\s+credentials: {(community|user)",
                                   routers.list.read_text())

    def __enter__(self):
        self._process = subprocess.Popen(
            [*as_user("root"), PROGRAM, f"--config.file={self._file}", "--log.level=error",
             f"--web.listen-address=127.0.0.1:{self._port}"])
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    @property
    def pid(self):
        return self._process.pid

    def _scrape_one(self, target, version):
        url = f"http://127.0.0.1:{self._port}/snmp?target={target}&module={version}"
        try:
            with urllib.request.urlopen(url, timeout=60) as answer:
                page = answer.read().decode()
        except OSError:
            return 0
        return len(re.findall(r'^(?:ifHCInOctets{[^}]*name="<pppoe-|clientBytesIn{)', page, re.M))

    def rows(self):
        """Scrapes all routers: how many subscribers' rows the answers have."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return sum(pool.map(lambda target: self._scrape_one(
                target[0], "v2" if target[1] == "community" else "v3"), self._targets))
