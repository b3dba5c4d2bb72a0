"""Fake routers, and clients of other people for them."""

import base64
import importlib
import json
import pathlib
import ssl
import sys
import urllib.error
import urllib.request

TESTS = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TESTS / "e2e"))

import processes  # noqa: E402
import pypi  # noqa: E402
from waiting import eventually  # noqa: E402


class FakeRouters:
    """`usage_sim routers`."""

    def __init__(self, folder, *flags):
        self.folder = pathlib.Path(folder, "routers")
        self.list = pathlib.Path(folder, "routers.yaml")
        self.process = processes.Process(
            "usage_sim", [processes.binary("usage_sim"), "routers", "--json",
                          "--routers-dir", str(self.folder), "--routers-file", str(self.list),
                          *flags], folder)
        self.process.launch()
        self.addresses = {}
        eventually("the routers listen", self._listen)
        self.password = (self.folder / "password").read_text().strip()
        self.authority = str(self.folder / "ca.pem")

    def _listen(self):
        self.process.must_run()
        said = self.process.said()
        if "\n" not in said:
            return False
        first = json.loads(said.splitlines()[0])
        for router in first["routers"]:
            host, port = router["address"].split(":")
            self.addresses[router["name"]] = (host, int(port))
        return True

    def tls(self):
        return ssl.create_default_context(cafile=self.authority)

    def get(self, router, target, method="GET", body=None, password=None):
        """(status, JSON) of REST."""
        host, port = self.addresses[router]
        account = f"usage:{password or self.password}".encode()
        request = urllib.request.Request(
            f"https://{host}:{port}{target}", method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Basic " + base64.b64encode(account).decode(),
                     "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=30, context=self.tls()) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, json.loads(refusal.read())

    def close(self):
        """Ends it in order, whatever its clients are doing: a sanitizer speaks at the end only."""
        try:
            status = self.process.stop()
            assert status == 0, f"usage_sim ended with {status}:\n{self.process.output()}"
        finally:
            self.process.close()


def load_librouteros():
    """The module with all of its parts, of an environment of its own."""
    python = pypi.python_with(TESTS / "sim/routers/requirements.txt")
    found = processes.run([python, "-c", "import librouteros as l; print(l.__path__[0])"])
    assert found.returncode == 0, found.stderr
    sys.path.append(str(pathlib.Path(found.stdout.strip()).parent))
    for part in ("exceptions", "login", "query"):
        importlib.import_module("librouteros." + part)
    return sys.modules["librouteros"]
