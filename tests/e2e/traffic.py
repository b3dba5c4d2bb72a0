"""Traffic with a known truth: the simulator, and the FreeRADIUS that it sends packets to."""

import json
import pathlib
import socket
import subprocess
import time

import postgres
import processes
from exporter import Exporter, config_for
from waiting import PATIENCE, eventually


class FreeRadius:
    """Debian's, into the radacct of a database, as compose/lib/freeradius starts it."""

    script = str(processes.ROOT / "compose/lib/freeradius")

    def __init__(self, folder, dsn):
        self.folder = pathlib.Path(folder, "radius")
        self.dsn = dsn
        self.port = processes.free_port(socket.SOCK_DGRAM)
        self.secret_file = pathlib.Path(folder, "radius.secret")
        self.secret_file.write_text("not a real secret\n")
        self.start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        done = processes.run([self.script, "start", str(self.folder), str(self.port), self.dsn,
                              str(self.secret_file)])
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)
        # It runs as a daemon: this stops it when we close the pipe, or are killed.
        self._stopper = subprocess.Popen(
            ["sh", "-c", 'read -r _; exec "$0" stop "$1"', self.script, str(self.folder)],
            stdin=subprocess.PIPE, start_new_session=True)

    def close(self):
        self._stopper.communicate()


class Simulator:
    """`usage_sim run` and `usage_sim verify`."""

    def __init__(self, folder, database, radius, *flags):
        self.truth = pathlib.Path(folder, "truth")
        self.database = database
        self.process = processes.Process(
            "usage_sim",
            [processes.binary("usage_sim"), "run", "--json", "--target", "both",
             "--database", database.dsn(),
             "--radius", radius.address, "--secret-file", str(radius.secret_file),
             "--truth", str(self.truth), *flags],
            folder)

    def start(self):
        self.process.launch()
        eventually("the simulator runs", lambda: self.progress()["sessions_begun"] > 0)

    def progress(self):
        """Its last word."""
        self.process.must_run()
        lines = [line for line in self.process.said().splitlines() if line.startswith("{")]
        return json.loads(lines[-1]) if lines else {"virtual_time": 0, "sessions_begun": 0}

    def eventually(self, what, claim, seconds=300):
        eventually(what, lambda: claim(self.progress()), seconds)

    def reach_now(self):
        """Virtual time has come as far as the clock on the wall."""
        self.eventually("the simulator reaches now",
                        lambda progress: progress["virtual_time"] >= time.time() - 10, 600)

    def stop(self):
        """After that the truth stands still."""
        status = self.process.stop()
        assert status == 0, f"usage_sim ended with {status}: {self.process.tail()}"

    def verify(self, exporter):
        """Asks both /metrics and the ledger's tables; raises with what is off."""
        done = processes.run(
            [processes.binary("usage_sim"), "verify", "--truth", str(self.truth), "--timeout",
             f"{int(60 * PATIENCE)}s", "--metrics", exporter.url + "/metrics",
             "--ledger", self.database.dsn()])
        assert done.returncode == 0, f"verify: exit status {done.returncode}\n{done.stdout}{done.stderr}"
        assert " 0 bytes off" in done.stdout, done.stdout
        return done.stdout

    def close(self):
        self.process.close()


class World:
    """A database with both kinds of accounting, the exporter on it, and traffic that begins
    `since` and runs `speed` times as fast as the clock.

    At that speed a pause of a minute in accounting must stay below two hours of virtual time: the
    simulator's rates are constant for so long around midnight, which makes the cut there exact.
    """

    def __init__(self, folder, since, speed, faults, server=None, visible="4s"):
        self.parts = []
        self.database = self._part(postgres.Database(server))
        self.database.load(postgres.PANEL_WITH_ZONES)
        self.database.load(postgres.FREERADIUS_SCHEMA)
        config = config_for(self.database.dsn(), "user_sessions", "radacct",
                            storage={"fold_interval": "3s"})
        self.exporter = self._part(Exporter(folder, config))
        # From the first session on: what closed before the first reading is history.
        self.exporter.start()
        self.radius = self._part(FreeRadius(folder, self.database.dsn()))
        self.simulator = self._part(Simulator(
            folder, self.database, self.radius, "--since", since, "--speed", str(speed),
            "--tenants", "6", "--subscribers", "250", "--sessions", "100", "--interim", "20m",
            "--faults", faults, "--visible-for", visible, "--purge-after", visible))

    def _part(self, part):
        self.parts.append(part)
        return part

    def finish(self):
        """Lets the traffic come to its end and compares all with the truth."""
        self.simulator.reach_now()
        self.simulator.stop()
        return self.simulator.verify(self.exporter)

    def close(self):
        for part in reversed(self.parts):
            part.close()
