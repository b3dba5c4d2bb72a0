"""mktxp, which reads RouterOS by the binary API whenever it is scraped."""

import pathlib
import re
import subprocess
import sys
import time
import urllib.request

from cycle_database import free_port

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import pypi  # noqa: E402
from processes import as_user  # noqa: E402

REQUIREMENTS = pathlib.Path(__file__).parent / "routers_requirements.txt"

# Of its readers all but that of interfaces, which is the cheapest that has subscribers' bytes.
OFF = ("health installed_packages dhcp dhcp_lease connections route pool firewall neighbor poe "
       "monitor netwatch public_ip wireless wireless_clients capsman capsman_clients user queue")


def _set(text, **values):
    """The text of one of its configuration files with other values."""
    for name, value in values.items():
        text, count = re.subn(rf"(?m)^(\s+{name} = ).*$", rf"\g<1>{value}", text)
        if count == 0:
            raise RuntimeError(f"mktxp's configuration has no {name}: another version?")
    return text


class Mktxp:
    """Use it in a with statement."""

    name = "mktxp"

    def __init__(self, folder, routers):
        python = pathlib.Path(pypi.python_with(REQUIREMENTS))
        self._program = python.parent / "mktxp"
        self._python = python
        self._folder = pathlib.Path(folder, "mktxp")
        self._port = free_port()
        self._configure(routers.addresses, routers.password)

    def _defaults(self, name):
        environment = self._python.parent.parent
        shipped = environment.glob(f"lib/*/site-packages/mktxp/cli/config/{name}")
        return next(shipped).read_text()

    def _configure(self, addresses, password):
        self._folder.mkdir()
        defaults = self._defaults("mktxp.conf")
        defaults = _set(defaults[defaults.index("[default]"):], username="usage", password=password,
                        **dict.fromkeys(OFF.split(), "False"))
        routers = "".join(f"[{name}]\n    hostname = {host}\n    port = {port}\n"
                          for name, (host, port) in addresses.items())
        (self._folder / "mktxp.conf").write_text(routers + defaults)
        (self._folder / "mktxp.conf").chmod(0o600)
        system = _set(self._defaults("_mktxp.conf"), listen=f"'127.0.0.1:{self._port}'",
                      fetch_routers_in_parallel="True", max_worker_threads="16",
                      minimal_collect_interval="1")
        (self._folder / "_mktxp.conf").write_text(system)

    def __enter__(self):
        # By the interpreter: the environment was moved after pip had written the program's first
        # line.
        self._process = subprocess.Popen(
            [*as_user("root"), str(self._python), str(self._program), "--cfg-dir",
             str(self._folder), "export"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    @property
    def pid(self):
        return self._process.pid

    def rows(self):
        """Scrapes: how many subscribers' rows the answer has. 0 while it does not listen yet."""
        url = f"http://127.0.0.1:{self._port}/metrics"
        try:
            with urllib.request.urlopen(url, timeout=300) as answer:
                page = answer.read().decode()
        except OSError:
            time.sleep(0.2)
            return 0
        return len(re.findall(r'^mktxp_interface_rx_byte_total{[^}]*name="<pppoe-', page, re.M))
