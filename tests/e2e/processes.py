"""Programs that a test starts, and that never outlive it."""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile

from waiting import PATIENCE, eventually

ROOT = pathlib.Path(__file__).resolve().parents[2]


def binary(name):
    """usage_exporter or usage_sim, of the build under test."""
    folder = os.environ.get("USAGE_BINARIES")
    if not folder:
        sys.exit("USAGE_BINARIES: set it to the folder that has usage_exporter and usage_sim")
    return str(pathlib.Path(folder, name))


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_folder():
    """A temporary folder that other users may enter; pathlib.Path."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="usage-e2e-"))
    folder.chmod(0o755)
    return folder


def as_user(user):
    """What stands before a command so that it runs as `user` and ends with this process."""
    change = []
    if os.geteuid() == 0 and user != "root":
        change = ["--reuid", user, "--regid", user, "--init-groups"]
    # PostgreSQL takes INT as "fast": the others just end.
    return ["setpriv", *change, "--pdeathsig", "INT" if user == "postgres" else "KILL", "--"]


class Process:
    """One program, which may be ended and started again; its output is added to one file."""

    everyone = []  # for the report on a failure

    def __init__(self, name, command, folder, user="root", env=None):
        self.name = name
        self.command = command
        self.user = user
        self.env = {**os.environ, **(env or {})}
        self.log = pathlib.Path(folder, name + ".log")
        self.log.touch()
        self.last_words = ""
        self._child = None
        Process.everyone.append(self)

    def launch(self):
        assert not self.is_running(), f"{self.name} runs already"
        self._begin = self.log.stat().st_size
        with open(self.log, "ab") as output:
            self._child = subprocess.Popen(
                as_user(self.user) + self.command, stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, env=self.env, cwd="/", start_new_session=True)

    @property
    def pid(self):
        return self._child.pid

    def is_running(self):
        return self._child is not None and self._child.poll() is None

    def output(self):
        """All that it ever said."""
        return self.log.read_text(errors="replace")

    def said(self):
        """What it said since it was started last."""
        return self.log.read_bytes()[self._begin:].decode(errors="replace")

    def must_run(self):
        """For use in conditions: raises when it has ended."""
        if not self.is_running():
            raise SystemExit(f"{self.name} ended with {self._child.returncode}:\n{self.said()}")
        return True

    def send(self, number):
        os.kill(self.pid, number)

    def wait(self, seconds=60):
        """Its exit status, or minus the signal that ended it."""
        try:
            return self._child.wait(seconds * PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} does not end; its log:\n{self.tail()}") from None

    def stop(self, number=signal.SIGTERM):
        self.send(number)
        return self.wait()

    def kill(self):
        return self.stop(signal.SIGKILL)

    def tail(self, lines=30):
        return "\n".join(self.output().splitlines()[-lines:])

    def close(self):
        if self.is_running():
            self._child.kill()
            self._child.wait()
        if self.log.exists():
            self.last_words = self.tail()

    def eventually_said(self, text, seconds=60):
        eventually(f"{self.name} says {text!r}",
                   lambda: text in self.said() or (self.must_run() and False), seconds)


def run(command, **options):
    """Runs it to its end; returns subprocess.CompletedProcess with text."""
    return subprocess.run(command, stdin=options.pop("stdin", subprocess.DEVNULL),
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          timeout=600 * PATIENCE, check=False, **options)
