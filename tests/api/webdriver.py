"""A browser for tests: Debian's Chromium behind chromedriver, spoken to by W3C WebDriver.

Only Python's own library: what is needed of the protocol is a dozen HTTP requests.
"""

import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

PATIENCE = 60  # seconds; generous, since a loaded machine is slow and a wait ends when it may


def wait_for(what, condition, patience=PATIENCE):
    """Calls `condition` until it gives something true, and returns that."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience} s in vain for {what}; last: {value!r}")
        time.sleep(0.05)


class Browser:
    """One Chromium window with a profile of its own. Use it in a with statement."""

    def __enter__(self):
        self._profile = tempfile.mkdtemp(prefix="usage_browser.")
        self._driver = subprocess.Popen(
            ["chromedriver", "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            self._base = f"http://127.0.0.1:{self._driver_port()}"
            answer = self._call("POST", "/session", {"capabilities": {"alwaysMatch": self._wishes()}})
            self._base += f"/session/{answer['sessionId']}"
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        try:
            self._call("DELETE", "")
        except (OSError, AssertionError, AttributeError):
            pass  # it is ended below, whatever state it is in
        self._driver.terminate()
        self._driver.wait()
        self._driver.stdout.close()
        shutil.rmtree(self._profile, ignore_errors=True)

    def _driver_port(self):
        for line in self._driver.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                return int(found.group(1))
        raise AssertionError("chromedriver did not start")

    def _wishes(self):
        arguments = ["--headless=new", f"--user-data-dir={self._profile}", "--disable-gpu",
                     "--hide-scrollbars", "--window-size=1500,1000", "--disable-dev-shm-usage"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # the sandbox refuses root
        return {
            "browserName": "chrome",
            "goog:chromeOptions": {"args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
        }

    def _call(self, method, path, body=None):
        data = None if method == "DELETE" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self._base + path, data, method=method)
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE * 2) as response:
                return json.load(response)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.read().decode()[:2000]}") from error

    def open(self, url):
        self._call("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        """The value that `script` returns in the page."""
        return self._call("POST", "/execute/sync", {"script": script, "args": arguments})

    def devtools(self, command, **parameters):
        return self._call("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def size(self, width, height, touch=False):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height,
                      deviceScaleFactor=1, mobile=touch)

    def prefer(self, **features):
        """prefer(prefers_color_scheme="dark") and the like."""
        wanted = [{"name": k.replace("_", "-"), "value": v} for k, v in features.items()]
        self.devtools("Emulation.setEmulatedMedia", features=wanted)

    def press(self, *keys):
        """Presses and releases keys of the keyboard, one after the other, wherever the focus is."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._call("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def log(self):
        """What the page's console said since the last call."""
        return self._call("POST", "/se/log", {"type": "browser"})

    def screenshot(self, path):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shot = self.devtools("Page.captureScreenshot", format="png")
        with open(path, "wb") as file:
            file.write(base64.b64decode(shot["data"]))


class PageServer:
    """tests/api/page_server.cc as a child. Use it in a with statement."""

    def __init__(self, binary, tenants=1000, cycle_ms=1000, port=0, plain=False):
        self._process = subprocess.Popen(
            [binary, str(tenants), str(cycle_ms), str(port), *(["plain"] if plain else [])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )
        self.url = self._process.stdout.readline().strip()
        if not self.url:
            raise AssertionError(f"{binary} did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    @property
    def port(self):
        return int(self.url.rsplit(":", 1)[1])

    @property
    def pid(self):
        return self._process.pid

    def tell(self, command):
        self._process.stdin.write(command + "\n")
        answer = self._process.stdout.readline()
        if answer != "done\n":
            raise AssertionError(f"{command}: {answer!r}")

    def kill(self):
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            try:
                pipe.close()
            except OSError:
                pass  # its other end is gone
